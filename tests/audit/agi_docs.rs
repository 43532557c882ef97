//! What the running server documents of AGI: its commands, and what each is told.

use std::collections::BTreeMap;
use std::fs;

use crate::docs::attribute;
use crate::support::{console, setting};

/// Something that is said with a command.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Parameter {
    pub(crate) name: String,
    pub(crate) required: bool,
    /// The words that are allowed, where there are such.
    pub(crate) values: Vec<String>,
}

/// All commands, those of modules that are not loaded too, by their names in capitals, with their
/// parameters in the order in which they are said.
pub(crate) fn commands() -> BTreeMap<String, Vec<Parameter>> {
    let path = setting("ASTERISK_DOCS");
    let file = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{path}: {e}"));
    let commands = in_file(&file);
    assert!(commands.len() > 40, "{:?}", commands.keys());
    commands
}

fn in_file(xml: &str) -> BTreeMap<String, Vec<Parameter>> {
    let mut commands = BTreeMap::<_, Vec<Parameter>>::new();
    let (mut command, mut is_syntax): (Option<String>, bool) = (None, false);
    for tag in xml.split('<').skip(1) {
        let tag = tag.split('>').next().unwrap_or_default();
        let is_empty = tag.ends_with('/');
        let tag = tag.strip_suffix('/').unwrap_or(tag);
        let kind = tag.split(char::is_whitespace).next().unwrap_or_default();
        let named = || attribute(tag, "name").expect("it has a name");
        match (kind, &command) {
            ("agi", _) => {
                let name = named().to_uppercase();
                assert!(commands.insert(name.clone(), vec![]).is_none(), "{name} is there once");
                command = Some(name);
            }
            ("/agi", _) => command = None,
            (_, None) => {}
            ("syntax", _) => is_syntax = !is_empty,
            ("/syntax", _) => is_syntax = false,
            ("xi:include", Some(name)) if is_syntax => panic!("what {name} includes is not read"),
            ("parameter", Some(name)) if is_syntax => {
                let required = match attribute(tag, "required").as_deref() {
                    Some("true" | "yes") => true,
                    Some("false" | "no") | None => false,
                    Some(other) => panic!("{name}: {} is required: {other}", named()),
                };
                let parameter = Parameter { name: named(), required, values: vec![] };
                commands.get_mut(name).expect("it is there").push(parameter);
            }
            ("enum", Some(name)) if is_syntax => {
                let parameter = commands.get_mut(name).and_then(|it| it.last_mut());
                parameter.expect("it is a word for a parameter").values.push(named());
            }
            _ => {}
        }
    }
    commands
}

/// The commands that the server has now, by their names in capitals.
pub(crate) fn registered() -> Vec<String> {
    let listed = console("agi show commands");
    let names = listed.lines().filter_map(|line| {
        let (dead, rest) = line.trim_start().split_once(' ')?;
        // What it does stands behind some spaces; the words of a name have one between them.
        let (name, _) = rest.trim_start().split_once("  ")?;
        ["Yes", "No"].contains(&dead).then(|| name.to_uppercase())
    });
    let names: Vec<_> = names.collect();
    assert!(names.len() > 30, "{listed}");
    names
}

#[test]
fn the_commands_of_agi_are_read_in_their_order() {
    let parameter = |name: &str, required, values: &[&str]| Parameter {
        name: name.to_owned(),
        required,
        values: values.iter().map(|&value| value.to_owned()).collect(),
    };
    let xml = r#"<docs><agi name="b c" language="en_US"><synopsis>x</synopsis><syntax>
            <parameter name="d e" required="true"><enumlist><enum name="on" /></enumlist></parameter>
            <parameter name="s=f"><para>y</para></parameter>
        </syntax><description><enumlist><enum name="z"/></enumlist></description></agi>
        <application name="q"><syntax><parameter name="r"/></syntax></application>
        <agi name="a"><syntax /><parameter name="t"/></agi></docs>"#;
    let expected = vec![parameter("d e", true, &["on"]), parameter("s=f", false, &[])];
    assert_eq!(in_file(xml), BTreeMap::from([("A".into(), vec![]), ("B C".into(), expected)]));
}
