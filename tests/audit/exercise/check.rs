//! Every accessor of an event against the header that it reads, and every header against the
//! accessors.

use std::borrow::Cow;
use std::time::{Duration, SystemTime};

use asterisk_sync::ami::event::{BridgeView, ChannelView, ReadValue, Reading, RtcpReport};
use asterisk_sync::ami::{AmiEvent, Message};

use crate::tables::{events, fold};

/// Headers that nothing reads, and why not.
const UNREAD: &[(&str, &str, &str)] =
    &[("Cdr", "CallTag", "is what cdr_manager.conf of the test server maps")];

/// Values that an accessor gives nothing for, and why.
const UNREADABLE: &[(&str, &str, &str, &str)] = &[
    ("ContactList", "RoundtripUsec", "N/A", "the contact has never been asked"),
    ("ContactStatusDetail", "RoundtripUsec", "N/A", "the contact has never been asked"),
    ("PeerEntry", "IPport", "(null)", "the peer has no address"),
    ("SoftHangupRequest", "Cause", "32", "is a flag and no cause: somebody asked for it"),
];

/// Values that are numbers on the wire, and the words for them.
const NUMBERED: &[(&str, &[&str])] = &[
    ("QueueMember", DEVICE_STATES),
    ("QueueMemberAdded", DEVICE_STATES),
    ("QueueMemberPause", DEVICE_STATES),
    ("QueueMemberPenalty", DEVICE_STATES),
    ("QueueMemberRemoved", DEVICE_STATES),
    ("QueueMemberRinginuse", DEVICE_STATES),
    ("QueueMemberStatus", DEVICE_STATES),
    ("ExtensionStatus", &["Idle", "InUse", "Busy", "", "Unavailable", "", "", "", "Ringing"]),
];

const DEVICE_STATES: &[&str] = &[
    "Unknown",
    "NotInUse",
    "InUse",
    "Busy",
    "Invalid",
    "Unavailable",
    "Ringing",
    "RingInUse",
    "OnHold",
];

/// Events whose sender decides which headers there are.
const FREE: &[&str] = &["UserEvent", "TestEvent"];

/// What is wrong with the type of this event.
pub(super) fn faults(event: &AmiEvent) -> Vec<String> {
    let name = event.event_name();
    if matches!(event, AmiEvent::Unknown(_)) {
        return vec![format!("{name} has no type: {:?}", event.message())];
    }
    if matches!(event, AmiEvent::Gap(_)) {
        return vec![format!("events were lost: {event:?}")];
    }
    let mut faults = Vec::new();
    for Reading { field, header, value } in event.readings() {
        if let Err(why) = compare(event.message(), header, &value) {
            let raw = event.message().get(header).unwrap_or_default();
            let excused = UNREADABLE.iter().any(|(of, odd, text, _)| {
                *of == name && odd.eq_ignore_ascii_case(header) && *text == raw
            });
            if !excused {
                faults.push(format!("{name}.{field}: {why}"));
            }
        }
    }
    let reported = match event {
        AmiEvent::RTCPReceived(it) => reports(event.message(), it.reports().collect()),
        AmiEvent::RTCPSent(it) => reports(event.message(), it.reports().collect()),
        _ => Ok(()),
    };
    faults.extend(reported.err().map(|why| format!("{name}: {why}")));
    if !FREE.contains(&name) {
        let headers = event.message().iter().map(|(header, _)| header);
        faults.extend(
            headers
                .filter(|header| !is_read(name, header))
                .map(|header| format!("{name}: nothing reads {header}")),
        );
    }
    faults
}

fn is_read(name: &str, header: &str) -> bool {
    // The parentheses hold a channel's name, in which there may be a colon.
    header.starts_with("ChanVariable(")
        || events()[&fold(name)].has(header)
        || UNREAD.iter().any(|(of, unread, _)| *of == name && unread.eq_ignore_ascii_case(header))
}

type Verdict = Result<(), String>;

fn same<T: PartialEq + std::fmt::Debug>(what: &str, says: T, is: T) -> Verdict {
    if says == is { Ok(()) } else { Err(format!("{what} is {is:?}, the accessor says {says:?}")) }
}

