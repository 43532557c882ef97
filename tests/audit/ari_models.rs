//! The models and events of `src/ari` against what the running server documents of them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::ari_docs::models as documented;
use crate::source::{Token, sources, texts};
use crate::tables::macros;

/// Where the tables differ from the documentation: the model, the field or nothing, and why.
const EXCEPTIONS: &[(&str, &str, &str)] = &[
    ("Message", "", "what all have is in `MessageParts`"),
    ("Event", "", "what all have is in `MessageParts`"),
    ("EventType", "", "the elements of `events_allowed`, for which the documentation has no name"),
    ("Application", "events_allowed", "each is an `EventType`"),
    ("Application", "events_disallowed", "each is an `EventType`"),
    ("ContactInfo", "roundtrip_usec", "a text that is a number of microseconds"),
    ("Peer", "port", "a text that is a number"),
    ("AsteriskPing", "timestamp", "a text that is a time"),
    ("Channel", "state", "`Unknown` is what a number without a name is shown as"),
    ("RTPstat", "txmes", "sent, but not documented"),
    ("RTPstat", "rxmes", "sent, but not documented"),
    ("RTPstat", "remote_maxmes", "sent, but not documented"),
    ("RTPstat", "remote_minmes", "sent, but not documented"),
    ("RTPstat", "remote_normdevmes", "sent, but not documented"),
    ("RTPstat", "remote_stdevmes", "sent, but not documented"),
    ("RTPstat", "local_maxmes", "sent, but not documented"),
    ("RTPstat", "local_minmes", "sent, but not documented"),
    ("RTPstat", "local_normdevmes", "sent, but not documented"),
    ("RTPstat", "local_stdevmes", "sent, but not documented"),
];

/// What `MessageParts` has.
const ENVELOPE: &[(&str, &str)] = &[
    ("Event", "application"),
    ("Event", "timestamp"),
    ("Message", "asterisk_id"),
    ("Message", "type"),
];

/// A model or event of ours.
#[derive(Debug)]
struct Ours {
    name: String,
    is_event: bool,
    /// By their names on the wire, with their types: `Option<Duration as millis>`.
    fields: BTreeMap<String, String>,
}

/// All of ours, by the names they have in the documentation.
fn ours() -> BTreeMap<String, Ours> {
    let mut all = BTreeMap::new();
    for (folder, table) in [("ari/model", "models"), ("ari/event", "events")] {
        for (file, tokens) in sources(folder) {
            // Those two hold the macros themselves.
            let found =
                if ["mod", "macros"].contains(&&*file) { vec![] } else { macros(&tokens).0 };
            for (_, table) in found.iter().filter(|(name, _)| *name == table) {
                for block in table.split_inclusive(|token| token.group('{').is_some()) {
                    let (Token::Group(_, body), head) = block.split_last().unwrap() else {
                        panic!("{file}: nothing stands behind the last block")
                    };
                    let name = head[0].word().expect("a name").to_owned();
                    let wire = head.get(2).and_then(Token::text).unwrap_or(&name).to_owned();
                    let is_event = folder == "ari/event";
                    let one = Ours { name, is_event, fields: fields(body) };
                    assert!(all.insert(wire.clone(), one).is_none(), "{wire} is there once");
                }
            }
        }
    }
    all
}

/// `field: Type as unit = "wire",`
fn fields(body: &[Token]) -> BTreeMap<String, String> {
    let (mut all, mut rest) = (BTreeMap::new(), body);
    while let [Token::Word(field), colon, behind @ ..] = rest {
        assert!(colon.is(':'), "{field} has a type");
        let mut depth = 0;
        let end = behind.iter().position(|token| {
            depth += i32::from(token.is('<')) - i32::from(token.is('>'));
            depth == 0 && token.is(',')
        });
        let (kind, after) = behind.split_at(end.expect("a field ends with a comma"));
        let (kind, wire) = match kind {
            [kind @ .., is, Token::Text(wire)] if is.is('=') => (kind, wire),
            _ => (kind, field),
        };
        let mut text = String::new();
        for token in kind {
            match token {
                Token::Word(word) if word == "as" => text.push_str(" as "),
                Token::Word(word) => text.push_str(word),
                Token::Sign(sign) => text.push(*sign),
                other => panic!("{field}: {other:?}"),
            }
        }
        all.insert(wire.clone(), text);
        rest = &after[1..];
    }
    assert!(rest.is_empty(), "{rest:?}");
    all
}

/// The enums of `src/types` with all their spellings.
fn enums() -> BTreeMap<String, BTreeSet<String>> {
    let mut all = BTreeMap::new();
    for (_, tokens) in sources("types") {
        for (_, table) in macros(&tokens).0.iter().filter(|(name, _)| name.ends_with("_enums")) {
            for (at, token) in table.iter().enumerate() {
                let Some(body) = token.group('{') else { continue };
                // `Name {` or `Name(u32) {`.
                let name = table[..at].iter().rev().find_map(Token::word).expect("a name");
                all.insert(name.to_owned(), texts(body).into_iter().map(str::to_owned).collect());
            }
        }
    }
    all
}

