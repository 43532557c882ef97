use std::net::TcpListener;
use std::thread;

use socket2::SockRef;

use super::*;
use crate::net::fixtures::{CA, LONG, SERVER, SERVER_KEY, guarded, listener, tcp_pair};
use crate::net::{Closer, dial};

type Halves = (ReadHalf, WriteHalf);

fn plain_pair() -> (Halves, Halves) {
    let (near, far) = tcp_pair();
    for socket in [&near, &far] {
        // So that what is on its way cannot hide in the kernel.
        SockRef::from(socket).set_send_buffer_size(64 * 1024).unwrap();
        SockRef::from(socket).set_recv_buffer_size(64 * 1024).unwrap();
    }
    (plain(near), plain(far))
}

#[cfg(feature = "tls")]
fn server() -> TlsServer {
    TlsServer::from_pem(SERVER.as_bytes(), SERVER_KEY.as_bytes()).unwrap()
}

#[cfg(feature = "tls")]
fn over_tls((near, far): (Halves, Halves)) -> (Halves, Halves) {
    let raw = |halves: Halves| {
        drop(halves.0);
        Arc::into_inner(halves.1.duplex).unwrap().stream
    };
    let (near, far) = (raw(near), raw(far));
    let accepting = thread::spawn(move || tls_accept(far, &server(), &long()).unwrap());
    let near = tls_connect(near, &Tls::new().root_pem(CA), "localhost", &long()).unwrap();
    (near, accepting.join().unwrap())
}

fn long() -> crate::net::Deadline {
    crate::net::Deadline::after(LONG * 10)
}

fn each_kind(test: fn(Halves, Halves)) {
    guarded(move || {
        let (near, far) = plain_pair();
        test(near, far);
        #[cfg(feature = "tls")]
        {
            let (near, far) = over_tls(plain_pair());
            test(near, far);
        }
    });
}

fn pattern(from: usize, len: usize) -> Vec<u8> {
    (0..251).cycle().skip(from % 251).take(len).collect()
}

/// Reads until `len` bytes have come and checks every one, with a buffer of an odd size.
fn expect(reader: &mut ReadHalf, len: usize) {
    let (mut at, mut buf) = (0, vec![0; 10_007]);
    while at < len {
        let n = reader.read(&mut buf).unwrap();
        assert!(n > 0, "ended after {at}");
        assert!(buf[..n] == pattern(at, n), "wrong between {at} and {}", at + n);
        at += n;
    }
    assert_eq!(at, len);
}

#[test]
fn a_blocked_writer_lets_the_reader_live() {
    const LEN: usize = 8 * 1024 * 1024;
    each_kind(|(mut reader, writer), (mut far_reader, far_writer)| {
        // Neither end of the connection reads a byte before all of its own are written, but for
        // our reader: without it both would wait for each other.
        let peer = thread::spawn(move || {
            far_writer.write_all(&pattern(0, LEN)).unwrap();
            expect(&mut far_reader, LEN);
        });
        let writing = thread::spawn(move || writer.write_all(&pattern(0, LEN)).unwrap());
        expect(&mut reader, LEN);
        writing.join().unwrap();
        peer.join().unwrap();
    });
}

#[test]
fn an_echo_that_does_not_read_while_it_writes_gets_everything_through() {
    const LEN: usize = 8 * 1024 * 1024;
    each_kind(|(mut reader, writer), (mut far_reader, far_writer)| {
        let echo = thread::spawn(move || {
            let (mut left, mut buf) = (LEN, vec![0; 512 * 1024]);
            while left > 0 {
                let n = far_reader.read(&mut buf).unwrap();
                far_writer.write_all(&buf[..n]).unwrap();
                left -= n;
            }
        });
        let writing = thread::spawn(move || writer.write_all(&pattern(0, LEN)).unwrap());
        expect(&mut reader, LEN);
        writing.join().unwrap();
        echo.join().unwrap();
    });
}

#[test]
fn writes_of_several_threads_do_not_mix() {
    each_kind(|(_reader, writer), (mut far_reader, _far_writer)| {
        let writers: Vec<_> = (b'a'..b'e')
            .map(|letter| {
                let writer = writer.clone();
                let text = vec![letter; 100_000];
                thread::spawn(move || (0..4).for_each(|_| writer.write_all(&text).unwrap()))
            })
            .collect();
        let mut all = vec![0; 16 * 100_000];
        far_reader.read_exact(&mut all).unwrap();
        for text in all.chunks(100_000) {
            assert!(text.iter().all(|b| b == &text[0]));
        }
        for writer in writers {
            writer.join().unwrap();
        }
    });
}

#[test]
fn closing_wakes_a_blocked_reader_and_a_blocked_writer() {
    each_kind(|(mut reader, writer), far| {
        let closer = Closer::new();
        closer.hold(&SockRef::from(&writer.duplex.stream)).unwrap();
        let reading = thread::spawn(move || reader.read(&mut [0; 16]));
        let writing = thread::spawn(move || writer.write_all(&vec![0; 64 << 20]));
        closer.close();
        assert!(!matches!(reading.join().unwrap(), Ok(1..)));
        assert!(writing.join().unwrap().is_err());
        drop(far);
    });
}

