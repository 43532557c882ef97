//! What Asterisk tells about channels, bridges and everything else: one struct for each of its
//! models, with the field names of its documentation in snake case.
//!
//! All are read leniently. A required field that is missing all the same is empty, zero or `Other`;
//! what Asterisk may omit is an `Option`; fields that this version does not know are passed over
//! here and kept in the text they came in ([`AriMessage::json`](super::AriMessage::json),
//! [`Answer::text`](super::rest::Answer::text)).
//!
//! # Adding one
//!
//! One block in the file of its area, in the form below, and its name in this file's list. `= "wire"`
//! is given only where the name on the wire differs.
//!
//! ```text
//! models! {
//!     /// What it is.
//!     CallerId = "CallerID" {
//!         /// What the field tells.
//!         name: String,
//!         /// A word that Rust has for itself.
//!         kind: Option<String> = "type",
//!         /// A number of milliseconds.
//!         waited: Duration as millis = "wait_ms",
//!     }
//! }
//! ```
//!
//! What an event can be about, and be filtered by, says so: `Channel as Channel(id, name) { … }`, with
//! the fields that hold what it goes by; `at target_uri` behind that names a field with `channel:{id}`
//! or `bridge:{id}`. A model that says nothing is about what its fields are about.
//!
//! A field may be of any type that is `Lenient`: text, numbers, `bool`, other models, the enums of
//! [`types`](crate::types) (add a word to the lists in `lenient.rs`), and `Option`, `Vec`, `Box` and
//! `BTreeMap<String, _>` of these; and a `Duration` with its unit, which is `secs`, `millis` or
//! `micros`.

/// Defines models; see the module.
macro_rules! models {
    ($(
        $(#[$doc:meta])*
        $name:ident $(= $model:literal)?
        $(as $about:ident($( $known:ident ),+) $(at $target:ident)?)? {
            $( $(#[$field_doc:meta])* $field:ident : $type:ty $(as $unit:ident)? $(= $wire:literal)? ),* $(,)?
        }
    )+) => { $(
        $(#[$doc])*
        $( #[doc = concat!("\n\nIn Asterisk's documentation: `", $model, "`.")] )?
        #[derive(Debug, Clone, PartialEq)]
        #[non_exhaustive]
        pub struct $name {
            $(
                $(#[$field_doc])*
                $( #[doc = concat!("\n\nOn the wire: `", $wire, "`.")] )?
                pub $field: $type,
            )*
        }

        impl Default for $name {
            fn default() -> Self {
                Self { $( $field: $crate::ari::lenient::Lenient::missing(), )* }
            }
        }

        impl $crate::ari::lenient::Fields for $name {
            #[allow(unused_variables, reason = "some have no field")]
            fn field<'de, A: serde::de::MapAccess<'de>>(
                &mut self,
                key: &str,
                map: &mut A,
            ) -> Result<bool, A::Error> {
                match key {
                    $(
                        $crate::ari::model::wire!($field $($wire)?) => {
                            self.$field = $crate::ari::model::read!(map $($unit)?);
                        }
                    )*
                    _ => return Ok(false),
                }
                #[allow(unreachable_code, reason = "in one that has no field")]
                Ok(true)
            }
        }

        impl $crate::ari::lenient::Lenient for $name {
            fn missing() -> Self {
                Self::default()
            }

            fn subject(&self, visit: &mut dyn FnMut($crate::ari::lenient::About<'_>)) {
                $crate::ari::model::subject!(
                    self visit [$( $about($( $known ),+) $($target)? )?] $( $field )*
                );
            }

            fn from_map<'de, A: serde::de::MapAccess<'de>>(map: A) -> Result<Option<Self>, A::Error> {
                $crate::ari::lenient::Fields::from_object(map).map(Some)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                $crate::ari::lenient::object(from)
            }
        }

        /// By the names on the wire; what is `None` is left out.
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                use serde::ser::SerializeStruct;
                let missing = [$( $crate::ari::lenient::Lenient::is_missing(&self.$field) ),*];
                let count = missing.iter().filter(|missing: &&bool| !**missing).count();
                #[allow(unused_mut, reason = "some have no field")]
                let mut fields = serializer.serialize_struct(stringify!($name), count)?;
                $(
                    if $crate::ari::lenient::Lenient::is_missing(&self.$field) {
                        fields.skip_field($crate::ari::model::wire!($field $($wire)?))?;
                    } else {
                        fields.serialize_field(
                            $crate::ari::model::wire!($field $($wire)?),
                            &$crate::ari::model::shown!((&self.$field) $($unit)?),
                        )?;
                    }
                )*
                fields.end()
            }
        }
    )+ };
}

/// The name of a field on the wire.
macro_rules! wire {
    ($field:ident) => {
        stringify!($field)
    };
    ($field:ident $wire:literal) => {
        $wire
    };
}

/// The value of a field, from where it stands.
macro_rules! read {
    ($map:ident) => {
        $map.next_value_seed($crate::ari::lenient::Seed::new())?
    };
    ($map:ident secs) => {
        $map.next_value_seed($crate::ari::lenient::Seed::<$crate::ari::units::Secs<_>>::new())?.0
    };
    ($map:ident millis) => {
        $map.next_value_seed($crate::ari::lenient::Seed::<$crate::ari::units::Millis<_>>::new())?.0
    };
    ($map:ident micros) => {
        $map.next_value_seed($crate::ari::lenient::Seed::<$crate::ari::units::Micros<_>>::new())?.0
    };
}

/// What a field is written as.
macro_rules! shown {
    ($value:tt) => {
        $value
    };
    ($value:tt secs) => {
        $crate::ari::units::Secs($value)
    };
    ($value:tt millis) => {
        $crate::ari::units::Millis($value)
    };
    ($value:tt micros) => {
        $crate::ari::units::Micros($value)
    };
}

/// What a model is about: what it says, or else what its fields are about.
macro_rules! subject {
    ($self:ident $visit:ident [] $( $field:ident )*) => {
        let _ = &$visit;
        $( $crate::ari::lenient::Lenient::subject(&$self.$field, $visit); )*
    };
    ($self:ident $visit:ident [$about:ident($( $known:ident ),+) $($target:ident)?] $( $field:ident )*) => {
        $visit($crate::ari::lenient::About::$about(&[$( $self.$known.as_str() ),+]));
        $( $crate::ari::lenient::target(&$self.$target, $visit); )?
    };
}

pub(in crate::ari) use {models, read, shown, subject, wire};

mod application;
mod bridge;
mod channel;
mod endpoint;
mod playback;
mod recording;
mod rest;
mod rtp;
mod server;
mod sound;
mod timestamp;
mod transfer;

pub use application::{Application, EventType, MissingParams};
pub use bridge::Bridge;
pub use channel::{CallerId, Channel, Dialed, DialplanCep, Variable, Variables};
pub use endpoint::{ContactInfo, DeviceState, Endpoint, Mailbox, Peer, TextMessage};
pub use playback::Playback;
pub use recording::{LiveRecording, StoredRecording};
pub use rest::{RestHeader, RestQueryStringParameter, RestRequest};
pub use rtp::RtpStat;
pub use server::{
    AsteriskInfo, AsteriskPing, BuildInfo, ConfigInfo, ConfigTuple, LogChannel, Module, SetId,
    StatusInfo, SystemInfo,
};
pub use sound::{FormatLangPair, Sound};
pub use timestamp::Timestamp;
pub use transfer::{AdditionalParam, ReferTo, ReferredBy, RequiredDestination};
