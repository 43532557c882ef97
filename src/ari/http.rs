//! Requests over HTTP, through a pool of connections that are kept and used again.

use std::io::{self, Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use ureq::http::{self, Response};
use ureq::{Agent, Body};

use super::config::AriConfig;
use super::connection::deadline_of;
use super::rest::{Answer, Encoded, Method, Request, limit};
use super::url::Base;
use crate::error::{ProtocolError, TimeoutError};
use crate::net::http::{Dialler, Lost, NoResolver, begin_request, has_left};
use crate::sync::permits::{NoPermit, Permit, Permits};
use crate::{Error, Result};

/// How much of a body is read at a time.
const BUFFER: usize = 64 << 10;

/// A pool, and what every request says.
///
/// A connection is only made when none is idle, so there are never more than may be used at a time.
pub(super) struct Http {
    agent: Agent,
    /// One for each connection that may be used.
    permits: Permits,
    /// How many requests are under way, those that wait for a connection included.
    in_flight: AtomicUsize,
    /// Scheme, host, port and path, up to what is ARI's own.
    root: String,
    /// How much of that stands in a request line.
    line: usize,
    max_body: usize,
    connect_timeout: Duration,
}

impl Http {
    pub(super) fn new(config: &AriConfig, base: &Base) -> Self {
        let dialler = Dialler {
            authorization: Arc::new(config.authorization()),
            host: base.host.clone(),
            port: base.port,
            #[cfg(feature = "tls")]
            tls: base.is_tls.then(|| config.tls.clone().unwrap_or_default()),
        };
        let settings = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .user_agent(concat!("asterisk-sync/", env!("CARGO_PKG_VERSION")))
            .accept_encoding("")
            .max_idle_connections(config.max_idle.min(config.max_connections))
            .max_idle_connections_per_host(config.max_idle.min(config.max_connections))
            .max_idle_age(config.idle_timeout)
            .timeout_connect(Some(config.connect_timeout))
            .build();
        let scheme = if base.is_tls { "https" } else { "http" };
        Self {
            agent: Agent::with_parts(settings, dialler, NoResolver),
            permits: Permits::new(config.max_connections),
            in_flight: AtomicUsize::new(0),
            root: format!("{scheme}://{}{}", base.authority(), base.root()),
            line: base.root().len(),
            max_body: config.max_body_size,
            connect_timeout: config.connect_timeout,
        }
    }

    /// How many requests are under way.
    pub(super) fn in_flight(&self) -> usize {
        self.in_flight.load(Ordering::Relaxed)
    }

    /// Ends all requests that are under way, and every later one at once.
    pub(super) fn close(&self) {
        self.permits.close();
        self.agent.clone().shutdown();
    }

    /// Sends a request, and once more where that is safe: the connection was one of the pool and the
    /// server had closed it, and either nothing has left or nothing can be done twice.
    pub(super) fn perform(&self, request: &Request, timeout: Duration) -> Result<Answer> {
        let encoded = request.encode(self.line)?;
        let _counted = Counted::new(&self.in_flight);
        begin_request();
        let begun = Instant::now();
        let _permit = self.permit(request, timeout)?;
        match self.once(&encoded, timeout.saturating_sub(begun.elapsed())) {
            Err(Failure::Lost(Lost::Down { reused: true, .. }))
                if !has_left() || request.is_repeatable() =>
            {
                log::debug!("{}: the connection had been closed; once more", request.name());
                let left = timeout.saturating_sub(begun.elapsed());
                // All others of the pool may have been closed as well, but a new one has not.
                self.once(&encoded, left)
            }
            other => other,
        }
        .map_err(|failure| self.error_of(failure, request, timeout, has_left()))
    }

    /// Sends a request that only looks, and writes what is in the answer to `to`, as it comes. How much
    /// that was; or the error that the answer is.
    pub(super) fn download(
        &self,
        request: &Request,
        timeout: Duration,
        to: &mut dyn Write,
    ) -> Result<u64> {
        let encoded = request.encode(self.line)?;
        let _counted = Counted::new(&self.in_flight);
        begin_request();
        let begun = Instant::now();
        let _permit = self.permit(request, timeout)?;
        let response = match self.send(&encoded, timeout.saturating_sub(begun.elapsed())) {
            Err(Failure::Lost(Lost::Down { reused: true, .. })) => {
                self.send(&encoded, timeout.saturating_sub(begun.elapsed()))
            }
            other => other,
        };
        let sent = has_left();
        let failed = |failure: Failure| self.error_of(failure, request, timeout, sent);
        let mut response = response.map_err(failed)?;
        if !response.status().is_success() {
            let answer = self.answer(response).map_err(failed)?;
            return answer.check(request).map(|_| 0);
        }
        let mut body = response.body_mut().with_config().limit(u64::MAX).reader();
        let mut buffer = vec![0; BUFFER];
        let mut size = 0;
        loop {
            let n = match body.read(&mut buffer) {
                Ok(0) => return Ok(size),
                Ok(n) => n,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
                Err(e) => return Err(failed(ureq::Error::Io(e).into())),
            };
            to.write_all(&buffer[..n])?;
            size += n as u64;
        }
    }

    /// Leave to use a connection, which may have to be waited for.
    fn permit(&self, request: &Request, timeout: Duration) -> Result<Permit<'_>> {
        self.permits.take(deadline_of(timeout)).map_err(|e| match e {
            NoPermit::Closed => Error::Closed,
            NoPermit::Late => {
                let (action, after) = (request.name().into(), timeout);
                TimeoutError::Action { action, after, sent: false }.into()
            }
        })
    }

    fn once(&self, encoded: &Encoded, timeout: Duration) -> Result<Answer, Failure> {
        self.answer(self.send(encoded, timeout)?)
    }

    fn send(&self, encoded: &Encoded, timeout: Duration) -> Result<Response<Body>, Failure> {
        let mut request = http::Request::builder()
            .method(encoded.method.as_str())
            .uri(format!("{}{}", self.root, encoded.target));
        let response = match (&encoded.body, encoded.method) {
            (None, Method::Get | Method::Delete) => {
                let request = request.body(())?;
                let request = self.agent.configure_request(request).timeout_global(Some(timeout));
                self.agent.run(request.build())
            }
            (body, _) => {
                if body.is_some() {
                    request = request.header(http::header::CONTENT_TYPE, "application/json");
                }
                // What makes or sets has a body even where it is empty: without one, its length
                // would not be said but shown, by a chunk.
                let request = request.body(body.as_deref().unwrap_or_default())?;
                let request = self.agent.configure_request(request).timeout_global(Some(timeout));
                self.agent.run(request.allow_non_standard_methods(true).build())
            }
        };
        Ok(response?)
    }

    fn answer(&self, mut response: Response<Body>) -> Result<Answer, Failure> {
        let content_type = response.headers().get(http::header::CONTENT_TYPE);
        let content_type =
            content_type.and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
        let announced = response.body().content_length().and_then(|it| usize::try_from(it).ok());
        // Whatever is announced, more is only taken once it comes.
        let mut body = Vec::with_capacity(announced.unwrap_or(0).min(BUFFER));
        let mut reader = response.body_mut().with_config().limit(self.max_body as u64).reader();
        reader.read_to_end(&mut body).map_err(ureq::Error::Io)?;
        Ok(Answer { status: response.status().as_u16(), content_type, body })
    }

    /// Why there is no answer. `sent` is whether the request may have run all the same.
    fn error_of(&self, failure: Failure, request: &Request, after: Duration, sent: bool) -> Error {
        let name = request.name();
        let (connect, limit_of_body) = (self.connect_timeout, self.max_body as u64);
        match failure {
            // It was tried before, and what became of that is not known.
            Failure::Lost(Lost::NotConnected(e)) if sent => {
                log::debug!("{name}: the connection was lost: {e}");
                Error::Disconnected { sent }
            }
            // Of both bounds, the library passes on what is left of the shorter.
            Failure::Lost(Lost::NotConnected(Error::Timeout(TimeoutError::Connect { .. }))) => {
                TimeoutError::Connect { after: after.min(connect) }.into()
            }
            Failure::Lost(Lost::NotConnected(e)) => e,
            Failure::Lost(Lost::Down { source, .. }) => {
                log::debug!("{name}: the connection was lost: {source}");
                Error::Disconnected { sent }
            }
            Failure::Lost(Lost::TimedOut) | Failure::Library(ureq::Error::Timeout(_)) => {
                TimeoutError::Action { action: name.into(), after, sent }.into()
            }
            Failure::Library(ureq::Error::BodyExceedsLimit(_)) => ProtocolError::Oversized {
                what: "the size of the answer in bytes",
                limit: limit_of_body,
            }
            .into(),
            Failure::Library(ureq::Error::LargeResponseHeader(size, most)) => {
                log::debug!("{name}: {}", limit("the answer's headers in bytes", size, most));
                ProtocolError::Oversized {
                    what: "the size of the answer's headers in bytes",
                    limit: most as u64,
                }
                .into()
            }
            // What the pool says that has been shut down.
            Failure::Library(ureq::Error::Io(e))
                if !sent && e.kind() == io::ErrorKind::NotConnected =>
            {
                Error::Closed
            }
            Failure::Library(ureq::Error::Io(e)) => {
                log::debug!("{name}: the connection was lost: {e}");
                Error::Disconnected { sent }
            }
            Failure::Library(e) if sent => {
                ProtocolError::Malformed(format!("the answer to {name}: {e}").into()).into()
            }
            Failure::Library(e) => Error::invalid(format!("the request cannot be sent: {e}")),
        }
    }
}

