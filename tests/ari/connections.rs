//! How many HTTP connections there are, and what becomes of requests for which there is none.

use std::thread;

use crate::common::ari::{APP, servers};
use crate::common::{LONG, SHORT};
use asterisk_sync::ari::AriClient;
use asterisk_sync::ari::rest::Request;
use asterisk_sync::testing::{AriReply, FakeAri};
use asterisk_sync::{Error, TimeoutError};
use serde_json::json;

fn ask(ari: &AriClient) -> asterisk_sync::Result<()> {
    ari.send(Request::post(["slow"]))
}

/// A client of whose four connections each waits for an answer, with four more who wait for one.
fn crowded(fake: &FakeAri, test: impl FnOnce(&AriClient, Vec<thread::JoinHandle<Option<Error>>>)) {
    fake.on("POST", "slow", |_| AriReply::ok(json!({})).held());
    let config = fake.config(APP).max_connections(4).timeout(LONG);
    let ari = AriClient::connect(config).unwrap();
    let asking = (0..8).map(|_| {
        let ari = ari.clone();
        thread::spawn(move || ask(&ari).err())
    });
    let asking = asking.collect();
    fake.wait_for_requests("POST", "slow", 4, LONG).unwrap();
    test(&ari, asking);
}

#[test]
fn there_are_no_more_than_were_allowed_and_the_others_wait_for_one() {
    servers(|fake| {
        crowded(fake, |ari, asking| {
            // Whoever has no time to wait is told that nothing has left.
            let e = ask(&ari.with_timeout(SHORT)).unwrap_err();
            let Error::Timeout(TimeoutError::Action { action, after, sent: false }) = &e else {
                panic!("{e:?}")
            };
            assert_eq!((&**action, *after), ("POST slow", SHORT));
            assert!(e.is_retryable() && !e.may_have_run());
            // As they come: the first four, and each after them when one was answered.
            assert_eq!(fake.requests().iter().filter(|it| it.path == "slow").count(), 4);
            fake.release(4, LONG).unwrap();
            fake.release(4, LONG).unwrap();
            for asking in asking {
                assert!(asking.join().unwrap().is_none());
            }
            assert_eq!(fake.requests().iter().filter(|it| it.path == "slow").count(), 8);
        });
        // And the event socket.
        assert_eq!(fake.connections(), 5);
    });
}

#[test]
fn closing_ends_those_who_wait_for_a_connection() {
    servers(|fake| {
        crowded(fake, |ari, asking| {
            ari.disconnect();
            let ends: Vec<Error> = asking.into_iter().filter_map(|it| it.join().unwrap()).collect();
            let unsent = ends.iter().filter(|e| matches!(e, Error::Closed)).count();
            let sent = ends.iter().filter(|e| e.may_have_run()).count();
            assert_eq!((unsent, sent), (4, 4), "{ends:?}");
        });
    });
}
