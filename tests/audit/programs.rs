//! Every event whose name stands in the server's programs where they write an event by hand is in the
//! tables: most of these are items and ends of lists, and few are documented. (Events that go through
//! the server's own helpers have their names among thousands of other words, so those that are neither
//! documented nor here show only when they are sent: to the exercise, or to a client as `Unknown`.)

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::support::setting;
use crate::tables::{events, fold};

/// What stands for the name in what the programs format.
const NAMES: &str = "Event: ";

/// What looks like one and never reaches anybody.
const NO_EVENTS: &[(&str, &str)] =
    &[("Placeholder", "keeps a place in the queue of events and is not sent")];

/// The server's program and its modules.
fn programs() -> Vec<PathBuf> {
    fn modules(folder: &Path, found: &mut Vec<PathBuf>) {
        let Ok(entries) = fs::read_dir(folder) else { return };
        for path in entries.map(|entry| entry.unwrap().path()) {
            if path.is_dir() && !path.is_symlink() {
                modules(&path, found);
            } else if path.extension().is_some_and(|it| it == "so") {
                found.push(path);
            }
        }
    }
    let root = PathBuf::from(setting("ASTERISK_ROOT"));
    let mut found = vec![root.join("usr/sbin/asterisk")];
    for libraries in fs::read_dir(root.join("usr/lib")).unwrap() {
        modules(&libraries.unwrap().path().join("asterisk/modules"), &mut found);
    }
    modules(&root.join("usr/lib/asterisk/modules"), &mut found);
    found
}

fn written(program: &[u8], into: &mut BTreeSet<String>) {
    let mark = NAMES.as_bytes();
    for (at, _) in program.windows(mark.len()).enumerate().filter(|(_, bytes)| *bytes == mark) {
        let rest = &program[at + mark.len()..];
        let end = rest.iter().position(|b| !b.is_ascii_alphanumeric() && !b"-_".contains(b));
        let name = String::from_utf8_lossy(&rest[..end.unwrap_or(rest.len())]);
        // A name that is filled in stands there as `%s`.
        if !name.is_empty() {
            into.insert(name.into_owned());
        }
    }
}

#[test]
fn every_event_that_the_programs_write_by_hand_has_a_type() {
    let mut names = BTreeSet::new();
    let programs = programs();
    assert!(programs.len() > 100, "these are not all modules: {programs:?}");
    for program in &programs {
        written(&fs::read(program).unwrap(), &mut names);
    }
    assert!(names.len() > 20, "{names:?}");
    let untyped: Vec<_> = names
        .iter()
        .filter(|name| !events().contains_key(&fold(name)))
        .filter(|name| !NO_EVENTS.iter().any(|(of, _)| of == name))
        .collect();
    assert!(untyped.is_empty(), "{untyped:?}");
    for (name, why) in NO_EVENTS {
        assert!(names.contains(*name), "{name} ({why}) is not written any more");
    }
}
