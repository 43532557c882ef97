//! No secret in any log line at any level, in any `Debug` or in any error. In a process of its
//! own, because it is the process's logger that listens.

#![cfg(feature = "ami")]
#![allow(clippy::unwrap_used, clippy::pedantic, reason = "a panic is how a test fails")]

mod common;

use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use asterisk_sync::ami::action::*;
use asterisk_sync::ami::{AmiClient, AuthMethod};
use asterisk_sync::types::ConfigAction;
use asterisk_sync::{AuthError, Credentials, Error};
use common::{both, logged, next, next_gap, servers_with, settled};

/// What must be nowhere. Made of nothing that could be there by itself.
const SECRET: &str = "hunter2-7e5b";
/// Another one, for the same in events and answers.
const TOKEN: &str = "zq81-tangerine";

fn assert_nothing_logged() {
    let lines = logged::lines();
    let ours = lines.iter().filter(|line| line.contains("asterisk_sync")).count();
    assert!(ours > 0, "nobody listens");
    for line in lines.iter() {
        assert!(!line.contains(SECRET) && !line.contains(TOKEN), "{line}");
    }
}

/// Neither form of `Debug` has a secret, not even as a list of its bytes.
fn assert_hidden(what: &dyn Debug) {
    for shown in [format!("{what:?}"), format!("{what:#?}")] {
        for secret in [SECRET, TOKEN] {
            assert!(!shown.contains(secret), "{shown}");
            let bytes = format!("{:?}", &secret.as_bytes()[..6]);
            let bytes = bytes.trim_matches(['[', ']']);
            assert!(!shown.contains(bytes), "{shown}");
        }
    }
}

#[test]
fn through_logins_of_both_kinds_and_a_reconnect() {
    logged::listen(log::LevelFilter::Trace);
    servers_with(
        |settings| settings.credentials("admin", SECRET),
        |fake| {
            for auth in [AuthMethod::Md5, AuthMethod::Plain] {
                let settings = fake.client().auth(auth);
                assert_hidden(&settings);
                let ami = settled(settings);
                let events = ami.subscribe();
                fake.reset_sessions();
                assert_eq!(next_gap(&events), (0, true));
                assert_eq!(next(&events).event_name(), "FullyBooted");
                ami.ping().unwrap();
                assert_hidden(&ami);
                assert_hidden(&events);
                assert_hidden(&ami.stats());
                assert_hidden(&ami.start_action(&CommandAction::new("x")).unwrap());
            }
            assert_hidden(&fake);
            assert_hidden(&fake.requests());
            let logins = fake.requests();
            let logins: Vec<_> = logins.iter().filter(|r| r.name() == "Login").collect();
            // The key of an MD5 login is as good as the secret, once.
            for login in logins {
                if let Some(key) = login.get("Key") {
                    assert!(!format!("{login:?}").contains(key));
                } else {
                    assert_eq!(login.get("Secret"), Some(SECRET));
                }
            }
        },
    );
    assert_nothing_logged();
}

#[test]
fn through_a_login_that_is_refused() {
    logged::listen(log::LevelFilter::Trace);
    common::servers(|fake| {
        for auth in [AuthMethod::Md5, AuthMethod::Plain] {
            let refused = fake.client().auth(auth).credentials("admin", SECRET).connect();
            let e = refused.unwrap_err();
            assert!(matches!(e, Error::Auth(AuthError::Rejected(_))), "{e:?}");
            assert_hidden(&e);
            assert!(!e.to_string().contains(SECRET));
        }
        // One that cannot even be sent.
        let bad = format!("{SECRET}\r\nA: b");
        let e = fake.client().auth(AuthMethod::Plain).credentials("admin", bad).connect();
        let e = e.unwrap_err();
        assert_hidden(&e);
        assert!(!e.to_string().contains(SECRET), "{e}");
        let long = SECRET.repeat(200);
        let e = fake.client().auth(AuthMethod::Plain).credentials("admin", long).connect();
        let e = e.unwrap_err();
        assert!(matches!(e, Error::Limit { .. }), "{e:?}");
        assert_hidden(&e);
    });
    assert_nothing_logged();
}

