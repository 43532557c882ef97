//! The one error of the crate, sorted by what a caller can do about it.

use std::any::Any;
use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

/// `Result` with this crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Everything that can go wrong, in at most 48 bytes.
///
/// A caller has two questions, and each has a predicate: may I simply try again
/// ([`is_retryable`](Self::is_retryable)), and must I look first whether it happened
/// ([`may_have_run`](Self::may_have_run))? No variant ever holds a secret; errors of other crates
/// are reachable through [`source`](std::error::Error::source) only.
///
/// ```
/// # use asterisk_sync::Error;
/// # fn demo(outcome: Result<(), Error>) -> Result<(), Error> {
/// match outcome {
///     Err(e) if e.is_retryable() => println!("nothing happened, once more: {e}"),
///     Err(e) if e.may_have_run() => println!("look before you act again: {e}"),
///     Err(Error::Refused { message, .. }) => println!("Asterisk says: {message}"),
///     other => other?,
/// }
/// # Ok(()) }
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The connection could not be made, or TLS could not be agreed on.
    #[error(transparent)]
    Connection(#[from] ConnectionError),

    /// The server does not accept who we say we are. Trying again with the same words will not
    /// help, and may get the host banned.
    #[error(transparent)]
    Auth(#[from] AuthError),

    /// A deadline passed.
    #[error(transparent)]
    Timeout(#[from] TimeoutError),

    /// The peer sent what cannot be understood.
    #[error(transparent)]
    Protocol(#[from] ProtocolError),

    /// Asterisk understood the request and said no, in its own words.
    #[error("{action} was refused: {message}")]
    Refused {
        /// What was asked for.
        action: Box<str>,
        /// Asterisk's answer.
        message: Box<str>,
    },

    /// The channel has hung up. AGI: a command ended with that, was refused with 511, or was not
    /// sent because of it. ARI: it may have left the application as well.
    #[error("the channel has hung up, or has left")]
    Hangup,

    /// Asterisk does not know an AGI command, or cannot use its arguments.
    #[error("AGI command failed with {code}: {message}")]
    Agi {
        /// The reply's code: 510, 520; rarely 503. For 511 see [`Hangup`](Self::Hangup).
        code: u16,
        /// The reply's text.
        message: Box<str>,
    },

    /// An HTTP request was answered with an error status.
    #[error("{request}: HTTP {status}: {message}")]
    Http {
        /// What was asked for: method and path, such as `DELETE channels/1700000000.7`.
        request: Box<str>,
        /// The status code.
        status: u16,
        /// The server's reason.
        message: Box<str>,
    },

    /// The input cannot be sent. Found before any byte left.
    #[error("invalid input: {0}")]
    Invalid(Box<str>),

    /// The input is larger than Asterisk takes. Found before any byte left.
    #[error("{what} is {size}, the limit is {limit}")]
    Limit {
        /// What is too large, with its unit.
        what: &'static str,
        /// How large it is.
        size: u64,
        /// How large it may be.
        limit: u64,
    },

    /// The connection is down, or went down before the answer came.
    #[error("{}", if *.sent { "the connection was lost before the answer came" } else { "not connected; nothing was sent" })]
    Disconnected {
        /// Whether any byte of the request may have left.
        sent: bool,
    },

    /// The client was closed by this program, or gave up for good. It will not come back. Of an
    /// action or a request it also says that nothing was sent; one that may have been is
    /// [`Disconnected`](Self::Disconnected). AGI: the call was given back to the dialplan.
    #[error("it is closed")]
    Closed,

    /// Events were lost, or the connection was for a while, during a wait for one of them: it may
    /// have been among those that nobody saw. Look whether it happened before waiting again.
    #[error("events were missed during a wait, and what was waited for may be among them")]
    Missed,

    /// A call was made, or could not be, and was not answered.
    #[error("{channel} did not answer: {reason}")]
    NotAnswered {
        /// Why, as a caller would put it.
        reason: crate::types::CallFailure,
        /// Why, as the channel's end has it, or as the reason comes to where that has no cause;
        /// [`NotDefined`](crate::types::HangupCause::NotDefined) if neither says anything.
        cause: crate::types::HangupCause,
        /// Who was called.
        channel: Box<str>,
    },

    /// Another client has taken over the application, the last that this one had. It gets the events
    /// now; this client is over, rather than take it back in turn. Of the request that fails with it
    /// nothing was sent.
    #[error("another client has taken over the application {application}")]
    Replaced {
        /// The application.
        application: Box<str>,
    },

    /// A list ended early. What had arrived is inside: [`arrived`](Self::arrived).
    #[error(transparent)]
    Incomplete(Box<Incomplete>),

    /// Of several steps the first were carried out, and not all.
    #[error(transparent)]
    Unfinished(Box<Unfinished>),

    /// JSON could not be written or read.
    #[error("JSON: {0}")]
    Json(#[from] serde_json::Error),

    /// The operating system refused something that is not the connection, such as a thread.
    #[error("{0}")]
    Io(#[from] io::Error),
}

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectionError {
    /// The host name has no address.
    #[error("cannot resolve {host}: {source}")]
    Resolve {
        /// The name that was looked up.
        host: Box<str>,
        /// What the resolver said.
        source: io::Error,
    },
    /// No address of the host took the connection.
    #[error("cannot connect to {address}: {source}")]
    Connect {
        /// The last address tried.
        address: Box<str>,
        /// What the operating system said.
        source: io::Error,
    },
    /// TLS could not be set up: a certificate that does not verify, most of the time.
    #[error("TLS with {host} failed: {source}")]
    Tls {
        /// The name the certificate was checked against.
        host: Box<str>,
        /// What the TLS library said.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The peer closed the connection while it was being set up.
    #[error("{0} closed the connection during set-up")]
    ClosedByPeer(Box<str>),
    /// Reading or writing failed while the connection was being set up.
    #[error("connection lost during set-up: {0}")]
    Lost(#[source] io::Error),
}

/// Why the login failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AuthError {
    /// The server rejected the user or the secret. The words are the server's.
    #[error("login rejected: {0}")]
    Rejected(Box<str>),
    /// No user or secret was given.
    #[error("no credentials: {0} is missing")]
    MissingCredentials(&'static str),
    /// The server offers no usable challenge.
    #[error("challenge failed: {0}")]
    Challenge(Box<str>),
}

/// Which deadline passed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TimeoutError {
    /// Name resolution, connecting and the TLS handshake together.
    #[error("no connection within {after:?}")]
    Connect {
        /// The deadline.
        after: Duration,
    },
    /// Who connected to an AGI server did not say what call it is about.
    #[error("the call was not described within {after:?}")]
    Description {
        /// The deadline.
        after: Duration,
    },
    /// The server took the connection and did not complete the login.
    #[error("no login within {after:?}")]
    Login {
        /// The deadline.
        after: Duration,
    },
    /// An answer did not come in time. The connection is kept; a late answer is dropped.
    #[error("no answer to {action} within {after:?}")]
    Action {
        /// What was asked for.
        action: Box<str>,
        /// The deadline.
        after: Duration,
        /// Whether any byte of it may have left.
        sent: bool,
    },
    /// Nothing arrived in a subscription. It goes on.
    #[error("nothing received within {after:?}")]
    Receive {
        /// The deadline.
        after: Duration,
    },
    /// What was waited for did not come about: a state of the connection, the end of a playback.
    #[error("what was waited for did not happen within {after:?}")]
    State {
        /// The deadline.
        after: Duration,
    },
}

/// What was wrong with what the peer sent.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProtocolError {
    /// The peer does not speak the protocol.
    #[error("this is not Asterisk: {0}")]
    Banner(Box<str>),
    /// A message cannot be understood.
    #[error("malformed message: {0}")]
    Malformed(Box<str>),
    /// A message is larger than the configured limit. It was skipped; the connection goes on.
    #[error("{what} is over the limit of {limit}")]
    Oversized {
        /// What is too large, with its unit.
        what: &'static str,
        /// How large it may be.
        limit: u64,
    },
    /// The answer is not one to what was asked.
    #[error("unexpected answer: {0}")]
    Unexpected(Box<str>),
}

/// A list that ended before its end: why, and what had arrived.
pub struct Incomplete {
    cause: Error,
    count: usize,
    arrived: Arc<dyn Any + Send + Sync>,
}

impl Incomplete {
    /// Why the list is incomplete.
    pub fn cause(&self) -> &Error {
        &self.cause
    }

    /// How many items had arrived.
    pub fn count(&self) -> usize {
        self.count
    }
}

impl fmt::Debug for Incomplete {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Incomplete")
            .field("cause", &self.cause)
            .field("count", &self.count)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for Incomplete {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "list incomplete after {} items: {}", self.count, self.cause)
    }
}

impl std::error::Error for Incomplete {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.cause)
    }
}

/// Work in steps that ended early: why, and how far it had come.
#[derive(Debug, thiserror::Error)]
#[error("{done} of {all} steps were carried out: {cause}")]
pub struct Unfinished {
    #[source]
    cause: Error,
    done: usize,
    all: usize,
}

impl Unfinished {
    /// What ended it. [`Error::may_have_run`] says of it whether more steps may have been carried
    /// out than are known to have been.
    pub fn cause(&self) -> &Error {
        &self.cause
    }

    /// How many steps are known to have been carried out. All, if only a look at the result failed.
    pub fn done(&self) -> usize {
        self.done
    }

    /// How many there were to be.
    pub fn all(&self) -> usize {
        self.all
    }
}

impl Error {
    /// Whether a deadline passed.
    pub fn is_timeout(&self) -> bool {
        match self {
            Self::Timeout(_) => true,
            Self::Connection(
                ConnectionError::Connect { source, .. } | ConnectionError::Lost(source),
            ) => {
                matches!(source.kind(), io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock)
            }
            Self::Incomplete(list) => list.cause.is_timeout(),
            Self::Unfinished(work) => work.cause.is_timeout(),
            _ => false,
        }
    }

    /// Whether there is, or soon was, no connection.
    pub fn is_disconnected(&self) -> bool {
        match self {
            Self::Connection(_)
            | Self::Disconnected { .. }
            | Self::Closed
            | Self::Replaced { .. } => true,
            Self::Incomplete(list) => list.cause.is_disconnected(),
            Self::Unfinished(work) => work.cause.is_disconnected(),
            _ => false,
        }
    }

    /// Whether Asterisk itself said no.
    pub fn is_refused(&self) -> bool {
        match self {
            Self::Refused { .. } | Self::Auth(_) | Self::Agi { .. } | Self::Http { .. } => true,
            Self::Incomplete(list) => list.cause.is_refused(),
            Self::Unfinished(work) => work.cause.is_refused(),
            _ => false,
        }
    }

    /// The status, where a web server has answered with one that is no success.
    pub fn http_status(&self) -> Option<u16> {
        match self {
            Self::Http { status, .. } => Some(*status),
            _ => None,
        }
    }

    /// Whether what was asked for is not there (404): a channel that has hung up, most of the time.
    pub fn is_not_found(&self) -> bool {
        self.http_status() == Some(404)
    }

    /// Whether the state of things does not allow it (409): a channel that is not in a Stasis
    /// application, an id that is taken.
    pub fn is_conflict(&self) -> bool {
        self.http_status() == Some(409)
    }

    /// Whether it was understood and cannot be done (422): a channel whose state does not allow it, an
    /// application that is not there.
    pub fn is_unprocessable(&self) -> bool {
        self.http_status() == Some(422)
    }

    /// Whether the user may not do it (403).
    pub fn is_forbidden(&self) -> bool {
        self.http_status() == Some(403)
    }

    /// Whether the same request may simply be sent again: it certainly did not run, and nothing
    /// about it has to be changed first.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Connection(ConnectionError::Tls { .. }) => false,
            Self::Connection(_)
            | Self::Disconnected { sent: false }
            | Self::Timeout(
                TimeoutError::Connect { .. }
                | TimeoutError::Login { .. }
                | TimeoutError::Action { sent: false, .. },
            ) => true,
            _ => false,
        }
    }

    /// Whether the request may have been carried out although no good answer came.
    pub fn may_have_run(&self) -> bool {
        match self {
            Self::Disconnected { sent } | Self::Timeout(TimeoutError::Action { sent, .. }) => *sent,
            Self::Protocol(_) | Self::Hangup | Self::Unfinished(_) => true,
            Self::Incomplete(list) => list.cause.may_have_run(),
            _ => false,
        }
    }

    /// What a list that ended early had brought: the items, if they are of the type the list has.
    ///
    /// ```
    /// # use asterisk_sync::Error;
    /// # fn demo(e: Error) {
    /// if let Some(numbers) = e.arrived::<u32>() {
    ///     println!("{e}; {numbers:?}");
    /// }
    /// # }
    /// ```
    pub fn arrived<T: 'static>(&self) -> Option<&[T]> {
        match self {
            Self::Incomplete(list) => list.arrived.downcast_ref::<Vec<T>>().map(Vec::as_slice),
            _ => None,
        }
    }

    /// Wraps what ended a list, with what had arrived.
    #[cfg_attr(not(feature = "ami"), allow(dead_code, reason = "for AMI"))]
    pub(crate) fn incomplete<T: Send + Sync + 'static>(cause: Error, arrived: Vec<T>) -> Self {
        let count = arrived.len();
        Self::Incomplete(Box::new(Incomplete { cause, count, arrived: Arc::new(arrived) }))
    }

    /// Wraps what ended work in steps, if any step was carried out.
    pub(crate) fn unfinished(cause: Error, done: usize, all: usize) -> Self {
        match done {
            0 => cause,
            _ => Self::Unfinished(Box::new(Unfinished { cause, done, all })),
        }
    }

    pub(crate) fn invalid(why: impl Into<Box<str>>) -> Self {
        Self::Invalid(why.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_fits_in_48_bytes() {
        assert!(size_of::<Error>() <= 48, "{}", size_of::<Error>());
    }

    #[test]
    fn an_incomplete_list_answers_as_its_cause_does_and_carries_the_items() {
        let e = Error::incomplete(Error::Disconnected { sent: true }, vec![1_u8, 2]);
        assert!(e.is_disconnected() && e.may_have_run() && !e.is_retryable());
        assert_eq!(e.arrived::<u8>(), Some(&[1, 2][..]));
        assert_eq!(e.arrived::<u16>(), None);
        assert!(e.to_string().contains("2 items"), "{e}");
    }

    #[test]
    fn no_error_is_both_retryable_and_possibly_run() {
        let after = Duration::from_secs(1);
        let all = [
            Error::Disconnected { sent: true },
            Error::Disconnected { sent: false },
            Error::Timeout(TimeoutError::Action { action: "Ping".into(), after, sent: true }),
            Error::Timeout(TimeoutError::Action { action: "Ping".into(), after, sent: false }),
            Error::Timeout(TimeoutError::Connect { after }),
            Error::Closed,
            Error::Hangup,
            Error::invalid("x"),
            Error::Protocol(ProtocolError::Oversized { what: "x", limit: 1 }),
        ];
        for e in all {
            assert!(!(e.is_retryable() && e.may_have_run()), "{e:?}");
        }
    }
}
