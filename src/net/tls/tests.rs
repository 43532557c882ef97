use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::*;
use crate::TimeoutError;
use crate::net::fixtures::{
    CA, CLIENT, CLIENT_ARCHIVE, CLIENT_KEY, LONG, OTHER_CA, SERVER, SERVER_KEY, guarded, listener,
    tcp_pair,
};
use crate::net::{ReadHalf, WriteHalf, tls_accept, tls_connect};

fn long() -> Deadline {
    Deadline::after(LONG * 10)
}

/// A server that says a word over TLS and waits for the client to go.
fn server() -> (u16, JoinHandle<()>) {
    let (listener, port) = listener();
    let server = TlsServer::from_pem(SERVER.as_bytes(), SERVER_KEY.as_bytes()).unwrap();
    let thread = thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        if let Ok((mut reader, writer)) = tls_accept(stream, &server, &long()) {
            let _ = writer.write_all(b"welcome");
            let _ = reader.read(&mut [0; 16]);
        }
    });
    (port, thread)
}

/// What becomes of a client with these settings that dials `host`.
fn attempt(tls: &Tls, host: &str) -> Result<()> {
    let (port, thread) = server();
    let stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let result = tls_connect(stream, tls, host, &long()).map(|(mut reader, writer)| {
        let mut buf = [0; 16];
        assert_eq!(reader.read(&mut buf).unwrap(), 7);
        writer.shutdown();
    });
    thread.join().unwrap();
    result
}

