//! No secret of an ARI client in any log line at any level, in any `Debug` or in any error. In a
//! process of its own, because it is the process's logger that listens.

#![cfg(feature = "ari")]
#![allow(clippy::unwrap_used, clippy::pedantic, reason = "a panic is how a test fails")]

mod common;

use asterisk_sync::ari::resources::channel::{self, OriginateParams};
use asterisk_sync::ari::{AriClient, AriConfig};
use asterisk_sync::testing::AriReply;
use common::ari::{APP, next_message, servers_with};
use common::logged;
use serde_json::json;

/// What must be nowhere. Made of nothing that could be there by itself.
const SECRET: &str = "hunter2-7e5b";
/// The same as the header has it, behind the user.
const CODED: &str = "aHVudGVyMi03ZTVi";
/// Another one, for values in requests, answers and events.
const TOKEN: &str = "zq81-tangerine";

fn settings(
    builder: asterisk_sync::testing::FakeAriBuilder,
) -> asterisk_sync::testing::FakeAriBuilder {
    // So long that the password is coded for itself.
    builder.credentials("abcde", SECRET)
}

#[test]
fn nothing_shows_the_password_or_what_is_said() {
    logged::listen(log::LevelFilter::Trace);
    servers_with(settings, |fake| {
        for kind in
            [asterisk_sync::ari::TransportKind::Http, asterisk_sync::ari::TransportKind::WebSocket]
        {
            let config: AriConfig = fake.config(APP).transport(kind);
            let mut shown = vec![format!("{config:?} {config:#?}")];
            let ari = AriClient::connect(config).unwrap();
            shown.push(format!("{ari:?} {ari:#?} {:?}", ari.channel("1")));
            let events = ari.subscribe();
            let params =
                OriginateParams::to("PJSIP/bob").variables([("PIN".to_owned(), TOKEN.to_owned())]);
            channel::originate(&ari, &params).unwrap();
            fake.push("ChannelVarset", APP, json!({ "variable": "PIN", "value": TOKEN }));
            next_message(&events);
            fake.hang_up(APP);
            next_message(&events);
            fake.expect("GET", "asterisk/ping", AriReply::new(200, "", format!("{{{TOKEN}")));
            ari.wait_for_state(asterisk_sync::ConnectionState::Connected, common::LONG).unwrap();
            let e = asterisk_sync::ari::resources::asterisk::ping(&ari);
            shown.push(format!("{e:?}"));
            fake.on("GET", "events", |_| AriReply::error(401, "Authentication required"));
            fake.hang_up(APP);
            assert_eq!(events.recv_timeout(common::LONG).unwrap(), None);
            shown.push(format!("{:?}", AriClient::connect(fake.config(APP)).unwrap_err()));
            for text in shown {
                assert!(!text.contains(SECRET) && !text.contains(TOKEN), "{text}");
            }
            fake.forget("GET", "events");
        }
    });
    let lines = logged::lines();
    assert!(lines.iter().any(|line| line.contains("asterisk_sync::ari")), "nobody listens");
    // The HTTP library prints what goes through it, cut into rows; the credentials do not.
    let (dump, lines): (Vec<_>, Vec<_>) =
        lines.iter().partition(|line| line.starts_with("TRACE ureq_proto"));
    let dump: String = dump.iter().filter_map(|line| line.split("  ").last()).collect();
    assert!(
        dump.contains("originate") || dump.contains("PJSIP/bob"),
        "it is not read right: {dump}"
    );
    assert!(!dump.contains(SECRET) && !dump.contains(CODED), "{dump}");
    for line in lines {
        for secret in [SECRET, CODED, TOKEN] {
            assert!(!line.contains(secret), "{line}");
        }
    }
}
