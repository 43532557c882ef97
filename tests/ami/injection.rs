//! What would be a second line, or be cut by the server, is refused before a byte is sent.

use crate::common::{both, servers};
use asterisk_sync::Error;
use asterisk_sync::ami::action::*;
use asterisk_sync::ami::{AmiClient, AuthMethod};
use asterisk_sync::testing::FakeAmi;
use asterisk_sync::types::FilterMethod;

/// What has no place in a line, and what would make one of its own.
const BAD: [&str; 6] = [
    "x\r\nAction: Originate",
    "x\nAction: Originate",
    "x\rAction: Originate",
    "x\r\n\r\nAction: Originate\r\n\r\n",
    "\r\n",
    "x\0y",
];

/// Sends an action with a bad argument in each way there is to send one.
fn refused<A: Action>(ami: &AmiClient, what: &str, make: impl Fn(&str) -> A) {
    for bad in BAD {
        let failures = [
            ami.send_action(&make(bad)).map(drop),
            ami.start_action(&make(bad)).map(drop),
            ami.send_collecting(&make(bad)).map(drop),
        ];
        for failed in failures {
            let failed = failed.expect_err(what);
            assert!(matches!(failed, Error::Invalid(_)), "{what} with {bad:?}: {failed:?}");
            assert!(!failed.may_have_run() && !failed.is_retryable());
            let shown = failed.to_string();
            assert!(!shown.contains(['\r', '\n', '\0']), "{what} with {bad:?}: {shown}");
        }
    }
}

/// Asserts that no action of the test arrived.
fn untouched(test: impl Fn(&FakeAmi, &AmiClient) + Send + Copy + 'static) {
    both(move |fake, ami| {
        let before = fake.requests().len();
        test(fake, ami);
        // What was sent before this would have arrived before this.
        ami.ping().expect("an answer");
        let names: Vec<_> = fake.requests()[before..].iter().map(|r| r.name().to_owned()).collect();
        assert_eq!(names, ["Ping"]);
        assert_eq!(ami.stats().in_flight, 0);
    });
}

#[test]
fn in_every_part_of_an_action_of_ones_own() {
    untouched(|_, ami| {
        refused(ami, "name", |bad| CustomAction::new(bad));
        refused(ami, "header", |bad| CustomAction::new("X").header(bad, "x"));
        refused(ami, "value", |bad| CustomAction::new("X").header("A", bad));
        refused(ami, "later value", |bad| {
            CustomAction::new("X").header("A", "x").header("B", "x").header("C", bad)
        });
        for name in ["", "A B", "A:B", "ActionID", "actionid", "Action"] {
            let failed = ami.send_action(&CustomAction::new("X").header(name, "x")).unwrap_err();
            assert!(matches!(failed, Error::Invalid(_)), "{name:?}: {failed:?}");
        }
    });
}

#[test]
fn in_what_an_action_of_ones_own_type_writes() {
    struct Raw(&'static str, String);
    impl Action for Raw {
        type Reply = asterisk_sync::ami::response::Response;
        fn name(&self) -> &'static str {
            "Raw"
        }
        fn write(&self, headers: &mut Headers) {
            headers.header(self.0, &self.1);
        }
    }
    untouched(|_, ami| {
        refused(ami, "value", |bad| Raw("A", bad.to_owned()));
        assert!(ami.send_action(&Raw("A\r\nB", String::new())).is_err());
    });
}

