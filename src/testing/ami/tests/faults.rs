use std::io::Read;
use std::net::Shutdown;

use super::*;

#[test]
fn half_a_frame_is_half_a_frame() {
    guarded(|| {
        let fake = FakeAmi::start().unwrap();
        let client = fake.client().connect().unwrap();
        let events = client.subscribe_with(Filter::names(["Odd"]));
        fake.push_raw("Event: Odd\r\nA");
        fake.push_raw(": 1\r\n\r\nEvent: Odd\r\nA: 2\r\n\r\nEvent: Odd\r\nA: 3\r\n");
        fake.close_sessions();
        let values: Vec<_> = events
            .iter()
            .take(3)
            .map(|event| event.message().get("A").map(str::to_owned))
            .collect();
        // What was cut off is nothing; then comes the gap.
        assert_eq!(values, [Some("1".to_owned()), Some("2".to_owned()), None]);
    });
}

#[test]
fn a_restart_is_on_the_same_port_and_the_client_comes_back() {
    guarded(|| {
        let fake = FakeAmi::start().unwrap();
        let client = fake.client().connect().unwrap();
        let events = client.subscribe();
        let set = CustomAction::new("Setvar").header("Variable", "X").header("Value", "1");
        client.send_action(&set).unwrap();
        fake.restart().unwrap();
        fake.wait_for_logins(2, LONG).unwrap();
        fake.wait_for_sessions(1, LONG).unwrap();
        client.wait_for_state(ConnectionState::Connected, LONG).unwrap();
        let names = ["Shutdown", "Gap"];
        let seen = events.iter().filter(|e| names.contains(&e.event_name())).take(2);
        assert_eq!(seen.map(|e| e.event_name().to_owned()).collect::<Vec<_>>(), names);
        let get = CustomAction::new("Getvar").header("Variable", "X");
        assert_eq!(client.send_action(&get).unwrap().get("Value"), Some(""));
    });
}

#[test]
fn a_port_that_refuses_stays_ours() {
    guarded(|| {
        let fake = FakeAmi::start().unwrap();
        fake.refuse();
        fake.refuse();
        for _ in 0..100 {
            assert!(TcpStream::connect(fake.address()).is_err());
        }
        fake.accept().unwrap();
        fake.accept().unwrap();
        fake.client().connect().unwrap();
    });
}

#[test]
fn a_close_is_an_end_and_a_reset_an_error() {
    guarded(|| {
        let fake = FakeAmi::start().unwrap();
        let mut wire = Wire::logged_in(&fake, "Events: off");
        fake.close_sessions();
        assert_eq!(wire.read_to_end(), "");
        fake.wait_for_sessions(0, LONG).unwrap();
        let mut wire = Wire::logged_in(&fake, "Events: off");
        fake.reset_sessions();
        let e = wire.0.read(&mut [0]).unwrap_err();
        assert_eq!(e.kind(), std::io::ErrorKind::ConnectionReset);
    });
}

#[test]
fn a_session_ends_after_so_many_bytes() {
    guarded(|| {
        let fake = FakeAmi::start().unwrap();
        fake.drop_after(8);
        assert_eq!(Wire::dial(&fake).read_to_end(), "Asterisk");
        let mut wire = Wire::logged_in(&fake, "Events: off");
        fake.drop_after(19);
        wire.send(&["Action: Ping"]);
        assert_eq!(wire.read_to_end(), "Response: Success\r\n");
    });
}

#[test]
fn clients_are_received_as_the_faults_say() {
    guarded(|| {
        let fake = FakeAmi::start().unwrap();
        fake.auth_limit();
        assert_eq!(Wire::dial(&fake).read_to_end(), "");
        fake.silent();
        let mut silent = Wire::dial(&fake);
        fake.wait_for_connections(2, LONG).unwrap();
        fake.no_login();
        let mut wire = Wire::dial(&fake);
        wire.read_until("\n");
        wire.send(&["Action: Login", "Username: admin", "Secret: secret"]);
        assert!(wire.ask(&["Action: Ping"]).contains("Permission denied"));
        fake.wait_for_connections(3, LONG).unwrap();
        fake.heal().unwrap();
        fake.client().connect().unwrap();
        silent.send(&["Action: Ping"]);
        fake.close_sessions();
        assert_eq!(silent.read_to_end(), "");
    });
}

#[test]
fn a_stall_holds_answers_back_until_it_is_over() {
    guarded(|| {
        let fake = FakeAmi::start().unwrap();
        let mut wire = Wire::logged_in(&fake, "Events: call");
        fake.stall_writing();
        wire.send(&["Action: Ping", "ActionID: 1"]);
        fake.wait_for_request("Ping", LONG).unwrap();
        fake.push("Hangup", &[]);
        wire.0.set_nonblocking(true).unwrap();
        assert!(wire.0.read(&mut [0]).is_err());
        wire.0.set_nonblocking(false).unwrap();
        fake.resume_writing();
        let both = wire.read_until("\r\n\r\n") + &wire.read_until("\r\n\r\n");
        assert!(both.contains("ActionID: 1") && both.contains("Event: Hangup"), "{both}");

        fake.stall_reading();
        wire.send(&["Action: Ping"]);
        assert!(fake.wait_for_request("Ping", Duration::from_millis(20)).is_err());
        fake.resume_reading();
        fake.wait_for_request("Ping", LONG).unwrap();
    });
}

