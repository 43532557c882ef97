//! What the tables of `src/ami` hold, read from their sources: so the library carries no list of
//! itself that only a test would need.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use crate::source::{Token, sources, texts};

/// Names of actions, events and headers are the same in whatever case they are written.
pub(crate) fn fold(name: &str) -> String {
    name.to_ascii_lowercase()
}

/// An event of the tables.
#[derive(Debug, Default)]
pub(crate) struct Event {
    /// The struct.
    pub(crate) name: String,
    /// The headers that have an accessor.
    pub(crate) headers: BTreeSet<String>,
    /// The headers that are named in code beside the table, counted ones without their numbers.
    pub(crate) by_hand: BTreeSet<String>,
}

/// An action of the tables. Some have several structs.
#[derive(Debug, Default)]
pub(crate) struct Action {
    pub(crate) names: Vec<String>,
    file: String,
    pub(crate) headers: BTreeSet<String>,
    pub(crate) by_hand: BTreeSet<String>,
    /// The structs that answer with a list.
    pub(crate) lists: Vec<String>,
    /// What each struct is answered with.
    pub(crate) replies: BTreeMap<String, String>,
}

impl Event {
    /// Whether something reads this header.
    pub(crate) fn has(&self, header: &str) -> bool {
        COMMON.contains(&fold(header).as_str())
            || self.headers.contains(&fold(header))
            || self.by_hand.contains(&without_number(header))
    }
}

impl Action {
    /// Whether something writes this header.
    pub(crate) fn has(&self, header: &str) -> bool {
        let plain = without_number(header);
        fold(header) == "actionid"
            || [fold(header), plain]
                .iter()
                .any(|it| self.headers.contains(it) || self.by_hand.contains(it))
    }
}

/// What every event can have. The last four are for those who debug the server.
const COMMON: &[&str] = &[
    "event",
    "privilege",
    "timestamp",
    "systemname",
    "actionid",
    "sequencenumber",
    "file",
    "line",
    "func",
];

/// `UnitAmount(0)` and `Action-000000` are counted up, and `{n}` is where a number goes.
fn without_number(header: &str) -> String {
    let mut folded = fold(header);
    while let (Some(from), Some(to)) = (folded.find('('), folded.find(')')) {
        folded.replace_range(from.min(to)..=to.max(from), "");
    }
    let folded = folded.strip_suffix("-000000").unwrap_or(&folded);
    let report = folded
        .strip_prefix("report")
        .and_then(|rest| rest.strip_prefix(|c: char| c == 'x' || c.is_ascii_digit()));
    report.unwrap_or(folded).to_owned()
}

/// A path such as `Charge/Currency/Name`, and its parts: that is how paths are documented.
fn with_parts(path: &str) -> impl Iterator<Item = String> {
    std::iter::once(path).chain(path.split('/')).map(without_number)
}

/// The events, by their names on the wire.
pub(crate) fn events() -> &'static BTreeMap<String, Event> {
    static EVENTS: OnceLock<BTreeMap<String, Event>> = OnceLock::new();
    EVENTS.get_or_init(read_events)
}

/// The actions, by their names on the wire.
pub(crate) fn actions() -> &'static BTreeMap<String, Action> {
    static ACTIONS: OnceLock<BTreeMap<String, Action>> = OnceLock::new();
    ACTIONS.get_or_init(read_actions)
}

/// The headers that typed answers read, by the names of their structs.
pub(crate) fn replies() -> &'static BTreeMap<String, BTreeSet<String>> {
    static REPLIES: OnceLock<BTreeMap<String, BTreeSet<String>>> = OnceLock::new();
    REPLIES.get_or_init(read_replies)
}

/// One line of a table: `name: kind = "Header"`.
struct Field<'a> {
    kind: &'a str,
    header: &'a str,
}

fn fields(tokens: &[Token]) -> Vec<Field<'_>> {
    let mut found = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let Some(header) = token.text() else { continue };
        assert!(tokens[at - 1].is('='), "{header:?} stands behind an equals sign");
        let from = tokens[..at].iter().rposition(|token| token.is(':')).expect("a kind");
        found.push(Field { kind: tokens[from + 1].word().expect("a kind is a word"), header });
    }
    found
}

/// The macros in a source with what they are given, and the rest.
pub(crate) fn macros(tokens: &[Token]) -> (Vec<(&str, &[Token])>, Vec<&Token>) {
    let (mut found, mut rest, mut at) = (Vec::new(), Vec::new(), 0);
    while at < tokens.len() {
        match &tokens[at..] {
            [Token::Word(name), bang, Token::Group('{', inside), ..] if bang.is('!') => {
                found.push((name.as_str(), inside.as_slice()));
                at += 3;
            }
            _ => {
                rest.push(&tokens[at]);
                at += 1;
            }
        }
    }
    (found, rest)
}

