//! What is known of one call.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use serde::ser::{Serialize, SerializeStruct, Serializer};

use super::Moment;
use crate::ami::AmiEvent;
use crate::ami::event::ChannelView;
use crate::types::{CdrDisposition, ChannelState, DialStatus, HangupCause, TransferResult};

/// How the record of a call came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[non_exhaustive]
pub enum CallEnding {
    /// The last of its channels hung up.
    HungUp,
    /// It was gone when events came again after a loss or a reconnect. Its end is when that was
    /// noticed, and its cause is not known.
    Unseen,
    /// It is still under way, or was when last heard of, and had to make room for newer calls.
    Forgotten,
}

/// Who asked the new party first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[non_exhaustive]
pub enum TransferKind {
    /// Nobody: the call was sent on.
    Blind,
    /// The one who transferred.
    Attended,
}

/// A transfer within a call.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct CallTransfer {
    /// Blind or attended.
    pub kind: TransferKind,
    /// What came of it.
    pub result: Option<TransferResult>,
    /// The channel that transferred.
    pub transferer: Box<str>,
    /// The channel that was transferred; `None` if it was more than one.
    pub transferee: Option<Box<str>>,
    /// The channel it was transferred to; `None` for a blind transfer, or if it was more than one.
    pub target: Option<Box<str>>,
    /// The context a blind transfer went to.
    pub context: Option<Box<str>>,
    /// The extension a blind transfer went to.
    pub exten: Option<Box<str>>,
    /// When.
    pub at: SystemTime,
}

/// A bridge that a call was in.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct CallBridge {
    /// Its unique id.
    pub unique_id: Box<str>,
    /// Its type, such as `basic`, `parking` or `base`.
    pub bridge_type: Box<str>,
    /// Who made it, such as `ConfBridge`.
    pub creator: Option<Box<str>>,
    /// Its name: of a conference its number.
    pub name: Option<Box<str>>,
    /// When the first channel of the call came into it.
    pub entered: SystemTime,
}

/// One channel of a call.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct CallLeg {
    pub(super) channel: Box<str>,
    pub(super) unique_id: Box<str>,
    pub(super) linked_id: Box<str>,
    pub(super) caller_id_num: Option<Box<str>>,
    pub(super) caller_id_name: Option<Box<str>>,
    pub(super) connected_line_num: Option<Box<str>>,
    pub(super) connected_line_name: Option<Box<str>>,
    pub(super) account_code: Box<str>,
    pub(super) context: Box<str>,
    pub(super) exten: Box<str>,
    pub(super) dial_string: Option<Box<str>>,
    pub(super) dial_status: Option<DialStatus>,
    pub(super) dialled_by: Option<Box<str>>,
    pub(super) start: Moment,
    pub(super) answer: Option<Moment>,
    pub(super) end: Option<Moment>,
    pub(super) cause: HangupCause,
    pub(super) found: bool,
    pub(super) unseen_end: bool,
}

impl CallLeg {
    pub(super) fn new(view: ChannelView<'_>, start: Moment) -> Self {
        let mut leg = Self {
            channel: view.channel().into(),
            unique_id: view.unique_id().into(),
            linked_id: view.linked_id().into(),
            caller_id_num: None,
            caller_id_name: None,
            connected_line_num: None,
            connected_line_name: None,
            account_code: "".into(),
            context: view.context().into(),
            exten: view.exten().into(),
            dial_string: None,
            dial_status: None,
            dialled_by: None,
            start,
            answer: None,
            end: None,
            cause: HangupCause::NotDefined,
            found: false,
            unseen_end: false,
        };
        leg.update(view, start);
        leg
    }

    /// Takes from a snapshot what it knows.
    pub(super) fn update(&mut self, view: ChannelView<'_>, at: Moment) {
        set(&mut self.caller_id_num, view.caller_id_num());
        set(&mut self.caller_id_name, view.caller_id_name().as_deref());
        set(&mut self.connected_line_num, view.connected_line_num());
        set(&mut self.connected_line_name, view.connected_line_name().as_deref());
        if !view.account_code().is_empty() && *self.account_code != *view.account_code() {
            self.account_code = view.account_code().into();
        }
        if self.exten.is_empty() && !view.exten().is_empty() {
            (self.context, self.exten) = (view.context().into(), view.exten().into());
        }
        if self.answer.is_none() && view.state() == Some(ChannelState::Up) {
            self.answer = Some(at);
        }
    }

    /// The channel's name.
    pub fn channel(&self) -> &str {
        &self.channel
    }

    /// The channel's unique id.
    pub fn unique_id(&self) -> &str {
        &self.unique_id
    }

    /// The linked id that the channel had first.
    pub fn linked_id(&self) -> &str {
        &self.linked_id
    }

