//! TLS: what the user may set, and the handshake.

use std::fmt;
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;

#[cfg(any(test, feature = "testing", feature = "ari"))]
use native_tls::TlsAcceptor;
use native_tls::{Certificate, HandshakeError, Identity, TlsConnector, TlsStream};
use zeroize::Zeroizing;

use super::dial::bare;
use super::{Deadline, Pipe};
use crate::{ConnectionError, Error, Result};

/// How to talk TLS. As it comes, the server's certificate is verified against the roots the
/// platform trusts, and must be for the host that was dialled.
///
/// Certificates and keys are read when a connection is made; what cannot be read is
/// [`Error::Invalid`] then, with what is wrong with it.
///
/// ```no_run
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use asterisk_sync::Tls;
/// // A PBX that signs its own certificates, asked for ours.
/// let tls = Tls::new()
///     .root_pem(std::fs::read("/etc/asterisk/keys/ca.crt")?)
///     .only_given_roots()
///     .identity_pem(std::fs::read("client.pem")?, std::fs::read("client.key")?)
///     .server_name("pbx.internal");
/// # Ok(()) }
/// ```
#[derive(Clone, Default)]
#[must_use]
pub struct Tls {
    roots: Vec<Arc<[u8]>>,
    only_given_roots: bool,
    identity: Option<Arc<Source>>,
    server_name: Option<Box<str>>,
    accept_invalid: bool,
}

/// Where our own certificate and key are.
enum Source {
    Pem { chain: Vec<u8>, key: Zeroizing<Vec<u8>> },
    Pkcs12 { archive: Zeroizing<Vec<u8>>, password: Zeroizing<String> },
}

impl Tls {
    /// Verifies with the platform's roots.
    pub fn new() -> Self {
        Self::default()
    }

    /// Trusts the certificates in this PEM text as well. It may hold several, and may be called
    /// several times.
    pub fn root_pem(mut self, pem: impl AsRef<[u8]>) -> Self {
        self.roots.push(pem.as_ref().into());
        self
    }

    /// Trusts the given roots and not the platform's.
    pub fn only_given_roots(mut self) -> Self {
        self.only_given_roots = true;
        self
    }

    /// Shows the server this certificate when it asks who we are: the certificate first, then what
    /// leads to its root, then the key, which must be PKCS#8 (`BEGIN PRIVATE KEY`).
    pub fn identity_pem(mut self, cert_chain: impl AsRef<[u8]>, key: impl AsRef<[u8]>) -> Self {
        let chain = cert_chain.as_ref().to_vec();
        let key = Zeroizing::new(key.as_ref().to_vec());
        self.identity = Some(Arc::new(Source::Pem { chain, key }));
        self
    }

    /// The same, from a PKCS#12 archive (`.p12`, `.pfx`).
    pub fn identity_pkcs12(mut self, der: impl AsRef<[u8]>, password: impl Into<String>) -> Self {
        let archive = Zeroizing::new(der.as_ref().to_vec());
        let password = Zeroizing::new(password.into());
        self.identity = Some(Arc::new(Source::Pkcs12 { archive, password }));
        self
    }

    /// The name the certificate must be for, when it is not the host that is dialled.
    pub fn server_name(mut self, name: impl Into<String>) -> Self {
        self.server_name = Some(name.into().into());
        self
    }

    /// Accepts any certificate whatever: self-signed, expired, of another host.
    ///
    /// **This turns all verification off, the host name's as well.** Whoever can get between the
    /// two ends then reads the secret and everything after it. To accept one self-signed
    /// certificate, give it to [`root_pem`](Self::root_pem) instead.
    pub fn danger_accept_invalid_certificates(mut self) -> Self {
        self.accept_invalid = true;
        self
    }

    /// The name to verify when `host` is dialled.
    pub(crate) fn name_for<'a>(&'a self, host: &'a str) -> &'a str {
        self.server_name.as_deref().unwrap_or(bare(host))
    }

    /// Reads the settings. Done at each connection: the platform's roots may have changed.
    pub(crate) fn connector(&self) -> Result<TlsConnector> {
        let mut builder = TlsConnector::builder();
        for pem in &self.roots {
            let roots = Certificate::stack_from_pem(pem).map_err(|e| bad("a root", &e))?;
            if roots.is_empty() {
                return Err(bad("a root", &"there is no certificate in the PEM text"));
            }
            for root in roots {
                builder.add_root_certificate(root);
            }
        }
        if self.only_given_roots && self.roots.is_empty() && !self.accept_invalid {
            return Err(bad("the roots", &"only given ones are trusted, and none is given"));
        }
        if let Some(source) = &self.identity {
            builder.identity(source.read()?);
        }
        builder
            .disable_built_in_roots(self.only_given_roots)
            .danger_accept_invalid_certs(self.accept_invalid)
            .danger_accept_invalid_hostnames(self.accept_invalid)
            .build()
            .map_err(|e| bad("the settings", &e))
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls")
            .field("roots", &self.roots.len())
            .field("only_given_roots", &self.only_given_roots)
            .field("identity", &self.identity.as_ref().map(|_| "<redacted>"))
            .field("server_name", &self.server_name)
            .field("accept_invalid_certificates", &self.accept_invalid)
            .finish()
    }
}

impl Source {
    fn read(&self) -> Result<Identity> {
        match self {
            Self::Pem { chain, key } => identity(chain, key),
            Self::Pkcs12 { archive, password } => {
                Identity::from_pkcs12(archive, password).map_err(|e| bad("the PKCS#12 archive", &e))
            }
        }
    }
}

