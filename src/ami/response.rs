//! Answers.

use serde::Serialize;

use super::message::Message;
use crate::error::Result;

/// What the answer to an action becomes.
pub trait Reply: Sized {
    /// Reads the answer of a server that did not refuse.
    fn from_response(response: Response) -> Result<Self>;
}

/// The answer to an action, as it came. `Response: Error` never becomes one: it is
/// [`Error::Refused`](crate::Error::Refused).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Response(pub(in crate::ami) Message);

impl Response {
    /// The frame, with every header.
    pub fn message(&self) -> &Message {
        &self.0
    }

    /// The word behind `Response:`, such as `Success` or `Goodbye`.
    pub fn response(&self) -> &str {
        self.0.name()
    }

    /// The server's words (`Message`); empty if there are none.
    pub fn text(&self) -> &str {
        self.0.get("Message").unwrap_or("")
    }

    /// A header of the answer.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name)
    }
}

impl Reply for Response {
    fn from_response(response: Response) -> Result<Self> {
        Ok(response)
    }
}

/// What a CLI command printed, line by line, as the console shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CommandOutput(Message);

impl CommandOutput {
    /// The lines, without their ends; blank lines and leading blanks are kept.
    pub fn lines(&self) -> impl Iterator<Item = &str> {
        // From Asterisk 14 on a line is an `Output` header; before, it was a line without a name.
        self.0
            .iter()
            .filter(|(name, _)| name.is_empty() || name.eq_ignore_ascii_case("Output"))
            .map(|(_, line)| line)
    }

    /// All lines, each with its newline.
    pub fn text(&self) -> String {
        self.lines().flat_map(|line| [line, "\n"]).collect()
    }

    /// The frame it came in.
    pub fn message(&self) -> &Message {
        &self.0
    }
}

impl Reply for CommandOutput {
    fn from_response(response: Response) -> Result<Self> {
        Ok(Self(response.0))
    }
}

/// Defines typed answers, one block each, with the kinds of the table of events.
macro_rules! responses {
    ($(
        $(#[$doc:meta])*
        $name:ident {
            $( $(#[$field_doc:meta])* $field:ident : $kind:ident $(<$type:ty>)? = $header:literal ),* $(,)?
        }
    )*) => { $(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
        pub struct $name(pub(in crate::ami) $crate::ami::Message);

        impl $crate::ami::response::Reply for $name {
            fn from_response(response: $crate::ami::response::Response) -> $crate::Result<Self> {
                Ok(Self(response.0))
            }
        }

        impl $name {
            /// The frame as it came, with every header.
            pub fn message(&self) -> &$crate::ami::Message {
                &self.0
            }

            $( $crate::ami::event::macros::field! {
                [$(#[$field_doc])*] $field $kind [$($type)?] $header
            } )*
        }
    )* };
}
pub(in crate::ami) use responses;
