//! What the operations on channels may be told.

use std::time::Duration;

use serde::{Serialize, Serializer, ser};

use crate::ari::resources::variables::NewVariables;
use crate::types::{
    ExternalMediaConnection, ExternalMediaEncapsulation, ExternalMediaTransport, MediaDirection,
    SnoopDirection,
};

/// How long a call may ring before it is given up. Made of a [`Duration`] where that ends.
///
/// ```
/// use std::time::Duration;
/// use asterisk_sync::ari::resources::channel::{OriginateParams, RingTime};
/// let patient = OriginateParams::to("PJSIP/bob").app("my-app").timeout(RingTime::Unlimited);
/// let brisk = OriginateParams::to("PJSIP/bob").app("my-app").timeout(Duration::from_secs(5));
/// # let _ = (patient, brisk);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RingTime {
    /// So long. The server counts in whole seconds, to which it is rounded up. None at all is refused
    /// before anything is sent: the server would take it for its default.
    Within(Duration),
    /// Until somebody answers or declines.
    Unlimited,
}

impl From<Duration> for RingTime {
    fn from(time: Duration) -> Self {
        Self::Within(time)
    }
}

impl RingTime {
    /// In seconds, as the server counts them.
    fn seconds<E: ser::Error>(time: Duration) -> Result<u64, E> {
        match time {
            Duration::ZERO => Err(E::custom("a call that may not ring at all")),
            time => Ok(time.as_secs().saturating_add(u64::from(time.subsec_nanos() > 0))),
        }
    }
}

impl Serialize for RingTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match *self {
            Self::Within(time) => serializer.serialize_u64(Self::seconds(time)?),
            Self::Unlimited => serializer.serialize_i64(-1),
        }
    }
}

/// The same where no time is said by leaving it out.
#[allow(clippy::ref_option, reason = "this is how serde calls it")]
fn ringing<S: Serializer>(time: &Option<Duration>, serializer: S) -> Result<S::Ok, S::Error> {
    time.map(RingTime::seconds).transpose()?.serialize(serializer)
}

params! {
    /// Whom to call, and what becomes of the call when it is answered: an application of ours, or an
    /// extension of the dialplan.
    ///
    /// ```
    /// use asterisk_sync::ari::resources::channel::OriginateParams;
    /// let call = OriginateParams::to("PJSIP/bob").app("my-app").caller_id("Desk <100>");
    /// assert_eq!(call.endpoint, "PJSIP/bob");
    /// ```
    OriginateParams::to(
        /// Whom to call, such as `PJSIP/bob`.
        endpoint: String = "endpoint",
    ) {
        /// The extension, where the call goes to the dialplan.
        extension: String = "extension",
        /// The extension's context.
        context: String = "context",
        /// The extension's priority.
        priority: i64 = "priority",
        /// A label instead of the priority.
        label: String = "label",
        /// The application, where the call is ours.
        app: String = "app",
        /// What `StasisStart` has in `args`, with commas between.
        app_args: String = "appArgs",
        /// Who calls: `Name <number>`.
        caller_id: String = "callerId",
        /// How long it may ring; 30 seconds where nothing is said.
        timeout: RingTime = "timeout",
        /// Variables of the channel.
        variables: NewVariables = "variables",
        /// The id of the channel; otherwise the server makes one.
        channel_id: String = "channelId",
        /// The id of the second half, where the channel is a Local channel.
        other_channel_id: String = "otherChannelId",
        /// The channel that this is done for; it lends its language, account and formats.
        originator: String = "originator",
        /// The formats to offer, with commas between. Not together with `originator`.
        formats: String = "formats",
    }

    /// A channel that is made now and dialled [later](super::ChannelHandle::dial), so that it can be put
    /// into a bridge before.
    CreateParams::to(
        /// Whom to call, such as `PJSIP/bob`.
        endpoint: String = "endpoint",
        /// The application that has it.
        app: String = "app",
    ) {
        /// What `StasisStart` has in `args`, with commas between.
        app_args: String = "appArgs",
        /// The id of the channel; otherwise the server makes one.
        channel_id: String = "channelId",
        /// The id of the second half, where the channel is a Local channel.
        other_channel_id: String = "otherChannelId",
        /// The channel that this is done for; it lends its language, account and formats.
        originator: String = "originator",
        /// The formats to offer, with commas between. Not together with `originator`.
        formats: String = "formats",
        /// Variables of the channel.
        variables: NewVariables = "variables",
    }

    /// A channel whose media goes elsewhere.
    ExternalMediaParams::new(
        /// The application that has it.
        app: String = "app",
        /// The format of the media, such as `slin16`.
        format: String = "format",
    ) {
        /// The id of the channel; otherwise the server makes one.
        channel_id: String = "channelId",
        /// Variables of the channel.
        variables: NewVariables = "variables",
        /// Where it goes: host and port, or with a WebSocket the name of a client of
        /// `websocket_client.conf`. Nothing where the server waits to be connected to.
        external_host: String = "external_host",
        /// How it is packed; RTP where nothing is said.
        encapsulation: ExternalMediaEncapsulation = "encapsulation",
        /// What carries it; UDP where nothing is said.
        transport: ExternalMediaTransport = "transport",
        /// Who connects, with a WebSocket; Asterisk where nothing is said.
        connection_type: ExternalMediaConnection = "connection_type",
        /// Which way the media goes; both ways where nothing is said. Others since 22.7.
        direction: MediaDirection = "direction",
        /// The UUID of the call, with `AudioSocket`.
        data: String = "data",
        /// Options for the carrier: with a WebSocket those of its dial string.
        transport_data: String = "transport_data",
    }

    /// Where in the dialplan a channel goes on; where nothing is said, where it was.
    ContinueParams {
        /// The context.
        context: String = "context",
        /// The extension.
        extension: String = "extension",
        /// The priority.
        priority: i64 = "priority",
        /// A label instead of the priority.
        label: String = "label",
    }

    /// How to dial a channel that was created.
    DialParams {
        /// The id of the channel that calls.
        caller: String = "caller",
        /// How long it may ring; until somebody answers or declines where nothing is said. In whole
        /// seconds, to which it is rounded up; none at all is refused before anything is sent.
        timeout: Duration as "ringing" = "timeout",
    }

    /// How to send digits. Times are in whole milliseconds on the wire.
    DtmfParams {
        /// How long to wait before the first.
        before: Duration as "crate::ari::resources::millis" = "before",
        /// How long to wait between two; 100 milliseconds where nothing is said.
        between: Duration as "crate::ari::resources::millis" = "between",
        /// How long each is; 100 milliseconds where nothing is said.
        duration: Duration as "crate::ari::resources::millis" = "duration",
        /// How long to wait after the last.
        after: Duration as "crate::ari::resources::millis" = "after",
    }

    /// How to listen in on a channel, or speak into it.
    SnoopParams::new(
        /// The application that has the channel that does it.
        app: String = "app",
    ) {
        /// What to hear: what the channel says (`In`), what it is told (`Out`); nothing where nothing is
        /// said.
        spy: SnoopDirection = "spy",
        /// Where to be heard: by the channel (`Out`), by the other side (`In`); nowhere where nothing is
        /// said.
        whisper: SnoopDirection = "whisper",
        /// What `StasisStart` has in `args`, with commas between.
        app_args: String = "appArgs",
        /// The id of the channel that does it; otherwise one is made here.
        snoop_id: String = "snoopId",
    }
}
