//! One event as it arrives: what every event has, and what it is.

use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;

use super::event::{AriEvent, Gap, Unknown};
use super::lenient::{About, Fields, Key, Seed};
use super::model::Timestamp;
use super::spent::{Home, Spent};
use crate::sync::bus::{Event, Source};

/// An event, and which application it was sent to, when, and by which server.
///
/// It is a handle: cloning is a reference count, and all subscribers share one. The fields are those
/// of [`MessageParts`]; they are read from the text when somebody asks for the first of them, on the
/// thread that asks.
///
/// ```no_run
/// # use asterisk_sync::ari::{AriEvent, AriMessage};
/// # fn demo(message: AriMessage) {
/// if let AriEvent::StasisStart(start) = &message.event {
///     println!("{}: {} says {:?}", message.application, start.channel.name, start.args);
/// }
/// # }
/// ```
#[derive(Clone)]
pub struct AriMessage(Arc<Lazy>);

/// A text, and what has been read from it. The thread that reads the socket makes these for others to look
/// into, each on a thread of its own.
struct Lazy {
    json: Box<str>,
    parts: OnceLock<MessageParts>,
}

/// What an [`AriMessage`] holds.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct MessageParts {
    /// The application it was sent to. With several on one connection, an event for two of them
    /// comes twice.
    pub application: String,
    /// When it happened, by the server's clock.
    pub timestamp: Timestamp,
    /// Which server sent it.
    pub asterisk_id: String,
    /// What happened.
    pub event: AriEvent,
}

/// What all events have.
#[derive(Debug, Default)]
pub(in crate::ari) struct Envelope {
    application: String,
    timestamp: Timestamp,
    asterisk_id: String,
}

/// An event's own fields.
pub(in crate::ari) trait Payload: Fields {
    /// What it is about.
    fn about(&self, visit: &mut dyn FnMut(About<'_>));
}

/// A kind of event that has a type of its own.
pub trait TypedEvent: Clone + Send + Sync + fmt::Debug + 'static {
    /// Its name, as Asterisk has it in `type`.
    const NAME: &'static str;

    /// The event, if it is of this kind.
    fn of(event: &AriEvent) -> Option<&Self>;
}

impl AriMessage {
    /// Takes one frame of the event socket. Never fails: what cannot be read is
    /// [`AriEvent::Unknown`], with its text.
    ///
    /// ```
    /// use asterisk_sync::ari::{AriEvent, AriMessage};
    /// let message = AriMessage::parse(r#"{"type":"Dreamt","application":"demo","of":"sheep"}"#);
    /// let AriEvent::Unknown(event) = &message.event else { unreachable!() };
    /// assert_eq!(event.event_name(), "Dreamt");
    /// assert_eq!(event.get("of").unwrap(), "sheep");
    /// ```
    pub fn parse(json: &str) -> Self {
        Self(Arc::new(Lazy { json: json.into(), parts: OnceLock::new() }))
    }

    /// The event if it is of the type that is asked for.
    pub fn as_event<E: TypedEvent>(&self) -> Option<&E> {
        E::of(&self.event)
    }

    /// The text it came in, with every field that Asterisk sent. Empty for a gap.
    pub fn json(&self) -> &str {
        &self.0.json
    }

    /// One field of the text, known or not.
    pub fn get(&self, field: &str) -> Option<Value> {
        match serde_json::from_str(&self.0.json).ok()? {
            Value::Object(mut fields) => fields.remove(field),
            _ => None,
        }
    }

    /// Reads it now, and spares those who get it the time.
    pub(in crate::ari) fn read(&self) {
        let _: &MessageParts = self;
    }

    /// Frees what it was read into, unless somebody still holds it.
    pub(in crate::ari) fn unread(&mut self) {
        if let Some(lazy) = Arc::get_mut(&mut self.0) {
            lazy.parts.take();
        }
    }

    /// What stands in its `type`, for those who need nothing else of it.
    pub(in crate::ari) fn type_name(&self) -> Cow<'_, str> {
        type_of(&self.0.json).unwrap_or_default()
    }

