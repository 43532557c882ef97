//! What is removed twice: by somebody who does not know, or because the answer to the first request was
//! lost on the way.

use crate::common::LONG;
use crate::common::ari::{APP, everywhere, servers};
use asterisk_sync::ari::AriClient;
use asterisk_sync::ari::resources::{application, asterisk, device_state, mailbox, recording};
use asterisk_sync::testing::AriReply;
use asterisk_sync::{ConnectionState, Error, Result};
use serde_json::json;

type Remove = fn(&AriClient) -> Result<()>;

/// Everything that removes something, and what the server says where that is not there.
const ALL: [(&str, u16, Remove); 11] = [
    ("channels/x", 404, |ari| ari.channel("x").hangup(None)),
    ("bridges/x", 404, |ari| ari.bridge("x").destroy()),
    ("bridges/x/moh", 409, |ari| ari.bridge("x").stop_moh()),
    ("playbacks/x", 404, |ari| ari.playback("x").stop()),
    ("recordings/live/x", 404, |ari| ari.recording("x").cancel()),
    ("recordings/live/y", 409, |ari| ari.recording("y").cancel()),
    ("recordings/stored/x", 404, |ari| recording::delete_stored(ari, "x")),
    ("mailboxes/x", 404, |ari| mailbox::delete(ari, "x")),
    ("deviceStates/Stasis:x", 404, |ari| device_state::delete(ari, "Stasis:x")),
    ("asterisk/modules/x.so", 404, |ari| asterisk::unload_module(ari, "x.so")),
    ("asterisk/logging/x", 404, |ari| asterisk::remove_log_channel(ari, "x")),
];

#[test]
fn to_remove_what_is_not_there_is_a_success() {
    everywhere(|fake, ari| {
        let config = "asterisk/config/dynamic/res_pjsip/endpoint/x";
        let delete_config: Remove =
            |ari| asterisk::delete_config(ari, "res_pjsip", "endpoint", "x");
        for (path, status, remove) in ALL.into_iter().chain([(config, 404, delete_config)]) {
            fake.on("DELETE", path, move |_| AriReply::error(status, "not there"));
            remove(ari).unwrap_or_else(|e| panic!("{path}: {e}"));
            fake.on("DELETE", path, |_| AriReply::error(500, "in the way"));
            assert_eq!(remove(ari).unwrap_err().http_status(), Some(500), "{path}");
        }
    });
}

#[test]
fn a_removal_that_is_sent_again_after_it_was_carried_out_is_a_success() {
    servers(|fake| {
        // The connection is to be used again, however slow the machine.
        let ari = AriClient::connect(fake.config(APP).idle_timeout(LONG)).unwrap();
        for (path, status, remove) in ALL {
            asterisk::ping(&ari).unwrap();
            fake.expect("DELETE", path, AriReply::hang_up());
            fake.expect("DELETE", path, AriReply::error(status, "not there"));
            remove(&ari).unwrap_or_else(|e| panic!("{path}: {e}"));
            assert_eq!(fake.wait_for_requests("DELETE", path, 2, LONG).unwrap().len(), 2);
        }
    });
}

#[test]
fn to_unsubscribe_what_is_not_heard_of_is_a_success_and_costs_nothing_else() {
    everywhere(|fake, ari| {
        let path = "applications/demo/subscription";
        let sources = ["deviceState:a", "channel:gone", "deviceState:b"];
        let mut asked = 0;
        for status in [409, 422] {
            application::subscribe(ari, APP, &sources).unwrap();
            // As the server does it: one that it cannot find keeps it from all.
            fake.on("DELETE", path, move |request| {
                match request.text("eventSource").unwrap().contains("channel:gone") {
                    true => AriReply::error(status, "not there"),
                    false => AriReply::ok(json!({ "name": APP })),
                }
            });
            assert_eq!(application::unsubscribe(ari, APP, &sources).unwrap().name, APP);
            let all = fake.wait_for_requests("DELETE", path, asked + 4, LONG).unwrap();
            let each: Vec<_> = all[asked..].iter().filter_map(|r| r.text("eventSource")).collect();
            assert_eq!(each, [&*sources.join(","), sources[0], sources[1], sources[2]]);
            application::unsubscribe(ari, APP, &["channel:gone"]).unwrap();
            asked += 5;
            // And none of it is set again.
            let upgrades = ari.stats().reconnects;
            fake.hang_up(APP);
            fake.wait_for_upgrades(upgrades + 2, LONG).unwrap();
            ari.wait_for_state(ConnectionState::Connected, LONG).unwrap();
            assert_eq!(fake.sources(APP), Vec::<String>::new());
        }
        fake.on("DELETE", path, |_| AriReply::error(404, "no such application"));
        assert!(application::unsubscribe(ari, APP, &sources).unwrap_err().is_not_found());
    });
}

type Unset = fn(&AriClient, &str) -> Result<()>;

#[test]
fn a_variable_is_removed_by_a_value_that_is_not_there_and_a_function_is_not() {
    everywhere(|fake, ari| {
        let unset: [(&str, Unset); 2] = [
            ("asterisk/variable", asterisk::unset_variable),
            ("channels/x/variable", |ari, name| ari.channel("x").unset_variable(name)),
        ];
        for (path, unset) in unset {
            fake.on("POST", path, |_| AriReply::no_content());
            unset(ari, "NAME").unwrap();
            assert!(matches!(unset(ari, "DB(a/b)"), Err(Error::Invalid(_))), "{path}");
            unset(ari, "OTHER").unwrap();
            let seen = fake.wait_for_requests("POST", path, 2, LONG).unwrap();
            let names: Vec<_> = seen.iter().map(|it| it.text("variable").unwrap()).collect();
            assert_eq!(names, ["NAME", "OTHER"], "{path}");
            assert!(seen.iter().all(|request| request.param("value").is_none()), "{path}");
        }
    });
}