#[test]
fn shutdown_wakes_our_reader_and_ends_the_peers_stream_in_order() {
    each_kind(|(mut reader, writer), (mut far_reader, _far_writer)| {
        writer.write_all(b"bye").unwrap();
        let reading = thread::spawn(move || reader.read(&mut [0; 16]));
        writer.shutdown();
        assert!(!matches!(reading.join().unwrap(), Ok(1..)));
        let mut buf = [0; 16];
        assert_eq!(far_reader.read(&mut buf).unwrap(), 3);
        // Under TLS as well: 0 is the peer's own word that this is the end.
        assert_eq!(far_reader.read(&mut buf).unwrap(), 0);
        assert_eq!(far_reader.read(&mut buf).unwrap(), 0);
        let e = writer.write_all(b"more").unwrap_err();
        assert!(!e.sent, "{e}");
    });
}

#[test]
fn shutdown_does_not_wait_for_a_blocked_writer() {
    each_kind(|(_reader, writer), (mut far_reader, _far_writer)| {
        let other = writer.clone();
        let writing = thread::spawn(move || other.write_all(&vec![0; 64 << 20]));
        // Something has come, so the writer is under way.
        assert!(far_reader.read(&mut [0; 16]).unwrap() > 0);
        writer.shutdown();
        assert!(writing.join().unwrap().unwrap_err().sent);
    });
}

#[test]
fn a_write_that_times_out_ends_the_stream() {
    each_kind(|(_reader, writer), _far| {
        writer.set_write_timeout(Some(Duration::from_millis(10))).unwrap();
        let e = writer.write_all(&vec![0; 64 << 20]).unwrap_err();
        assert!(e.sent, "{e}");
        let e = writer.write_all(b"x").unwrap_err();
        assert!(!e.sent && e.source.kind() == io::ErrorKind::BrokenPipe, "{e:?}");
    });
}

#[test]
fn a_read_that_timed_out_goes_on_where_it_was() {
    each_kind(|(mut reader, _writer), (_far_reader, far_writer)| {
        let mut buf = [0; 16];
        reader.set_read_timeout(Some(Duration::from_millis(1))).unwrap();
        for _ in 0..3 {
            assert_eq!(reader.read(&mut buf).unwrap_err().kind(), io::ErrorKind::WouldBlock);
        }
        far_writer.write_all(b"hello").unwrap();
        reader.set_read_timeout(None).unwrap();
        assert_eq!(reader.read(&mut buf[..2]).unwrap(), 2);
        // The rest is in memory, so no timeout can pass.
        reader.set_read_timeout(Some(LONG)).unwrap();
        let mut rest = [0; 3];
        reader.read_exact(&mut rest).unwrap();
        assert_eq!((&buf[..2], &rest), (&b"he"[..], b"llo"));
    });
}

#[cfg(target_os = "linux")]
#[test]
fn a_read_times_out_in_a_program_that_is_signalled_all_the_time() {
    each_kind(|(mut reader, _writer), _far| {
        // To be stopped and to go on interrupts whoever reads with a timeout. It is asked to end, for
        // killed in between it would leave this program stopped.
        let me = std::process::id().to_string();
        let goes_on = std::env::temp_dir().join(format!("asterisk-sync-signals-{me}"));
        std::fs::write(&goes_on, "").unwrap();
        let signals =
            r#"while [ -e "$1" ] && kill -STOP "$0" && kill -CONT "$0"; do sleep 0.02; done"#;
        let mut signaller = std::process::Command::new("sh")
            .args(["-c", signals, &me])
            .arg(&goes_on)
            .spawn()
            .unwrap();
        reader.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
        let kind = reader.read(&mut [0; 16]).unwrap_err().kind();
        std::fs::remove_file(&goes_on).unwrap();
        signaller.wait().unwrap();
        assert_eq!(kind, io::ErrorKind::WouldBlock);
    });
}

#[cfg(feature = "tls")]
#[test]
fn a_record_may_come_in_pieces_with_timeouts_between_them() {
    guarded(|| {
        let ((mut reader, _writer), (_far_reader, far_writer)) = over_tls(plain_pair());
        let mut record = Vec::new();
        {
            let mut tls = far_writer.duplex.tls.as_ref().unwrap().lock();
            tls.write_all(b"hello").unwrap();
            tls.get_mut().take_outbound(&mut record);
        }
        let mut buf = [0; 16];
        reader.set_read_timeout(Some(Duration::from_millis(1))).unwrap();
        for piece in record[..record.len() - 1].chunks(5) {
            (&far_writer.duplex.stream).write_all(piece).unwrap();
            assert_eq!(reader.read(&mut buf).unwrap_err().kind(), io::ErrorKind::WouldBlock);
        }
        reader.set_read_timeout(None).unwrap();
        (&far_writer.duplex.stream).write_all(&record[record.len() - 1..]).unwrap();
        assert_eq!(reader.read(&mut buf).unwrap(), 5);
    });
}