    /// The caller's number, as it was last.
    pub fn caller_id_num(&self) -> Option<&str> {
        self.caller_id_num.as_deref()
    }

    /// The caller's name, as it was last.
    pub fn caller_id_name(&self) -> Option<&str> {
        self.caller_id_name.as_deref()
    }

    /// The number of the other side, as it was last.
    pub fn connected_line_num(&self) -> Option<&str> {
        self.connected_line_num.as_deref()
    }

    /// The name of the other side, as it was last.
    pub fn connected_line_name(&self) -> Option<&str> {
        self.connected_line_name.as_deref()
    }

    /// The account code; empty if it has none.
    pub fn account_code(&self) -> &str {
        &self.account_code
    }

    /// The context in which the channel began.
    pub fn context(&self) -> &str {
        &self.context
    }

    /// The extension with which the channel began: of an incoming one, what the caller dialled.
    pub fn exten(&self) -> &str {
        &self.exten
    }

    /// What was dialled to make this channel, without the technology; `None` if nobody dialled it.
    pub fn dial_string(&self) -> Option<&str> {
        self.dial_string.as_deref()
    }

    /// What came of dialling it; `None` if nobody did, or if that never ended.
    pub fn dial_status(&self) -> Option<&DialStatus> {
        self.dial_status.as_ref()
    }

    /// The unique id of the channel that dialled it; `None` where Asterisk itself did.
    pub fn dialled_by(&self) -> Option<&str> {
        self.dialled_by.as_deref()
    }

    /// Whether it is one end of a `Local` channel: a way through the dialplan, not a person.
    pub fn is_local(&self) -> bool {
        self.channel.get(..6).is_some_and(|begin| begin.eq_ignore_ascii_case("Local/"))
    }

    /// When the channel came to be.
    pub fn start(&self) -> SystemTime {
        self.start.wall
    }

    /// When it was answered. Of one that was answered before it was found, when it was found.
    pub fn answer(&self) -> Option<SystemTime> {
        self.answer.map(|at| at.wall)
    }

    /// When it hung up.
    pub fn end(&self) -> Option<SystemTime> {
        self.end.map(|at| at.wall)
    }

    /// How long it was there; `None` while it is.
    pub fn duration(&self) -> Option<Duration> {
        Some(self.end?.since(self.start))
    }

    /// How long it was answered; `None` while it is there, zero if it never was.
    pub fn talk_time(&self) -> Option<Duration> {
        let end = self.end?;
        Some(self.answer.map(|at| end.since(at)).unwrap_or_default())
    }

    /// Why it hung up; [`NotDefined`](HangupCause::NotDefined) while it has not, or if nobody said.
    pub fn cause(&self) -> HangupCause {
        self.cause
    }

    /// Whether it was there before anybody looked, and so began earlier than its first event.
    pub fn was_found(&self) -> bool {
        self.found
    }

    /// Whether it ended while nobody looked.
    pub fn ended_unseen(&self) -> bool {
        self.unseen_end
    }
}

fn set(field: &mut Option<Box<str>>, value: Option<&str>) {
    if value.is_some() && field.as_deref() != value {
        *field = value.map(Into::into);
    }
}

/// What a record is made of.
#[derive(Debug, Clone)]
pub(super) struct Data {
    pub(super) number: u64,
    /// That of the oldest call first.
    pub(super) linked_ids: Vec<Box<str>>,
    pub(super) legs: Vec<CallLeg>,
    pub(super) transfers: Vec<CallTransfer>,
    pub(super) bridges: Vec<CallBridge>,
    pub(super) queues: Vec<Box<str>>,
    pub(super) events: Vec<AmiEvent>,
    pub(super) legs_left_out: u64,
    pub(super) events_left_out: u64,
    /// Transfers, bridges, queues and linked ids.
    pub(super) others_left_out: u64,
    pub(super) had_gap: bool,
    pub(super) ending: Option<CallEnding>,
}

/// A call: all channels that Asterisk says belong together, from the first to the last.
///
/// What a call is, is Asterisk's word: channels with one linked id. Where two calls meet, in a
/// transfer, by a pickup or by `Bridge`, Asterisk gives them one linked id, and their records become
/// one: that of the older, with the legs of both. A conference is not such a meeting: everybody in
/// it has a call of their own, and these have its bridge in common ([`bridges`](Self::bridges)).
///
/// The two ends of a `Local` channel are legs like any other, and say so
/// ([`CallLeg::is_local`]); [`parties`](Self::parties) leaves them out, as they are nobody.
///
/// It is cheap to clone. It serialises with all its legs; events that were kept come with it.
#[derive(Clone)]
pub struct CallRecord {
    pub(super) data: Arc<Data>,
    /// The end; of a call under way, when it was looked at.
    pub(super) until: Moment,
    pub(in crate::ami) missed: u64,
}

