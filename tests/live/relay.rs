//! A wire that can be cut.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use crate::support::setting;

/// Stands between a client and a port of the server's, for as long as the test runs.
pub(crate) struct Relay {
    pub(crate) port: u16,
    shared: Arc<Mutex<Wires>>,
}

#[derive(Default)]
struct Wires {
    streams: Vec<TcpStream>,
    is_down: bool,
}

impl Relay {
    /// To the port for AMI.
    pub(crate) fn start() -> Self {
        Self::to(format!("{}:{}", setting("ASTERISK_HOST"), setting("ASTERISK_AMI_PORT")))
    }

    /// To any.
    pub(crate) fn to(server: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::new(Mutex::new(Wires::default()));
        let wires = Arc::clone(&shared);
        // It ends with the test's process.
        thread::spawn(move || {
            for client in listener.incoming() {
                let client = client.unwrap();
                let mut wires = wires.lock().unwrap();
                if wires.is_down {
                    continue;
                }
                let server = TcpStream::connect(&server).unwrap();
                for (from, to) in [(&client, &server), (&server, &client)] {
                    let (from, to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
                    thread::spawn(move || pass_on(from, to));
                }
                wires.streams.extend([client, server]);
            }
        });
        Self { port, shared }
    }

    /// Cuts what is connected; who connects meanwhile is hung up on.
    pub(crate) fn cut(&self) {
        let mut wires = self.shared.lock().unwrap();
        wires.is_down = true;
        for stream in wires.streams.drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    pub(crate) fn mend(&self) {
        self.shared.lock().unwrap().is_down = false;
    }
}

fn pass_on(mut from: TcpStream, mut to: TcpStream) {
    let mut buffer = [0; 4096];
    while let Ok(n @ 1..) = from.read(&mut buffer) {
        if to.write_all(&buffer[..n]).is_err() {
            break;
        }
    }
    let _ = from.shutdown(Shutdown::Both);
    let _ = to.shutdown(Shutdown::Both);
}
