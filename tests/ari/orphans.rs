//! What an earlier run of an application has left behind.

use crate::common::LONG;
use crate::common::ari::{APP, servers};
use asterisk_sync::ari::sweep_orphans;
use asterisk_sync::testing::{AriReply, FakeAri};
use serde_json::{Value, json};

fn channel(id: &str, app_name: &str, app_data: &str) -> Value {
    let mut channel = FakeAri::channel(id, &format!("PJSIP/{id}-1"));
    channel["dialplan"]["app_name"] = app_name.into();
    channel["dialplan"]["app_data"] = app_data.into();
    channel
}

/// Where a channel entered Stasis is told by it for ever; which application it is in now, by who hears
/// of it.
#[test]
fn calls_that_were_moved_belong_to_the_application_they_were_moved_to() {
    servers(|fake| {
        fake.on("GET", "applications", |_| {
            AriReply::ok(json!([
                { "name": APP, "channel_ids": ["stayed", "came"], "bridge_ids": ["room", "mixed"] },
                { "name": "other", "channel_ids": ["went"], "bridge_ids": [] },
            ]))
        });
        fake.on("GET", "channels", |_| {
            AriReply::ok(json!([
                channel("stayed", "Stasis", "demo,x"),
                channel("came", "Stasis", "other,x"),
                channel("went", "Stasis", "demo"),
                channel("named", "Playback", "demo"),
            ]))
        });
        fake.on("GET", "bridges", |_| {
            AriReply::ok(json!([
                { "id": "room", "channels": ["came", "stayed"] },
                { "id": "mixed", "channels": ["stayed", "went"] },
                { "id": "theirs", "channels": ["came"] },
            ]))
        });
        for kind in ["channels", "bridges"] {
            fake.on("DELETE", &format!("{kind}/*"), |_| AriReply::no_content());
        }
        let swept = sweep_orphans(&fake.config(APP)).unwrap();
        let mut ids: Vec<&str> = swept.channels.iter().map(|channel| &*channel.id).collect();
        ids.sort_unstable();
        assert_eq!(ids, ["came", "stayed"]);
        assert_eq!(swept.bridges.iter().map(|it| &*it.id).collect::<Vec<_>>(), ["room"]);
        let ended = fake.wait_for_requests("DELETE", "channels/*", 2, LONG).unwrap();
        assert_eq!(ended.len(), 2);
        assert!(ended.iter().all(|it| ["came", "stayed"].contains(&&*it.segments()[1])));
        assert_eq!(fake.wait_for_requests("DELETE", "bridges/*", 1, LONG).unwrap().len(), 1);
    });
}