fn compare(message: &Message, header: &str, value: &ReadValue<'_>) -> Verdict {
    let raw = message.get(header);
    let text = raw.unwrap_or_default();
    match value {
        ReadValue::Text(says) => same(header, *says, text),
        ReadValue::Maybe(says) => {
            same(header, *says, raw.filter(|raw| !["<unknown>", "(null)"].contains(raw)))
        }
        ReadValue::Escaped(says) => same(header, says.clone(), unescaped(text)),
        ReadValue::Repeated(says) => same(header, says.clone(), message.get_all(header).collect()),
        ReadValue::Parsed(None) => same(header, "", text),
        ReadValue::Parsed(Some((shown, _))) if is_same_word(shown, text) => known(header, value),
        ReadValue::Parsed(Some((_, variant))) if is_same_word(variant, text) => Ok(()),
        ReadValue::Parsed(Some((_, variant))) if is_numbered(message.name(), text, variant) => {
            Ok(())
        }
        ReadValue::Parsed(Some((shown, variant))) => {
            Err(format!("{header} is {text:?}, the accessor says {shown:?}, {variant}"))
        }
        ReadValue::Hex(says) => {
            let digits = text.strip_prefix("0x").unwrap_or(text);
            same(header, *says, number(header, digits, |it| u32::from_str_radix(it, 16).ok())?)
        }
        ReadValue::Flag(says) => same(header, *says, truth(header, text)?),
        ReadValue::Seconds(says) => duration(header, *says, text, 1.0),
        ReadValue::Millis(says) => duration(header, *says, text, 1e-3),
        ReadValue::Micros(says) => duration(header, *says, text, 1e-6),
        ReadValue::Epoch(says) => {
            let says = says.map(|it| it.duration_since(SystemTime::UNIX_EPOCH).unwrap());
            duration(header, says.or((text == "0").then_some(Duration::ZERO)), text, 1.0)
        }
        ReadValue::Clock(says) => {
            let seconds = says.map_or(0, |it| it.as_secs());
            let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
            let shown = says.map(|_| format!("{hours:02}:{minutes:02}:{seconds:02}"));
            same(header, &*shown.unwrap_or_default(), text)
        }
        ReadValue::Date(says) => {
            same(header, &*says.map(|it| date(it, text)).unwrap_or_default(), text)
        }
        ReadValue::Channel(view) => channel(message, header, view),
        ReadValue::Bridge(view) => bridge(message, header, view),
        other => Err(format!("{header}: {other:?} is compared with nothing")),
    }
}