/// A request that counts as long as it is under way.
struct Counted<'a>(&'a AtomicUsize);

impl<'a> Counted<'a> {
    fn new(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Why there is no answer.
enum Failure {
    Lost(Lost),
    Library(ureq::Error),
}

impl From<http::Error> for Failure {
    fn from(e: http::Error) -> Self {
        Self::Library(e.into())
    }
}

impl From<ureq::Error> for Failure {
    fn from(e: ureq::Error) -> Self {
        match e {
            ureq::Error::Other(inner) => match inner.downcast::<Lost>() {
                Ok(lost) => Self::Lost(*lost),
                Err(inner) => Self::Library(ureq::Error::Other(inner)),
            },
            // What goes wrong while a body is read comes wrapped.
            ureq::Error::Io(e)
                if e.get_ref()
                    .is_some_and(<dyn std::error::Error + Send + Sync>::is::<ureq::Error>) =>
            {
                match e
                    .into_inner()
                    .map(<dyn std::error::Error + Send + Sync>::downcast::<ureq::Error>)
                {
                    Some(Ok(inner)) => Self::from(*inner),
                    _ => Self::Library(ureq::Error::ConnectionFailed),
                }
            }
            e => Self::Library(e),
        }
    }
}

impl std::fmt::Debug for Http {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Http").field("root", &self.root).finish_non_exhaustive()
    }
}
