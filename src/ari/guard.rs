//! Handles that end what they hold.

use std::fmt;
use std::ops::Deref;

use super::resources::bridge::BridgeHandle;
use super::resources::channel::ChannelHandle;
use super::resources::playback::PlaybackHandle;
use crate::Result;

/// What a [`Guard`] can hold: a channel, a bridge, a playback.
pub trait Guarded: sealed::Sealed + Clone + fmt::Debug {}

mod sealed {
    /// Ends what the handle is for; that it is gone already is a success.
    pub trait Sealed {
        fn end(&self) -> crate::Result<()>;
    }
}

macro_rules! guarded {
    ($( $handle:ident: $end:expr, $what:literal; )+) => { $(
        impl sealed::Sealed for $handle {
            fn end(&self) -> Result<()> {
                let end: fn(&Self) -> Result<()> = $end;
                end(self)
            }
        }

        impl Guarded for $handle {}

        impl $handle {
            #[doc = $what]
            #[doc = ""]
            #[doc = "See [`Guard`] for what the drop does. [`release`](Guard::release) takes it back."]
            pub fn guard(self) -> Guard<Self> {
                Guard { handle: self, is_released: false }
            }
        }
    )+ };
}

guarded! {
    ChannelHandle: |channel| channel.hangup(None), "Hangs up when the guard is dropped.";
    BridgeHandle: BridgeHandle::destroy, "Destroys the bridge when the guard is dropped.";
    PlaybackHandle: PlaybackHandle::stop, "Stops playing when the guard is dropped.";
}

/// A handle that ends what it is for when it is dropped: a channel is hung up, a bridge destroyed, a
/// playback stopped. So a function that leaves early, or panics, leaves nothing behind on the server.
///
/// The drop sends a request and waits for its answer, at most the timeout of the handle's client; what
/// fails is logged. What is gone already is fine.
///
/// ```no_run
/// use asterisk_sync::ari::{AriClient, OriginateParams};
///
/// # fn demo(ari: &AriClient) -> asterisk_sync::Result<()> {
/// let (leg, _events) = ari.pending_channel().originate(&OriginateParams::to("PJSIP/bob").app("a"))?;
/// let leg = leg.guard();
/// leg.play("sound:hello-world")?.wait()?; // if this fails, bob is hung up on
/// let leg = leg.release(); // from here on not any more
/// # let _ = leg;
/// # Ok(()) }
/// ```
#[must_use = "it ends what it holds as soon as it is dropped"]
pub struct Guard<H: Guarded> {
    handle: H,
    is_released: bool,
}

impl<H: Guarded> Guard<H> {
    /// The handle, which ends nothing any more.
    pub fn release(mut self) -> H {
        self.is_released = true;
        self.handle.clone()
    }
}

impl<H: Guarded> Deref for Guard<H> {
    type Target = H;

    fn deref(&self) -> &H {
        &self.handle
    }
}

impl<H: Guarded> Drop for Guard<H> {
    fn drop(&mut self) {
        if self.is_released {
            return;
        }
        if let Err(e) = self.handle.end() {
            log::warn!("{:?} could not be ended: {e}", self.handle);
        }
    }
}

impl<H: Guarded> fmt::Debug for Guard<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Guard").field(&self.handle).finish()
    }
}
