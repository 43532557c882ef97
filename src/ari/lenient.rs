//! Reading JSON that need not be what its documentation says.
//!
//! Asterisk leaves required fields out, sends `null` where an object should be, and adds fields with
//! every release. Nothing of that may cost a caller the rest: a value of an odd type is read as what
//! it can be, or as nothing; only text that is no JSON at all is an error.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// A type that can be read from any JSON value. What it cannot be read from is as if it were missing.
pub(crate) trait Lenient: Sized {
    /// What stands for a value that is not there.
    fn missing() -> Self;

    /// From a text; numbers come here as well, as they are written.
    fn from_text(text: &str) -> Option<Self> {
        let _ = text;
        None
    }

    /// From a number.
    fn from_number(number: Number) -> Option<Self> {
        Self::from_text(&number.to_string())
    }

    /// From `true` or `false`.
    fn from_bool(flag: bool) -> Option<Self> {
        Self::from_text(if flag { "true" } else { "false" })
    }

    /// From an object.
    fn from_map<'de, A: MapAccess<'de>>(mut map: A) -> Result<Option<Self>, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(None)
    }

    /// From a list.
    fn from_seq<'de, A: SeqAccess<'de>>(mut seq: A) -> Result<Option<Self>, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(None)
    }

    /// Whether it stands for a value that is not there, and need not be written.
    fn is_missing(&self) -> bool {
        false
    }

    /// Tells what an event with this value is about.
    fn subject(&self, visit: &mut dyn FnMut(About<'_>)) {
        let _ = visit;
    }

    /// The value, from whatever stands there.
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Any(PhantomData))
    }
}

/// Something an event is about, by the ids and names it goes by.
#[derive(Debug, Clone, Copy)]
pub(crate) enum About<'a> {
    Channel(&'a [&'a str]),
    Bridge(&'a [&'a str]),
    Playback(&'a [&'a str]),
    Recording(&'a [&'a str]),
}

/// Tells of the channel or bridge behind `channel:{id}` or `bridge:{id}`.
pub(crate) fn target(uri: &str, visit: &mut dyn FnMut(About<'_>)) {
    match uri.split_once(':') {
        Some(("channel", id)) => visit(About::Channel(&[id])),
        Some(("bridge", id)) => visit(About::Bridge(&[id])),
        _ => {}
    }
}

/// A JSON number, as it stands there.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Number {
    /// Below zero.
    Signed(i64),
    /// Zero or above.
    Unsigned(u64),
    /// With a fraction or an exponent.
    Float(f64),
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Signed(n) => n.fmt(f),
            Self::Unsigned(n) => n.fmt(f),
            Self::Float(n) => n.fmt(f),
        }
    }
}

/// Bytes as text, which they nearly always are. To see that they are takes less time than to look for
/// where they are not.
pub(crate) fn text_of(bytes: &[u8]) -> Cow<'_, str> {
    std::str::from_utf8(bytes).map_or_else(|_| String::from_utf8_lossy(bytes), Cow::Borrowed)
}

struct Any<T>(PhantomData<T>);

fn or_missing<T: Lenient>(read: Option<T>) -> T {
    read.unwrap_or_else(T::missing)
}

impl<'de, T: Lenient> Visitor<'de> for Any<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }
    fn visit_bool<E: Error>(self, flag: bool) -> Result<T, E> {
        Ok(or_missing(T::from_bool(flag)))
    }
    fn visit_i64<E: Error>(self, number: i64) -> Result<T, E> {
        Ok(or_missing(T::from_number(Number::Signed(number))))
    }
    fn visit_u64<E: Error>(self, number: u64) -> Result<T, E> {
        Ok(or_missing(T::from_number(Number::Unsigned(number))))
    }
    fn visit_f64<E: Error>(self, number: f64) -> Result<T, E> {
        Ok(or_missing(T::from_number(Number::Float(number))))
    }
    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        Ok(or_missing(T::from_text(text)))
    }
    fn visit_unit<E: Error>(self) -> Result<T, E> {
        Ok(T::missing())
    }
    fn visit_none<E: Error>(self) -> Result<T, E> {
        Ok(T::missing())
    }
    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        T::read(deserializer)
    }
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        T::from_map(map).map(or_missing)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<T, A::Error> {
        T::from_seq(seq).map(or_missing)
    }
}