    /// What it is about.
    pub(in crate::ari) fn about(&self, visit: &mut dyn FnMut(About<'_>)) {
        self.event.about(visit);
    }

    /// The memory it holds, about: what is read from the text is as large as the text again.
    fn bytes(&self) -> usize {
        size_of::<Lazy>() + 2 * self.0.json.len() + 512
    }
}

impl MessageParts {
    fn read(json: &str) -> Self {
        let name = type_of(json).unwrap_or_default();
        let (event, envelope) = match AriEvent::parse(&name, json) {
            Some(Ok(parsed)) => parsed,
            Some(Err(_)) | None => unknown(&name, json),
        };
        let Envelope { application, timestamp, asterisk_id } = envelope;
        Self { application, timestamp, asterisk_id, event }
    }
}

fn unknown(name: &str, json: &str) -> (AriEvent, Envelope) {
    let value: Value = serde_json::from_str(json).unwrap_or_else(|_| json.into());
    let text = |field: &str| value.get(field).and_then(Value::as_str).unwrap_or_default();
    let envelope = Envelope {
        application: text("application").to_owned(),
        timestamp: text("timestamp").into(),
        asterisk_id: text("asterisk_id").to_owned(),
    };
    (AriEvent::Unknown(Box::new(Unknown { name: name.into(), value })), envelope)
}

/// Reads an event and its envelope in one pass.
pub(in crate::ari) fn parse<T: Fields>(json: &str) -> serde_json::Result<(T, Envelope)> {
    struct Whole<T>(T, Envelope);

    impl<'de, T: Fields> Visitor<'de> for Whole<T> {
        type Value = (T, Envelope);

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an event")
        }

        fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<Self::Value, A::Error> {
            while let Some(Key(key)) = map.next_key()? {
                match &*key {
                    "application" => self.1.application = map.next_value_seed(Seed::new())?,
                    "timestamp" => self.1.timestamp = map.next_value_seed(Seed::new())?,
                    "asterisk_id" => self.1.asterisk_id = map.next_value_seed(Seed::new())?,
                    key if self.0.field(key, &mut map)? => {}
                    _ => drop(map.next_value::<IgnoredAny>()?),
                }
            }
            Ok((self.0, self.1))
        }
    }

    impl<'de, T: Fields> DeserializeSeed<'de> for Whole<T> {
        type Value = (T, Envelope);

        fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Self::Value, D::Error> {
            from.deserialize_map(self)
        }
    }

    let mut from = serde_json::Deserializer::from_str(json);
    let parsed = Whole(T::default(), Envelope::default()).deserialize(&mut from)?;
    from.end()?;
    Ok(parsed)
}

/// What stands in the field `type` of an object, which is nearly always the first.
pub(in crate::ari) fn type_of(json: &str) -> Option<Cow<'_, str>> {
    if let Some(rest) = json.strip_prefix(r#"{"type":""#) {
        let name = &rest[..rest.find(['"', '\\'])?];
        if rest.as_bytes().get(name.len()) == Some(&b'"') {
            return Some(Cow::Borrowed(name));
        }
    }

    let mut name = None;
    // Once it is found the rest need not be read, and to stop there is an error.
    let _ = serde_json::Deserializer::from_str(json).deserialize_map(Search(&mut name));
    name.map(Cow::Owned)
}

/// Looks for the name of an event wherever it stands.
struct Search<'a>(&'a mut Option<String>);

impl<'de> Visitor<'de> for Search<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an event")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        while let Some(Key(key)) = map.next_key()? {
            if key == "type" {
                *self.0 = map.next_value_seed(Seed::new())?;
                break;
            }
            map.next_value::<IgnoredAny>()?;
        }
        Ok(())
    }
}

impl Deref for AriMessage {
    type Target = MessageParts;

    fn deref(&self) -> &MessageParts {
        self.0.parts.get_or_init(|| MessageParts::read(&self.0.json))
    }
}

/// Two messages are equal if their texts are, and all of their fields.
impl PartialEq for AriMessage {
    fn eq(&self, other: &Self) -> bool {
        self.0.json == other.0.json && **self == **other
    }
}

impl fmt::Debug for AriMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AriMessage")
            .field("application", &self.application)
            .field("timestamp", &self.timestamp.as_str())
            .field("event", &self.event)
            .finish_non_exhaustive()
    }
}

/// As Asterisk sent it.
impl serde::Serialize for AriMessage {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match (&self.event, serde_json::from_str::<Value>(self.json())) {
            (_, Ok(value)) => value.serialize(serializer),
            (AriEvent::Gap(gap), _) => gap.serialize(serializer),
            _ => self.json().serialize(serializer),
        }
    }
}

impl Event for AriMessage {
    const THREAD: &'static str = "ari-event";

    fn gap(gap: crate::Gap) -> Option<Self> {
        let parts = MessageParts {
            application: String::new(),
            timestamp: Timestamp::default(),
            asterisk_id: String::new(),
            event: AriEvent::Gap(Gap(gap)),
        };
        Some(Self(Arc::new(Lazy { json: Box::default(), parts: parts.into() })))
    }
}

/// Some messages on their way to subscribers.
pub(in crate::ari) struct News {
    messages: Vec<AriMessage>,
    bytes: usize,
    /// There is only the beginning of it.
    is_cut_short: bool,
    /// Where the messages go when all have seen them.
    home: Option<Home>,
}

