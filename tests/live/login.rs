//! Who gets in, and what they may do.

use std::collections::BTreeSet;

use asterisk_sync::ami::action::{
    ChallengeAction, CommandAction, CoreStatusAction, CustomAction, DBPutAction, EventsAction,
    ListCommandsAction, LoginAction, LogoffAction, OriginateAction,
};
use asterisk_sync::ami::{AmiClient, AuthMethod, EventMask};
use asterisk_sync::types::AuthType;
use asterisk_sync::{AuthError, ConnectionState, Credentials, Error, ReconnectPolicy};

use crate::support::{
    PATIENCE, builder, client, console, over_tls, setting, user, with_credentials,
};

#[test]
fn a_client_logs_in_with_a_challenge_over_tcp() {
    let ami = builder().auth(AuthMethod::Md5).connect().unwrap();
    assert_eq!(ami.connection_state(), ConnectionState::Connected);
    assert_eq!(ami.ping().unwrap().ping(), "Pong");
}

#[test]
fn a_client_logs_in_with_its_secret_over_tcp() {
    let ami = builder().auth(AuthMethod::Plain).connect().unwrap();
    assert_eq!(ami.ping().unwrap().ping(), "Pong");
}

#[test]
fn a_client_logs_in_with_a_challenge_over_tls() {
    let ami = over_tls(builder()).auth(AuthMethod::Md5).connect().unwrap();
    assert_eq!(ami.ping().unwrap().ping(), "Pong");
}

#[test]
fn a_client_logs_in_with_its_secret_over_tls() {
    let ami = over_tls(builder()).auth(AuthMethod::Plain).connect().unwrap();
    assert_eq!(ami.ping().unwrap().ping(), "Pong");
}

#[test]
fn the_environment_is_enough_to_log_in() {
    let ami = AmiClient::from_env().unwrap();
    assert!(ami.banner().starts_with("Asterisk Call Manager/"), "{}", ami.banner());
}

#[test]
fn a_user_name_is_read_without_regard_to_case() {
    let name = setting("ASTERISK_AMI_USER").to_uppercase();
    let ami = with_credentials(&name, &setting("ASTERISK_AMI_SECRET")).connect().unwrap();
    assert_eq!(ami.ping().unwrap().ping(), "Pong");
}

#[test]
fn a_wrong_secret_is_rejected_in_the_servers_words_with_both_methods() {
    let name = setting("ASTERISK_AMI_USER");
    for (method, encrypted) in
        [(AuthMethod::Md5, false), (AuthMethod::Plain, false), (AuthMethod::Md5, true)]
    {
        let builder = with_credentials(&name, "wrong-secret").auth(method);
        let builder = if encrypted { over_tls(builder) } else { builder };
        let error = builder.connect().unwrap_err();
        let Error::Auth(AuthError::Rejected(words)) = &error else { panic!("{error:?}") };
        assert_eq!(&**words, "Authentication failed");
        assert!(!error.is_retryable() && error.is_refused() && !error.may_have_run());
        assert!(!format!("{error} {error:?}").contains("wrong-secret"));
    }
}

#[test]
fn an_unknown_user_is_rejected_in_the_same_words() {
    let error = with_credentials("nobody", "secret").connect().unwrap_err();
    assert!(
        matches!(&error, Error::Auth(AuthError::Rejected(words)) if &**words == "Authentication failed"),
        "{error:?}"
    );
}

#[test]
fn a_user_from_an_address_that_is_not_permitted_is_rejected() {
    let error = user("outsider").connect().unwrap_err();
    assert!(matches!(error, Error::Auth(AuthError::Rejected(_))), "{error:?}");
}

#[test]
fn the_same_challenge_is_given_until_it_is_used_and_is_a_number() {
    let ami = client();
    let ask =
        || ami.send_action(&ChallengeAction::new(AuthType::Md5)).unwrap().challenge().to_owned();
    let challenge = ask();
    assert!(challenge.parse::<u64>().is_ok(), "{challenge}");
    assert_eq!(ask(), challenge);
    let error = ami.send_action(&ChallengeAction::new(AuthType::from("SHA512"))).unwrap_err();
    assert!(error.is_refused(), "{error:?}");
}

