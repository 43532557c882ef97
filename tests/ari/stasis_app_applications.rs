//! Which applications an app serves: those of its client, whenever they come.

use crate::common::ari::APP;
use crate::common::stasis::{about, next, start};
use crate::common::{LONG, guarded};
use asterisk_sync::Error;
use asterisk_sync::ari::{AriServer, AriSession, StasisApp, StasisCall};
use asterisk_sync::testing::{AriReply, FakeAri};
use crossbeam_channel::unbounded;
use serde_json::json;

#[test]
fn an_application_that_is_registered_later_is_served_with_who_is_in_it_already() {
    guarded(|| {
        let fake = FakeAri::start().unwrap();
        let (lend, lent) = unbounded();
        let (over, until) = unbounded::<()>();
        let server = AriServer::builder().bind("127.0.0.1:0").credentials("asterisk", "secret");
        let server = server.handler(move |session: AriSession| {
            lend.send(session.client().clone()).unwrap();
            let _ = until.recv();
            Ok(())
        });
        let server = server.build().unwrap().spawn().unwrap();
        // Who is there is looked for at the start, and has come by then.
        fake.on("GET", "applications", |_| AriReply::ok(json!([])));
        fake.on("GET", "channels", |_| AriReply::ok(json!([])));
        fake.dial(server.local_addr(), APP).unwrap();
        let ari = next(&lent);

        let named = StasisApp::builder(&ari).application("late").handler(|_: &StasisCall| Ok(()));
        assert!(matches!(named.build(), Err(Error::Invalid(_))));

        let (called, calls) = unbounded();
        let app = StasisApp::builder(&ari).handler(move |call: &StasisCall| {
            let call = (call.application().to_owned(), call.channel().id().to_owned());
            called.send(call).unwrap();
            Ok(())
        });
        let app = app.build().unwrap().spawn().unwrap();
        fake.wait_for_requests("GET", "channels", 1, LONG).unwrap();
        fake.push("StasisStart", APP, start("1", &[]));
        assert_eq!(next(&calls), (APP.to_owned(), "1".to_owned()));

        let mut found = about("found")["channel"].take();
        found["dialplan"]["app_name"] = "Stasis".into();
        found["dialplan"]["app_data"] = "late".into();
        fake.on("GET", "applications", |_| {
            AriReply::ok(json!([{ "name": "late", "channel_ids": ["found"] }]))
        });
        fake.on("GET", "channels", move |_| AriReply::ok(json!([found.clone()])));
        fake.push_text(APP, r#"{"type":"ApplicationRegistered","application":"late"}"#);
        assert_eq!(next(&calls), ("late".to_owned(), "found".to_owned()));
        let mut event = start("2", &[]);
        event["type"] = "StasisStart".into();
        event["application"] = "late".into();
        fake.push_text(APP, &event.to_string());
        assert_eq!(next(&calls), ("late".to_owned(), "2".to_owned()));
        // One that is nobody's is not.
        event["application"] = "nobodys".into();
        fake.push_text(APP, &event.to_string());
        fake.push("StasisStart", APP, start("3", &[]));
        assert_eq!(next(&calls), (APP.to_owned(), "3".to_owned()));
        drop(over);
        drop(app);
        server.shutdown().unwrap();
    });
}
