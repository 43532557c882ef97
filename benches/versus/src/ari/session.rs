//! A connection to the load server of ARI: requests one after the other, until one asks for the event
//! socket. Nobody is asked for a password, and every request is answered with the same channel.
//!
//! Answers to all requests that arrived together leave in one write.

use std::io::{self, Cursor, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use tungstenite::handshake::derive_accept_key;
use tungstenite::protocol::frame::FrameHeader;
use tungstenite::protocol::frame::coding::{Control, OpCode};

use super::load;
use crate::server::Latest;
use crate::session::{Writer, send};

/// Serves whoever connects; the flood goes to the event socket that was opened last.
pub fn accept(listener: &TcpListener, latest: &Latest) {
    for stream in listener.incoming().flatten() {
        let latest = Arc::clone(latest);
        // A session that ends with an error is a client that went away.
        thread::spawn(move || serve(stream, &latest).ok());
    }
}

fn serve(mut stream: TcpStream, latest: &Latest) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let answer = load::answer();
    let mut buffer = vec![0; 4096];
    let mut length = 0;
    loop {
        match stream.read(&mut buffer[length..])? {
            // The other end is gone, or writes what is no request.
            0 => return Ok(()),
            more => length += more,
        }
        if !buffer[..length].ends_with(b"\r\n\r\n") {
            continue;
        }
        if let Some(accepted) = upgrade(&buffer[..length]) {
            let writer = Arc::new(Mutex::new(stream.try_clone()?));
            // Before the client knows: it may be the next to say that it is ready.
            *latest.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&writer));
            send(&writer, accepted.as_bytes())?;
            return frames(stream, &writer);
        }
        stream.write_all(&answer)?;
        length = 0;
    }
}

/// The answer to a request for the event socket.
fn upgrade(head: &[u8]) -> Option<String> {
    let head = String::from_utf8_lossy(head);
    let key = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("Sec-WebSocket-Key").then_some(value.trim())
    })?;
    Some(format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: {}\r\n\r\n",
        derive_accept_key(key.as_bytes())
    ))
}

fn frames(mut stream: TcpStream, writer: &Writer) -> io::Result<()> {
    let (before, behind) = load::answer_over_socket();
    let mut pending = Vec::new();
    let mut buffer = vec![0; 64 * 1024];
    let mut answers = Vec::new();
    loop {
        let count = stream.read(&mut buffer)?;
        if count == 0 {
            return Ok(());
        }
        pending.extend_from_slice(&buffer[..count]);
        let mut at = 0;
        while let Some((header, from, to)) = next(&pending[at..]) {
            let payload = &mut pending[at + from..at + to];
            if let Some(mask) = header.mask {
                for (byte, mask) in payload.iter_mut().zip(mask.iter().cycle()) {
                    *byte ^= mask;
                }
            }
            match header.opcode {
                OpCode::Control(Control::Close) => return Ok(()),
                OpCode::Control(Control::Ping) => {
                    let opcode = OpCode::Control(Control::Pong);
                    let header = FrameHeader { opcode, mask: None, ..header };
                    // Writing to a vector does not fail.
                    let _ = header.format(payload.len() as u64, &mut answers);
                    answers.extend_from_slice(payload);
                }
                OpCode::Data(_) => {
                    let text = String::from_utf8_lossy(payload);
                    if let Some(id) = request_id(&text) {
                        let text = format!("{before}{id}{behind}");
                        answers.extend_from_slice(&load::frame(&text));
                    }
                }
                OpCode::Control(_) => {}
            }
            at += to;
        }
        pending.drain(..at);
        send(writer, &answers)?;
        answers.clear();
    }
}

/// The header of the first frame, if it is whole, and where its payload begins and ends.
pub fn next(bytes: &[u8]) -> Option<(FrameHeader, usize, usize)> {
    let mut cursor = Cursor::new(bytes);
    let (header, length) = FrameHeader::parse(&mut cursor).ok()??;
    let from = usize::try_from(cursor.position()).ok()?;
    let to = from + usize::try_from(length).ok()?;
    (to <= bytes.len()).then_some((header, from, to))
}

fn request_id(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once(r#""request_id":""#)?;
    Some(rest.split_once('"')?.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_cut_where_they_end() {
        let (one, two) = (load::frame("first"), load::frame(&"second".repeat(100)));
        let both = [one.clone(), two.clone()].concat();
        let (_, from, to) = next(&both).unwrap();
        assert_eq!((&both[from..to], to), (&b"first"[..], one.len()));
        assert!(next(&both[to..both.len() - 1]).is_none());
        assert_eq!(next(&both[to..]).unwrap().2, two.len());
    }

    #[test]
    fn the_id_of_a_request_is_found_wherever_it_stands() {
        assert_eq!(request_id(r#"{"method":"GET","request_id":"17","uri":"x"}"#), Some("17"));
        assert_eq!(request_id("{}"), None);
    }
}