/// Reads a value that has to be an object, because it is the answer to a question.
pub(crate) fn object<'de, T: Lenient, D: Deserializer<'de>>(from: D) -> Result<T, D::Error> {
    struct Object<T>(PhantomData<T>);

    impl<'de, T: Lenient> Visitor<'de> for Object<T> {
        type Value = T;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }
        fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
            T::from_map(map).map(or_missing)
        }
    }
    from.deserialize_map(Object(PhantomData))
}

/// `T` as a seed, for the values of objects and lists.
pub(crate) struct Seed<T>(PhantomData<T>);

impl<T> Seed<T> {
    pub(crate) fn new() -> Self {
        Self(PhantomData)
    }
}

impl<'de, T: Lenient> DeserializeSeed<'de> for Seed<T> {
    type Value = T;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        T::read(deserializer)
    }
}

/// The name of a field, borrowed where the text allows it.
pub(crate) struct Key<'de>(pub(crate) Cow<'de, str>);

impl<'de> serde::Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl<'de> Visitor<'de> for Text {
            type Value = Key<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of a field")
            }
            fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Borrowed(text)))
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(Text)
    }
}

/// A type with named fields: an object, field by field.
pub(crate) trait Fields: Default {
    /// Reads the value of `key` if it is one of the fields; otherwise it is left for the caller.
    fn field<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<bool, A::Error>;

    /// All fields of an object; what is none of them is passed over.
    fn from_object<'de, A: MapAccess<'de>>(mut map: A) -> Result<Self, A::Error> {
        let mut this = Self::default();
        while let Some(Key(key)) = map.next_key()? {
            if !this.field(&key, &mut map)? {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(this)
    }
}

impl Lenient for String {
    fn missing() -> Self {
        Self::new()
    }
    fn from_text(text: &str) -> Option<Self> {
        Some(text.to_owned())
    }
}

impl Lenient for bool {
    fn missing() -> Self {
        false
    }
    fn from_text(text: &str) -> Option<Self> {
        let is_one_of = |words: &[&str]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
        if is_one_of(&["true", "yes", "on", "1", "y", "t"]) {
            return Some(true);
        }
        is_one_of(&["false", "no", "off", "0", "n", "f"]).then_some(false)
    }
    fn from_number(number: Number) -> Option<Self> {
        Some(!matches!(number, Number::Signed(0) | Number::Unsigned(0)))
    }
    fn from_bool(flag: bool) -> Option<Self> {
        Some(flag)
    }
}

macro_rules! integers {
    ($($type:ty)*) => { $(
        impl Lenient for $type {
            fn missing() -> Self {
                0
            }
            fn from_text(text: &str) -> Option<Self> {
                text.trim().parse().ok()
            }
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "`as` saturates")]
            fn from_number(number: Number) -> Option<Self> {
                Some(match number {
                    Number::Signed(n) => n.try_into().unwrap_or(if n < 0 { <$type>::MIN } else { <$type>::MAX }),
                    Number::Unsigned(n) => n.try_into().unwrap_or(<$type>::MAX),
                    Number::Float(n) => n as $type,
                })
            }
            fn from_bool(flag: bool) -> Option<Self> {
                Some(flag.into())
            }
        }
    )* };
}

integers!(i32 i64 u16 u32 u64);

impl Lenient for f64 {
    fn missing() -> Self {
        0.0
    }
    fn from_text(text: &str) -> Option<Self> {
        text.trim().parse().ok()
    }
}