fn identity(chain: &[u8], key: &[u8]) -> Result<Identity> {
    const BEGIN: &[u8] = b"-----BEGIN ";
    const WANTED: &[u8] = b"-----BEGIN PRIVATE KEY-----";
    // The key must be the very first thing in the text the library is given; a file may well have
    // something before it.
    let Some(start) = key.windows(WANTED.len()).position(|w| w == WANTED) else {
        let label = key.windows(BEGIN.len()).position(|w| w == BEGIN).map(|at| {
            let rest = String::from_utf8_lossy(&key[at + BEGIN.len()..]);
            rest.split("-----").next().unwrap_or_default().chars().take(40).collect::<String>()
        });
        let found = label.map_or("no PEM block".into(), |label| format!("\"BEGIN {label}\""));
        return Err(bad(
            "the key",
            &format!("expected \"BEGIN PRIVATE KEY\" (unencrypted PKCS#8), found {found}"),
        ));
    };
    Identity::from_pkcs8(chain, &key[start..]).map_err(|e| bad("the certificate or its key", &e))
}

fn bad(what: &str, why: &dyn fmt::Display) -> Error {
    Error::invalid(format!("TLS: {what}: {why}"))
}

#[cfg(any(test, feature = "testing", feature = "ari"))]
/// The server's side: its certificate, read once.
#[derive(Clone)]
pub(crate) struct TlsServer(TlsAcceptor);

#[cfg(any(test, feature = "testing", feature = "ari"))]
impl TlsServer {
    pub(crate) fn from_pem(cert_chain: &[u8], key: &[u8]) -> Result<Self> {
        let acceptor = TlsAcceptor::new(identity(cert_chain, key)?);
        Ok(Self(acceptor.map_err(|e| bad("the certificate or its key", &e))?))
    }
}

#[cfg(any(test, feature = "testing", feature = "ari"))]
impl fmt::Debug for TlsServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsServer").finish_non_exhaustive()
    }
}

/// The client's handshake, over a socket nobody else uses yet.
pub(super) fn connect(
    stream: &TcpStream,
    tls: &Tls,
    host: &str,
    deadline: &Deadline,
) -> Result<TlsStream<Pipe>> {
    let name = tls.name_for(host);
    let first = tls.connector()?.connect(name, Pipe::default());
    agree(stream, name, deadline, first)
}

#[cfg(any(test, feature = "testing", feature = "ari"))]
/// The server's handshake.
pub(super) fn accept(
    stream: &TcpStream,
    server: &TlsServer,
    deadline: &Deadline,
) -> Result<TlsStream<Pipe>> {
    let peer = stream.peer_addr().map_or_else(|_| "the peer".into(), |a| a.to_string());
    agree(stream, &peer, deadline, server.0.accept(Pipe::default()))
}

/// Carries the handshake's bytes between the pipe and the socket until both sides agree. What
/// follows the handshake and has already arrived stays in the pipe.
fn agree(
    stream: &TcpStream,
    peer: &str,
    deadline: &Deadline,
    mut step: Result<TlsStream<Pipe>, HandshakeError<Pipe>>,
) -> Result<TlsStream<Pipe>> {
    let mut buffer = vec![0; 16 * 1024];
    loop {
        match step {
            Ok(mut tls) => {
                send(stream, tls.get_mut(), deadline)?;
                stream.set_read_timeout(None).map_err(ConnectionError::Lost)?;
                stream.set_write_timeout(None).map_err(ConnectionError::Lost)?;
                return Ok(tls);
            }
            Err(HandshakeError::WouldBlock(mut unfinished)) => {
                send(stream, unfinished.get_mut(), deadline)?;
                let n = bounded(stream, deadline, |mut stream| stream.read(&mut buffer))?;
                if n == 0 {
                    return Err(ConnectionError::ClosedByPeer(peer.into()).into());
                }
                unfinished.get_mut().feed(&buffer[..n]);
                step = unfinished.handshake();
            }
            Err(HandshakeError::Failure(e)) => {
                return Err(ConnectionError::Tls { host: peer.into(), source: e.into() }.into());
            }
        }
    }
}

fn send(stream: &TcpStream, pipe: &mut Pipe, deadline: &Deadline) -> Result<()> {
    let mut out = Vec::new();
    pipe.take_outbound(&mut out);
    let mut rest = &out[..];
    while !rest.is_empty() {
        let n = bounded(stream, deadline, |mut stream| stream.write(rest))?;
        rest = &rest[n..];
    }
    Ok(())
}

/// One system call within the deadline. A peer that sends a byte at a time gains nothing.
fn bounded(
    stream: &TcpStream,
    deadline: &Deadline,
    mut call: impl FnMut(&TcpStream) -> io::Result<usize>,
) -> Result<usize> {
    loop {
        let left = Some(deadline.left()?);
        stream.set_read_timeout(left).map_err(ConnectionError::Lost)?;
        stream.set_write_timeout(left).map_err(ConnectionError::Lost)?;
        match call(stream) {
            Ok(n) => return Ok(n),
            // Timeouts are rounded: ask the clock.
            Err(e)
                if matches!(e.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut)
                    && deadline.has_passed() =>
            {
                return Err(deadline.error());
            }
            Err(e)
                if matches!(e.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) => {}
            Err(e) => return Err(ConnectionError::Lost(e).into()),
        }
    }
}

#[cfg(test)]
mod tests;
