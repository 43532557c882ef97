//! A channel, and the ways in which events show it.

use std::collections::BTreeMap;
use std::time::Instant;

use crate::testing::ami::frame::{Frame, News};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Down,
    Ring,
    Ringing,
    Up,
}

impl State {
    fn number(self) -> u8 {
        [0, 4, 5, 6][self as usize]
    }

    fn words(self) -> &'static str {
        ["Down", "Ring", "Ringing", "Up"][self as usize]
    }
}

#[derive(Debug, Clone)]
pub(super) struct Channel {
    pub(super) name: String,
    pub(super) state: State,
    pub(super) caller: (String, String),
    pub(super) context: String,
    pub(super) exten: String,
    pub(super) priority: String,
    pub(super) application: (String, String),
    pub(super) unique_id: String,
    pub(super) linked_id: String,
    pub(super) variables: BTreeMap<String, String>,
    pub(super) born: Instant,
    /// The bridge that it is in; empty if it is in none.
    pub(super) bridge: String,
}

impl Channel {
    /// The channel as nearly every event shows it.
    pub(super) fn snapshot(&self, frame: Frame, prefix: &str) -> Frame {
        let known = |value: &str| match value {
            "" => "<unknown>".to_owned(),
            value => value.to_owned(),
        };
        let (number, name) = (known(&self.caller.0), known(&self.caller.1));
        [
            ("Channel", self.name.clone()),
            ("ChannelState", self.state.number().to_string()),
            ("ChannelStateDesc", self.state.words().to_owned()),
            ("CallerIDNum", number.clone()),
            ("CallerIDName", name.clone()),
            ("ConnectedLineNum", number),
            ("ConnectedLineName", name),
            ("Language", "en".to_owned()),
            ("AccountCode", String::new()),
            ("Context", self.context.clone()),
            ("Exten", self.exten.clone()),
            ("Priority", self.priority.clone()),
            ("Uniqueid", self.unique_id.clone()),
            ("Linkedid", self.linked_id.clone()),
        ]
        .into_iter()
        .fold(frame, |frame, (header, value)| frame.line(&format!("{prefix}{header}"), value))
    }

    /// By its name or its unique id.
    pub(super) fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name) || self.unique_id == name
    }

    pub(super) fn event(&self, name: &'static str) -> News {
        self.event_with(name, |frame| frame)
    }

    pub(super) fn event_with(&self, name: &'static str, more: impl FnOnce(Frame) -> Frame) -> News {
        News::new("call", name, |frame| more(self.snapshot(frame, "")))
    }

    /// It takes the step of the dialplan that it is at; which application that is, nobody knows.
    pub(super) fn step(&self) -> News {
        News::new("dialplan", "Newexten", |frame| {
            self.snapshot(frame, "")
                .line("Extension", &self.exten)
                .lines(&[("Application", "NoOp"), ("AppData", "")])
        })
    }

    /// A dial by Asterisk itself: only its far end is there to see.
    pub(super) fn dial(&self, name: &'static str, header: &str, value: &str) -> News {
        News::new("call", name, |frame| self.snapshot(frame, "Dest").line(header, value))
    }

    pub(super) fn hangup(&self, cause: u16) -> News {
        self.event_with("Hangup", |frame| {
            frame.line("Cause", cause).line("Cause-txt", cause_text(cause))
        })
    }

    pub(super) fn function(&self, name: &str) -> String {
        match name {
            "CALLERID(num)" => self.caller.0.clone(),
            "CALLERID(name)" => self.caller.1.clone(),
            "CHANNEL" | "CHANNEL(name)" => self.name.clone(),
            "CHANNEL(state)" => self.state.words().to_owned(),
            "UNIQUEID" | "CHANNEL(uniqueid)" => self.unique_id.clone(),
            "CHANNEL(linkedid)" => self.linked_id.clone(),
            _ => self.variables.get(name).cloned().unwrap_or_default(),
        }
    }
}

fn cause_text(cause: u16) -> &'static str {
    match cause {
        16 => "Normal Clearing",
        17 => "User busy",
        19 => "User alerting, no answer",
        21 => "Call Rejected",
        34 => "Circuit/channel congestion",
        _ => "Unknown",
    }
}

/// `Name <number>`, with the name in quotes or not.
pub(super) fn caller_id(text: &str) -> (String, String) {
    match text.split_once('<') {
        Some((name, number)) => (
            number.trim_end_matches(['>', ' ']).to_owned(),
            name.trim().trim_matches('"').to_owned(),
        ),
        None => (text.trim().to_owned(), String::new()),
    }
}