/// Whether a documented type is read as this one.
fn fits(documented: &str, ours: &str, names: &BTreeMap<&str, &str>, words: &[&str]) -> bool {
    let is_word = || words.contains(&ours.trim_start_matches("types::"));
    let is_duration = || ours.starts_with("Duration as ");
    if let Some(inner) = documented.strip_prefix("List[").and_then(|it| it.strip_suffix(']')) {
        let ours = ours.strip_prefix("Vec<").and_then(|it| it.strip_suffix('>'));
        return ours.is_some_and(|ours| fits(inner, ours, names, words));
    }
    match documented {
        "string" => ours == "String" || is_word(),
        "int" => ["i64", "u64", "u32"].contains(&ours) || is_word() || is_duration(),
        "long" => ours == "i64",
        "double" => ours == "f64",
        "boolean" => ours == "bool",
        "Date" => ours == "Timestamp",
        "object" => ["BTreeMap<String,String>", "BTreeMap<String,Value>"].contains(&ours),
        model => names.get(model) == Some(&ours),
    }
}

/// `Option<X> as unit` is an `X as unit` that may be missing.
fn without_option(kind: &str) -> (String, bool) {
    match kind.strip_prefix("Option<").and_then(|rest| rest.rsplit_once('>')) {
        Some((inner, unit)) => (format!("{inner}{unit}"), true),
        None => (kind.to_owned(), false),
    }
}

#[test]
fn every_model_and_event_of_ari_is_as_the_server_documents_it() {
    let (ours, documented, enums) = (ours(), documented(), enums());
    let names: BTreeMap<&str, &str> =
        ours.iter().map(|(wire, it)| (wire.as_str(), it.name.as_str())).collect();
    let words: Vec<&str> = enums.keys().map(String::as_str).collect();
    let mut found = BTreeMap::new();
    for model in ours.keys().chain(documented.keys()) {
        let (Some(ours), Some(documented)) = (ours.get(model), documented.get(model)) else {
            found.insert((model.as_str(), ""), "is on one side only".to_owned());
            continue;
        };
        for field in ours.fields.keys().chain(documented.fields.keys()) {
            let mut differ = |what: String| found.insert((model.as_str(), field.as_str()), what);
            let (Some(kind), Some(told)) = (ours.fields.get(field), documented.fields.get(field))
            else {
                differ("is on one side only".to_owned());
                continue;
            };
            let (kind, is_option) = without_option(kind);
            if is_option == told.required {
                differ(format!("is required: {}", told.required));
            }
            if !fits(&told.kind, &kind, &names, &words) {
                differ(format!("is a {kind} here and documented as {}", told.kind));
            }
            let unknown = |value: &&String| {
                !enums.get(kind.trim_start_matches("types::")).is_some_and(|it| it.contains(*value))
            };
            let unknown: Vec<_> = told.values.iter().filter(unknown).collect();
            if !unknown.is_empty() {
                differ(format!("is a {kind}, which does not have {unknown:?}"));
            }
        }
    }
    let expected: BTreeSet<_> =
        EXCEPTIONS.iter().map(|(model, field, _)| (*model, *field)).collect();
    let mut report = String::new();
    for ((model, field), what) in &found {
        if !expected.contains(&(*model, *field)) {
            writeln!(report, "{model} {field}: {what}").unwrap();
        }
    }
    for (model, field, why) in EXCEPTIONS {
        if !found.contains_key(&(*model, *field)) {
            writeln!(report, "{model} {field} is no exception any more: {why}").unwrap();
        }
    }
    assert!(report.is_empty(), "\n{report}");
}

#[test]
fn every_event_of_ari_is_in_the_enum() {
    let ours = ours();
    let structs: BTreeSet<&str> =
        ours.values().filter(|it| it.is_event).map(|it| it.name.as_str()).collect();
    let documented: BTreeSet<&str> =
        documented()["Event"].kinds.iter().map(String::as_str).collect();
    assert_eq!(structs, documented);
    let (_, tokens) = sources("ari/event").into_iter().find(|(file, _)| file == "mod").unwrap();
    let (found, _) = macros(&tokens);
    let (_, list) = found.iter().find(|(name, _)| *name == "all_events").unwrap();
    let area = |at: usize| list.get(at + 1).is_some_and(|next| next.is(':'));
    let listed = list.iter().enumerate().filter(|(at, _)| !area(*at));
    let listed: BTreeSet<&str> = listed.filter_map(|(_, token)| token.word()).collect();
    assert_eq!(listed, documented);
}

#[test]
fn what_all_messages_of_ari_have_is_in_the_envelope() {
    let both = ["Event", "Message"].map(|base| (base, &documented()[base].fields));
    let told = both.iter().flat_map(|(base, fields)| fields.keys().map(|it| (*base, it.as_str())));
    assert_eq!(told.collect::<Vec<_>>(), ENVELOPE);
}
