//! Every example runs to its end against the fake server that it brings along.

use std::env;

use crate::running;

#[test]
fn every_example_runs_to_its_end_on_a_server_of_its_own() {
    let examples = running::examples();
    assert!(examples.len() >= 5, "the examples are where this looks for them: {examples:?}");
    for name in examples {
        // Nothing of a real server that whoever runs this may have configured.
        let printed = running::run(&name, |command| {
            for (setting, _) in env::vars() {
                if ["ASTERISK_", "EXAMPLE_", "TOUR_"].iter().any(|it| setting.starts_with(it)) {
                    command.env_remove(setting);
                }
            }
        });
        for words in expected(&name) {
            assert!(printed.contains(words), "{name} does not say {words:?}:\n{printed}");
        }
    }
}

#[test]
#[cfg(all(unix, feature = "agi"))]
fn a_signal_ends_a_server_and_the_calls_under_way_may_end() {
    use std::io::{BufRead, BufReader, Read};
    use std::process::{Command, Stdio};

    use asterisk_sync::testing::FakeAgiCaller;
    use asterisk_sync::types::AgiOutcome;

    crate::common::guarded(|| {
        let mut child = Command::new(running::program("fastagi"))
            .env("ASTERISK_AGI_BIND", "127.0.0.1:0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut printed = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        printed.read_line(&mut line).unwrap();
        let address = line.split("//").nth(1).and_then(|rest| rest.split('/').next()).unwrap();
        let caller = FakeAgiCaller::new("menu/sales").press("123456");
        let mut call = caller.dial(address).unwrap();
        call.run_to("ANSWER").unwrap();
        let told = Command::new("kill").args(["-TERM", &child.id().to_string()]).status();
        assert!(told.unwrap().success());
        line.clear();
        printed.read_line(&mut line).unwrap();
        assert_eq!(line, "no more calls; those under way may end\n");
        call.answer("ANSWER");
        let record = call.finish().unwrap();
        assert_eq!(
            (record.outcome(), record.variable("ACCOUNT")),
            (AgiOutcome::Success, Some("123456"))
        );
        let mut rest = String::new();
        printed.read_to_string(&mut rest).unwrap();
        assert!(rest.contains("served: 1") && rest.contains("closed: 0"), "{rest}");
        assert!(child.wait().unwrap().success());
    });
}

/// What shows that an example has done its job.
fn expected(name: &str) -> &'static [&'static str] {
    match name {
        "ari_server" => &["sound:hello-world is done", "served: 1"],
        "async_agi" => &["goes back to the dialplan", "served: 1"],
        "call_log" => &["ANSWERED", "BUSY", "NO ANSWER", "cause 17 (User busy)"],
        "config_file" => &["[alice] phones", "callerid = Alice <200>"],
        "dialler" => &["    3  answered", "    1  busy", "    1  congestion", "    1  no answer"],
        "event_pool" => &["call call-1: Newchannel", "call call-1: Hangup"],
        "fastagi" => &["ACCOUNT=Some(\"123456\")", "served: 1"],
        "ivr" => &["the caller typed 0501"],
        "originate" => &["has answered", "over: Normal Clearing"],
        "pbx" => &["connected with", "back again", "over: "],
        "stasis_app" => &["has pressed 3", "served: 1"],
        "tour" => &["member Alice"],
        "wait_for" => &["Coffee is ready", "no tea", "the connection was lost and is back"],
        "wallboard" => &["2 of 2 members are free", "+ caller 1 of sales", "~ Bob paused: true"],
        other => panic!("nobody knows what {other} has to say"),
    }
}