/// The literals of the code beside the tables, if some of it is about this struct.
fn by_hand(rest: &[&Token], name: &str) -> BTreeSet<String> {
    let is_about = rest.windows(2).any(|two| {
        ["impl", "for"].contains(&two[0].word().unwrap_or_default()) && two[1].word() == Some(name)
    });
    if !is_about {
        return BTreeSet::new();
    }
    let tokens: Vec<Token> = rest.iter().map(|token| (*token).clone()).collect();
    texts(&tokens).into_iter().flat_map(with_parts).collect()
}

/// What a view of a channel or a bridge reads, without its prefix.
fn view(name: &str) -> BTreeSet<String> {
    let sources = sources("ami/event");
    let (_, tokens) = sources.iter().find(|(file, _)| file == "view").expect("the views");
    let mut headers = BTreeSet::new();
    for at in 0..tokens.len() {
        let is_impl = tokens[at].word() == Some("impl");
        let Some(body) = tokens[at..].iter().position(|t| t.group('{').is_some()) else { break };
        let head = &tokens[at..at + body];
        if is_impl && head.iter().any(|t| t.word() == Some(name)) {
            let named = texts(tokens[at + body].group('{').unwrap());
            headers.extend(
                named.into_iter().filter(|t| t.chars().all(char::is_alphanumeric)).map(fold),
            );
        }
    }
    assert!(headers.len() > 5, "{name} reads {headers:?}");
    headers
}

fn read_events() -> BTreeMap<String, Event> {
    let (channel, bridge) = (view("ChannelView"), view("BridgeView"));
    let mut all = BTreeMap::new();
    for (_, tokens) in sources("ami/event") {
        let (macros, rest) = macros(&tokens);
        for (_, table) in macros.iter().filter(|(name, _)| *name == "events") {
            let shared = match table {
                [all, have, Token::Group('{', shared), ..]
                    if all.word() == Some("all") && have.word() == Some("have") =>
                {
                    shared.as_slice()
                }
                _ => &[],
            };
            for block in table.windows(6) {
                let [
                    Token::Word(name),
                    is,
                    Token::Text(wire),
                    since,
                    Token::Text(_),
                    Token::Group('{', own),
                ] = block
                else {
                    continue;
                };
                assert!(is.is('=') && since.word() == Some("since"), "{name} has a wire name");
                let mut headers = BTreeSet::new();
                for Field { kind, header } in [fields(shared), fields(own)].concat() {
                    let prefix = fold(header);
                    match kind {
                        "channel" | "raw_channel" => {
                            headers.extend(channel.iter().map(|it| format!("{prefix}{it}")));
                        }
                        "bridge" => headers.extend(bridge.iter().map(|it| format!("{prefix}{it}"))),
                        _ => headers.extend(with_parts(&prefix)),
                    }
                }
                let event = Event { name: name.clone(), headers, by_hand: by_hand(&rest, name) };
                assert!(all.insert(fold(wire), event).is_none(), "{wire} is there once");
            }
        }
    }
    all
}