#[test]
fn a_second_login_says_that_there_was_one() {
    let ami = client();
    let me = Credentials::new(setting("ASTERISK_AMI_USER"), setting("ASTERISK_AMI_SECRET"));
    let answer = ami.send_action(&LoginAction::new(me)).unwrap();
    assert_eq!(answer.text(), "Already authenticated");
}

#[test]
fn logging_off_gets_a_goodbye_and_ends_the_connection() {
    let ami = builder().reconnect(ReconnectPolicy::none()).connect().unwrap();
    let events = ami.subscribe();
    let answer = ami.send_action(&LogoffAction::new()).unwrap();
    assert_eq!((answer.response(), answer.text()), ("Goodbye", "Thanks for all the fish."));
    ami.wait_for_state(ConnectionState::Disconnected, PATIENCE).unwrap();
    assert!(matches!(ami.ping(), Err(Error::Closed)));
    assert_eq!(events.iter().filter(|event| event.event_name() == "Gap").count(), 0);
}

#[test]
fn disconnecting_ends_every_handle_and_subscription() {
    let ami = client();
    let (other, events) = (ami.clone(), ami.subscribe());
    ami.disconnect().unwrap();
    ami.disconnect().unwrap();
    assert_eq!(other.connection_state(), ConnectionState::Disconnected);
    assert!(matches!(other.ping(), Err(Error::Closed)));
    while events.recv().is_some() {}
}

#[test]
fn the_actions_a_user_may_take_are_those_the_console_lists() {
    let ami = client();
    let answer = ami.send_action(&ListCommandsAction::new()).unwrap();
    let listed: BTreeSet<String> = answer.commands().map(|it| it.name.to_owned()).collect();
    let shown = console("manager show commands");
    let shown: BTreeSet<String> = shown
        .lines()
        .skip_while(|line| !line.trim_start().starts_with("------"))
        .skip(1)
        .filter_map(|line| line.split_whitespace().next().map(str::to_owned))
        .collect();
    assert!(listed.len() > 100, "{listed:?}");
    // The console cuts long names.
    let missing: Vec<_> = shown
        .iter()
        .filter(|name| !listed.iter().any(|it| it.starts_with(name.as_str())))
        .collect();
    assert_eq!(missing, Vec::<&String>::new());
    assert_eq!(listed.len(), shown.len());
    let originate = answer.commands().find(|it| it.name == "Originate").unwrap();
    assert_eq!((originate.synopsis, originate.privileges), ("Originate a call.", "originate"));
    let ping = answer.commands().find(|it| it.name == "Ping").unwrap();
    assert_eq!(ping.privileges, "");
}

#[test]
fn what_a_user_may_not_do_is_refused_and_what_they_may_do_is_not() {
    let reader = user("reader").connect().unwrap();
    let commands = reader.send_action(&ListCommandsAction::new()).unwrap();
    assert!(commands.commands().all(|it| it.name != "Originate"));
    let originate = OriginateAction::to("Local/answer@test").application("Wait", "1");
    for error in [
        reader.send_action(&CommandAction::new("core show version")).unwrap_err(),
        reader.send_action(&originate).unwrap_err(),
        reader.send_action(&DBPutAction::new("live", "k", "v")).unwrap_err(),
        reader.command("core show version").unwrap_err(),
    ] {
        let Error::Refused { message, .. } = &error else { panic!("{error:?}") };
        assert_eq!(&**message, "Permission denied");
        assert!(!error.is_retryable() && !error.may_have_run());
    }
    reader.send_action(&CoreStatusAction::new()).unwrap();
}

#[test]
fn an_unknown_action_is_refused_by_its_name() {
    let error = client().send_action(&CustomAction::new("LiveBogus")).unwrap_err();
    let Error::Refused { action, message } = &error else { panic!("{error:?}") };
    assert_eq!(&**action, "LiveBogus");
    assert!(message.contains("Invalid/unknown command: LiveBogus"), "{message}");
}

#[test]
fn the_answer_to_a_mask_says_whether_there_will_be_events() {
    let ami = client();
    let ask = |mask| ami.send_action(&EventsAction::new(mask)).unwrap().events();
    assert_eq!(ask(EventMask::none()), Some(false));
    assert_eq!(ask(EventMask::all()), Some(true));
}
