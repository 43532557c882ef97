//! Where the server is, and how to write things into a URL.

use std::borrow::Cow;
use std::fmt;

use crate::net::Ipv6Addr;
use crate::percent;
use crate::{Error, Result};

/// The parts of the server's URL, without any secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Base {
    pub(super) is_tls: bool,
    /// Without the brackets of an IPv6 address, and with its zone.
    pub(super) host: String,
    pub(super) port: u16,
    /// Begins with a slash, does not end with one; empty where there is none.
    pub(super) prefix: String,
}

/// Asterisk's port for HTTP.
pub(super) const PORT: u16 = 8088;
/// Asterisk's port for HTTPS.
pub(super) const TLS_PORT: u16 = 8089;

impl Base {
    /// Reads `http://pbx:8088`, `https://[::1]:8089/prefix`, `ws://…`, `wss://…`, or a host with or
    /// without a port. A prefix that ends in `/ari` is meant to be what stands before it.
    pub(super) fn parse(url: &str) -> Result<Self> {
        let bad = |why: &str| Err(Error::invalid(format!("the URL {why}")));
        let (scheme, rest) = url.split_once("://").unwrap_or(("http", url));
        let is_tls = match scheme.to_ascii_lowercase().as_str() {
            "http" | "ws" => false,
            "https" | "wss" => true,
            _ => return bad("begins with neither http:// nor https://"),
        };
        if rest.contains(['?', '#']) {
            return bad("has a query or a fragment");
        }
        let (authority, path) = rest.find('/').map_or((rest, ""), |slash| rest.split_at(slash));
        if authority.contains('@') {
            return bad("has a user in it; give the credentials apart");
        }
        let default = if is_tls { TLS_PORT } else { PORT };
        let (host, port) = split_port(authority, default)?;
        let path = path.trim_end_matches('/');
        let prefix = path.strip_suffix("/ari").unwrap_or(path).to_owned();
        let is_plain = |c: char| c.is_ascii_graphic();
        if host.is_empty() {
            return bad("has no host");
        }
        if !host.is_ascii() {
            return bad("has a host that is not ASCII; its name in the DNS begins with xn--");
        }
        let (address, zone) = host.split_once('%').unwrap_or((&host, "0"));
        let is_name = |name: &str| {
            !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "-._".contains(c))
        };
        if address.contains(':') {
            if address.parse::<Ipv6Addr>().is_err() || !is_name(zone) {
                return bad("has a host that is no IPv6 address");
            }
        } else if !is_name(&host) {
            return bad("has a character in its host that does not belong there");
        }
        if !prefix.chars().all(is_plain) {
            return bad("has a character in it that does not belong there");
        }
        Ok(Self { is_tls, host, port, prefix })
    }

    /// What stands in the header `Host` and behind the scheme. The zone of an address means something
    /// on this machine only.
    pub(super) fn authority(&self) -> String {
        let Self { host, port, .. } = self;
        let host = host.split_once('%').map_or(&**host, |(address, _)| address);
        if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
    }

    /// The path of everything ARI.
    pub(super) fn root(&self) -> String {
        format!("{}/ari/", self.prefix)
    }
}

impl fmt::Display for Base {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.is_tls { "https" } else { "http" };
        write!(f, "{scheme}://{}{}", self.authority(), self.prefix)
    }
}

/// The host and the port of `host`, `host:port`, `::1`, `[::1]` or `[::1]:port`.
pub(super) fn split_port(authority: &str, default: u16) -> Result<(String, u16)> {
    let (host, port) = match authority.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((host, "")) => (host, None),
        Some((host, rest)) => (host, rest.strip_prefix(':').or(Some("?"))),
        None => match authority.split_once(':') {
            Some((host, port)) if !port.contains(':') => (host, Some(port)),
            _ => (authority, None),
        },
    };
    let port = match port {
        None => default,
        Some(port) => port
            .parse()
            .ok()
            .filter(|&port| port != 0)
            .ok_or_else(|| Error::invalid(format!("{port:?} is not a port")))?,
    };
    Ok((host.to_owned(), port))
}

