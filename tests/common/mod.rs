//! What the tests share: a fake PBX over plain TCP and over TLS, and patience that ends.

#![allow(dead_code, unused_imports, reason = "each of the programs uses a part of this")]

#[cfg(feature = "ami")]
mod ami;
#[cfg(feature = "ari")]
pub(crate) mod ari;
pub(crate) mod case;
mod guard;
pub(crate) mod logged;
#[cfg(feature = "ari")]
pub(crate) mod stasis;

#[cfg(feature = "ami")]
pub(crate) use ami::*;
pub(crate) use guard::{LONG, SHORT, guarded};
