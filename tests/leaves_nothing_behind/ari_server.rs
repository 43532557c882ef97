//! A server for event sockets takes its threads and descriptors with it, those of its sessions' clients
//! included.

use std::net::TcpStream;
use std::time::Duration;

use crate::common::{LONG, guarded};
use crate::{alone, descriptors, threads, wait_until};
use asterisk_sync::ari::resources::asterisk;
use asterisk_sync::ari::{AriClient, AriServer, AriServerBuilder, AriServerGuard, AriSession};
use asterisk_sync::testing::{FakeAri, FakeAriDial};
use crossbeam_channel::{Receiver, unbounded};

/// A server whose handlers stay until events end, and whose clients the test gets.
fn start(
    settings: impl Fn(AriServerBuilder) -> AriServerBuilder,
) -> (AriServerGuard, Receiver<AriClient>) {
    let (begun, begins) = unbounded();
    let handler = move |session: AriSession| {
        assert_ne!(session.path(), "/panic", "as it was told");
        drop(begun.send(session.client().clone()));
        session.events().iter().for_each(drop);
        Ok(())
    };
    let builder = AriServer::builder().bind("127.0.0.1:0").credentials("asterisk", "secret");
    let builder = builder.sessions(8).grace(Duration::ZERO).handler(handler);
    (settings(builder).build().unwrap().spawn().unwrap(), begins)
}

fn rounds(
    settings: impl Fn(AriServerBuilder) -> AriServerBuilder + Send + Copy + 'static,
    dial: impl Fn(FakeAriDial) -> FakeAriDial + Send + Copy + 'static,
) {
    let _alone = alone();
    guarded(move || {
        let fake = FakeAri::start().unwrap();
        wait_until(|| threads("ari-").is_empty());
        let before = descriptors();
        for round in 0..10 {
            let (server, begins) = start(settings);
            let to = dial(FakeAriDial::to(server.local_addr()));
            to.clone().path("/panic").application("panic").open(&fake).unwrap();
            to.clone().anonymous().open(&fake).unwrap_err();
            let open = |name: &str| to.clone().application(name).open(&fake).unwrap();
            (0..6).for_each(|n| open(&n.to_string()));
            let clients: Vec<AriClient> = begins.iter().take(6).collect();
            assert!(clients.iter().all(|client| asterisk::ping(client).is_ok()));
            // Two go by themselves.
            fake.close("0", 1000);
            fake.hang_up("1");
            wait_until(|| server.stats().active == 4);
            let silent = TcpStream::connect(server.local_addr()).unwrap();
            wait_until(|| server.stats().receiving == 1);
            assert!(threads("ari-").iter().any(|name| name.starts_with("ari-serve-")));
            let handler = clients[5].on_event(drop).unwrap();
            if round % 2 == 0 {
                let report = server.shutdown().unwrap();
                assert_eq!(
                    (report.closed, report.served, report.panicked),
                    (4, 6, 1),
                    "{report:?}"
                );
            } else {
                drop(server);
            }
            drop((silent, clients));
            fake.wait_for_open(0, LONG).unwrap();
            assert!(handler.is_finished());
            wait_until(|| threads("ari-").is_empty());
            wait_until(|| descriptors() == before);
        }
    });
}

#[test]
fn neither_threads_nor_descriptors_outlive_a_server() {
    rounds(|settings| settings, |to| to);
}

#[cfg(feature = "tls")]
#[test]
fn nor_do_they_over_tls() {
    let cert = include_bytes!("../../src/testing/certs/server.pem");
    let key = include_bytes!("../../src/testing/certs/server.key");
    rounds(move |settings| settings.tls(cert, key), |to| to.tls());
}