/// Appends a path segment or a query value. Only what is never special stays as it is: Asterisk
/// decodes a plus sign to a space wherever it stands.
pub(super) fn encode(text: &str, into: &mut String) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            into.push(char::from(byte));
        } else {
            into.push('%');
            into.push(char::from(HEX[usize::from(byte >> 4)]));
            into.push(char::from(HEX[usize::from(byte & 15)]));
        }
    }
}

/// What [`encode`] has made of a text, or anybody else; a plus sign is one, or a space.
pub(crate) fn decode(text: &str, plus_is_space: bool) -> String {
    let text = if plus_is_space { text.replace('+', " ").into() } else { Cow::Borrowed(text) };
    String::from_utf8_lossy(&percent::decode(text.as_bytes())).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base(url: &str) -> (bool, String, u16, String) {
        let base = Base::parse(url).unwrap();
        (base.is_tls, base.host, base.port, base.prefix)
    }

    #[test]
    fn urls_are_read_with_any_prefix_and_ipv6() {
        assert_eq!(base("http://pbx:8088"), (false, "pbx".into(), 8088, String::new()));
        assert_eq!(base("pbx"), (false, "pbx".into(), 8088, String::new()));
        assert_eq!(base("https://pbx/asterisk/"), (true, "pbx".into(), 8089, "/asterisk".into()));
        assert_eq!(
            base("http://pbx:80/pre/fix/ari/"),
            (false, "pbx".into(), 80, "/pre/fix".into())
        );
        assert_eq!(base("wss://[::1]:9/x"), (true, "::1".into(), 9, "/x".into()));
        assert_eq!(Base::parse("http://[::1]").unwrap().authority(), "[::1]:8088");
        let zoned = Base::parse("http://[fe80::1%eth0.2]:9").unwrap();
        assert_eq!((&*zoned.host, &*zoned.authority()), ("fe80::1%eth0.2", "[fe80::1]:9"));
    }

    #[test]
    fn whatever_host_is_taken_the_http_library_takes_as_well() {
        for host in ["pbx", "pbx.example.com", "a_b-c", "10.0.0.1", "[::1]", "[fe80::1%eth0]"] {
            let base = Base::parse(&format!("http://{host}/pre/fix")).unwrap();
            let url = format!("http://{}{}", base.authority(), base.root());
            assert!(url.parse::<ureq::http::Uri>().is_ok(), "{url}");
        }
    }

    #[test]
    fn what_is_no_url_of_a_server_is_refused() {
        for url in [
            "ftp://pbx",
            "http://",
            "http://user:secret@pbx",
            "http://pbx?x",
            "http://pbx:0",
            "http://pbx:x",
            "http://p bx",
            "http://pbx/a b",
            "http://[::1]x",
            "http://pbx%41",
            "http://10.0.0.1%eth0",
            "http://[::1%]",
            "http://[::1%a%b]",
            "http://[::g]",
            "http://a:b:c",
            "http://büro.example.com",
        ] {
            let e = Base::parse(url).unwrap_err();
            assert!(matches!(e, Error::Invalid(_)), "{url}");
            assert!(!e.to_string().contains("secret"), "{e}");
        }
    }

    #[test]
    fn everything_that_may_be_special_is_encoded() {
        let mut text = String::new();
        encode("PJSIP/a b+c%é?&=,;1~", &mut text);
        assert_eq!(text, "PJSIP%2Fa%20b%2Bc%25%C3%A9%3F%26%3D%2C%3B1~");
        assert_eq!(decode(&text, true), "PJSIP/a b+c%é?&=,;1~");
        assert_eq!((&*decode("a+b%2", true), &*decode("a+b%2", false)), ("a b%2", "a+b%2"));
    }
}