/// A point in time as `2026-01-31T13:59:00.000+0100`, in the zone that `like` ends with.
fn date(time: SystemTime, like: &str) -> String {
    let (sign, zone) = like.split_at(like.len() - 5).1.split_at(1);
    let (hours, minutes) = zone.split_at(2);
    let offset = hours.parse::<i64>().unwrap() * 3600 + minutes.parse::<i64>().unwrap() * 60;
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap();
    let offset = if sign == "-" { -offset } else { offset };
    let seconds = i64::try_from(since.as_secs()).unwrap() + offset;
    // Years, counted from one to the next, are slow and plain.
    let (mut year, mut days) = (1970, seconds / 86_400);
    let length = |year: i64| 365 + i64::from(year % 4 == 0 && (year % 100 != 0 || year % 400 == 0));
    while days >= length(year) {
        days -= length(year);
        year += 1;
    }
    let months = [31, length(year) - 337, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let mut month = 0;
    while days >= months[month] {
        days -= months[month];
        month += 1;
    }
    let (hours, minutes, rest) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    let (month, day, millis) = (month + 1, days + 1, since.subsec_millis());
    format!("{year}-{month:02}-{day:02}T{hours:02}:{minutes:02}:{rest:02}.{millis:03}{sign}{zone}")
}

/// An enum that reads any word has not understood it.
fn known(header: &str, value: &ReadValue<'_>) -> Verdict {
    match value {
        ReadValue::Parsed(Some((_, variant))) if variant.starts_with("Other(") => {
            Err(format!("{header} is none of those that are known: {variant}"))
        }
        _ => Ok(()),
    }
}

fn is_numbered(event: &str, text: &str, variant: &str) -> bool {
    let words = NUMBERED.iter().find(|(of, _)| *of == event).map(|(_, words)| *words);
    let word = words.zip(text.parse::<usize>().ok()).and_then(|(words, at)| words.get(at));
    word.is_some_and(|word| *word == variant)
}

/// Whether two spellings mean the same: `NOT_INUSE` and `NotInUse`, `7` and `07`.
fn is_same_word(one: &str, other: &str) -> bool {
    let plain = |text: &str| -> String {
        text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
    };
    match (one.parse::<f64>(), other.parse::<f64>()) {
        (Ok(one), Ok(other)) => one == other,
        _ => !other.is_empty() && plain(one) == plain(other),
    }
}

/// A number that has to be one, if there is anything.
fn number<T>(
    header: &str,
    text: &str,
    read: impl Fn(&str) -> Option<T>,
) -> Result<Option<T>, String> {
    match text {
        "" => Ok(None),
        _ => read(text).map(Some).ok_or_else(|| format!("{header} is {text:?}, and no number")),
    }
}

fn truth(header: &str, text: &str) -> Result<Option<bool>, String> {
    match fold(text).as_str() {
        "" => Ok(None),
        "yes" | "true" | "on" | "1" | "y" | "enabled" => Ok(Some(true)),
        "no" | "false" | "off" | "0" | "n" | "disabled" => Ok(Some(false)),
        _ => Err(format!("{header} is {text:?}, which is neither true nor false")),
    }
}

fn duration(header: &str, says: Option<Duration>, text: &str, unit: f64) -> Verdict {
    let is = number(header, text, |it| it.parse::<f64>().ok())?.map(|it| it * unit);
    let says = says.map(|it| it.as_secs_f64());
    match (says, is) {
        (Some(says), Some(is)) if (says - is).abs() < 1e-6 => Ok(()),
        (None, None) => Ok(()),
        _ => Err(format!("{header} is {text:?}, the accessor says {says:?} s")),
    }
}

/// The escapes that the server uses, undone the slow way.
fn unescaped(text: &str) -> Cow<'_, str> {
    const ESCAPES: &[(char, char)] = &[
        ('a', '\x07'),
        ('b', '\x08'),
        ('f', '\x0c'),
        ('n', '\n'),
        ('r', '\r'),
        ('t', '\t'),
        ('v', '\x0b'),
        ('\\', '\\'),
        ('\'', '\''),
        ('"', '"'),
        ('?', '?'),
    ];
    let (mut plain, mut rest) = (String::new(), text);
    while let Some((before, behind)) = rest.split_once('\\') {
        plain.push_str(before);
        let escape = behind.chars().next().and_then(|c| ESCAPES.iter().find(|(e, _)| *e == c));
        match escape {
            Some((escape, c)) => {
                plain.push(*c);
                rest = &behind[escape.len_utf8()..];
            }
            None => {
                plain.push('\\');
                rest = behind;
            }
        }
    }
    plain.push_str(rest);
    Cow::Owned(plain)
}

/// The accessors that every channel has.
fn channel(message: &Message, prefix: &str, view: &ChannelView<'_>) -> Verdict {
    let raw = |name: &str| message.get(&format!("{prefix}{name}"));
    let known = |name: &str| raw(name).filter(|it| !matches!(*it, "" | "<unknown>"));
    same("whether there is a channel", view.is_present(), raw("Channel").is_some())?;
    for (name, says) in [
        ("Channel", view.channel()),
        ("ChannelStateDesc", view.state_desc()),
        ("Language", view.language()),
        ("AccountCode", view.account_code()),
        ("Context", view.context()),
        ("Exten", view.exten()),
        ("Uniqueid", view.unique_id()),
        ("Linkedid", view.linked_id()),
    ] {
        same(name, says, raw(name).unwrap_or_default())?;
    }
    same("CallerIDNum", view.caller_id_num(), known("CallerIDNum"))?;
    same("ConnectedLineNum", view.connected_line_num(), known("ConnectedLineNum"))?;
    for (name, says) in
        [("CallerIDName", view.caller_id_name()), ("ConnectedLineName", view.connected_line_name())]
    {
        // Some write it as it is.
        let is = known(name).map(|it| [Cow::Borrowed(it), unescaped(it)]);
        let agrees = match (&says, &is) {
            (Some(says), Some(is)) => is.contains(says),
            (None, None) => true,
            _ => false,
        };
        same(name, agrees, true)?;
    }
    let state = view.state();
    same("ChannelState", state.map(|it| it.code().to_string()).as_deref(), raw("ChannelState"))?;
    if let (Some(state), Some(words)) = (state, raw("ChannelStateDesc")) {
        same("ChannelStateDesc", state.to_string().as_str(), words)?;
    }
    same("Priority", view.priority().map(|it| it.to_string()).as_deref(), raw("Priority"))?;
    same("Tenantid", view.tenant_id(), raw("Tenantid"))?;
    same("ChanVariable", view.variables().collect(), variables(message, prefix, view.channel()))
}

