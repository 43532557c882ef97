//! A FastAGI server takes its threads and descriptors with it.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::common::guarded;
use crate::{alone, descriptors, threads, wait_until};
use asterisk_sync::agi::{AgiChannel, AgiRequest, AgiServer, AgiServerGuard};
use asterisk_sync::testing::FakeAgiCaller;
use asterisk_sync::types::AgiOutcome;

fn server() -> AgiServerGuard {
    let builder = AgiServer::builder().bind("127.0.0.1:0").workers(8).grace(Duration::ZERO);
    let handler = |request: &AgiRequest, agi: &mut AgiChannel| {
        if request.script() == "panic" {
            panic!("as it was told");
        }
        agi.answer()
    };
    builder.handler(handler).build().unwrap().spawn().unwrap()
}

#[test]
fn neither_threads_nor_descriptors_outlive_a_server() {
    let _alone = alone();
    guarded(|| {
        let before = descriptors();
        for round in 0..20 {
            let server = server();
            let call = |script| FakeAgiCaller::new(script).call(server.local_addr()).unwrap();
            assert_eq!(call("good").outcome(), AgiOutcome::Success);
            assert_eq!(call("panic").outcome(), AgiOutcome::Failure);
            let mut open: Vec<_> = (0..8)
                .map(|_| FakeAgiCaller::new("open").dial(server.local_addr()).unwrap())
                .collect();
            // They are being handled, and some others have said nothing.
            open.iter_mut().for_each(|call| drop(call.next_command().unwrap()));
            let silent = FakeAgiCaller::new("").dial_silently(server.local_addr()).unwrap();
            wait_until(|| server.stats().receiving == 1);
            assert!(threads("agi-").iter().any(|name| name.starts_with("agi-9")));
            if round % 2 == 0 {
                let report = server.shutdown().unwrap();
                assert_eq!((report.closed, report.unread), (8, 1));
            } else {
                drop(server);
            }
            drop((open, silent));
            wait_until(|| threads("agi-").is_empty());
            wait_until(|| descriptors() == before);
        }
    });
}

/// Set where this program is started again to be a server without descriptors.
const CHILD: &str = "AGI_SERVER_WITH_FEW_DESCRIPTORS";

#[test]
fn a_server_that_ran_out_of_descriptors_goes_on_when_it_has_some() {
    if std::env::var_os(CHILD).is_some() {
        let server = server();
        println!("\n{}", server.local_addr());
        // Until the other one has seen enough, and ends this process.
        server.join().unwrap();
        return;
    }
    let _alone = alone();
    guarded(|| {
        let name = "agi_server::a_server_that_ran_out_of_descriptors_goes_on_when_it_has_some";
        let mut child = Command::new("sh")
            .args(["-c", "ulimit -n 24 && exec \"$0\" --exact \"$1\" --nocapture"])
            .arg(std::env::current_exe().unwrap())
            .arg(name)
            .env(CHILD, "1")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let mut lines = lines.filter_map(|line| line.parse::<std::net::SocketAddr>().ok());
        let address = lines.next().expect("the server tells its address");
        // More than it has descriptors for: the last ones wait in the kernel.
        let silent: Vec<_> =
            (0..40).map(|_| FakeAgiCaller::new("").dial_silently(address).unwrap()).collect();
        let waiting = FakeAgiCaller::new("good").dial(address).unwrap();
        drop(silent);
        assert_eq!(waiting.finish().unwrap().outcome(), AgiOutcome::Success);
        child.kill().unwrap();
        child.wait().unwrap();
    });
}
