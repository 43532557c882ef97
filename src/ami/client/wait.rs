//! Waiting for one event.

use std::time::Duration;

use super::AmiClient;
use crate::Result;
use crate::ami::event::{AmiEvent, TypedEvent};

impl AmiClient {
    /// Waits for the first event from now on that `wanted` accepts, at most `timeout`.
    ///
    /// For what somebody else causes. What you cause yourself may come before you wait for it:
    /// [subscribe](Self::subscribe_with), act, and then
    /// [wait in the subscription](crate::EventSubscription::wait_for), which also tells how a wait
    /// ends.
    ///
    /// ```no_run
    /// # fn main() -> asterisk_sync::Result<()> {
    /// # use asterisk_sync::ami::{AmiClient, Filter, action::OriginateAction};
    /// # use std::time::Duration;
    /// # let ami = AmiClient::from_env()?;
    /// let events = ami.subscribe_with(Filter::names(["Hangup"]).unique_id("our-id-1"));
    /// ami.send_action(
    ///     &OriginateAction::to("PJSIP/alice").application("Echo", "").channel_id("our-id-1"),
    /// )?;
    /// events.wait_for(|_| true, Duration::from_secs(600))?;
    /// # Ok(()) }
    /// ```
    pub fn wait_for(
        &self,
        wanted: impl FnMut(&AmiEvent) -> bool,
        timeout: Duration,
    ) -> Result<AmiEvent> {
        self.subscribe().wait_for(wanted, timeout)
    }

    /// Waits for the first event of one type from now on that `wanted` accepts, at most `timeout`.
    /// All others are not even queued. A gap is [`Error::Missed`](crate::Error::Missed).
    ///
    /// ```no_run
    /// # fn main() -> asterisk_sync::Result<()> {
    /// # use asterisk_sync::ami::{AmiClient, event};
    /// # use std::time::Duration;
    /// # let ami = AmiClient::from_env()?;
    /// let join = ami.wait_for_event::<event::QueueCallerJoin>(
    ///     |join| join.queue() == "sales",
    ///     Duration::from_secs(60),
    /// )?;
    /// println!("{} waits", join.channel());
    /// # Ok(()) }
    /// ```
    pub fn wait_for_event<E: TypedEvent>(
        &self,
        wanted: impl FnMut(&E) -> bool,
        timeout: Duration,
    ) -> Result<E> {
        self.subscribe_to::<E>().wait_for(wanted, timeout)
    }
}
