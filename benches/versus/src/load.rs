//! The events of the flood, rendered before the first one is sent.
//!
//! Names and order of headers are what an Asterisk 22 with `timestampevents` and a system name
//! sends. A ring of whole calls is written over and over, so the sender costs one `write` per
//! 64 KiB and can never be what is measured.

use std::fmt::Write as _;

/// The `Uniqueid` of the one event that ends every flood; a `Hangup`, so every filter passes it.
pub const LAST_UNIQUE_ID: &str = "1753000000.0";

/// How many kinds of events there are, in the order in which a call sends them.
pub const KINDS: usize = 7;

/// Calls in the ring: about half a megabyte, too large for a first-level cache and small enough
/// to be nothing beside a client's memory.
const CALLS: usize = 128;

/// The most one write carries.
const CHUNK: usize = 64 * 1024;

/// A ring of rendered events, and the one that ends a flood.
pub struct Load {
    ring: Vec<u8>,
    /// Where each event of the ring ends.
    ends: Vec<usize>,
    last: Vec<u8>,
}

impl Load {
    /// The events of AMI.
    pub fn ami() -> Self {
        let mut last = Call::new(0);
        LAST_UNIQUE_ID.clone_into(&mut last.caller.unique_id);
        Self::of(
            |number, kind| Call::new(number).event(kind).into_bytes(),
            last.event(KINDS - 1).into_bytes(),
        )
    }

    /// What `render` makes of the number of a call and the kind of an event.
    pub fn of(render: impl Fn(usize, usize) -> Vec<u8>, last: Vec<u8>) -> Self {
        let mut load = Self { ring: Vec::new(), ends: Vec::new(), last };
        for number in 1..=CALLS {
            for kind in 0..KINDS {
                load.ring.extend_from_slice(&render(number, kind));
                load.ends.push(load.ring.len());
            }
        }
        load
    }

    /// The event that ends a flood.
    pub fn last(&self) -> &[u8] {
        &self.last
    }

    /// How many of the first `events` are a `Hangup`.
    pub fn hangups(events: u64) -> u64 {
        events / KINDS as u64
    }

    /// How many bytes the first `events` take, the last one not counted.
    pub fn bytes(&self, events: u64) -> u64 {
        let ring = self.ends.len() as u64;
        let part = usize::try_from(events % ring).unwrap_or(0);
        events / ring * self.ring.len() as u64 + self.start(part) as u64
    }

    /// The bytes of a run of whole events from number `from` on, at most `most` of them, and how
    /// many they are; at least one.
    pub fn run(&self, from: u64, most: u64) -> (&[u8], u64) {
        let first = usize::try_from(from % self.ends.len() as u64).unwrap_or(0);
        let start = self.start(first);
        let fits = self.ends[first..].partition_point(|end| end - start <= CHUNK).max(1);
        let count = fits.min(usize::try_from(most).unwrap_or(fits)).max(1);
        (&self.ring[start..self.ends[first + count - 1]], count as u64)
    }

    /// The whole flood in one piece, for what is measured without a socket.
    pub fn corpus(&self, events: u64) -> Vec<u8> {
        let mut corpus = Vec::new();
        let mut sent = 0;
        while sent < events {
            let (bytes, count) = self.run(sent, events - sent);
            corpus.extend_from_slice(bytes);
            sent += count;
        }
        corpus
    }

    fn start(&self, event: usize) -> usize {
        if event == 0 { 0 } else { self.ends[event - 1] }
    }
}

/// One item of `CoreShowChannels`, without the `Event` and `ActionID` lines it starts with.
pub fn channel_item(number: usize) -> String {
    let mut text = String::new();
    Call::new(number).caller.render(&mut text, "");
    text.push_str("Application: Dial\r\nApplicationData: PJSIP/bob,30,tT\r\n");
    text.push_str("Duration: 00:01:07\r\nBridgeId: 5d1c2a5e-0f3b-4e7c-9a55-6b1f1f0e8d42\r\n\r\n");
    text
}

/// What Asterisk repeats of a channel in every event about it.
struct Channel {
    name: String,
    state: (&'static str, &'static str),
    number: String,
    caller: &'static str,
    unique_id: String,
    linked_id: String,
}

impl Channel {
    fn render(&self, text: &mut String, prefix: &str) {
        let (state, description) = self.state;
        let values: [(&str, &str); 14] = [
            ("Channel", &self.name),
            ("ChannelState", state),
            ("ChannelStateDesc", description),
            ("CallerIDNum", &self.number),
            ("CallerIDName", self.caller),
            ("ConnectedLineNum", "200"),
            ("ConnectedLineName", "Bob Baker"),
            ("Language", "en"),
            ("AccountCode", "sales"),
            ("Context", "from-internal"),
            ("Exten", "200"),
            ("Priority", "3"),
            ("Uniqueid", &self.unique_id),
            ("Linkedid", &self.linked_id),
        ];
        for (name, value) in values {
            line(text, prefix, name, value);
        }
    }
}