/// Every kind of setter there is in the tables, and every constructor made by hand.
#[test]
fn in_every_kind_of_argument() {
    untouched(|_, ami| {
        refused(ami, "command", |bad| CommandAction::new(bad));
        refused(ami, "Getvar", |bad| GetVarAction::new(bad));
        refused(ami, "Getvar channel", |bad| GetVarAction::new("X").channel(bad));
        refused(ami, "Setvar", |bad| SetVarAction::new("X", bad));
        refused(ami, "Hangup", |bad| HangupAction::new(bad));
        refused(ami, "DBPut key", |bad| DBPutAction::new("f", bad, "v"));
        refused(ami, "DBPut value", |bad| DBPutAction::new("f", "k", bad));
        refused(ami, "QueueAdd", |bad| QueueAddAction::new("q", bad));
        refused(ami, "UserEvent", |bad| UserEventAction::new(bad));
        refused(ami, "UserEvent header", |bad| UserEventAction::new("X").header(bad, "x"));
        refused(ami, "UserEvent value", |bad| UserEventAction::new("X").header("A", bad));
        let call = || OriginateAction::to("PJSIP/a");
        refused(ami, "channel", |bad| OriginateAction::to(bad).application("Wait", "1"));
        refused(ami, "application", |bad| call().application(bad, "1"));
        refused(ami, "data", |bad| call().application("Wait", bad));
        refused(ami, "context", |bad| call().extension(bad, "1", 1));
        refused(ami, "extension", |bad| call().extension("c", bad, 1));
        refused(ami, "priority", |bad| call().extension("c", "1", bad));
        let call = || call().application("Wait", "1");
        refused(ami, "caller id", |bad| call().caller_id(bad));
        refused(ami, "variable's name", |bad| call().variable(bad, "x"));
        refused(ami, "variable's value", |bad| call().variable("X", bad));
        refused(ami, "list", |bad| call().codecs(["alaw", bad]));
        refused(ami, "Login", |bad| LoginAction::new((bad, "secret")));
        refused(ami, "secret", |bad| LoginAction::new(("user", bad)));
        refused(ami, "filter", |bad| FilterAction::include(bad));
        refused(ami, "filter out", |bad| FilterAction::exclude(bad));
        let criteria = || FilterCriteria::include();
        refused(ami, "name", |bad| FilterAction::matching(criteria().name(bad)));
        refused(ami, "header", |bad| FilterAction::matching(criteria().header(bad)));
        refused(ami, "value", |bad| {
            FilterAction::matching(criteria().value(FilterMethod::Exact, bad))
        });
        let update = || UpdateConfigAction::new("a.conf", "a.conf");
        refused(ami, "file", |bad| UpdateConfigAction::new(bad, "a.conf"));
        refused(ami, "category", |bad| update().change(ConfigChange::new_category(bad)));
        refused(ami, "variable", |bad| update().change(ConfigChange::append("c", bad, "v")));
        refused(ami, "value", |bad| update().change(ConfigChange::append("c", "n", bad)));
    });
}

#[test]
fn what_asterisk_would_cut_is_refused() {
    untouched(|_, ami| {
        let long = "x".repeat(1_021);
        let failed = ami.send_action(&CustomAction::new("X").header("A", &*long)).unwrap_err();
        assert!(matches!(failed, Error::Limit { size: 1_024, limit: 1_022, .. }), "{failed:?}");
        let many = (0..127).fold(CustomAction::new("X"), |action, _| action.header("A", "x"));
        let failed = ami.send_action(&many).unwrap_err();
        assert!(matches!(failed, Error::Limit { size: 129, limit: 128, .. }), "{failed:?}");
    });
}

#[test]
fn in_credentials_and_filters_before_anybody_is_dialled() {
    servers(|fake| {
        for bad in BAD {
            for auth in [AuthMethod::Md5, AuthMethod::Plain] {
                let failed = fake.client().auth(auth).credentials(bad, "secret").connect();
                assert!(matches!(failed, Err(Error::Invalid(_))), "{bad:?}: {failed:?}");
            }
            let plain = fake.client().auth(AuthMethod::Plain).credentials("admin", bad).connect();
            assert!(matches!(plain, Err(Error::Invalid(_))), "{bad:?}: {plain:?}");
            let filter = fake.client().filter(FilterAction::include(bad)).connect();
            assert!(matches!(filter, Err(Error::Invalid(_))), "{bad:?}: {filter:?}");
        }
        assert_eq!((fake.connections(), fake.requests().len()), (0, 0));
    });
}

#[test]
fn what_only_looks_dangerous_arrives_as_it_is() {
    both(|fake, ami| {
        let data = "a,b|c;d=\"e\" \\r\\n \u{2028}\u{85} Action: Originate";
        let call = OriginateAction::to("PJSIP/a").application("NoOp", data).asynchronous(true);
        let request = fake.expect("Originate");
        let pending = ami.start_action(&call).unwrap();
        let request = request.wait().unwrap();
        assert_eq!(request.get("Data"), Some(data));
        request.success(&[]);
        pending.wait().unwrap();
    });
}
