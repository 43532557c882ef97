//! Classes of events and privileges, filters, and what a session hears.

use crate::ami::Message;

/// A set of classes: one bit each, as in Asterisk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Classes(pub(super) u32);

const NAMES: [(&str, u32); 19] = [
    ("system", 0),
    ("call", 1),
    ("log", 2),
    ("verbose", 3),
    ("command", 4),
    ("agent", 5),
    ("user", 6),
    ("config", 7),
    ("dtmf", 8),
    ("reporting", 9),
    ("cdr", 10),
    ("dialplan", 11),
    ("originate", 12),
    ("agi", 13),
    ("cc", 15),
    ("aoc", 16),
    ("test", 17),
    ("security", 18),
    ("message", 30),
];

impl Classes {
    pub(super) const NONE: Self = Self(0);
    pub(super) const ALL: Self = Self(0x7fff_ffff);

    /// The classes of a `Privilege` header, or of a list of classes in `manager.conf`.
    ///
    /// All tokens but the last match what they are a prefix of: so does Asterisk.
    pub(super) fn named(classes: &str) -> Self {
        let (others, last) = classes.rsplit_once(',').unwrap_or(("", classes));
        let others = others.split(',').filter(|_| classes.contains(','));
        let is_meant =
            |name: &str| others.clone().any(|token| name.starts_with(token)) || name == last;
        if is_meant("all") {
            return Self::ALL;
        }
        let meant = NAMES.iter().filter(|(name, _)| is_meant(name));
        Self(meant.fold(0, |set, (_, bit)| set | 1 << bit))
    }

    /// The classes of an event by its `Privilege`; the `all` that stands behind every one says
    /// nothing.
    pub(super) fn of_event(privilege: &str) -> Self {
        let classes = privilege.split(',').filter(|class| *class != "all");
        Self(classes.map(|class| Self::named(class.trim()).0).fold(0, |set, bits| set | bits))
    }

    /// What an `EventMask` or the `Events` of a login asks for; `None` if it asks for nothing.
    pub(super) fn mask(mask: &str) -> Option<Self> {
        if mask.is_empty() {
            return None;
        }
        if mask.bytes().all(|b| b.is_ascii_digit()) {
            return Some(Self(mask.parse().unwrap_or(0) & Self::ALL.0));
        }
        let is = |words: &[&str]| words.iter().any(|word| mask.eq_ignore_ascii_case(word));
        Some(match () {
            () if is(&["on", "yes", "true", "y", "t"]) => Self::ALL,
            () if is(&["off", "no", "false", "n", "f"]) => Self::NONE,
            () => Self::named(mask),
        })
    }

    pub(super) fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    pub(super) fn overlaps(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    pub(super) fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

/// The class of an event that is pushed without a `Privilege`.
pub(super) fn usual_class(event: &str) -> &'static str {
    let begins = |prefixes: &[&str]| prefixes.iter().any(|prefix| event.starts_with(prefix));
    match event {
        "FullyBooted" | "Shutdown" | "Reload" | "PeerStatus" | "Registry" | "ContactStatus" => {
            "system"
        }
        "UserEvent" => "user",
        "Newexten" | "VarSet" => "dialplan",
        "Cdr" => "cdr",
        "RTCPSent" | "RTCPReceived" => "reporting",
        _ if begins(&["Queue", "Agent"]) => "agent",
        _ if begins(&["DTMF"]) => "dtmf",
        _ if begins(&["AGIExec", "AsyncAGI"]) => "agi",
        _ => "call",
    }
}

/// The filters of one session, as far as they are applied here: by the event's name.
#[derive(Debug, Default)]
pub(super) struct Filters {
    include: Vec<String>,
    exclude: Vec<String>,
}

impl Filters {
    /// Takes a `Filter` action, or says what Asterisk says.
    ///
    /// Filters by header or expression are accepted and let everything pass.
    pub(super) fn add(&mut self, request: &Message) -> Result<(), &'static str> {
        const BAD: &str =
            "Filter was formatted incorrectly.  Check the syntax of the filter given.";
        if !request.get("Operation").is_some_and(|o| o.eq_ignore_ascii_case("Add")) {
            return Err("Unknown operation");
        }
        let expression = request.get("Filter").unwrap_or("");
        let Some(criteria) = request.get("MatchCriteria").filter(|c| !c.is_empty()) else {
            return if expression.is_empty() { Err(BAD) } else { Ok(()) };
        };
        let (mut exclude, mut name, mut method, mut header) = (false, None, "none", false);
        for option in criteria.split(')').map(|o| o.trim_start_matches([',', ' '])) {
            match option.split_once('(') {
                None if option.is_empty() => {}
                Some(("action", "include")) => exclude = false,
                Some(("action", "exclude")) => exclude = true,
                Some(("name", event)) => name = Some(event),
                Some(("header", _)) => header = true,
                Some((
                    "method",
                    word @ ("regex" | "exact" | "starts_with" | "ends_with" | "contains" | "none"),
                )) => method = word,
                _ => return Err(BAD),
            }
        }
        if (method == "none") != expression.is_empty() {
            return Err(BAD);
        }
        match name {
            Some(event) if method == "none" && !header => {
                let list = if exclude { &mut self.exclude } else { &mut self.include };
                list.push(event.to_owned());
            }
            None if method == "none" && !header => return Err(BAD),
            _ => {}
        }
        Ok(())
    }

    pub(super) fn pass(&self, event: &str) -> bool {
        let among = |list: &[String]| list.iter().any(|name| name == event);
        (self.include.is_empty() || among(&self.include)) && !among(&self.exclude)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mask_means_what_it_means_to_asterisk() {
        assert_eq!(Classes::mask(""), None);
        assert_eq!(Classes::mask("On"), Some(Classes::ALL));
        assert_eq!(Classes::mask("off"), Some(Classes::NONE));
        assert_eq!(Classes::mask("1"), Some(Classes::named("system")));
        assert_eq!(Classes::mask("call,system"), Some(Classes(3)));
        assert_eq!(Classes::mask("bogus"), Some(Classes::NONE));
        // `c,` is call, command, config, cdr and cc.
        assert_eq!(Classes::mask("c,user").map(|m| m.0.count_ones()), Some(6));
    }

    #[test]
    fn an_event_needs_all_of_its_classes() {
        let mask = Classes::named("call,user");
        assert!(mask.contains(Classes::of_event("call,all")));
        assert!(mask.contains(Classes::of_event("call,user,all")));
        assert!(!mask.contains(Classes::of_event("call,reporting,all")));
        assert!(!Classes::NONE.contains(Classes::of_event("call,all")));
    }
}