/// The two legs of a call.
struct Call {
    caller: Channel,
    callee: Channel,
}

impl Call {
    fn new(number: usize) -> Self {
        let unique_id = |leg: usize| format!("1753{:06}.{}", number, number * 2 + leg);
        let leg = |leg: usize, name: &str, caller| Channel {
            name: format!("PJSIP/{name}-{:08x}", number * 2 + leg),
            state: if leg == 0 { ("6", "Up") } else { ("5", "Ringing") },
            number: format!("{}", 1000 + number % 9000),
            caller,
            unique_id: unique_id(leg),
            linked_id: unique_id(0),
        };
        Self { caller: leg(0, "alice", "Alice Miller"), callee: leg(1, "bob", "Bob Baker") }
    }

    fn event(&self, kind: usize) -> String {
        let mut text = String::new();
        let own: &[(&str, &str)] = match kind {
            0 => self.one_leg(&mut text, "Newchannel", "call,all"),
            1 => self.one_leg(&mut text, "Newstate", "call,all"),
            2 => {
                self.one_leg(&mut text, "Newexten", "dialplan,all");
                &[("Extension", "200"), ("Application", "Dial"), ("AppData", "PJSIP/bob,30,tT")]
            }
            3 => {
                self.one_leg(&mut text, "VarSet", "dialplan,all");
                &[("Variable", "DIALEDPEERNUMBER"), ("Value", "bob")]
            }
            4 => self.two_legs(&mut text, "DialBegin", ("DialString", "bob")),
            5 => self.two_legs(&mut text, "DialEnd", ("DialStatus", "ANSWER")),
            _ => {
                self.one_leg(&mut text, "Hangup", "call,all");
                &[("Cause", "16"), ("Cause-txt", "Normal Clearing"), ("TechCause", "200")]
            }
        };
        for (name, value) in own {
            line(&mut text, "", name, value);
        }
        text.push_str("\r\n");
        text
    }

    fn one_leg(&self, text: &mut String, name: &str, privilege: &str) -> &'static [Header] {
        opening(text, name, privilege);
        self.caller.render(text, "");
        &[]
    }

    fn two_legs(&self, text: &mut String, name: &str, between: Header) -> &'static [Header] {
        opening(text, name, "call,all");
        self.callee.render(text, "Dest");
        line(text, "", between.0, between.1);
        self.caller.render(text, "");
        &[]
    }
}

type Header = (&'static str, &'static str);

fn opening(text: &mut String, name: &str, privilege: &str) {
    line(text, "", "Event", name);
    line(text, "", "Privilege", privilege);
    line(text, "", "Timestamp", "1753000000.123456");
    line(text, "", "SystemName", "pbx1.example.com");
}

fn line(text: &mut String, prefix: &str, name: &str, value: &str) {
    // Writing to a String cannot fail.
    let _ = write!(text, "{prefix}{name}: {value}\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_have_the_sizes_of_real_ones() {
        let load = Load::ami();
        let call = Call::new(1);
        let headers: Vec<usize> =
            (0..KINDS).map(|kind| call.event(kind).lines().count() - 1).collect();
        assert_eq!(headers, [18, 18, 21, 20, 33, 33, 21]);
        let average = load.ring.len() / load.ends.len();
        assert!((525..545).contains(&average), "{average}");
    }

    #[test]
    fn runs_add_up_to_the_bytes_foretold() {
        let load = Load::ami();
        for events in [1, 7, 895, 896, 897, 5000] {
            let corpus = load.corpus(events);
            assert_eq!(corpus.len() as u64, load.bytes(events), "{events}");
            let text = String::from_utf8(corpus).unwrap();
            assert_eq!(text.matches("Event: ").count() as u64, events);
            assert_eq!(text.matches("Event: Hangup").count() as u64, Load::hangups(events));
        }
    }

    #[test]
    fn only_the_last_event_has_its_id() {
        let load = Load::ami();
        let ring = String::from_utf8(load.corpus(load.ends.len() as u64)).unwrap();
        assert!(!ring.contains(LAST_UNIQUE_ID));
        let last = String::from_utf8(load.last().to_vec()).unwrap();
        assert!(last.contains(&format!("Uniqueid: {LAST_UNIQUE_ID}\r\n")));
    }
}