impl CallRecord {
    pub(super) fn new(data: Arc<Data>, until: Moment) -> Self {
        Self { data, until, missed: 0 }
    }

    fn first(&self) -> Option<&CallLeg> {
        self.data.legs.first()
    }

    /// The number of the call: counted from 0 in the order in which this tracker saw them begin.
    pub fn number(&self) -> u64 {
        self.data.number
    }

    /// The channel with which the call began.
    pub fn channel(&self) -> &str {
        self.first().map_or("", CallLeg::channel)
    }

    /// The unique id of that channel.
    pub fn unique_id(&self) -> &str {
        self.first().map_or("", CallLeg::unique_id)
    }

    /// The linked id: of calls that became one, that of the oldest.
    pub fn linked_id(&self) -> &str {
        self.data.linked_ids.first().map_or("", |id| id)
    }

    /// All linked ids its channels had, the oldest call's first: more than one if calls became one.
    pub fn linked_ids(&self) -> impl ExactSizeIterator<Item = &str> {
        self.data.linked_ids.iter().map(|id| &**id)
    }

    /// The number of whoever began the call.
    pub fn caller_id_num(&self) -> Option<&str> {
        self.first().and_then(CallLeg::caller_id_num)
    }

    /// The extension with which the call began.
    pub fn exten(&self) -> &str {
        self.first().map_or("", CallLeg::exten)
    }

    /// All its channels, in the order they came to be. Never empty.
    pub fn legs(&self) -> &[CallLeg] {
        &self.data.legs
    }

    /// Its channels without the ends of `Local` channels.
    pub fn parties(&self) -> impl Iterator<Item = &CallLeg> {
        self.data.legs.iter().filter(|leg| !leg.is_local())
    }

    /// When it began.
    pub fn start(&self) -> SystemTime {
        self.first().map_or(self.until.wall, CallLeg::start)
    }

    /// When the channel with which it began was answered, by a person or by the dialplan.
    pub fn answer(&self) -> Option<SystemTime> {
        self.first().and_then(CallLeg::answer)
    }

    /// When its last channel hung up; `None` while it is under way.
    pub fn end(&self) -> Option<SystemTime> {
        self.data.ending.map(|_| self.until.wall)
    }

    /// From its beginning to its end; of a call under way, to the moment it was looked at.
    pub fn duration(&self) -> Duration {
        self.first().map(|leg| self.until.since(leg.start)).unwrap_or_default()
    }

    /// From the answer to the end; zero if it was not answered.
    pub fn talk_time(&self) -> Duration {
        let answer = self.first().and_then(|leg| leg.answer);
        answer.map(|at| self.until.since(at)).unwrap_or_default()
    }

    /// Why it ended: the cause of the channel with which it began, or if that has none, of the last
    /// that has one. [`NotDefined`](HangupCause::NotDefined) while it is under way, or if nobody
    /// said.
    pub fn cause(&self) -> HangupCause {
        let mut causes = self.first().into_iter().chain(self.data.legs.iter().rev());
        let given = causes.find(|leg| leg.cause != HangupCause::NotDefined);
        given.map_or(HangupCause::NotDefined, CallLeg::cause)
    }

    /// What came of it, in the words of Asterisk's own records.
    ///
    /// Answered, if the channel with which it began was. Otherwise what dialling came to: of several
    /// attempts, whoever was busy counts before whoever did not answer. If nobody was dialled, what
    /// the cause says.
    pub fn disposition(&self) -> CdrDisposition {
        if self.first().is_some_and(|leg| leg.answer.is_some()) {
            return CdrDisposition::Answered;
        }
        let dialled = self.data.legs.iter().filter_map(|leg| leg.dial_status().map(of_dial));
        dialled.min_by_key(rank).unwrap_or_else(|| of_cause(self.cause()))
    }

    /// How it ended; `None` while it is under way.
    pub fn ending(&self) -> Option<CallEnding> {
        self.data.ending
    }

    /// Its transfers, in order.
    pub fn transfers(&self) -> &[CallTransfer] {
        &self.data.transfers
    }

    /// The bridges it was in, in the order it came into them.
    pub fn bridges(&self) -> &[CallBridge] {
        &self.data.bridges
    }

    /// The queues it waited in, in order.
    pub fn queues(&self) -> impl ExactSizeIterator<Item = &str> {
        self.data.queues.iter().map(|queue| &**queue)
    }

    /// Its events, if they were to be kept.
    pub fn events(&self) -> &[AmiEvent] {
        &self.data.events
    }

