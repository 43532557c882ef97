//! Playing, recording, listening in, and carrying media elsewhere: mostly ARI.

use super::macros::text_enums;

text_enums! {
    /// How far a playback has come: `state` of ARI's `Playback`.
    PlaybackState {
        /// It waits for its turn.
        Queued = "queued",
        /// It is being heard.
        Playing = "playing",
        /// It is held.
        Paused = "paused",
        /// One file of several is through, and the next begins.
        Continuing = "continuing",
        /// It was heard to its end, or stopped.
        Done = "done",
        /// It could not be played.
        Failed = "failed",
    }

    /// What to do with a playback: `operation` of `POST /playbacks/{playbackId}/control`.
    PlaybackOperation {
        /// Begin again.
        Restart = "restart",
        /// Hold it.
        Pause = "pause",
        /// Go on.
        Unpause = "unpause",
        /// Skip back.
        Reverse = "reverse",
        /// Skip ahead.
        Forward = "forward",
    }

    /// How far a recording has come: `state` of ARI's `LiveRecording`.
    RecordingState {
        /// It waits for its turn.
        Queued = "queued",
        /// It is being made.
        Recording = "recording",
        /// It is held.
        Paused = "paused",
        /// It is made.
        Done = "done",
        /// It could not be made.
        Failed = "failed",
        /// It was thrown away.
        Canceled = "canceled",
    }

    /// What to do if a recording of that name exists: `ifExists` of ARI's `record`.
    RecordingIfExists {
        /// Refuse.
        Fail = "fail",
        /// Replace it.
        Overwrite = "overwrite",
        /// Go on at its end.
        Append = "append",
    }

    /// Which key ends a recording: `terminateOn` of ARI's `record`.
    RecordingTerminateOn {
        /// None.
        None = "none",
        /// Any.
        Any = "any",
        /// The star.
        Star = "*",
        /// The hash.
        Hash = "#",
    }

    /// Which way media goes, seen from Asterisk: `direction` of ARI's `mute`, `unmute` and
    /// `externalMedia`, and of the command `SET_MEDIA_DIRECTION` of a media WebSocket.
    ///
    /// With `mute`, `In` is what the channel sends and `Out` what it hears. With a media WebSocket,
    /// `In` is for an application that only listens and `Out` for one that only speaks.
    MediaDirection {
        /// Both ways.
        Both = "both",
        /// In.
        In = "in",
        /// Out.
        Out = "out",
    }

    /// What to listen to, or whom to whisper to: `spy` and `whisper` of ARI's `snoop`.
    SnoopDirection {
        /// Nothing, nobody.
        None = "none",
        /// Both ways.
        Both = "both",
        /// What the channel hears.
        Out = "out",
        /// What the channel says.
        In = "in",
    }

    /// How media is wrapped: `encapsulation` of ARI's `externalMedia`.
    ExternalMediaEncapsulation {
        /// RTP, which goes over UDP.
        Rtp = "rtp",
        /// `AudioSocket`, which goes over TCP.
        AudioSocket = "audiosocket",
        /// Not at all, as over a WebSocket.
        None = "none",
    }

    /// What media is carried over: `transport` of ARI's `externalMedia`.
    ExternalMediaTransport {
        /// UDP.
        Udp = "udp",
        /// TCP.
        Tcp = "tcp",
        /// A WebSocket.
        WebSocket = "websocket",
    }

    /// Who connects to whom: `connection_type` of ARI's `externalMedia`.
    ExternalMediaConnection {
        /// Asterisk connects.
        Client = "client",
        /// Asterisk waits to be connected to.
        Server = "server",
    }

    /// How a media WebSocket writes what is not sound: `control_message_format` in
    /// `chan_websocket.conf`, or `f(…)` of the channel.
    MediaControlFormat {
        /// Words and spaces.
        PlainText = "plain-text",
        /// JSON.
        Json = "json",
    }

    /// A part of what ARI tells about the server: `only` of `GET /asterisk/info`.
    InfoSection {
        /// How it was built.
        Build = "build",
        /// What it runs on.
        System = "system",
        /// How it is configured.
        Config = "config",
        /// Since when it runs.
        Status = "status",
    }
}