fn read_actions() -> BTreeMap<String, Action> {
    let mut all: BTreeMap<String, Action> = BTreeMap::new();
    for (file, tokens) in sources("ami/action") {
        let (macros, rest) = macros(&tokens);
        let mut wire_names: BTreeMap<&str, &str> = BTreeMap::new();
        let mut by_name: BTreeMap<&str, (Vec<Field<'_>>, bool)> = BTreeMap::new();
        let mut replies: BTreeMap<&str, &str> = BTreeMap::new();
        for (kind, table) in &macros {
            match *kind {
                "actions" => blocks(table, &mut wire_names, &mut by_name, &mut replies),
                "shape" => {
                    let at = table.iter().position(|token| token.is('=')).expect("a wire name");
                    let name = table[at - 1].word().expect("a struct");
                    wire_names.insert(name, table[at + 1].text().expect("a wire name"));
                }
                "setters" => {
                    let name = table[0].word().expect("a struct");
                    let more = fields(table[1].group('{').expect("setters"));
                    by_name.entry(name).or_default().0.extend(more);
                }
                _ => {}
            }
        }
        for (name, wire, reply) in implementations(&rest) {
            wire_names.entry(name).or_insert(wire);
            replies.insert(name, reply);
        }
        for (name, wire) in wire_names {
            let (fields, is_list) = by_name.remove(name).unwrap_or_default();
            let action = all.entry(fold(wire)).or_default();
            action.names.push(name.to_owned());
            action.replies.insert(name.to_owned(), replies[name].to_owned());
            action.file.clone_from(&file);
            action.headers.extend(fields.iter().map(|field| fold(field.header)));
            action.by_hand.extend(by_hand(&rest, name));
            let by_hand = rest.windows(3).any(|three| {
                three[0].word() == Some("ListAction") && three[2].word() == Some(name)
            });
            if is_list || by_hand {
                action.lists.push(name.to_owned());
            }
        }
        // Parts of an action, such as a rate of charge: setters of no action of the file.
        for (fields, _) in by_name.into_values() {
            for action in all.values_mut().filter(|action| action.file == file) {
                if !action.by_hand.is_empty() {
                    action.headers.extend(fields.iter().map(|field| fold(field.header)));
                }
            }
        }
    }
    all
}

fn read_replies() -> BTreeMap<String, BTreeSet<String>> {
    let mut all = BTreeMap::new();
    for (_, tokens) in sources("ami/action") {
        for (_, table) in macros(&tokens).0.iter().filter(|(name, _)| *name == "responses") {
            for block in table.windows(2) {
                let [Token::Word(name), Token::Group('{', own)] = block else { continue };
                let headers = fields(own).iter().map(|field| fold(field.header)).collect();
                all.insert(name.clone(), headers);
            }
        }
    }
    all
}

/// `Name = "wire" (fields) -> Reply [list] where check { setters }`, one after the other.
fn blocks<'a>(
    table: &'a [Token],
    wire_names: &mut BTreeMap<&'a str, &'a str>,
    by_name: &mut BTreeMap<&'a str, (Vec<Field<'a>>, bool)>,
    replies: &mut BTreeMap<&'a str, &'a str>,
) {
    for at in 0..table.len().saturating_sub(3) {
        let [Token::Word(name), is, Token::Text(wire), Token::Group('(', needed)] =
            &table[at..at + 4]
        else {
            continue;
        };
        assert!(is.is('='), "{name} has a wire name");
        let behind = &table[at + 4..];
        let end = behind.iter().position(|token| token.group('{').is_some()).expect("setters");
        let is_list = behind[..end].iter().any(|token| token.group('[').is_some());
        let arrow = behind.iter().position(|token| token.is('>')).expect("an answer");
        replies.insert(name, behind[arrow + 1].word().expect("an answer has a type"));
        let mut found = fields(needed);
        found.extend(fields(behind[end].group('{').unwrap()));
        wire_names.insert(name, wire);
        by_name.insert(name, (found, is_list));
    }
}

/// The actions that are written out:
/// `impl Action for Name { type Reply = …; fn name(…) … { "wire" } … }`.
fn implementations<'a>(rest: &[&'a Token]) -> Vec<(&'a str, &'a str, &'a str)> {
    let mut found = Vec::new();
    for window in rest.windows(4) {
        let [action, of, name, Token::Group('{', body)] = window else { continue };
        if action.word() != Some("Action") || of.word() != Some("for") {
            continue;
        }
        let named = body.iter().position(|token| token.word() == Some("name")).expect("a name");
        let inside = body[named..].iter().find_map(|token| token.group('{')).expect("a body");
        let reply = body.iter().position(|token| token.word() == Some("Reply")).expect("a reply");
        let reply = body[reply + 2].word().expect("a reply has a type");
        if let [Token::Text(wire)] = inside {
            found.push((name.word().expect("a struct"), wire.as_str(), reply));
        }
    }
    found
}

impl Clone for Field<'_> {
    fn clone(&self) -> Self {
        Self { kind: self.kind, header: self.header }
    }
}

#[test]
fn the_tables_are_read() {
    let hangup = &events()["hangup"];
    assert_eq!(hangup.name, "Hangup");
    assert!(hangup.has("Cause-txt") && hangup.has("CallerIDNum") && hangup.has("SystemName"));
    assert!(!hangup.has("DestCallerIDNum") && !hangup.has("Cause-Nothing"));
    assert!(events()["dialbegin"].has("DestUniqueid"));
    assert!(events()["aoc-d"].has("Charge/Units(0)/NumberOf"));
    let ends = events().values().filter(|event| event.has("EventList")).count();
    assert!(ends > 40, "what all events of a table share is read: {ends}");

    let hangup = &actions()["hangup"];
    assert_eq!(hangup.names, ["HangupAction", "HangupMatchingAction"]);
    assert_eq!(hangup.lists, ["HangupMatchingAction"]);
    assert!(hangup.has("cause") && !hangup.has("Nothing"));
    assert!(actions()["login"].has("Key") && actions()["originate"].has("Exten"));
    assert!(
        actions()["updateconfig"].has("Cat-000000") && actions()["aocmessage"].has("Granularity")
    );
    assert!(actions()["aocmessage"].has("UnitType(0)"));
}
