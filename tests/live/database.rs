//! The server's database.

use asterisk_sync::Error;
use asterisk_sync::ami::AmiClient;
use asterisk_sync::ami::action::{
    DBDelAction, DBDelTreeAction, DBGetAction, DBGetTreeAction, DBPutAction,
};

use crate::support::{client, console, unique};

/// A family of its own, which is deleted at the end of the test.
struct Family {
    ami: AmiClient,
    name: String,
}

impl Family {
    fn new() -> Self {
        Self { ami: client(), name: unique("live") }
    }

    fn put(&self, key: &str, value: &str) {
        let answer = self.ami.send_action(&DBPutAction::new(&self.name, key, value));
        assert_eq!(answer.expect("it is written").text(), "Updated database successfully");
    }

    fn get(&self, key: &str) -> Option<String> {
        let found = self.ami.list(&DBGetAction::new(&self.name, key)).expect("a list, if empty");
        assert!(found.len() <= 1);
        let found = found.first()?;
        assert_eq!((found.family(), found.key()), (&*self.name, key));
        Some(found.val().to_owned())
    }

    fn tree(&self) -> Vec<(String, String)> {
        let items = self.ami.list(&DBGetTreeAction::new().family(&self.name)).expect("a tree");
        items.iter().map(|item| (item.key().to_owned(), item.val().to_owned())).collect()
    }
}

impl Drop for Family {
    fn drop(&mut self) {
        let _ = self.ami.send_action(&DBDelTreeAction::new(&self.name));
    }
}

#[test]
fn a_value_comes_back_as_it_went() {
    let family = Family::new();
    for (index, value) in [
        "plain",
        "with several blanks  inside and behind  ",
        r#""quoted" and 'quoted' \ back\\slash"#,
        "Grüße, 世界, 🙂",
        "commas, semicolons; pipes| and = signs: too",
        "${NOT} %expanded% $[1+1]",
        "",
        &"x".repeat(1000),
    ]
    .into_iter()
    .enumerate()
    {
        let key = format!("key{index}");
        family.put(&key, value);
        assert_eq!(family.get(&key).unwrap(), value);
    }
}

#[test]
fn writing_again_replaces_the_value() {
    let family = Family::new();
    family.put("key", "one");
    family.put("key", "two");
    assert_eq!(family.get("key").unwrap(), "two");
}

#[test]
fn a_tree_has_all_entries_of_its_family_and_no_other() {
    let family = Family::new();
    let mut expected = Vec::new();
    for index in 0..150 {
        let (key, value) =
            (format!("branch{}/leaf{index:03}", index % 3), format!("value {index}"));
        family.put(&key, &value);
        expected.push((format!("/{}/{key}", family.name), value));
    }
    expected.sort();
    let mut tree = family.tree();
    tree.sort();
    assert_eq!(tree, expected);
    let shown = console(&format!("database show {}", family.name));
    assert!(shown.trim_end().ends_with("150 results found."), "{shown}");

    let branch = DBGetTreeAction::new().family(&family.name).key("branch1");
    assert_eq!(family.ami.list(&branch).unwrap().len(), 50);
}

#[test]
fn deleting_takes_away_one_entry_or_a_branch_or_all() {
    let family = Family::new();
    for key in ["one", "two", "branch/three", "branch/four"] {
        family.put(key, "x");
    }
    let ami = &family.ami;
    ami.send_action(&DBDelAction::new(&family.name, "one")).unwrap();
    assert_eq!(family.get("one"), None);
    ami.send_action(&DBDelTreeAction::new(&family.name).key("branch")).unwrap();
    assert_eq!(family.tree(), [(format!("/{}/two", family.name), "x".to_owned())]);
    ami.send_action(&DBDelTreeAction::new(&family.name)).unwrap();
    assert_eq!(family.tree(), []);
}

#[test]
fn what_is_not_there_is_an_empty_list_or_refused_in_the_servers_words() {
    let family = Family::new();
    let ami = &family.ami;
    assert_eq!(family.get("nothing"), None);
    for (error, words) in [
        (
            ami.send_action(&DBDelAction::new(&family.name, "nothing")).unwrap_err(),
            "Database entry could not be deleted",
        ),
        (
            ami.send_action(&DBDelTreeAction::new(&family.name)).unwrap_err(),
            "Database entry not found",
        ),
    ] {
        let Error::Refused { message, .. } = &error else { panic!("{error:?}") };
        assert_eq!(&**message, words);
    }
}

#[test]
fn what_cannot_be_sent_is_refused_before_it_is() {
    let family = Family::new();
    for value in [" leading blank", "\tleading tab", "two\nlines", "two\r\nlines", "a\0b"] {
        let error = family.ami.send_action(&DBPutAction::new(&family.name, "key", value));
        assert!(matches!(error, Err(Error::Invalid(_))), "{value:?}");
    }
    let long = DBPutAction::new(&family.name, "key", "x".repeat(1018));
    assert!(matches!(family.ami.send_action(&long), Err(Error::Limit { limit: 1022, .. })));
    assert_eq!(family.get("key"), None);
    // A line of exactly the limit arrives whole.
    let longest = "x".repeat(1022 - "Val: ".len());
    family.put("key", &longest);
    assert_eq!(family.get("key").unwrap(), longest);
}
