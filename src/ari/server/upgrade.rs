//! What is asked for when a connection is made, and who may have it.

use std::fmt;
use std::hint::black_box;

use zeroize::Zeroizing;

use crate::ari::url::decode;
use crate::net::head::{Fault, Head};
use crate::net::websocket::{NoRequest, Obstacle, Received, proof};
use crate::net::{Deadline, ReadHalf, SocketAddr};
use crate::serving::Admission;

/// The one protocol there is.
const PROTOCOL: &str = "ari";

/// The request that opened an event socket, or is to: all but the password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AriUpgrade {
    peer: SocketAddr,
    path: String,
    query: Vec<(String, String)>,
    protocols: Vec<String>,
}

impl AriUpgrade {
    fn new(peer: SocketAddr, head: &Head<'_>) -> Self {
        let (path, query) = head.target.split_once('?').unwrap_or((head.target, ""));
        let pairs = query.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(key, true), decode(value, true))
        });
        Self {
            peer,
            path: decode(path, false),
            query: pairs.collect(),
            protocols: head.words("sec-websocket-protocol").map(str::to_owned).collect(),
        }
    }

    /// Who connected.
    pub fn peer(&self) -> SocketAddr {
        self.peer
    }

    /// The path of the URI in `websocket_client.conf`, percent-decoded; with the slash it begins with.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The parameters of that URI, percent-decoded, in their order.
    pub fn query(&self) -> &[(String, String)] {
        &self.query
    }

    /// A parameter of that URI; the first, if it stands there more than once.
    pub fn param(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The protocols that were offered, as `websocket_client.conf` has them.
    pub fn protocols(&self) -> &[String] {
        &self.protocols
    }
}

impl fmt::Display for AriUpgrade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {:?}", self.peer, self.path)
    }
}

/// Who may have a session.
pub(super) struct Gate {
    /// What the header `Authorization` has behind `Basic`. Without, everybody may.
    pub(super) secret: Option<Zeroizing<String>>,
    /// What is served; if it is nothing, everything is.
    pub(super) paths: Vec<String>,
    pub(super) admission: Option<Admission<AriUpgrade>>,
}

/// A request that was granted.
pub(super) struct Asked {
    pub(super) upgrade: AriUpgrade,
    pub(super) proof: String,
    pub(super) protocol: Option<&'static str>,
    /// What came behind the request.
    pub(super) rest: Vec<u8>,
}

/// Why one was not.
pub(super) struct NotGranted {
    /// What it is answered with, if somebody is there to be answered.
    pub(super) status: Option<u16>,
    why: String,
}

impl Gate {
    /// Whether nobody has to say who he is.
    pub(super) fn is_open(&self) -> bool {
        self.secret.is_none()
    }

    /// Reads a request, and looks whether it may be granted.
    pub(super) fn ask(
        &self,
        reader: &mut ReadHalf,
        peer: SocketAddr,
        deadline: &Deadline,
    ) -> Result<Asked, NotGranted> {
        let received = match Received::read(reader, deadline, &peer.to_string()) {
            Ok(received) => received,
            Err(NoRequest::Fault(Fault::TooLarge)) => return no(431, "its head is too large"),
            Err(NoRequest::Fault(Fault::Malformed(why))) => return no(400, why),
            Err(NoRequest::Failed(e)) => {
                return Err(NotGranted { status: None, why: e.to_string() });
            }
        };
        let Some(head) = received.head() else { return no(400, "it has no head") };
        let proof = match proof(&head) {
            Ok(proof) => proof,
            Err(Obstacle::Method) => return no(405, "it is no GET"),
            Err(Obstacle::NoUpgrade) => return no(426, "it asks for no WebSocket of version 13"),
            Err(Obstacle::NoKey) => return no(400, "it has no proper Sec-WebSocket-Key"),
        };
        if !self.knows(head.header("authorization")) {
            return no(401, "its user or password is not ours");
        }
        let upgrade = AriUpgrade::new(peer, &head);
        let protocol = upgrade.protocols.iter().any(|name| name == PROTOCOL).then_some(PROTOCOL);
        if protocol.is_none() && !upgrade.protocols.is_empty() {
            return no(400, "the protocol ari is not among those it offers");
        }
        if !self.paths.is_empty() && !self.paths.contains(&upgrade.path) {
            return no(404, "its path is not served");
        }
        if self.admission.as_ref().is_some_and(|admission| !admission.admits(&upgrade)) {
            return no(403, "it is not let in");
        }
        Ok(Asked { upgrade, proof, protocol, rest: received.rest() })
    }

    fn knows(&self, authorization: Option<&str>) -> bool {
        let Some(secret) = &self.secret else { return true };
        let given = authorization.and_then(|value| value.split_once(' '));
        given.is_some_and(|(scheme, given)| {
            scheme.eq_ignore_ascii_case("basic") && is_same(given.trim(), secret)
        })
    }
}

/// Whether two texts are the same, in a time that depends on the length of the first alone.
fn is_same(given: &str, secret: &str) -> bool {
    let mut secret_bytes = secret.bytes().cycle();
    let difference = given.bytes().fold(0, |difference, byte| {
        black_box(difference | (byte ^ secret_bytes.next().unwrap_or_default()))
    });
    black_box(difference) == 0 && given.len() == secret.len()
}

fn no<T>(status: u16, why: &str) -> Result<T, NotGranted> {
    Err(NotGranted { status: Some(status), why: why.to_owned() })
}

impl fmt::Display for NotGranted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.status {
            Some(status) => write!(f, "{status}: {}", self.why),
            None => f.write_str(&self.why),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_is_the_same() {
        assert!(is_same("YTpi", "YTpi"));
        for given in ["", "YTpj", "XTpi", "YTp", "YTpiYTpi", "YTpiY"] {
            assert!(!is_same(given, "YTpi"), "{given}");
        }
    }

    #[test]
    fn a_secret_is_known_by_its_header_alone() {
        let secret = Some(Zeroizing::new("YTpi".to_owned()));
        let gate = Gate { secret, paths: Vec::new(), admission: None };
        for good in ["Basic YTpi", "basic  YTpi"] {
            assert!(gate.knows(Some(good)), "{good}");
        }
        for bad in
            [None, Some(""), Some("YTpi"), Some("Digest YTpi"), Some("Basic"), Some("Basic x")]
        {
            assert!(!gate.knows(bad), "{bad:?}");
        }
        assert!(Gate { secret: None, paths: Vec::new(), admission: None }.knows(None));
    }
}
