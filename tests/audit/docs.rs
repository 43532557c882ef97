//! What the running server documents: actions, events, and what each has.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use asterisk_sync::ami::AmiClient;
use asterisk_sync::ami::action::ListCommandsAction;

use crate::support::{client, setting};

/// Names, and under each the headers that are documented.
pub(crate) type Documented = BTreeMap<String, BTreeSet<String>>;

/// What a server says of itself.
pub(crate) struct Docs {
    /// Those of modules that are not loaded too.
    pub(crate) actions: Documented,
    pub(crate) events: Documented,
    /// The actions that the server has now.
    pub(crate) registered: BTreeSet<String>,
}

/// The console expands snapshots and references, but does not know the actions of modules that
/// are not loaded; the file knows all of them.
///
/// What keeps one test from reading it, every test says.
pub(crate) fn docs() -> &'static Docs {
    static DOCS: OnceLock<Docs> = OnceLock::new();
    DOCS.get_or_init(read)
}

fn read() -> Docs {
    let path = setting("ASTERISK_DOCS");
    let file = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{path}: {e}"));
    let (mut actions, events) = in_file(&file);
    let mut described = Documented::new();
    let ami = client();
    for event in &events {
        syntax(&ami, &format!("manager show event {event}"), "Event", &mut described);
    }
    let commands = ami.send_action(&ListCommandsAction::new()).expect("a list of actions");
    let registered: BTreeSet<_> = commands.commands().map(|it| it.name.to_owned()).collect();
    for action in &registered {
        let command = format!("manager show command {action}");
        // Events that are in no other place are shown with the action that they answer.
        syntax(&ami, &command, "Event", &mut described);
        syntax(&ami, &command, "Command", &mut actions);
    }
    for event in events {
        assert!(described.contains_key(&event), "{event} is in {path} and not on the console");
    }
    Docs { actions, events: described, registered }
}

/// Reads the parts of what the console shows that look so:
///
/// ```text
///   -= Info about Manager Event 'Hangup' =-
///
/// [Syntax]
/// Event: Hangup
/// Channel: <value>
/// [ActionID:] <value>
/// ```
fn syntax(ami: &AmiClient, command: &str, kind: &str, into: &mut Documented) {
    let shown = ami.command(command).expect("the console answers");
    let mut lines = shown.lines();
    let begin = format!("  -= Info about Manager {kind} '");
    while let Some(line) = lines.find(|line| line.starts_with(&begin)) {
        let (name, _) = line[begin.len()..].split_once('\'').expect("a name in quotes");
        let headers = into.entry(name.to_owned()).or_default();
        assert!(lines.any(|line| line == "[Syntax]"), "{command} shows how {name} is written");
        // The first line is the name again, or `Not available`.
        for line in lines.by_ref().take_while(|line| !line.is_empty()).skip(1) {
            let (header, _) = line.split_once(':').unwrap_or_else(|| panic!("{command}: {line}"));
            headers.insert(header.trim_start_matches('[').to_owned());
        }
    }
}

/// The actions of the file with their parameters, and the names of the events.
fn in_file(xml: &str) -> (Documented, BTreeSet<String>) {
    let (mut actions, mut events) = (Documented::new(), BTreeSet::new());
    let mut action: Option<String> = None;
    // An event that is described with an action has a syntax of its own.
    let (mut is_syntax, mut is_event) = (false, false);
    for tag in xml.split('<').skip(1) {
        let tag = tag.split('>').next().unwrap_or_default();
        let name = tag.split(|c: char| c.is_whitespace()).next().unwrap_or_default();
        let name = name.strip_suffix('/').unwrap_or(name);
        match name {
            "manager" => {
                let name = attribute(tag, "name").expect("an action has a name");
                actions.entry(name.clone()).or_default();
                action = Some(name);
            }
            "/manager" => action = None,
            "/managerEvent" => is_event = false,
            "managerEvent" => {
                is_event = true;
                events.insert(attribute(tag, "name").expect("an event has a name"));
            }
            "syntax" | "/syntax" => is_syntax = name == "syntax" && !is_event,
            "parameter" | "xi:include" if is_syntax => {
                let named = if name == "parameter" {
                    attribute(tag, "name")
                } else {
                    // Of what is taken over from elsewhere, only the whole of a parameter is one.
                    attribute(tag, "xpointer").and_then(|pointer| {
                        let (_, rest) = pointer.split_once("/syntax/parameter[@name='")?;
                        Some(rest.strip_suffix("'])")?.to_owned())
                    })
                };
                if let (Some(action), Some(named)) = (&action, named) {
                    actions.get_mut(action).expect("it is there").insert(named);
                }
            }
            _ => {}
        }
    }
    (actions, events)
}

pub(crate) fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    Some(rest.split('"').next()?.to_owned())
}

#[test]
fn the_documentation_is_read() {
    assert!(docs().actions.len() > 150 && docs().events.len() > 180, "all of it");
    assert!(docs().actions["IAXpeers"].contains("ActionID"), "of a module that is not loaded");
    assert!(docs().actions["Originate"].contains("EarlyMedia"));
    assert!(docs().events["DialBegin"].contains("DestCallerIDNum"), "snapshots are expanded");
    assert!(
        docs().events["BridgeInfoComplete"].contains("BridgeUniqueid"),
        "shown with its action"
    );
}