impl<T: Lenient> Lenient for Option<T> {
    fn missing() -> Self {
        None
    }
    fn from_text(text: &str) -> Option<Self> {
        Some(T::from_text(text))
    }
    fn from_number(number: Number) -> Option<Self> {
        Some(T::from_number(number))
    }
    fn from_bool(flag: bool) -> Option<Self> {
        Some(T::from_bool(flag))
    }
    fn from_map<'de, A: MapAccess<'de>>(map: A) -> Result<Option<Self>, A::Error> {
        T::from_map(map).map(Some)
    }
    fn from_seq<'de, A: SeqAccess<'de>>(seq: A) -> Result<Option<Self>, A::Error> {
        T::from_seq(seq).map(Some)
    }
    fn is_missing(&self) -> bool {
        self.is_none()
    }
    fn subject(&self, visit: &mut dyn FnMut(About<'_>)) {
        if let Some(value) = self {
            value.subject(visit);
        }
    }
}

impl<T: Lenient> Lenient for Box<T> {
    fn missing() -> Self {
        Box::new(T::missing())
    }
    fn from_text(text: &str) -> Option<Self> {
        T::from_text(text).map(Box::new)
    }
    fn from_number(number: Number) -> Option<Self> {
        T::from_number(number).map(Box::new)
    }
    fn from_bool(flag: bool) -> Option<Self> {
        T::from_bool(flag).map(Box::new)
    }
    fn from_map<'de, A: MapAccess<'de>>(map: A) -> Result<Option<Self>, A::Error> {
        Ok(T::from_map(map)?.map(Box::new))
    }
    fn from_seq<'de, A: SeqAccess<'de>>(seq: A) -> Result<Option<Self>, A::Error> {
        Ok(T::from_seq(seq)?.map(Box::new))
    }
    fn subject(&self, visit: &mut dyn FnMut(About<'_>)) {
        (**self).subject(visit);
    }
}

/// A single value where a list should be is a list of one.
impl<T: Lenient> Lenient for Vec<T> {
    fn missing() -> Self {
        Self::new()
    }
    fn from_text(text: &str) -> Option<Self> {
        T::from_text(text).map(|value| vec![value])
    }
    fn from_map<'de, A: MapAccess<'de>>(map: A) -> Result<Option<Self>, A::Error> {
        Ok(T::from_map(map)?.map(|value| vec![value]))
    }
    fn from_seq<'de, A: SeqAccess<'de>>(mut seq: A) -> Result<Option<Self>, A::Error> {
        let mut all = Self::new();
        while let Some(value) = seq.next_element_seed(Seed::new())? {
            all.push(value);
        }
        Ok(Some(all))
    }
    fn subject(&self, visit: &mut dyn FnMut(About<'_>)) {
        for value in self {
            value.subject(visit);
        }
    }
}

/// Several objects in a list, as older servers write what a text message comes with, are one.
impl<T: Lenient> Lenient for BTreeMap<String, T> {
    fn missing() -> Self {
        Self::new()
    }
    fn from_map<'de, A: MapAccess<'de>>(mut map: A) -> Result<Option<Self>, A::Error> {
        let mut all = Self::new();
        while let Some(Key(key)) = map.next_key()? {
            let value = map.next_value_seed(Seed::new())?;
            all.insert(key.into_owned(), value);
        }
        Ok(Some(all))
    }
    fn from_seq<'de, A: SeqAccess<'de>>(mut seq: A) -> Result<Option<Self>, A::Error> {
        let mut all = Self::new();
        while let Some(some) = seq.next_element_seed(Seed::<Self>::new())? {
            all.extend(some);
        }
        Ok(Some(all))
    }
}

impl Lenient for serde_json::Value {
    fn missing() -> Self {
        Self::Null
    }
    fn from_text(text: &str) -> Option<Self> {
        Some(text.into())
    }
    fn from_number(number: Number) -> Option<Self> {
        Some(match number {
            Number::Signed(n) => n.into(),
            Number::Unsigned(n) => n.into(),
            Number::Float(n) => n.into(),
        })
    }
    fn from_bool(flag: bool) -> Option<Self> {
        Some(flag.into())
    }
    fn from_map<'de, A: MapAccess<'de>>(mut map: A) -> Result<Option<Self>, A::Error> {
        let mut all = serde_json::Map::new();
        while let Some(Key(key)) = map.next_key()? {
            let value = map.next_value()?;
            all.insert(key.into_owned(), value);
        }
        Ok(Some(Self::Object(all)))
    }
    fn from_seq<'de, A: SeqAccess<'de>>(mut seq: A) -> Result<Option<Self>, A::Error> {
        let mut all = Vec::new();
        while let Some(value) = seq.next_element()? {
            all.push(value);
        }
        Ok(Some(Self::Array(all)))
    }
}

/// The enums of [`types`](crate::types) whose values are words.
macro_rules! words {
    ($($type:ident)*) => { $(
        impl Lenient for crate::types::$type {
            fn missing() -> Self {
                Self::Other("".into())
            }
            fn from_text(text: &str) -> Option<Self> {
                Some(Self::from(text))
            }
        }
    )* };
}

words! {
    BridgeType CallerPresentation ContactStatus DeviceState DialStatus EndpointState
    LogChannelStatus LogChannelType ModuleStatus PeerStatus PlaybackState RecordingState
    SupportLevel TransferDestination TransferResult TransferProgress VideoSourceMode
}

/// Those whose values are numbers, or names of numbers.
macro_rules! codes {
    ($($type:ident = $missing:expr;)*) => { $(
        impl Lenient for crate::types::$type {
            fn missing() -> Self {
                $missing.into()
            }
            fn from_text(text: &str) -> Option<Self> {
                text.parse().ok()
            }
        }
    )* };
}

codes! {
    ChannelState = u32::MAX;
    HangupCause = 0;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read<T: Lenient>(json: &str) -> T {
        T::read(&mut serde_json::Deserializer::from_str(json)).unwrap()
    }

    #[test]
    fn a_value_of_an_odd_type_is_read_as_what_it_can_be() {
        assert_eq!(read::<String>("12"), "12");
        assert_eq!(read::<String>("null"), "");
        assert_eq!(read::<String>(r#"{"a": [1, {}]}"#), "");
        assert_eq!(read::<i32>(r#""12""#), 12);
        assert_eq!(read::<i32>("1e300"), i32::MAX);
        assert_eq!(read::<u32>("-1"), 0);
        assert_eq!(read::<i32>("[]"), 0);
        assert!(read::<bool>("1") && read::<bool>(r#""yes""#) && !read::<bool>("null"));
        assert_eq!(read::<Vec<String>>(r#""one""#), ["one"]);
        assert_eq!(read::<Vec<String>>("{}"), [""; 0]);
        assert_eq!(read::<Option<String>>("null"), None);
        assert_eq!(read::<Option<i64>>("-7"), Some(-7));
        assert_eq!(read::<Option<i64>>(r#""""#), None);
        assert_eq!(read::<Option<u16>>(r#""5060""#), Some(5060));
        assert_eq!(read::<Option<String>>("{}"), None);
        assert_eq!(read::<Option<bool>>(r#""perhaps""#), None);
        assert_eq!(read::<crate::types::ChannelState>(r#""Up""#), crate::types::ChannelState::Up);
    }

    #[test]
    fn a_list_of_objects_is_one_object() {
        let all = read::<BTreeMap<String, String>>(r#"[{"a": "1"}, null, {"b": 2}]"#);
        assert_eq!(all, [("a".into(), "1".into()), ("b".into(), "2".into())].into());
    }

    #[test]
    fn only_what_is_no_json_is_an_error() {
        let mut cut_short = serde_json::Deserializer::from_str(r#"{"a":"#);
        assert!(String::read(&mut cut_short).is_err());
    }
}
