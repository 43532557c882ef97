//! Events: what happens to channels, bridges and the rest, one struct for each kind.
//!
//! [`AriEvent`] is the enum over all of them; [`AriMessage`](super::AriMessage) is an event with what
//! every event has. A kind that this version does not know, or an event that cannot be read, is
//! [`Unknown`] with all of its JSON. None is lost in silence: [`Gap`] tells of those that were dropped.
//!
//! # Adding one
//!
//! One block in the file of its area, in the form of [`models!`](super::model), and its name in the
//! list of that area below. The fields `application`, `timestamp`, `asterisk_id` and `type` are the
//! message's and not repeated; `channel` and `bridge` are filtered by without further ado.
//!
//! ```text
//! events! {
//!     /// When Asterisk sends it.
//!     ChannelDtmfReceived {
//!         /// The digit.
//!         digit: String,
//!         /// The channel.
//!         channel: Channel,
//!     }
//! }
//! ```

mod application;
mod bridge;
mod channel;
mod endpoint;
mod macros;
mod playback;
mod recording;
mod stasis;
mod transfer;
mod unknown;

pub use unknown::{Gap, Unknown};

macros::all_events! {
    application: ApplicationMoveFailed, ApplicationRegistered, ApplicationReplaced,
        ApplicationUnregistered, RESTResponse;
    bridge: BridgeCreated, BridgeDestroyed, BridgeMerged, BridgeVideoSourceChanged,
        ChannelEnteredBridge, ChannelLeftBridge;
    channel: ChannelCallerId, ChannelConnectedLine, ChannelCreated, ChannelDestroyed,
        ChannelDialplan, ChannelDtmfReceived, ChannelHangupRequest, ChannelHold, ChannelStateChange,
        ChannelTalkingFinished, ChannelTalkingStarted, ChannelToneDetected, ChannelUnhold,
        ChannelUserevent, ChannelVarset, Dial;
    endpoint: ContactStatusChange, DeviceStateChanged, EndpointStateChange, PeerStatusChange,
        TextMessageReceived;
    playback: PlaybackContinuing, PlaybackFinished, PlaybackStarted;
    recording: RecordingFailed, RecordingFinished, RecordingStarted;
    stasis: CallBroadcast, CallClaimed, StasisEnd, StasisStart;
    transfer: BridgeAttendedTransfer, BridgeBlindTransfer, ChannelTransfer;
}
