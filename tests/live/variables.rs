//! Variables: what goes in comes out.

use asterisk_sync::Error;
use asterisk_sync::ami::action::{GetVarAction, SetVarAction, StatusAction};
use asterisk_sync::ami::event::{Newstate, TypedEvent, VarSet};

use crate::support::{Call, Global, Scratch, await_event, client, variable_of};

/// What is hard to send in a line of text.
const HARD: [(&str, &str); 10] = [
    ("BLANKS", "a value  with blanks  "),
    ("QUOTES", r#"she said "so", and 'so'"#),
    ("BACKSLASHES", r"C:\dir\new \\ \"),
    ("MIXED", r#"\"\\",'a\b'"#),
    ("UTF8", "Grüße aus Łódź, 世界 🙂"),
    ("COMMAS", "a,b,,c=d,"),
    ("BRACKETS", "(a,[b},{c)"),
    ("EXPRESSION", "$[1 + 1]; 50%|pipe & more: yes"),
    ("EQUALS", "=a==b="),
    ("EMPTY", ""),
];

#[test]
fn variables_of_a_new_call_arrive_byte_for_byte() {
    let ami = client();
    let call = Call::new(&ami);
    let action = HARD
        .iter()
        .fold(call.action("answer"), |action, (name, value)| action.variable(name, value));
    ami.send_action(&action).unwrap();
    for (name, value) in HARD {
        assert_eq!(call.variable(name), value, "{name}");
    }
}

#[test]
fn variables_set_on_a_channel_come_back_byte_for_byte() {
    let ami = client();
    let call = Call::to(&ami, "answer");
    for (name, value) in HARD {
        ami.send_action(&SetVarAction::new(name, value).channel(&call.id)).unwrap();
        let answer = ami.send_action(&GetVarAction::new(name).channel(&call.id)).unwrap();
        assert_eq!((answer.variable(), answer.value()), (name, value));
    }
}

#[test]
fn global_variables_come_back_byte_for_byte() {
    let ami = client();
    let global = Global::new(&ami);
    for (name, value) in HARD {
        ami.send_action(&SetVarAction::new(&global.name, value)).unwrap();
        let answer = ami.send_action(&GetVarAction::new(&global.name)).unwrap();
        assert_eq!(answer.value(), value, "{name}");
    }
}

#[test]
fn variables_reach_both_halves_of_a_local_channel() {
    let ami = client();
    let call = Call::new(&ami);
    let action = call
        .action("answer")
        .variable("PLAIN", "stays")
        .variable("_ONCE", "one, \"step\"")
        .variable("__ALWAYS", r"all \ the way");
    ami.send_action(&action).unwrap();
    for half in [&call.id, &call.other] {
        assert_eq!(variable_of(&ami, half, "PLAIN"), "stays");
        assert_eq!(variable_of(&ami, half, "ONCE"), "one, \"step\"");
        assert_eq!(variable_of(&ami, half, "ALWAYS"), r"all \ the way");
    }
}

#[test]
fn a_variable_that_does_not_exist_is_empty_and_a_channel_that_does_not_exist_is_refused() {
    let ami = client();
    let call = Call::to(&ami, "answer");
    assert_eq!(call.variable("NO_SUCH_VARIABLE"), "");
    let error =
        ami.send_action(&GetVarAction::new("X").channel("Local/nobody@test-1;1")).unwrap_err();
    assert!(
        matches!(&error, Error::Refused { message, .. } if &**message == "No such channel"),
        "{error:?}"
    );
    assert!(ami.send_action(&SetVarAction::new("X", "y").channel("nobody")).is_err());
}

#[test]
fn functions_are_read_and_written_like_variables() {
    let ami = client();
    let call = Call::to(&ami, "answer");
    ami.send_action(&SetVarAction::new("CALLERID(name)", "Jürgen").channel(&call.id)).unwrap();
    assert_eq!(call.variable("CALLERID(name)"), "Jürgen");
    assert_eq!(call.variable("CHANNEL(state)"), "Up");
    assert_eq!(call.variable("LEN(four)"), "4");
}

#[test]
fn the_event_of_a_variable_has_the_value_that_was_set() {
    let ami = client();
    let call = Call::to(&ami, "answer");
    let sets = ami.subscribe_to::<VarSet>();
    for (name, value) in HARD {
        ami.send_action(&SetVarAction::new(name, value).channel(&call.id)).unwrap();
        let event = await_event(&sets, |set| {
            set.channel().unique_id() == call.id && set.variable() == name
        });
        assert_eq!(event.value(), value, "{name}");
    }
}

#[test]
fn a_value_with_line_breaks_is_whole_in_its_event() {
    let ami = client();
    // "one\ntwo\r\n\r\nEvent: Hangup\t\\n", which nobody can send in a line.
    let data = "LIVE_LINES=${BASE64_DECODE(b25lCnR3bw0KDQpFdmVudDogSGFuZ3VwCVxu)}";
    let place = Scratch::new(&ami, &[("Answer", ""), ("Set", data), ("Wait", "60")]);
    let sets = ami.subscribe_to::<VarSet>();
    let call = Call::new(&ami);
    ami.send_action(&call.action_at(&place.place())).unwrap();
    let event = await_event(&sets, |set| {
        set.variable() == "LIVE_LINES" && set.channel().unique_id() == call.other
    });
    assert_eq!(event.value(), "one\ntwo\r\n\r\nEvent: Hangup\t\\n");
}

#[test]
fn a_value_with_line_breaks_breaks_nothing_but_itself() {
    let ami = client();
    let global = Global::new(&ami);
    // "one\ntwo", which the answer to Getvar has as it is; and one with an empty line in it.
    for (base64, expected) in
        [("b25lCnR3bw==", Some("one\ntwo")), ("b25lDQoNCkV2ZW50OiBMaWU=", None)]
    {
        let assignment = format!("GLOBAL({})=${{BASE64_DECODE({base64})}}", global.name);
        let place = Scratch::new(&ami, &[("Set", &assignment), ("Answer", ""), ("Wait", "60")]);
        let call = Call::new(&ami);
        ami.send_action(&call.action_at(&place.place())).unwrap();
        let answer = ami.send_action(&GetVarAction::new(&global.name)).unwrap();
        match expected {
            Some(value) => assert_eq!(answer.value(), value),
            None => assert_eq!(answer.value(), "one"),
        }
        assert_eq!(ami.ping().unwrap().ping(), "Pong");
        assert_eq!(call.variable("CHANNEL(state)"), "Up");
    }
}

#[test]
fn what_cannot_be_a_value_is_refused_before_it_is_sent() {
    let ami = client();
    let call = Call::to(&ami, "answer");
    for value in [" leading", "\tleading", "two\nlines", "two\r\nlines", "nul\0"] {
        let set = SetVarAction::new("X", value).channel(&call.id);
        assert!(matches!(ami.send_action(&set), Err(Error::Invalid(_))), "{value:?}");
    }
    let many = (0..130).fold(call.action("answer"), |action, _| action.variable("A", "b"));
    assert!(matches!(ami.send_action(&many), Err(Error::Limit { limit: 128, .. })));
    assert_eq!(call.variable("X"), "");
}

#[test]
fn the_status_of_a_channel_lists_the_variables_asked_for() {
    let ami = client();
    let call = Call::new(&ami);
    let (name, value) = HARD[4];
    ami.send_action(&call.action("answer").variable(name, value).variable("B", "x=y")).unwrap();
    let ask = StatusAction::new().channel(call.name()).variables([name, "B", "CHANNEL(state)"]);
    let status = ami.list(&ask).unwrap();
    assert_eq!(status.len(), 1);
    let variables: Vec<_> = status[0].variables().collect();
    assert_eq!(variables, [(name, value), ("B", "x=y"), ("CHANNEL(state)", "Up")]);

    let all = ami.list(&StatusAction::new().channel(call.name()).all_variables(true)).unwrap();
    assert!(all[0].variables().any(|pair| pair == (name, value)));
}

#[test]
fn configured_channel_variables_stand_in_a_channels_events() {
    let ami = client();
    let states = ami.subscribe_to::<Newstate>();
    let note = r#"a "note", with = and \ in it: 世界"#;
    let call = Call::new(&ami);
    let action = call.action("answer").variable("CALLTAG", "tag-1").variable("CALLNOTE", note);
    ami.send_action(&action).unwrap();
    let event = await_event(&states, |it| it.channel().unique_id() == call.id);
    let channel = event.channel();
    let variables: Vec<_> = channel.variables().collect();
    assert!(
        variables.iter().any(|(n, v)| *n == "CALLTAG" && v == "tag-1"),
        "{:?}",
        event.message()
    );
    assert!(variables.iter().any(|(n, v)| *n == "CALLNOTE" && v == note), "{:?}", event.message());
    assert_eq!(event.linked_id(), Some(&*call.id));
}