#[test]
fn in_events_and_answers() {
    logged::listen(log::LevelFilter::Trace);
    both(|fake, ami| {
        let events = ami.subscribe();
        let headers = [
            "Password",
            "password",
            "PasswordDigest",
            "Md5Cred",
            "md5_cred",
            "Secret",
            "RemoteSecret",
            "OauthSecret",
            "RefreshToken",
            "NewPassword",
        ];
        let headers: Vec<_> = headers.iter().map(|name| (*name, TOKEN)).collect();
        for event in ["AuthDetail", "OutboundRegistrationDetail", "NobodyKnowsThis"] {
            fake.push(event, &headers);
            let event = next(&events);
            assert_hidden(&event);
            assert_hidden(event.message());
            assert_hidden(&event.detach());
            // It is hidden, not gone.
            assert_eq!(event.message().get("PasswordDigest"), Some(TOKEN));
        }
        let shown = [("UsingPassword", "1"), ("ObjectName", "alice")];
        fake.push("AuthDetail", &shown);
        let event = format!("{:?}", next(&events));
        assert!(event.contains(r#""UsingPassword": "1""#) && event.contains("alice"), "{event}");

        assert_config_hidden(fake, ami);
        fake.on("X", |request| request.error("no"));
        let refused = ami.send_action(&CustomAction::new("X").header("Secret", TOKEN));
        assert_hidden(&refused.unwrap_err());
    });
    assert_nothing_logged();
}

fn assert_config_hidden(fake: &asterisk_sync::testing::FakeAmi, ami: &AmiClient) {
    fake.on("GetConfig", |request| {
        let names =
            ["secret", "password", "md5secret", "dbpass", "vmsecret", "auth_token", "md5_cred"];
        let mut headers = vec![("Category-000000".to_owned(), "alice".to_owned())];
        for (n, name) in names.iter().enumerate() {
            headers.push((format!("Line-000000-{n:06}"), format!("{name}={TOKEN}")));
        }
        headers.push(("Line-000000-000099".to_owned(), "context=default".to_owned()));
        let headers: Vec<_> = headers.iter().map(|(n, v)| (&**n, &**v)).collect();
        request.success(&headers);
    });
    let config = ami.send_action(&GetConfigAction::new("pjsip.conf")).expect("an answer");
    assert_hidden(&config);
    assert_hidden(&config.categories());
    assert_eq!(config.categories()[0].lines[0], ("secret", TOKEN));
    let shown = format!("{config:?}");
    assert!(shown.contains("secret=<redacted>") && shown.contains("context=default"), "{shown}");
    let whole = format!("secret={TOKEN}");
    assert_eq!(config.message().get("Line-000000-000000"), Some(&*whole));

    fake.on("GetConfigJSON", |request| {
        request.success(&[("JSON", &format!(r#"{{"alice":{{"secret":"{TOKEN}"}}}}"#))]);
    });
    let config = ami.send_action(&GetConfigJSONAction::new("pjsip.conf")).expect("an answer");
    assert_hidden(&config);
    assert!(config.message().get("JSON").is_some_and(|json| json.contains(TOKEN)));
}

/// An action that looks at what it has written.
struct Curious(Mutex<String>);
impl Action for Curious {
    type Reply = asterisk_sync::ami::response::Response;
    fn name(&self) -> &'static str {
        "Curious"
    }
    fn write(&self, headers: &mut Headers) {
        headers.header("Secret", SECRET);
        *self.0.lock().expect("no panic") = format!("{headers:?}");
    }
}

#[test]
fn in_credentials_and_actions() {
    logged::listen(log::LevelFilter::Trace);
    let credentials = Credentials::new("admin", SECRET);
    assert_hidden(&credentials);
    assert_hidden(&Arc::new(Some(credentials.clone())));
    assert_hidden(&AmiClient::builder().host("pbx").credentials("admin", SECRET));
    for login in [
        LoginAction::new(credentials.clone()),
        LoginAction::new(credentials.clone()).challenge("123"),
    ] {
        assert_hidden(&login);
    }
    assert_hidden(&CustomAction::new("X").header("Secret", SECRET).header("Password", TOKEN));
    assert_hidden(&CustomAction::new("Login").header("Key", SECRET));
    let update = UpdateConfigAction::new("a.conf", "a.conf")
        .change(ConfigChange::append("alice", "secret", SECRET))
        .change(ConfigChange::append("alice", "password", TOKEN));
    assert_hidden(&update);
    assert!(format!("{update:?}").contains(ConfigAction::Append.as_str()));

    both(|_, ami| {
        let curious = Curious(Mutex::default());
        assert!(ami.send_action(&curious).unwrap_err().is_refused());
        let seen = curious.0.into_inner().unwrap();
        assert!(!seen.is_empty());
        let bytes = format!("{:?}", &SECRET.as_bytes()[..6]);
        assert!(!seen.contains(SECRET) && !seen.contains(bytes.trim_matches(['[', ']'])), "{seen}");
    });
    assert_nothing_logged();
}