#[test]
fn a_flood_waits_for_its_readers_and_for_nobody_else() {
    guarded(|| {
        let fake = FakeAmi::builder().socket_buffers(32 << 10).start().unwrap();
        let mut wire = Wire::logged_in(&fake, "Events: off");
        let block: std::sync::Arc<[u8]> = b"Event: Tick\r\n\r\n".repeat(1000).into();
        let all = block.len() * 1000;
        let flood = fake.flood(1000, move |_| std::sync::Arc::clone(&block)).unwrap();
        let mut read = 0;
        let mut buffer = vec![0; 1 << 16];
        while read < all {
            read += wire.0.read(&mut buffer).unwrap();
        }
        flood.wait();
        assert_eq!((flood.sent(), read), (1000, all));
        // Nobody reads this one.
        let endless = fake.flood(u64::MAX, |_| b"Event: Tick\r\n\r\n".repeat(100)).unwrap();
        assert!(!endless.is_finished());
        drop(fake);
        assert!(endless.is_finished());
    });
}

#[test]
fn a_hostile_client_gets_an_error_and_no_more_memory() {
    guarded(|| {
        let fake = FakeAmi::start().unwrap();
        let mut wire = Wire::logged_in(&fake, "Events: off");
        let long = format!("A: {}", "x".repeat(1100));
        assert!(wire.ask(&["Action: Ping", &long]).contains("line too long"));
        let many: Vec<&str> = std::iter::repeat_n("A: 1", 200).collect();
        assert!(wire.ask(&many).contains("Too many lines"));
        let huge = format!("Action: Ping\r\nA: {}", "x".repeat(8 << 20));
        assert!(wire.ask(&[&huge]).contains("Message: "));
        assert!(wire.ask(&["Action: Ping"]).contains("Pong"));
    });
}

#[cfg(feature = "tls")]
#[test]
fn tls_is_spoken_from_the_first_byte_and_both_ways_at_once() {
    guarded(|| {
        let fake = FakeAmi::builder().tls().start().unwrap();
        let client = fake.client().connect().unwrap();
        let events = client.subscribe_with(Filter::names(["Tick"]));
        let flood = fake.flood(500, |_| b"Event: Tick\r\n\r\n".repeat(100)).unwrap();
        for _ in 0..100 {
            client.ping().unwrap();
        }
        flood.wait();
        assert_eq!(events.iter().take(50_000).count(), 50_000);
        // Whoever does not know the authority is not fooled.
        let untrusting = fake.client().tls(crate::Tls::new()).connect();
        assert!(matches!(untrusting, Err(Error::Connection(_))), "{untrusting:?}");
        fake.restart().unwrap();
        fake.wait_for_logins(2, LONG).unwrap();
        fake.close_sessions();
        fake.wait_for_logins(3, LONG).unwrap();
    });
}

#[cfg(feature = "tls")]
#[test]
fn dropping_it_does_not_wait_for_a_handshake() {
    guarded(|| {
        let fake = FakeAmi::builder().tls().start().unwrap();
        let mut wire = Wire::dial(&fake);
        fake.wait_for_connections(1, LONG).unwrap();
        drop(fake);
        let _ = wire.0.read(&mut [0]);
    });
}

#[test]
fn dropping_it_ends_every_thread_and_every_socket() {
    guarded(|| {
        let fake = FakeAmi::start().unwrap();
        // One that does not read, one that says nothing, one half closed, one lingering.
        let deaf = Wire::logged_in(&fake, "Events: on");
        fake.flood(u64::MAX, |_| vec![b'x'; 1 << 16]).unwrap();
        let mute = Wire::dial(&fake);
        let half = Wire::dial(&fake);
        half.0.shutdown(Shutdown::Write).unwrap();
        fake.wait_for_connections(3, LONG).unwrap();
        let expected = fake.expect("Ping");
        let shared = std::sync::Arc::downgrade(&fake.shared);
        drop(fake);
        // Every thread held a share.
        assert!(shared.upgrade().is_none());
        assert!(matches!(expected.wait(), Err(Error::Closed)));
        for mut wire in [deaf, mute, half] {
            let mut rest = Vec::new();
            let _ = wire.0.read_to_end(&mut rest);
        }
    });
}

#[cfg(feature = "tls")]
#[test]
fn neither_a_reset_nor_a_drop_waits_for_a_client_that_does_not_read() {
    guarded(|| {
        let fake = FakeAmi::builder().tls().socket_buffers(32 << 10).start().unwrap();
        let dial = || {
            let stream = TcpStream::connect(fake.address()).unwrap();
            let tls = crate::Tls::new().root_pem(fake.ca_pem()).only_given_roots();
            let deadline = crate::net::Deadline::after(LONG);
            crate::net::tls_connect(stream, &tls, "127.0.0.1", &deadline).unwrap()
        };
        let first = dial();
        let flood = fake.flood(u64::MAX, |_| vec![b'x'; 1 << 16]).unwrap();
        fake.reset_sessions();
        flood.wait();
        let second = dial();
        fake.flood(u64::MAX, |_| vec![b'x'; 1 << 16]).unwrap();
        drop(fake);
        drop((first, second));
    });
}
