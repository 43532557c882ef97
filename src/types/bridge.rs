//! Bridges: where channels meet.

use super::macros::text_enums;

text_enums! {
    /// What a bridge of ARI is for, and what it must be able to do: `bridge_type` of `Bridge`, where
    /// it is `mixing` or `holding`, and any number of them as `type` of `POST /bridges`.
    BridgeType {
        /// Everyone hears everyone.
        Mixing = "mixing",
        /// Everyone waits and hears music or an announcement.
        Holding = "holding",
        /// Keypresses are told as events, so the media must pass through Asterisk.
        DtmfEvents = "dtmf_events",
        /// The media must pass through Asterisk.
        ProxyMedia = "proxy_media",
        /// Everyone sees everyone.
        VideoSfu = "video_sfu",
        /// Everyone sees one.
        VideoSingle = "video_single",
        /// Channels are named in the session descriptions of video conferences.
        SdpLabel = "sdp_label",
    }

    /// Whose video the others see: `BridgeVideoSourceMode` in AMI's events, `video_mode` of ARI's
    /// `Bridge`.
    VideoSourceMode {
        /// Nobody's.
        None = "none",
        /// That of whoever talks.
        Talker = "talker",
        /// That of one chosen channel.
        Single = "single",
        /// That of everyone.
        Sfu = "sfu",
    }

    /// Who hears a tone when two channels are put together: `Tone` of the action `Bridge`.
    BridgeTone {
        /// Nobody.
        No = "no",
        /// The first channel.
        Channel1 = "Channel1",
        /// The second channel.
        Channel2 = "Channel2",
        /// Both.
        Both = "Both",
    }
}
