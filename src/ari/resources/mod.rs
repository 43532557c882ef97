//! The operations, by resource: a module for each, with functions that list, get and create, and a
//! handle that bundles an id with a client.
//!
//! # Adding an operation
//!
//! A method on the handle, or a function where there is nothing to hold. Path segments and required
//! parameters are arguments; optional ones are a `params!` struct, or an `Option` where there is just
//! one. The body is one request: its path, its parameters by their names on the wire, and
//! [`send`](super::AriClient::send) where there is nothing in the answer,
//! [`fetch`](super::AriClient::fetch) where there is. Encoding, limits, retries and errors are not its
//! business.
//!
//! ```text
//! /// What it does, in a sentence. What is special: since when, which error means what.
//! ///
//! /// `POST /channels/{channelId}/move`
//! pub fn move_to(&self, app: &str, args: Option<&str>) -> Result<()> {
//!     self.client.send(self.post("move").param("app", app).maybe("appArgs", args))
//! }
//! ```

/// Defines structs of optional parameters: `field: Type = "wire"`, with a setter for each. Those that
/// must be given stand in parentheses and are arguments of the constructor named behind the struct.
/// `as "super::secs"` and `as "super::millis"` after a `Duration` say what is written.
macro_rules! params {
    ($(
        $(#[$doc:meta])*
        $name:ident $( :: $new:ident ( $( $(#[$need_doc:meta])* $need:ident : $need_type:ty = $need_wire:literal ),+ $(,)? ) )? {
            $( $(#[$field_doc:meta])* $field:ident : $type:ty $(as $unit:literal)? = $wire:literal ),* $(,)?
        }
    )+) => { $(
        $(#[$doc])*
        #[derive(Debug, Clone, Default, PartialEq, serde::Serialize)]
        pub struct $name {
            $( $( $(#[$need_doc])* #[doc = concat!("\n\nOn the wire: `", $need_wire, "`.")] #[serde(rename = $need_wire)] pub $need: $need_type, )+ )?
            $(
                $(#[$field_doc])*
                #[doc = concat!("\n\nOn the wire: `", $wire, "`.")]
                #[serde(rename = $wire, skip_serializing_if = "Option::is_none"
                    $(, serialize_with = $unit)?)]
                pub $field: Option<$type>,
            )*
        }

        impl $name {
            $(
                /// With what must be given.
                pub fn $new($( $need: impl Into<$need_type> ),+) -> Self {
                    Self { $( $need: $need.into(), )+ ..Self::default() }
                }
            )?
            $(
                $(#[$field_doc])*
                #[must_use]
                pub fn $field(mut self, $field: impl Into<$type>) -> Self {
                    self.$field = Some($field.into());
                    self
                }
            )*
        }
    )+ };
}

use std::fmt;
use std::time::Duration;

use super::rest::Request;
use crate::error::ProtocolError;

/// A duration in whole seconds, rounded up: nobody who says half a second means none.
#[allow(clippy::ref_option, reason = "this is how serde calls it")]
pub(in crate::ari) fn secs<S: serde::Serializer>(
    duration: &Option<Duration>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let seconds = duration.map(|d| d.as_secs().saturating_add(u64::from(d.subsec_nanos() > 0)));
    serde::Serialize::serialize(&seconds, serializer)
}

/// A duration in milliseconds.
#[allow(clippy::ref_option, reason = "this is how serde calls it")]
pub(in crate::ari) fn millis<S: serde::Serializer>(
    duration: &Option<Duration>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let millis = duration.map(|d| u64::try_from(d.as_millis()).unwrap_or(u64::MAX));
    serde::Serialize::serialize(&millis, serializer)
}

/// Several words as one, with commas between.
#[allow(clippy::ref_option, reason = "this is how serde calls it")]
fn joined<T: fmt::Display, S: serde::Serializer>(
    words: &Option<Vec<T>>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let words = words.iter().flatten().map(T::to_string).collect::<Vec<_>>();
    serializer.serialize_str(&words.join(","))
}

/// A list as a parameter.
fn texts<S: AsRef<str>>(all: &[S]) -> Vec<String> {
    all.iter().map(|text| text.as_ref().to_owned()).collect()
}

/// To have ended what is gone by now is a success. So it must be: a request that removes something is
/// sent again where the first may have been lost, and may have been carried out.
pub(in crate::ari) fn gone_is_fine(outcome: crate::Result<()>) -> crate::Result<()> {
    unless_gone(outcome).map(Option::unwrap_or_default)
}

/// What was asked for, or `None` if it is gone by now.
fn unless_gone<T>(outcome: crate::Result<T>) -> crate::Result<Option<T>> {
    match outcome {
        Err(e) if e.is_not_found() => Ok(None),
        outcome => outcome.map(Some),
    }
}

/// A function that is set without a value is called without one, which nothing says it survives.
fn no_function(name: &str) -> crate::Result<()> {
    if name.ends_with(')') {
        return Err(crate::Error::invalid("a function is no variable that can be taken away"));
    }
    Ok(())
}

/// A request with variables.
fn with_variables(request: Request, variables: NewVariables) -> Request {
    #[derive(serde::Serialize)]
    struct Body {
        variables: NewVariables,
    }
    request.params(&Body { variables })
}

/// Whom a playback or a recording belongs to.
fn target_of(uri: &str) -> crate::Result<target::Target> {
    target::Target::parse(uri).ok_or_else(|| {
        ProtocolError::Unexpected(format!("a target that is none: {uri}").into()).into()
    })
}

pub mod application;
pub mod asterisk;
pub mod bridge;
pub mod channel;
pub mod device_state;
pub mod endpoint;
pub mod event;
pub mod mailbox;
pub mod playback;
pub mod recording;
pub mod sound;
pub(in crate::ari) mod target;
mod variables;

pub use variables::NewVariables;