#[cfg(feature = "tls")]
#[test]
fn a_connection_that_is_cut_is_told_from_one_that_ends() {
    guarded(|| {
        let ((mut reader, _writer), (_far_reader, far_writer)) = over_tls(plain_pair());
        far_writer.write_all(b"half").unwrap();
        far_writer.duplex.stream.shutdown(Shutdown::Both).unwrap();
        let mut buf = [0; 16];
        assert_eq!(reader.read(&mut buf).unwrap(), 4);
        assert_eq!(reader.read(&mut buf).unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
    });
}

#[cfg(feature = "tls")]
#[test]
fn what_was_decrypted_before_a_failure_is_handed_out_first() {
    guarded(|| {
        let ((mut reader, _writer), (_far_reader, far_writer)) = over_tls(plain_pair());
        let mut bytes = Vec::new();
        {
            let mut tls = far_writer.duplex.tls.as_ref().unwrap().lock();
            tls.write_all(b"good").unwrap();
            tls.get_mut().take_outbound(&mut bytes);
        }
        bytes.extend_from_slice(b"\x17\x03\x03\x00\x20 this is no ciphertext of ours!!");
        (&far_writer.duplex.stream).write_all(&bytes).unwrap();
        far_writer.duplex.stream.shutdown(Shutdown::Write).unwrap();
        let mut buf = [0; 16];
        assert_eq!(reader.read(&mut buf).unwrap(), 4);
        assert!(reader.read(&mut buf).is_err());
    });
}

#[cfg(feature = "tls")]
#[test]
fn many_small_records_are_read_at_once() {
    guarded(|| {
        let ((mut reader, _writer), (_far_reader, far_writer)) = over_tls(plain_pair());
        let mut records = Vec::new();
        {
            let mut tls = far_writer.duplex.tls.as_ref().unwrap().lock();
            for _ in 0..20 {
                tls.write_all(b"event").unwrap();
            }
            tls.get_mut().take_outbound(&mut records);
        }
        // In one write, which loopback delivers as one.
        (&far_writer.duplex.stream).write_all(&records).unwrap();
        assert_eq!(reader.read(&mut [0; 4096]).unwrap(), 100);
    });
}

#[cfg(feature = "tls")]
#[test]
fn what_reading_produced_goes_out_when_flushed() {
    guarded(|| {
        let ((_reader, writer), (mut far_reader, _far_writer)) = over_tls(plain_pair());
        assert!(!writer.has_pending());
        writer.duplex.tls.as_ref().unwrap().lock().write_all(b"answer").unwrap();
        assert!(writer.has_pending());
        writer.flush_pending().unwrap();
        assert!(!writer.has_pending());
        assert_eq!(far_reader.read(&mut [0; 16]).unwrap(), 6);
    });
}

#[test]
fn the_read_half_is_send_and_the_write_half_is_shared() {
    fn check<R: Send, W: Send + Sync + Clone>() {}
    check::<ReadHalf, WriteHalf>();
}

/// Counts alone, in a process of its own: the other tests of this one open and close all the time.
#[cfg(target_os = "linux")]
#[test]
fn fifty_connections_leave_no_descriptor_behind() {
    const ALONE: &str = "ASTERISK_SYNC_TEST_ALONE";
    if std::env::var_os(ALONE).is_none() {
        let module = module_path!().split_once("::").unwrap().1;
        let name = format!("{module}::fifty_connections_leave_no_descriptor_behind");
        let output = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", &name, "--test-threads=1"])
            .env(ALONE, "1")
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
        assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed"));
        return;
    }
    guarded(|| {
        let (listener, port) = listener();
        let (_refusing, nobody) = crate::net::fixtures::refusing();
        let closer = Closer::new();
        connect_once(&listener, port, &closer);
        let before = descriptors();
        for _ in 0..50 {
            connect_once(&listener, port, &closer);
        }
        // Refused ones leave nothing either.
        for _ in 0..5 {
            assert!(dial("127.0.0.1", nobody, &long(), &closer).is_err());
        }
        assert_eq!(descriptors(), before);
    });
}

#[cfg(target_os = "linux")]
fn descriptors() -> usize {
    std::fs::read_dir("/proc/self/fd").unwrap().count()
}

#[cfg(target_os = "linux")]
fn connect_once(listener: &TcpListener, port: u16, closer: &Closer) {
    let near = dial("127.0.0.1", port, &long(), closer).unwrap();
    let far = listener.accept().unwrap().0;
    #[cfg(feature = "tls")]
    let (near, far) = over_tls((plain(near), plain(far)));
    #[cfg(not(feature = "tls"))]
    let (near, far) = (plain(near), plain(far));
    near.1.write_all(b"x").unwrap();
    drop(far);
    closer.hang_up();
    drop(near);
}
