//! What happens to channels.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

use super::macros::events;
use crate::ari::model::{Bridge, Channel, Endpoint};
use crate::types::{CallerPresentation, DialStatus, HangupCause};

events! {
    /// Who is calling has changed.
    ChannelCallerId {
        /// Whether the number may be shown.
        caller_presentation: CallerPresentation,
        /// The same in words for people.
        caller_presentation_txt: String,
        /// The channel; `caller` is who is calling now.
        channel: Channel,
    }

    /// Whom the channel talks to has changed.
    ChannelConnectedLine {
        /// The channel; `connected` is whom it talks to now.
        channel: Channel,
    }

    /// A channel came to be.
    ChannelCreated {
        /// The channel.
        channel: Channel,
    }

    /// A channel is gone.
    ChannelDestroyed {
        /// Why.
        cause: HangupCause,
        /// Why, in words.
        cause_txt: String,
        /// The code of its technology: with SIP, the status. Since 20.17, 21.12 and 22.7.
        tech_cause: Option<i64>,
        /// The channel as it was.
        channel: Channel,
    }

    /// A channel goes on in the dialplan.
    ChannelDialplan {
        /// The channel.
        channel: Channel,
        /// The dialplan application that runs next.
        dialplan_app: String,
        /// What it is given.
        dialplan_app_data: String,
    }

    /// A digit was pressed and let go.
    ChannelDtmfReceived {
        /// The digit: `0` to `9`, `A` to `D`, `#` or `*`.
        digit: String,
        /// How long it was pressed.
        duration: Duration as millis = "duration_ms",
        /// The channel that it came from.
        channel: Channel,
    }

    /// Somebody wants a channel to hang up.
    ChannelHangupRequest {
        /// Why.
        cause: Option<HangupCause>,
        /// The code of its technology: with SIP, the status. Since 20.17, 21.12 and 22.7.
        tech_cause: Option<i64>,
        /// Whether it comes from this side rather than from the far end.
        soft: Option<bool>,
        /// The channel.
        channel: Channel,
    }

    /// A channel has put the other side on hold.
    ChannelHold {
        /// The channel.
        channel: Channel,
        /// The class of music that it wants to be played.
        musicclass: Option<String>,
    }

    /// A channel rings, was answered, and so on.
    ChannelStateChange {
        /// The channel in its new state.
        channel: Channel,
    }

    /// Somebody has stopped talking. Sent where `TALK_DETECT` is set.
    ChannelTalkingFinished {
        /// The channel.
        channel: Channel,
        /// How long they talked.
        duration: Duration as millis,
    }

    /// Somebody has begun to talk. Sent where `TALK_DETECT` is set.
    ChannelTalkingStarted {
        /// The channel.
        channel: Channel,
    }

    /// A tone was heard. Sent where `TONE_DETECT` is set, which takes every channel for one of 8000
    /// samples a second. Since 22.5 and 23.
    ChannelToneDetected {
        /// The channel.
        channel: Channel,
    }

    /// A channel goes on with the other side after a hold.
    ChannelUnhold {
        /// The channel.
        channel: Channel,
    }

    /// An event that a user made, with `UserEvent` in the dialplan or by a request.
    ChannelUserevent {
        /// Its name.
        eventname: String,
        /// The channel it is about.
        channel: Option<Channel>,
        /// The bridge it is about.
        bridge: Option<Bridge>,
        /// The endpoint it is about.
        endpoint: Option<Endpoint>,
        /// What the user put into it, its name included.
        userevent: BTreeMap<String, Value>,
    }

    /// A variable was set.
    ChannelVarset {
        /// The name of the variable.
        variable: String,
        /// Its new value.
        value: String,
        /// The channel; none if the variable is a global one.
        channel: Option<Channel>,
    }

    /// How a call to somebody goes.
    Dial {
        /// The channel that calls.
        caller: Option<Channel>,
        /// The channel that is called.
        peer: Channel,
        /// Where the called party wants the call sent.
        forward: Option<String>,
        /// The channel that is called there.
        forwarded: Option<Channel>,
        /// What was dialled, without the technology.
        dialstring: Option<String>,
        /// How it goes: empty at the start, then what is heard of it, then how it ended.
        dialstatus: DialStatus,
    }
}
