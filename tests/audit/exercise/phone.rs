//! A telephone: as much of SIP as it takes to register, to call, to hold and to watch.

use std::net::UdpSocket;
use std::time::{Duration, Instant};

use md5::{Digest, Md5};

use crate::support::{PATIENCE, setting, unique};

/// A message that goes unanswered for so long is sent again: this is UDP.
const AGAIN: Duration = Duration::from_millis(500);

pub(super) struct Phone {
    socket: UdpSocket,
    server: String,
    user: String,
    secret: String,
}

/// One exchange after the other between the same two.
pub(super) struct Dialog {
    to: String,
    call_id: String,
    tag: String,
    their_tag: String,
    sequence: u32,
}

/// The last answer to a request.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) text: String,
}

impl Answer {
    fn header(&self, name: &str) -> Option<&str> {
        header(&self.text, name)
    }
}

fn header<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let lines = text.split("\r\n").take_while(|line| !line.is_empty());
    lines.filter_map(|line| line.split_once(':')).find_map(|(header, value)| {
        header.trim().eq_ignore_ascii_case(name).then_some(value.trim())
    })
}

/// `name=value` or `name="value"` in a header.
fn parameter<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let begin = text.find(&format!("{name}="))? + name.len() + 1;
    let value = &text[begin..];
    match value.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next(),
        None => value.split([',', ';']).next(),
    }
}