/// The variables of one channel, from the whole lines: its name may have been cut at a colon.
fn variables<'a>(
    message: &'a Message,
    prefix: &str,
    channel: &str,
) -> Vec<(&'a str, Cow<'a, str>)> {
    let snapshot = format!("{prefix}ChanVariable");
    let named = format!("ChanVariable({channel})");
    let mut found = Vec::new();
    for (header, value) in message.iter() {
        let Some((name, value)) = value.split_once('=') else { continue };
        let whole = format!("{header}: {name}");
        if header.eq_ignore_ascii_case(&snapshot) {
            found.push((name, unescaped(value)));
        } else if let Some(assigned) = whole.strip_prefix(&*named) {
            let assigned = assigned.strip_prefix(": ").expect("a name behind it");
            found.push((&name[name.len() - assigned.len()..], Cow::Borrowed(value)));
        }
    }
    found
}

/// How an accessor of a report reads its header.
type Read = fn(&RtcpReport<'_>) -> Option<String>;

/// What is told of each stream, which no table has: headers with a number in their names.
fn reports(message: &Message, reports: Vec<RtcpReport<'_>>) -> Verdict {
    fn shown<T: ToString>(value: Option<T>) -> Option<String> {
        value.map(|value| value.to_string())
    }
    let read: &[(&str, Read)] = &[
        ("SourceSSRC", |it| it.source_ssrc().map(|ssrc| format!("{ssrc:#010x}"))),
        ("FractionLost", |it| shown(it.fraction_lost())),
        ("CumulativeLost", |it| shown(it.cumulative_lost())),
        ("HighestSequence", |it| shown(it.highest_sequence())),
        ("SequenceNumberCycles", |it| shown(it.sequence_number_cycles())),
        ("IAJitter", |it| shown(it.ia_jitter())),
        ("LSR", |it| shown(it.lsr())),
        ("DLSR", |it| it.dlsr().map(|delay| format!("{:.4}", delay.as_secs_f64()))),
    ];
    let all = message.iter().filter(|(header, _)| {
        header
            .strip_prefix("Report")
            .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
    });
    same("the number of headers in reports", reports.len() * read.len(), all.count())?;
    for (number, report) in reports.iter().enumerate() {
        for (name, read) in read {
            let header = format!("Report{number}{name}");
            let raw = message.get(&header);
            same(&header, read(report).as_deref(), raw)?;
        }
    }
    Ok(())
}

/// The accessors that every bridge has.
fn bridge(message: &Message, prefix: &str, view: &BridgeView<'_>) -> Verdict {
    let raw = |name: &str| message.get(&format!("{prefix}{name}"));
    let known = |name: &str| raw(name).filter(|it| !matches!(*it, "" | "<unknown>"));
    same("whether there is a bridge", view.is_present(), raw("BridgeUniqueid").is_some())?;
    same("BridgeUniqueid", view.unique_id(), raw("BridgeUniqueid").unwrap_or_default())?;
    same("BridgeType", view.bridge_type(), raw("BridgeType").unwrap_or_default())?;
    same("BridgeTechnology", view.technology(), raw("BridgeTechnology").unwrap_or_default())?;
    same("BridgeCreator", view.creator(), known("BridgeCreator"))?;
    same("BridgeName", view.name(), known("BridgeName"))?;
    let count = view.num_channels().map(|it| it.to_string());
    same("BridgeNumChannels", count.as_deref(), raw("BridgeNumChannels"))?;
    let mode = view.video_source_mode().map(|it| it.to_string());
    same("BridgeVideoSourceMode", mode.as_deref(), raw("BridgeVideoSourceMode"))?;
    same("BridgeVideoSource", view.video_source(), raw("BridgeVideoSource"))
}
