//! Waiting for what becomes of a channel.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use super::get;
use super::handle::ChannelHandle;
use crate::ari::event::{AriEvent, ChannelDestroyed};
use crate::ari::model::Channel;
use crate::ari::resources::target::{is, listen};
use crate::ari::resources::unless_gone;
use crate::ari::watch::{Patience, Sign, Watch};
use crate::ari::{AriClient, Filter};
use crate::types::ChannelState;
use crate::{Error, Result};

fn filter(id: &str) -> Filter {
    let types = ["StasisStart", "ChannelStateChange", "ChannelDestroyed"];
    Filter::types(types).channel(id)
}

/// Every wait here is woken by the event socket, and ends at once when that is lost
/// ([`Error::Disconnected`]: wait again when it stands again). Whatever may have been missed is asked of
/// the server. To a channel that is in no application of this client, and was made for none, the wait
/// subscribes the first of them, for as long as the channel exists.
///
/// A handle of a channel that this client has made (by a [pending
/// channel](AriClient::pending_channel), or [`snoop`](Self::snoop)) has been listening from before the
/// channel existed; what has been is known at once, even where the channel is gone by now.
impl ChannelHandle {
    /// A handle for a channel that does not exist yet, and that the application will hear of for as long
    /// as it does.
    pub(in crate::ari) fn pending(id: String, client: AriClient) -> Self {
        let watch = Some(Arc::new(Watch::new(&client, filter(&id))));
        Self { id, client, watch, departed: None }
    }

    /// A handle for a channel that does not exist yet, and that the application will hear of only while it
    /// is in it.
    pub(in crate::ari) fn pending_in_stasis(id: String, client: AriClient) -> Self {
        let watch = Some(Arc::new(Watch::late(&client, filter(&id))));
        Self { id, client, watch, departed: None }
    }

    /// Waits at most `timeout` until it is answered; returns it as it was then. If it is gone before,
    /// that is [`Error::Hangup`]: busy, nobody there; why is in
    /// [`wait_for_hangup`](Self::wait_for_hangup). [`TimeoutError::State`](crate::TimeoutError::State)
    /// is that it still rings.
    pub fn wait_for_up(&self, timeout: Duration) -> Result<Channel> {
        let is_up = |channel: &Channel| channel.state == ChannelState::Up;
        self.wait_for(timeout, is_up, |event| match event {
            AriEvent::ChannelStateChange(e) if is_up(&e.channel) => Some(&e.channel),
            AriEvent::StasisStart(e) if is_up(&e.channel) => Some(&e.channel),
            _ => None,
        })
    }

    /// Waits at most `timeout` until it has entered an application, from when on the operations work;
    /// returns it as it was then. If it is gone before, that is [`Error::Hangup`].
    pub fn wait_for_stasis_start(&self, timeout: Duration) -> Result<Channel> {
        let has_entered = |channel: &Channel| channel.dialplan.app_name == "Stasis";
        self.wait_for(timeout, has_entered, |event| match event {
            AriEvent::StasisStart(e) => Some(&e.channel),
            _ => None,
        })
    }

    /// Waits at most `timeout` until it is gone, and returns with what cause. `None` if it was gone
    /// already and the cause was not heard.
    pub fn wait_for_hangup(&self, timeout: Duration) -> Result<Option<ChannelDestroyed>> {
        let read = |event: &AriEvent| match event {
            AriEvent::ChannelDestroyed(e) if is(&e.channel, &self.id) => {
                Sign::Decided(Ok(Some((**e).clone())))
            }
            _ => Sign::Nothing,
        };
        let ask = |client: &AriClient| {
            let Some(channel) = unless_gone(get(client, &self.id))? else { return Ok(Some(None)) };
            let will_come = listen(client, &format!("channel:{}", channel.id))?;
            Ok((!will_come).then_some(None))
        };
        self.watch().wait(&self.client, Patience::of(timeout), read, ask)
    }

    fn wait_for(
        &self,
        timeout: Duration,
        is_there: impl Fn(&Channel) -> bool,
        reached: impl Fn(&AriEvent) -> Option<&Channel>,
    ) -> Result<Channel> {
        let read = |event: &AriEvent| match event {
            AriEvent::ChannelDestroyed(e) if is(&e.channel, &self.id) => {
                Sign::Decided(Err(Error::Hangup))
            }
            event => {
                let channel = reached(event).filter(|channel| is(channel, &self.id));
                Sign::of(channel.map(|channel| Ok(channel.clone())))
            }
        };
        let look = |client: &AriClient| match get(client, &self.id) {
            Ok(channel) => Ok(channel),
            Err(e) if e.is_not_found() => Err(Error::Hangup),
            Err(e) => Err(e),
        };
        let ask = |client: &AriClient| {
            let channel = look(client)?;
            if is_there(&channel) {
                return Ok(Some(channel));
            }
            if !listen(client, &format!("channel:{}", channel.id))? {
                return Err(Error::Hangup);
            }
            // What became of it before anybody listened.
            let channel = look(client)?;
            Ok(is_there(&channel).then_some(channel))
        };
        self.watch().wait(&self.client, Patience::of(timeout), read, ask)
    }

    fn watch(&self) -> Cow<'_, Arc<Watch>> {
        match &self.watch {
            Some(watch) => Cow::Borrowed(watch),
            None => Cow::Owned(Arc::new(Watch::late(&self.client, filter(&self.id)))),
        }
    }
}