fn md5(text: &str) -> String {
    Md5::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Phone {
    pub(super) fn new(user: &str, secret: &str) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let server = format!("127.0.0.1:{}", setting("ASTERISK_SIP_PORT"));
        socket.connect(&server).unwrap();
        socket.set_read_timeout(Some(AGAIN)).unwrap();
        Self { socket, server, user: user.to_owned(), secret: secret.to_owned() }
    }

    /// This user of the server, or this extension.
    pub(super) fn address_of(&self, user: &str) -> String {
        format!("sip:{user}@{}", self.server)
    }

    /// A dialog that begins with a request to this user of the server.
    pub(super) fn dialog(&self, to: &str) -> Dialog {
        Dialog {
            to: self.address_of(to),
            call_id: unique("call"),
            tag: unique("tag"),
            their_tag: String::new(),
            sequence: 0,
        }
    }

    /// Sends a request and, if asked who we are, sends it again with the proof.
    pub(super) fn request(
        &self,
        dialog: &mut Dialog,
        method: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Answer {
        let answer = self.once(dialog, method, headers, body);
        let asked = match answer.status {
            401 => ("WWW-Authenticate", "Authorization"),
            407 => ("Proxy-Authenticate", "Proxy-Authorization"),
            _ => return answer,
        };
        let question = answer.header(asked.0).expect("a challenge").to_owned();
        let proof = self.proof(method, &self.target(dialog, method), &question);
        let mut headers = headers.to_vec();
        headers.push((asked.1, &proof));
        self.once(dialog, method, &headers, body)
    }

    /// Sends a request until it is answered for good.
    pub(super) fn once(
        &self,
        dialog: &mut Dialog,
        method: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Answer {
        dialog.sequence += 1;
        let branch = unique("z9hG4bK");
        let text = self.write(dialog, method, &branch, headers, body);
        let deadline = Instant::now() + PATIENCE;
        self.send(&text);
        loop {
            assert!(Instant::now() < deadline, "{method} is not answered");
            let Some(came) = self.receive() else {
                self.send(&text);
                continue;
            };
            let Some(status) = came.strip_prefix("SIP/2.0 ") else {
                self.agree(&came);
                continue;
            };
            let status: u16 = status[..3].parse().unwrap();
            let ours = header(&came, "CSeq") == Some(&format!("{} {method}", dialog.sequence));
            if !ours || header(&came, "Call-ID") != Some(&dialog.call_id) || status < 200 {
                continue;
            }
            if method == "INVITE" {
                if status < 300 {
                    let tag = header(&came, "To").and_then(|to| parameter(to, "tag"));
                    dialog.their_tag = tag.unwrap_or_default().to_owned();
                }
                let branch = if status < 300 { unique("z9hG4bK") } else { branch };
                let their_tag = header(&came, "To").and_then(|to| parameter(to, "tag"));
                let tag = their_tag.unwrap_or_default().to_owned();
                let kept = std::mem::replace(&mut dialog.their_tag, tag);
                self.send(&self.write(dialog, "ACK", &branch, &[], ""));
                dialog.their_tag = kept;
            } else if method == "SUBSCRIBE" && status < 300 {
                let tag = header(&came, "To").and_then(|to| parameter(to, "tag"));
                dialog.their_tag = tag.unwrap_or_default().to_owned();
            }
            return Answer { status, text: came };
        }
    }

    fn target(&self, dialog: &Dialog, method: &str) -> String {
        match method {
            "REGISTER" => format!("sip:{}", self.server),
            _ => dialog.to.clone(),
        }
    }

    fn write(
        &self,
        dialog: &Dialog,
        method: &str,
        branch: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> String {
        let (user, server, us) = (&self.user, &self.server, self.socket.local_addr().unwrap());
        let Dialog { to, call_id, tag, their_tag, sequence } = dialog;
        let target = self.target(dialog, method);
        let their_tag =
            if their_tag.is_empty() { String::new() } else { format!(";tag={their_tag}") };
        let mut text = format!(
            "{method} {target} SIP/2.0\r\nVia: SIP/2.0/UDP {us};branch={branch}\r\n\
             From: <sip:{user}@{server}>;tag={tag}\r\nTo: <{to}>{their_tag}\r\n\
             Call-ID: {call_id}\r\nCSeq: {sequence} {method}\r\nContact: <sip:{user}@{us}>\r\n\
             Max-Forwards: 70\r\n"
        );
        for (name, value) in headers {
            text += &format!("{name}: {value}\r\n");
        }
        if !body.is_empty() && header(&text, "Content-Type").is_none() {
            text += "Content-Type: application/sdp\r\n";
        }
        text + &format!("Content-Length: {}\r\n\r\n{body}", body.len())
    }

    fn send(&self, text: &str) {
        self.socket.send(text.as_bytes()).unwrap();
    }

    fn receive(&self) -> Option<String> {
        let mut buffer = [0; 8192];
        let length = self.socket.recv(&mut buffer).ok()?;
        Some(String::from_utf8_lossy(&buffer[..length]).into_owned())
    }

    /// Says yes to whatever the server asks.
    fn agree(&self, request: &str) {
        if request.starts_with("ACK ") {
            return;
        }
        let mut text = String::from("SIP/2.0 200 OK\r\n");
        for name in ["Via", "From", "To", "Call-ID", "CSeq"] {
            text += &format!("{name}: {}\r\n", header(request, name).unwrap_or_default());
        }
        self.send(&(text + "Content-Length: 0\r\n\r\n"));
    }

    /// What proves that we know the secret.
    fn proof(&self, method: &str, target: &str, question: &str) -> String {
        let (realm, nonce) = (parameter(question, "realm"), parameter(question, "nonce"));
        let (realm, nonce) = (realm.expect("a realm"), nonce.expect("a nonce"));
        let who = md5(&format!("{}:{realm}:{}", self.user, self.secret));
        let what = md5(&format!("{method}:{target}"));
        let response = md5(&format!("{who}:{nonce}:00000001:phone:auth:{what}"));
        let opaque = parameter(question, "opaque").unwrap_or_default();
        format!(
            "Digest username=\"{}\", realm=\"{realm}\", nonce=\"{nonce}\", uri=\"{target}\", \
             response=\"{response}\", algorithm=MD5, qop=auth, nc=00000001, cnonce=\"phone\", \
             opaque=\"{opaque}\"",
            self.user
        )
    }

    /// What we can hear and say, and which way.
    pub(super) fn sdp(direction: &str) -> String {
        format!(
            "v=0\r\no=phone 1 1 IN IP4 127.0.0.1\r\ns=phone\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n\
             m=audio 9 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\na={direction}\r\n"
        )
    }
}