impl News {
    pub(in crate::ari) fn new(messages: Vec<AriMessage>) -> Option<Self> {
        let bytes = messages.iter().map(AriMessage::bytes).sum();
        (!messages.is_empty()).then_some(Self { messages, bytes, is_cut_short: false, home: None })
    }

    /// Has the messages go back when all have seen them; `has_read` says whether they were read there.
    pub(in crate::ari) fn returning(mut self, spent: &Spent, has_read: bool) -> Self {
        self.home = spent.home(self.messages.len(), has_read);
        self
    }

    /// Stands for an event that was too large, and is not there but for its beginning.
    pub(in crate::ari) fn cut_short(beginning: &str) -> Self {
        Self {
            messages: vec![AriMessage::parse(beginning)],
            bytes: 0,
            is_cut_short: true,
            home: None,
        }
    }

    pub(in crate::ari) fn is_cut_short(&self) -> bool {
        self.is_cut_short
    }

    pub(in crate::ari) fn messages(&self) -> &[AriMessage] {
        &self.messages
    }
}

impl Drop for News {
    fn drop(&mut self) {
        if let Some(home) = self.home.take() {
            home.send(std::mem::take(&mut self.messages));
        }
    }
}

impl Source<AriMessage> for News {
    fn len(&self) -> usize {
        self.messages.len()
    }

    fn bytes(&self) -> usize {
        self.bytes
    }

    fn get(&self, index: usize) -> AriMessage {
        self.messages[index].clone()
    }

    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
}

#[cfg(test)]
mod tests {
    use super::super::Filter;
    use super::*;

    fn is_read(message: &AriMessage) -> bool {
        message.0.parts.get().is_some()
    }

    #[test]
    fn a_message_is_read_when_somebody_asks_and_a_type_costs_nothing() {
        let parse = |name: &str| AriMessage::parse(&format!(r#"{{"type":"{name}","digit":"5"}}"#));
        let (wanted, other) = (parse("ChannelDtmfReceived"), parse("StasisEnd"));
        let news = News::new(vec![wanted.clone(), other.clone()]).unwrap();
        let lens = Filter::types(["ChannelDtmfReceived"]).into_lens().unwrap();
        let seen = lens(&news).unwrap();
        assert_eq!(seen.len(), 1);
        assert!(!is_read(&wanted) && !is_read(&other));
        let AriEvent::ChannelDtmfReceived(event) = &wanted.event else { unreachable!() };
        assert_eq!(event.digit, "5");
        // All handles share what was read.
        assert!(is_read(&seen.get(0)) && !is_read(&other));
        other.read();
        assert!(is_read(&other));
    }

    fn dtmf(digits: usize) -> Vec<AriMessage> {
        let dtmf = |digit| format!(r#"{{"type":"ChannelDtmfReceived","digit":"{digit}"}}"#);
        (0..digits).map(|digit| AriMessage::parse(&dtmf(digit))).collect()
    }

    #[test]
    fn what_all_have_seen_of_a_flood_is_freed_where_it_was_made_and_what_somebody_holds_is_his() {
        let spent = Spent::new();
        let messages = dtmf(100);
        let (held, seen) = (messages[7].clone(), Arc::downgrade(&messages[8].0));
        let news = News::new(messages).unwrap().returning(&spent, false);
        news.messages.iter().for_each(AriMessage::read);
        drop(news);
        assert!(seen.upgrade().is_some(), "it is on its way");
        let room = spent.free();
        assert!(room.is_empty() && room.capacity() >= 100 && seen.upgrade().is_none());
        let AriEvent::ChannelDtmfReceived(event) = &held.event else { unreachable!() };
        assert_eq!(event.digit, "7");
    }

    #[test]
    fn what_was_read_for_those_who_looked_goes_no_further_than_they() {
        let mut messages = dtmf(2);
        messages.iter().for_each(AriMessage::read);
        let held = messages[1].clone();
        messages.iter_mut().for_each(AriMessage::unread);
        assert_eq!([is_read(&messages[0]), is_read(&held)], [false, true]);
    }

    #[test]
    fn what_comes_one_by_one_is_freed_by_whoever_has_seen_it() {
        let spent = Spent::new();
        let messages = dtmf(1);
        let seen = Arc::downgrade(&messages[0].0);
        drop(News::new(messages).unwrap().returning(&spent, true));
        assert!(seen.upgrade().is_none());
    }

    #[test]
    fn what_comes_back_to_a_thread_that_does_not_ask_for_it_is_bounded() {
        let spent = Spent::new();
        let seen: Vec<_> = (0..100)
            .map(|_| {
                let messages = dtmf(20);
                let seen = Arc::downgrade(&messages[0].0);
                drop(News::new(messages).unwrap().returning(&spent, true));
                seen
            })
            .collect();
        assert!(seen.iter().filter(|seen| seen.upgrade().is_some()).count() < 10);
    }
}
