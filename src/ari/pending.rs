//! What does not exist yet: an id of our own, and everything that will happen to it.
//!
//! Asterisk tells what happens to a channel while the answer to the request that made it is still on
//! its way. So the id is made here, the subscription begins, and only then the request goes.

use std::fmt;

use super::client::AriClient;
use super::filter::Filter;
use super::ids::unique;
use super::message::AriMessage;
use super::model::Channel;
use super::resources::bridge::{self, BridgeHandle, BridgeParams};
use super::resources::channel::{
    self, ChannelHandle, CreateParams, ExternalMediaParams, OriginateParams, SnoopParams,
};
use super::resources::playback::{PlayParams, PlaybackHandle};
use super::resources::recording::{RecordParams, RecordingHandle};
use crate::{EventSubscription, Result};

/// Defines pending resources; all have an id and a subscription.
macro_rules! pending {
    ($(
        $(#[$doc:meta])*
        $name:ident: $maker:ident, $maker_with:ident, $prefix:literal, $filter:ident;
    )+) => { $(
        $(#[$doc])*
        #[must_use = "it does not exist before it is made"]
        pub struct $name {
            id: String,
            client: AriClient,
            events: EventSubscription<AriMessage>,
        }

        impl AriClient {
            #[doc = concat!("A [`", stringify!($name), "`] with an id that nobody else has. Asks nothing of the server.")]
            pub fn $maker(&self) -> $name {
                self.$maker_with(unique($prefix))
            }

            #[doc = concat!("A [`", stringify!($name), "`] with this id. Asks nothing of the server.")]
            pub fn $maker_with(&self, id: impl Into<String>) -> $name {
                let id = id.into();
                let events = self.subscribe_with(Filter::all().$filter(&*id));
                $name { id, client: self.clone(), events }
            }
        }

        impl $name {
            /// The id that it will have.
            pub fn id(&self) -> &str {
                &self.id
            }

            /// What happens to it, from the beginning.
            pub fn events(&self) -> &EventSubscription<AriMessage> {
                &self.events
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_tuple(stringify!($name)).field(&self.id).finish()
            }
        }
    )+ };
}

pending! {
    /// A channel that does not exist yet, and whose events are heard already.
    ///
    /// ```no_run
    /// use std::time::Duration;
    /// use asterisk_sync::ari::{AriClient, OriginateParams};
    ///
    /// # fn demo(ari: &AriClient) -> asterisk_sync::Result<()> {
    /// let leg = ari.pending_channel();
    /// let (leg, events) = leg.originate(&OriginateParams::to("PJSIP/bob").app("my-app"))?;
    /// leg.wait_for_up(Duration::from_secs(30))?;
    /// for message in &events {
    ///     println!("{}", message.event.event_name());
    /// }
    /// # Ok(()) }
    /// ```
    PendingChannel: pending_channel, pending_channel_with_id, "channel", channel;
    /// A bridge that does not exist yet, and whose events are heard already.
    PendingBridge: pending_bridge, pending_bridge_with_id, "bridge", bridge;
    /// A playback that has not begun yet, and whose events are heard already.
    PendingPlayback: pending_playback, pending_playback_with_id, "playback", playback;
    /// A recording that has not begun yet, and whose events are heard already. Its id is its name.
    PendingRecording: pending_recording, pending_recording_with_id, "recording", recording;
}

impl PendingChannel {
    fn handle(&self) -> ChannelHandle {
        ChannelHandle::pending(self.id.clone(), self.client.clone())
    }

    /// Calls somebody; see [`channel::originate`]. An id in the parameters has to be this one.
    pub fn originate(
        self,
        params: &OriginateParams,
    ) -> Result<(ChannelHandle, EventSubscription<AriMessage>)> {
        // The server tells of it those whose application it is made for.
        let ours = self.client.heard_applications();
        let handle = match &params.app {
            Some(app) if ours.contains(app) => self.handle(),
            _ => ChannelHandle::pending_in_stasis(self.id.clone(), self.client.clone()),
        };
        channel::originate_with_id(&self.client, &self.id, params)?;
        Ok((handle, self.events))
    }

    /// Makes a channel to be dialled later; see [`channel::create`]. An id in the parameters has to be
    /// this one.
    pub fn create(
        self,
        params: &CreateParams,
    ) -> Result<(ChannelHandle, EventSubscription<AriMessage>)> {
        channel::check_id(&self.id, params.channel_id.as_deref())?;
        let handle = self.handle();
        channel::create(&self.client, &params.clone().channel_id(&*self.id))?;
        Ok((handle, self.events))
    }

    /// Makes a channel whose media goes elsewhere; see [`channel::external_media`], which says what is
    /// in the answer. An id in the parameters has to be this one.
    pub fn external_media(
        self,
        params: &ExternalMediaParams,
    ) -> Result<(ChannelHandle, Channel, EventSubscription<AriMessage>)> {
        channel::check_id(&self.id, params.channel_id.as_deref())?;
        let handle = self.handle();
        let params = params.clone().channel_id(&*self.id);
        let channel = channel::external_media(&self.client, &params)?;
        Ok((handle, channel, self.events))
    }

    /// Listens in on a channel, or speaks into it; see [`ChannelHandle::snoop`]. An id in the parameters
    /// has to be this one.
    pub fn snoop(
        self,
        on: &ChannelHandle,
        params: &SnoopParams,
    ) -> Result<(ChannelHandle, EventSubscription<AriMessage>)> {
        let on = ChannelHandle::new(on.id(), self.client);
        Ok((on.snoop_with_id(&self.id, params)?, self.events))
    }
}

impl PendingBridge {
    /// Makes it; see [`bridge::create`]. An id in the parameters has to be this one.
    pub fn create(
        self,
        params: &BridgeParams,
    ) -> Result<(BridgeHandle, EventSubscription<AriMessage>)> {
        bridge::create_with_id(&self.client, &self.id, params)?;
        Ok((BridgeHandle::new(self.id, self.client), self.events))
    }
}

impl PendingPlayback {
    /// Plays to a channel; see [`ChannelHandle::play`]. An id in the parameters has to be this one.
    pub fn on_channel(
        self,
        channel: &ChannelHandle,
        what: impl Into<PlayParams>,
    ) -> Result<(PlaybackHandle, EventSubscription<AriMessage>)> {
        let channel = ChannelHandle::new(channel.id(), self.client);
        Ok((channel.play_with_id(&self.id, what)?, self.events))
    }

    /// Plays to a bridge; see [`BridgeHandle::play`]. An id in the parameters has to be this one.
    pub fn on_bridge(
        self,
        bridge: &BridgeHandle,
        what: impl Into<PlayParams>,
    ) -> Result<(PlaybackHandle, EventSubscription<AriMessage>)> {
        let bridge = BridgeHandle::new(bridge.id(), self.client);
        Ok((bridge.play_with_id(&self.id, what)?, self.events))
    }
}

impl PendingRecording {
    /// Records a channel; see [`ChannelHandle::record`].
    pub fn on_channel(
        self,
        channel: &ChannelHandle,
        params: &RecordParams,
    ) -> Result<(RecordingHandle, EventSubscription<AriMessage>)> {
        let channel = ChannelHandle::new(channel.id(), self.client);
        Ok((channel.record(&self.id, params)?, self.events))
    }

    /// Records a bridge; see [`BridgeHandle::record`].
    pub fn on_bridge(
        self,
        bridge: &BridgeHandle,
        params: &RecordParams,
    ) -> Result<(RecordingHandle, EventSubscription<AriMessage>)> {
        let bridge = BridgeHandle::new(bridge.id(), self.client);
        Ok((bridge.record(&self.id, params)?, self.events))
    }
}
