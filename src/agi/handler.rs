//! Who answers a call.

use super::{AgiChannel, AgiRequest};
use crate::error::Result;

/// What is done with a call that reaches us by AGI, whatever way it comes: over a FastAGI socket,
/// as a script, or over the manager's connection.
///
/// A closure is a handler; so is anything that implements this trait. One handler serves all calls,
/// many at a time, which is why it is shared (`&self`, `Sync`): what belongs to one call lives in
/// the call.
///
/// Returning ends the AGI session and nothing else: the dialplan goes on behind `AGI()`. To end the
/// call, say so: [`AgiChannel::hangup`]. An error ends the session as well, and is logged;
/// [`Error::Hangup`](crate::Error::Hangup) is how most calls end and no failure, so `?` is all that
/// most handlers need.
///
/// ```
/// use asterisk_sync::Result;
/// use asterisk_sync::agi::{AgiChannel, AgiHandler, AgiRequest};
///
/// struct Greeter { sound: String }
///
/// impl AgiHandler for Greeter {
///     fn handle(&self, _: &AgiRequest, agi: &mut AgiChannel) -> Result<()> {
///         agi.answer()?;
///         agi.stream_file(&self.sound, "")?;
///         Ok(())
///     }
/// }
///
/// fn takes_a_handler(_: impl AgiHandler) {}
/// takes_a_handler(Greeter { sound: "hello-world".to_owned() });
/// takes_a_handler(|request: &AgiRequest, agi: &mut AgiChannel| {
///     agi.verbose(&format!("{} calls", request.channel()), 1)
/// });
/// ```
pub trait AgiHandler: Send + Sync + 'static {
    /// Handles one call, on a thread of its own until it returns.
    fn handle(&self, request: &AgiRequest, channel: &mut AgiChannel) -> Result<()>;
}

impl<F> AgiHandler for F
where
    F: Fn(&AgiRequest, &mut AgiChannel) -> Result<()> + Send + Sync + 'static,
{
    fn handle(&self, request: &AgiRequest, channel: &mut AgiChannel) -> Result<()> {
        self(request, channel)
    }
}
