//! Configuration files of the server, as wholes.

use std::path::PathBuf;

use asterisk_sync::Error;
use asterisk_sync::ami::AmiClient;
use asterisk_sync::ami::action::{CreateConfigAction, GetConfigAction, GetConfigJSONAction};
use asterisk_sync::ami::config_file::{NewCategory, Save};

use crate::support::{client, setting, unique};

/// A file in the server's folder, which is deleted at the end of the test.
struct Scratch {
    ami: AmiClient,
    name: String,
    path: PathBuf,
}

impl Scratch {
    fn new() -> Self {
        let (ami, name) = (client(), format!("{}.conf", unique("live")));
        // Beside the folder of the log is that of the configuration.
        let log = PathBuf::from(setting("ASTERISK_LOG"));
        let server = log.ancestors().nth(2).expect("a folder above the log's");
        let path = server.join("etc").join(&name);
        ami.send_action(&CreateConfigAction::new(&name)).expect("it is made");
        assert!(path.exists(), "{} is where the server keeps its files", path.display());
        Self { ami, name, path }
    }

    /// The same with this in it; the file stays the server's own.
    fn with(text: &str) -> Self {
        let scratch = Self::new();
        std::fs::write(&scratch.path, text).expect("the test may write the server's files");
        scratch
    }

    fn text(&self) -> String {
        std::fs::read_to_string(&self.path).expect("the file is there")
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

const PHONES: &str = "\
; phones of the house
[phones](!)
type = endpoint
allow = ulaw   ; the old one
allow = alaw

[alice](phones)
; her name
callerid = Alice <200>
member => PJSIP/alice   ; at her desk
member => PJSIP/mobile

; where she is
[alice]
type = aor
empty =
odd = a\\;b \"quoted, x\" 'y' äöü\\

[alice]
type = auth
password = hunter2
";

#[test]
fn a_file_is_what_it_was_said_to_be_after_it_is_saved_and_read_again() {
    let scratch = Scratch::with(PHONES);
    let mut file = scratch.ami.config_file(&scratch.name).expect("it is read");
    let alice = file.category("alice").expect("the first alice");
    assert_eq!((alice.inherited(), alice.own_lines().len()), (3, 3));
    let address = file.category_with("alice", "type", "aor").expect("the second alice");
    assert_eq!(address.get("odd"), Some("a;b \"quoted, x\" 'y' äöü\\"));

    let mut alice = file.category_with_mut("alice", "type", "endpoint").expect("the endpoint");
    alice.set("member", "PJSIP/sofa").expect("the last member");
    alice.set("allow", "g722; \"x\"").expect("a line of its own");
    let line = alice.inherited();
    alice.insert(line, "first", "[x] = \ty").expect("a line in front");
    let mut address = file.category_with_mut("alice", "type", "aor").expect("the address");
    address.set("empty", "no longer").expect("a value");
    address.append_object("contact", "sip:\"q\"; 'x', ß ü\\").expect("an object");
    address.append("gone", "1").expect("a line");
    address.append("gone", "2").expect("a line");
    assert_eq!(address.remove("gone").expect("both"), 2);
    file.category_with_mut("alice", "type", "auth").expect("the auth").rename("anna").expect("new");
    let mut soft =
        file.add(NewCategory::new("soft").template().inherit("phones")).expect("a template");
    soft.append("webrtc", "yes").expect("a line");
    let desk = NewCategory::new("desk ö").inherit("soft");
    file.add(desk).expect("made of it").append("x", "").expect("an empty line");
    let one_more = NewCategory::new("alice").allow_duplicate().line("type", "x");
    file.add(one_more.object_line("y", "z"))
        .expect("a namesake")
        .append("y", "zz")
        .expect("a line");
    let said = file.categories().to_vec();
    let steps = file.unsaved();
    assert_eq!(file.save(&scratch.ami, &Save::new()).expect("it is saved"), steps);
    assert_eq!(file.categories(), said);

    let json = GetConfigJSONAction::new(&scratch.name).filter("TEMPLATES=include");
    let json = scratch.ami.send_action(&json).expect("the same as JSON");
    assert_eq!(json.categories().expect("readable"), said);

    let text = scratch.text();
    for line in [
        "; phones of the house",
        "allow = ulaw   ; the old one",
        "; her name",
        "member => PJSIP/alice   ; at her desk",
        "member => PJSIP/sofa",
        "; where she is",
        "contact => sip:\"q\"\\; 'x', ß ü\\",
        "odd = a\\;b \"quoted, x\" 'y' äöü\\",
        "[soft](!,phones)",
        "[desk ö](soft)",
    ] {
        assert!(text.lines().any(|other| other == line), "no {line:?} in\n{text}");
    }
}

#[test]
fn more_steps_than_one_request_takes_are_all_carried_out() {
    let scratch = Scratch::with("[a]\n[b]\nx = 1\n");
    let mut file = scratch.ami.config_file(&scratch.name).expect("it is read");
    for i in 0..100 {
        let mut a = file.category_mut("a").expect("a");
        a.append(&format!("n{i}"), &i.to_string()).expect("a line");
    }
    file.category_mut("a").expect("a").remove_line(50).expect("gone");
    file.category_mut("b").expect("b").clear().expect("empty");
    let said = file.categories().to_vec();
    assert_eq!(file.save(&scratch.ami, &Save::new()).expect("it is saved"), 102);
    assert_eq!(file.categories(), said);
}

#[test]
fn what_a_template_loses_its_heirs_keep_unless_they_are_not_to() {
    for preserve in [true, false] {
        let scratch = Scratch::with(PHONES);
        let mut file = scratch.ami.config_file(&scratch.name).expect("it is read");
        let mut phones = file.category_mut("phones").expect("the template");
        assert_eq!(phones.remove("allow").expect("both"), 2);
        let how = Save::new().preserve_effective_context(preserve);
        file.save(&scratch.ami, &how).expect("it is saved");
        let alice = file.category("alice").expect("alice");
        assert_eq!((alice.get("allow").is_some(), alice.inherited()), (preserve, 1));
    }
}

#[test]
fn a_file_is_written_to_another_and_one_that_is_not_there_is_refused() {
    let (from, to) = (Scratch::with(PHONES), Scratch::new());
    let mut file = from.ami.config_file(&from.name).expect("it is read");
    let nowhere = file.save(&from.ami, &Save::new().to(unique("nowhere")));
    assert!(matches!(nowhere, Err(Error::Refused { .. })), "{nowhere:?}");
    let before = file.categories().to_vec();
    file.save(&from.ami, &Save::new().to(&to.name)).expect("it is copied");
    assert_eq!((file.filename(), file.categories()), (&*to.name, &*before));
    assert_eq!(from.text(), PHONES);
}

#[test]
fn a_part_of_a_file_is_picked_by_the_lines_it_has() {
    let scratch = Scratch::with(PHONES);
    let part = GetConfigAction::new(&scratch.name).category("alice").filter("type=^a");
    let answer = scratch.ami.send_action(&part).expect("a part");
    let types: Vec<_> = answer.categories().iter().map(|c| c.lines[0].1.to_owned()).collect();
    assert_eq!(types, ["aor", "auth"]);
}