fn refused(result: Result<()>) {
    match result {
        Err(e @ Error::Connection(ConnectionError::Tls { .. })) => assert!(!e.is_retryable()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_unknown_authority_is_refused_as_it_comes() {
    guarded(|| refused(attempt(&Tls::new(), "localhost")));
}

#[test]
fn another_authority_than_the_servers_is_refused() {
    guarded(|| refused(attempt(&Tls::new().root_pem(OTHER_CA).only_given_roots(), "localhost")));
}

#[test]
fn the_right_authority_and_name_are_accepted() {
    guarded(|| {
        let tls = Tls::new().root_pem(CA);
        for host in ["localhost", "asterisk.test", "127.0.0.1"] {
            attempt(&tls, host).unwrap();
        }
        attempt(&tls.only_given_roots(), "localhost").unwrap();
    });
}

#[test]
fn several_roots_may_be_in_one_text() {
    guarded(|| {
        let both = format!("{OTHER_CA}and then\n{CA}");
        attempt(&Tls::new().root_pem(both).only_given_roots(), "localhost").unwrap();
    });
}

#[test]
fn a_wrong_name_is_refused() {
    guarded(|| {
        let tls = Tls::new().root_pem(CA);
        for host in ["elsewhere.test", "127.0.0.2", "[::1]"] {
            refused(attempt(&tls, host));
        }
        refused(attempt(&tls.server_name("elsewhere.test"), "localhost"));
    });
}

#[test]
fn the_server_name_replaces_the_dialled_one() {
    guarded(|| {
        attempt(&Tls::new().root_pem(CA).server_name("asterisk.test"), "10.0.0.1").unwrap();
    });
}

#[test]
fn danger_accepts_everything() {
    guarded(|| {
        let tls = Tls::new().danger_accept_invalid_certificates();
        attempt(&tls, "localhost").unwrap();
        attempt(&tls, "elsewhere.test").unwrap();
        attempt(&tls.root_pem(OTHER_CA).only_given_roots(), "elsewhere.test").unwrap();
    });
}

#[test]
fn what_cannot_be_read_is_named() {
    let sec1 = "-----BEGIN EC PRIVATE KEY-----\nc2VjcmV0\n-----END EC PRIVATE KEY-----\n";
    let cases = [
        (Tls::new().root_pem("nothing"), "no certificate"),
        (Tls::new().root_pem(CA.replace("MII", "!!!")), "a root"),
        (Tls::new().only_given_roots(), "none is given"),
        (Tls::new().identity_pem(CLIENT, sec1), "BEGIN EC PRIVATE KEY"),
        (Tls::new().identity_pem(CLIENT, "c2VjcmV0"), "no PEM block"),
        (Tls::new().identity_pem("", CLIENT_KEY), "certificate"),
        (Tls::new().identity_pem(CLIENT, SERVER_KEY), "settings"),
        (Tls::new().identity_pkcs12(CLIENT_ARCHIVE, "wrong"), "PKCS#12"),
    ];
    for (tls, expected) in cases {
        let e = tls.connector().unwrap_err();
        assert!(matches!(e, Error::Invalid(_)), "{e:?}");
        let text = e.to_string();
        assert!(text.contains(expected), "{expected}: {text}");
        assert!(!text.contains("c2VjcmV0"), "{text}");
    }
}

#[test]
fn debug_shows_no_key() {
    let tls = Tls::new().identity_pkcs12(b"archive", "s3cret").root_pem(CA);
    let text = format!("{tls:?} {:?}", tls.clone().identity_pem(CLIENT, CLIENT_KEY));
    assert!(text.contains("redacted"), "{text}");
    assert!(!text.contains("s3cret") && !text.contains("BEGIN"), "{text}");
}

#[test]
fn the_handshake_keeps_the_deadline_with_a_peer_that_says_nothing() {
    let (near, _far) = tcp_pair();
    let deadline = Deadline::after(Duration::from_millis(20));
    let e = tls_connect(near, &Tls::new(), "localhost", &deadline).unwrap_err();
    assert!(matches!(e, Error::Timeout(TimeoutError::Connect { .. })), "{e:?}");
}

#[test]
fn a_peer_that_goes_during_the_handshake_is_told_from_a_bad_one() {
    let (near, far) = tcp_pair();
    far.shutdown(std::net::Shutdown::Write).unwrap();
    let e = tls_connect(near, &Tls::new(), "localhost", &long()).unwrap_err();
    assert!(matches!(e, Error::Connection(ConnectionError::ClosedByPeer(_))), "{e:?}");

    let (near, mut far) = tcp_pair();
    far.write_all(b"Asterisk Call Manager/11.0.0\r\n").unwrap();
    let e = tls_connect(near, &Tls::new(), "localhost", &long()).unwrap_err();
    assert!(matches!(e, Error::Connection(ConnectionError::Tls { .. })), "{e:?}");
}

/// The `openssl` program as a server that insists on a client's certificate and says each line
/// backwards: the library cannot ask for one.
struct Insisting {
    child: Child,
    port: u16,
}

impl Insisting {
    fn start(version: &str) -> Self {
        let certs = concat!(env!("CARGO_MANIFEST_DIR"), "/src/testing/certs");
        let mut child = Command::new("openssl")
            .args(["s_server", "-accept", "127.0.0.1:0", "-rev", "-Verify", "1", version])
            .args(["-verify_return_error", "-CAfile", "ca.pem"])
            .args(["-cert", "server.pem", "-key", "server.key"])
            .current_dir(certs)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("this test needs the `openssl` program");
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let line = lines.find_map(|line| line.unwrap().strip_prefix("ACCEPT ").map(str::to_owned));
        let port = line.unwrap().rsplit_once(':').unwrap().1.parse().unwrap();
        // Somebody has to read what it says, or it waits for that.
        thread::spawn(move || lines.count());
        Self { child, port }
    }

    fn connect(&self, tls: &Tls) -> Result<(ReadHalf, WriteHalf)> {
        let stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        tls_connect(stream, tls, "localhost", &long())
    }
}

impl Drop for Insisting {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_server_that_asks_gets_the_clients_certificate() {
    guarded(|| {
        for version in ["-tls1_2", "-tls1_3"] {
            let server = Insisting::start(version);
            let nobody = Tls::new().root_pem(CA);
            let pem = nobody.clone().identity_pem(CLIENT, format!("a remark\n{CLIENT_KEY}"));
            let archive = nobody.clone().identity_pkcs12(CLIENT_ARCHIVE, "test");
            for tls in [pem, archive] {
                let (mut reader, writer) = server.connect(&tls).unwrap();
                writer.write_all(b"abc\n").unwrap();
                let mut answer = [0; 4];
                reader.read_exact(&mut answer).unwrap();
                assert_eq!(&answer, b"cba\n");
            }
            // With TLS 1.3 the client is done before the server has looked at its certificate.
            match server.connect(&nobody) {
                Err(e) => assert!(matches!(e, Error::Connection(_)), "{e:?}"),
                Ok((mut reader, _writer)) => assert!(reader.read(&mut [0; 4]).is_err()),
            }
        }
    });
}