    /// How many channels were not written down for want of room.
    pub fn legs_left_out(&self) -> u64 {
        self.data.legs_left_out
    }

    /// How many events were not kept for want of room.
    pub fn events_left_out(&self) -> u64 {
        self.data.events_left_out
    }

    /// How many transfers, bridges, queues and linked ids were not written down for want of room. One
    /// that comes again counts again.
    pub fn others_left_out(&self) -> u64 {
        self.data.others_left_out
    }

    /// Whether it was under way when the tracker began, or began while nobody looked.
    pub fn was_found(&self) -> bool {
        self.data.legs.iter().any(CallLeg::was_found)
    }

    /// Whether events were lost while it was under way, or the connection.
    pub fn had_gap(&self) -> bool {
        self.data.had_gap
    }

    /// Whether everything was seen from its beginning to its end, and is in here. Events need not
    /// be, as they are kept only if that is wanted.
    pub fn is_complete(&self) -> bool {
        let left_out = self.data.legs_left_out + self.data.others_left_out;
        let whole = left_out == 0 && !self.data.had_gap && !self.was_found();
        whole && self.data.ending == Some(CallEnding::HungUp)
    }

    /// How many records of calls that ended earlier were dropped because nobody took them. Each
    /// dropped record is told once.
    pub fn missed(&self) -> u64 {
        self.missed
    }
}

fn of_dial(status: &DialStatus) -> CdrDisposition {
    match status {
        DialStatus::Answer => CdrDisposition::Answered,
        DialStatus::Busy => CdrDisposition::Busy,
        DialStatus::Congestion => CdrDisposition::Congestion,
        DialStatus::NoAnswer | DialStatus::Cancel => CdrDisposition::NoAnswer,
        _ => CdrDisposition::Failed,
    }
}

fn rank(disposition: &CdrDisposition) -> u8 {
    match disposition {
        CdrDisposition::Answered => 0,
        CdrDisposition::Busy => 1,
        CdrDisposition::Congestion => 2,
        CdrDisposition::NoAnswer => 3,
        _ => 4,
    }
}

fn of_cause(cause: HangupCause) -> CdrDisposition {
    match cause {
        HangupCause::UserBusy => CdrDisposition::Busy,
        HangupCause::NormalCircuitCongestion | HangupCause::SwitchCongestion => {
            CdrDisposition::Congestion
        }
        HangupCause::NotDefined
        | HangupCause::NormalClearing
        | HangupCause::NoUserResponse
        | HangupCause::NoAnswer
        | HangupCause::AnsweredElsewhere
        | HangupCause::NormalUnspecified => CdrDisposition::NoAnswer,
        _ => CdrDisposition::Failed,
    }
}

impl fmt::Debug for CallRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallRecord")
            .field("channel", &self.channel())
            .field("linked_id", &self.linked_id())
            .field("legs", &self.data.legs)
            .field("transfers", &self.data.transfers)
            .field("bridges", &self.data.bridges)
            .field("duration", &self.duration())
            .field("talk_time", &self.talk_time())
            .field("cause", &self.cause())
            .field("disposition", &self.disposition())
            .field("ending", &self.data.ending)
            .field("missed", &self.missed)
            .finish_non_exhaustive()
    }
}

impl Serialize for CallRecord {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut record = serializer.serialize_struct("CallRecord", 24)?;
        record.serialize_field("number", &self.number())?;
        record.serialize_field("channel", self.channel())?;
        record.serialize_field("unique_id", self.unique_id())?;
        record.serialize_field("linked_ids", &self.data.linked_ids)?;
        record.serialize_field("caller_id_num", &self.caller_id_num())?;
        record.serialize_field("exten", self.exten())?;
        record.serialize_field("start", &self.start())?;
        record.serialize_field("answer", &self.answer())?;
        record.serialize_field("end", &self.end())?;
        record.serialize_field("duration", &self.duration())?;
        record.serialize_field("talk_time", &self.talk_time())?;
        record.serialize_field("cause", &self.cause())?;
        record.serialize_field("disposition", &self.disposition())?;
        record.serialize_field("ending", &self.data.ending)?;
        record.serialize_field("legs", &self.data.legs)?;
        record.serialize_field("transfers", &self.data.transfers)?;
        record.serialize_field("bridges", &self.data.bridges)?;
        record.serialize_field("queues", &self.data.queues)?;
        record.serialize_field("events", &self.data.events)?;
        record.serialize_field("had_gap", &self.data.had_gap)?;
        record.serialize_field("legs_left_out", &self.data.legs_left_out)?;
        record.serialize_field("events_left_out", &self.data.events_left_out)?;
        record.serialize_field("others_left_out", &self.data.others_left_out)?;
        record.serialize_field("missed", &self.missed)?;
        record.end()
    }
}
