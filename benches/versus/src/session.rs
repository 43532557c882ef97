//! One AMI session of the load server: enough of the manager for a real client to log in and work.
//!
//! Answers to all actions that arrived together leave in one write, so that the server's own
//! system calls are the smallest part of every measurement.

use std::fmt::Write as _;
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::sync::{Arc, Mutex, PoisonError};

use md5::{Digest, Md5};

/// The manager account.
pub const USERNAME: &str = "versus";
/// Its secret.
pub const SECRET: &str = "measure";

const BANNER: &str = "Asterisk Call Manager/11.0.0\r\n";
const CHALLENGE: &str = "168254713";

/// The write half; answers and the flood take turns, each in whole messages.
pub type Writer = Arc<Mutex<TcpStream>>;

/// Writes whole messages.
pub fn send(writer: &Writer, bytes: &[u8]) -> io::Result<()> {
    writer.lock().unwrap_or_else(PoisonError::into_inner).write_all(bytes)
}

/// A connection and what it is asked.
pub struct Session {
    stream: TcpStream,
    writer: Writer,
    /// The items of `CoreShowChannels`, each without its first two lines.
    items: Arc<Vec<String>>,
    logged_in: bool,
    over: bool,
}

impl Session {
    /// Greets the client.
    pub fn new(stream: TcpStream, items: Arc<Vec<String>>) -> io::Result<Self> {
        stream.set_nodelay(true)?;
        let writer = Arc::new(Mutex::new(stream.try_clone()?));
        send(&writer, BANNER.as_bytes())?;
        Ok(Self { stream, writer, items, logged_in: false, over: false })
    }

    /// Where the flood for this client goes.
    pub fn writer(&self) -> Writer {
        self.writer.clone()
    }

    /// Answers until the client leaves.
    pub fn serve(mut self) -> io::Result<()> {
        let mut pending = Vec::new();
        let mut buffer = vec![0; 64 * 1024];
        let mut answers = String::new();
        while !self.over {
            let count = self.stream.read(&mut buffer)?;
            if count == 0 {
                break;
            }
            pending.extend_from_slice(&buffer[..count]);
            let mut start = 0;
            while let Some(length) = block_length(&pending[start..]) {
                let block = String::from_utf8_lossy(&pending[start..start + length]);
                self.answer(&Action(&block), &mut answers)?;
                start += length;
            }
            pending.drain(..start);
            send(&self.writer, answers.as_bytes())?;
            answers.clear();
        }
        Ok(())
    }

    fn answer(&mut self, action: &Action<'_>, out: &mut String) -> io::Result<()> {
        let name = action.get("Action");
        let is = |other: &str| name.eq_ignore_ascii_case(other);
        if is("Ping") && self.logged_in {
            respond(out, "Success", action, "Ping: Pong\r\nTimestamp: 1753000000.123456\r\n");
        } else if is("Challenge") {
            respond(out, "Success", action, &format!("Challenge: {CHALLENGE}\r\n"));
        } else if is("Login") {
            self.logged_in = may_log_in(action);
            if self.logged_in {
                respond(out, "Success", action, "Message: Authentication accepted\r\n");
            } else {
                self.over = true;
                respond(out, "Error", action, "Message: Authentication failed\r\n");
            }
        } else if is("Logoff") {
            self.over = true;
            respond(out, "Goodbye", action, "Message: Thanks for all the fish.\r\n");
        } else if !self.logged_in {
            respond(out, "Error", action, "Message: Permission denied\r\n");
        } else if is("Events") {
            respond(out, "Success", action, "Events: On\r\n");
        } else if is("CoreShowChannels") {
            self.list(action, out)?;
        } else {
            respond(out, "Error", action, "Message: Invalid/unknown command\r\n");
        }
        Ok(())
    }

    /// Sends the list in pieces as it is put together, so that the client reads meanwhile.
    fn list(&self, action: &Action<'_>, out: &mut String) -> io::Result<()> {
        let id = id_line(action);
        respond(out, "Success", action, "EventList: start\r\nMessage: Channels will follow\r\n");
        for item in self.items.iter() {
            out.push_str("Event: CoreShowChannel\r\n");
            out.push_str(&id);
            out.push_str(item);
            if out.len() >= 64 * 1024 {
                send(&self.writer, out.as_bytes())?;
                out.clear();
            }
        }
        let _ = write!(
            out,
            "Event: CoreShowChannelsComplete\r\n{id}EventList: Complete\r\nListItems: {}\r\n\r\n",
            self.items.len()
        );
        Ok(())
    }
}

/// The lines of one action.
struct Action<'a>(&'a str);

impl Action<'_> {
    /// The value of a header, or nothing.
    fn get(&self, name: &str) -> &str {
        let header = |line: &&str| line.split_once(':').is_some_and(|(key, _)| same(key, name));
        let line = self.0.lines().find(header).unwrap_or_default();
        line.split_once(':').map_or("", |(_, value)| value.trim())
    }
}

fn same(left: &str, right: &str) -> bool {
    left.trim().eq_ignore_ascii_case(right)
}

fn block_length(bytes: &[u8]) -> Option<usize> {
    bytes.windows(4).position(|four| four == b"\r\n\r\n").map(|at| at + 4)
}

fn id_line(action: &Action<'_>) -> String {
    let id = action.get("ActionID");
    if id.is_empty() { String::new() } else { format!("ActionID: {id}\r\n") }
}

fn respond(out: &mut String, response: &str, action: &Action<'_>, lines: &str) {
    // Writing to a String cannot fail.
    let _ = write!(out, "Response: {response}\r\n{}{lines}\r\n", id_line(action));
}

/// A client that is not logged in would only measure refusals, so both ways in are checked.
fn may_log_in(action: &Action<'_>) -> bool {
    let secret_fits = if same(action.get("AuthType"), "MD5") {
        let mut key = String::new();
        for byte in Md5::digest(format!("{CHALLENGE}{SECRET}")) {
            let _ = write!(key, "{byte:02x}");
        }
        action.get("Key") == key
    } else {
        action.get("Secret") == SECRET
    };
    same(action.get("Username"), USERNAME) && secret_fits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_found_whatever_their_case() {
        let action = Action("action: Login\r\nUserName:versus\r\nSecret: measure\r\n\r\n");
        assert_eq!(action.get("Action"), "Login");
        assert!(may_log_in(&action));
        assert!(!may_log_in(&Action("Username: versus\r\nSecret: wrong\r\n\r\n")));
    }

    #[test]
    fn a_challenge_is_answered_with_its_digest() {
        let login = "Username: versus\r\nAuthType: MD5\r\nKey: ";
        let right = "d4facd2a96bda8bc6af63bd876bab4d4";
        assert!(may_log_in(&Action(&format!("{login}{right}\r\n\r\n"))));
        assert!(!may_log_in(&Action(&format!("{login}{}\r\n\r\n", right.replace('d', "0")))));
    }

    #[test]
    fn a_block_ends_with_a_blank_line() {
        assert_eq!(block_length(b"Action: Ping\r\n\r\nAction"), Some(16));
        assert_eq!(block_length(b"Action: Ping\r\n"), None);
    }
}
