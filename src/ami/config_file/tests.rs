use super::*;
use crate::ami::action::{Action, Headers};

fn category(name: &str, lines: &[(&str, &str)]) -> Category {
    let mut category = Category::new(name);
    category.lines = lines.iter().map(|&(name, value)| Line::new(name, value)).collect();
    category
}

/// A template, a category made of it, and two of one name.
fn file() -> ConfigFile {
    let mut template = category("phones", &[("type", "endpoint"), ("allow", "ulaw")]);
    template.is_template = true;
    let mut heir = category("alice", &[("type", "endpoint"), ("allow", "ulaw"), ("own", "1")]);
    heir.templates = vec!["phones".into()];
    heir.inherited = 2;
    let address = category("alice", &[("type", "aor"), ("contact", "a"), ("contact", "A")]);
    ConfigFile::of("test.conf", vec![template, heir, address])
}

fn wire(file: &ConfigFile) -> Vec<String> {
    let requests = file.requests(&Save::new()).unwrap();
    requests.iter().map(wire_of).collect()
}

fn wire_of(action: &impl Action) -> String {
    let mut headers = Headers::new(action.name(), None);
    action.write(&mut headers);
    String::from_utf8(headers.finish().unwrap()).unwrap()
}

#[test]
fn what_is_not_changed_takes_no_step() {
    let mut file = file();
    let mut alice = file.category_mut("alice").unwrap();
    alice.set("own", "1").unwrap();
    alice.set("allow", "ulaw").unwrap();
    assert_eq!(alice.remove("nothing").unwrap(), 0);
    assert_eq!(file.unsaved(), 0);
}

#[test]
fn a_templates_lines_are_overridden_and_never_changed_in_its_heir() {
    let mut file = file();
    let mut alice = file.category_mut("alice").unwrap();
    for refused in [
        alice.set_line(0, "x"),
        alice.remove_line(1),
        alice.insert(0, "a", "b"),
        alice.append("allow", "ulaw"),
        alice.remove("type").map(drop),
    ] {
        assert!(matches!(refused, Err(crate::Error::Invalid(_))), "{refused:?}");
    }
    alice.set("allow", "alaw").unwrap();
    assert_eq!(alice.get_all("allow").collect::<Vec<_>>(), ["ulaw", "alaw"]);
    assert_eq!(alice.get("allow"), Some("alaw"));
    // Back to what the template says: its own line goes.
    alice.set("allow", "ulaw").unwrap();
    assert_eq!(alice.own_lines().len(), 1);
    assert!(wire(&file)[0].contains("Options-000000: catfilter=\"^type$=^endpoint$\"\r\n"));
}

#[test]
fn a_template_that_others_are_made_of_is_neither_renamed_nor_deleted() {
    let mut file = file();
    assert!(file.category_mut("phones").unwrap().rename("desks").is_err());
    assert!(file.category_mut("phones").unwrap().delete().is_err());
    assert_eq!(file.unsaved(), 0);
}

#[test]
fn a_line_that_the_server_would_mistake_for_another_is_refused() {
    let mut file = file();
    let mut address = file.category_with_mut("alice", "type", "aor").unwrap();
    // It compares without regard to case and takes the first.
    assert!(address.set_line(2, "b").is_err());
    address.set_line(1, "b").unwrap();
    address.set_line(2, "c").unwrap();
    assert_eq!(address.get_all("contact").collect::<Vec<_>>(), ["b", "c"]);
}

#[test]
fn steps_are_split_so_that_no_request_has_more_than_128_headers() {
    let mut file = ConfigFile::of("test.conf", vec![category("a", &[])]);
    for i in 0..100 {
        file.category_mut("a").unwrap().append("line", &i.to_string()).unwrap();
    }
    let requests = wire(&file);
    assert!(requests.len() > 1);
    let mut next = 0;
    for request in requests {
        // The number of the action, which is not in it yet, and an empty line.
        assert!(request.lines().count() <= 128, "{request}");
        assert!(request.contains("\r\nAction-000000: Append\r\n"));
        for line in request.lines().filter(|line| line.starts_with("Value-")) {
            assert!(line.ends_with(&format!(": {next}")), "{line}");
            next += 1;
        }
    }
    assert_eq!(next, 100);
}

#[test]
fn a_module_is_told_to_reload_with_the_last_request_only() {
    let mut file = ConfigFile::of("test.conf", vec![category("a", &[])]);
    for i in 0..60 {
        file.category_mut("a").unwrap().append("line", &i.to_string()).unwrap();
    }
    let how = Save::new().reload_module("x.so").to("other.conf");
    let requests: Vec<String> = file.requests(&how).unwrap().iter().map(wire_of).collect();
    let last = requests.len() - 1;
    for (i, request) in requests.iter().enumerate() {
        assert_eq!(request.contains("\r\nReload: x.so\r\n"), i == last);
        // What the first has written, the next adds to.
        assert_eq!(request.contains("\r\nSrcFilename: other.conf\r\n"), i > 0);
    }
}

#[test]
fn a_template_with_heirs_is_not_changed_over_several_requests() {
    let mut file = file();
    file.category_mut("phones").unwrap().set("allow", "g722").unwrap();
    assert_eq!(file.requests(&Save::new()).unwrap().len(), 1);
    for i in 0..60 {
        let mut address = file.category_with_mut("alice", "type", "aor").unwrap();
        address.append("line", &i.to_string()).unwrap();
    }
    assert!(file.requests(&Save::new()).is_err());
}

#[test]
fn a_line_that_would_be_too_long_is_refused_when_it_is_made() {
    let mut file = file();
    let mut alice = file.category_mut("alice").unwrap();
    let long = alice.append("x", &"y".repeat(1010));
    assert!(matches!(long, Err(crate::Error::Limit { limit: 1022, .. })), "{long:?}");
    assert_eq!(file.unsaved(), 0);
}

#[test]
fn what_was_changed_can_be_taken_back() {
    let mut file = file();
    let before = file.categories().to_vec();
    file.category_mut("alice").unwrap().clear().unwrap();
    file.add(NewCategory::new("new").template().inherit("phones")).unwrap();
    assert_ne!(file.categories(), before);
    file.revert();
    assert_eq!((file.categories(), file.unsaved()), (&*before, 0));
}

#[test]
fn secret_settings_are_not_shown() {
    let mut file = ConfigFile::of("test.conf", vec![category("a", &[("secret", "hunter2")])]);
    file.category_mut("a").unwrap().set("password", "hunter3").unwrap();
    let shown = format!("{file:?}{:?}", file.requests(&Save::new()));
    assert!(!shown.contains("hunter"), "{shown}");
}
