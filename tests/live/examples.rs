//! Every example against the real server.

#[path = "../running/mod.rs"]
pub(crate) mod running;

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use crate::support::{Call, client};

/// What each has to say, or one of several where it is up to the other tests' calls.
const SAYS: &[(&str, &[&str])] = &[
    ("ari_server", &["served: 1"]),
    ("call_log", &["talked", " cause "]),
    ("config_file", &["steps", "[alice] phones", "  max_contacts = 3", "1 step"]),
    ("dialler", &["    2  answered", "    1  busy", "    1  congestion", "    1  no such"]),
    ("event_pool", &[": Newchannel", ": Hangup", " 0 panicked, 0 lost"]),
    ("fastagi", &["served: 1"]),
    ("ivr", &["ACCOUNT="]),
    ("originate", &["has answered", "over: Normal Clearing"]),
    ("pbx", &["connected with", "back again", "over: "]),
    ("stasis_app", &["has pressed 1", "served: 1"]),
    ("tour", &["Originate: ", "  ended     "]),
    ("wait_for", &["lunch is downstairs", "Coffee is ready", "no tea"]),
    ("wallboard", &["channels, ", "members are free", "\n+ |\n~ |\n- "]),
];

#[test]
fn every_example_runs_to_its_end_on_a_real_server() {
    let channels = ["answer", "busy", "congestion", "no-such-extension", "ring-answer"];
    let channels = channels.map(|name| format!("Local/{name}@test/n")).join(",");
    let ami = client();
    let (done, all_done) = mpsc::channel::<()>();
    // Some watch what goes on, so something has to.
    let calls = thread::spawn(move || {
        while all_done.recv_timeout(Duration::from_millis(500)).is_err() {
            drop(Call::to(&ami, "answer"));
        }
    });
    let mut seen = Vec::new();
    for name in running::examples() {
        // It would take the channels of the tests beside this one, which try the same.
        if name == "async_agi" {
            continue;
        }
        let printed = running::run(&name, |command| {
            command
                .env("TOUR_CHANNEL", "Local/answer@test/n")
                .env("EXAMPLE_CHANNEL", "Local/answer@test/n")
                .env("EXAMPLE_CHANNELS", &channels)
                .env("EXAMPLE_PHONE", "PJSIP/bob")
                .env("EXAMPLE_NUMBER", "dial-local")
                .env("EXAMPLE_CONTEXT", "test")
                .env("EXAMPLE_HOLD", "hold")
                .env("EXAMPLE_CALLER", "Local/dtmf@test")
                .env("ASTERISK_ARI_APP", "example-menu")
                .env("SECONDS", "20")
                .env("CHANGES", "5")
                .env("CALLS", "1");
        });
        let says = SAYS.iter().find(|(of, _)| *of == name).map_or(&[][..], |(_, says)| says);
        assert!(!says.is_empty(), "what has {name} to say?");
        for words in says {
            let says = words.split('|').any(|words| printed.contains(words));
            assert!(says, "{name} does not say {words:?}:\n{printed}");
        }
        seen.push(name);
    }
    done.send(()).expect("it still makes calls");
    calls.join().expect("every call is made");
    assert_eq!(seen.len(), SAYS.len(), "{seen:?}");
}
