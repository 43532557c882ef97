//! What is heard on channels: digits, playback, recordings.

use super::macros::actions;
use crate::ami::response::{Response, responses};
use crate::types::{MixMonitorDirection, MuteDirection, PlaybackControl};

actions! {
    /// Plays a DTMF digit to a channel. Needs `call`.
    PlayDTMFAction = "PlayDTMF" (
        /// the channel.
        channel: text = "Channel",
        /// the digit: `0` to `9`, `*`, `#`, `A` to `D`.
        digit: char = "Digit",
    ) -> Response {
        /// How long it sounds.
        duration: millis = "Duration",
        /// Whether to act as if the channel had sent the digit, instead of playing it.
        receive: bool = "Receive",
    }

    /// Plays an MF digit to a channel. Since 16.21, 18.7 and 19.0. Needs `call`.
    PlayMFAction = "PlayMF" (
        /// the channel.
        channel: text = "Channel",
        /// the digit: `0` to `9`, `*` for KP, `#` for ST.
        digit: char = "Digit",
    ) -> Response {
        /// How long it sounds.
        duration: millis = "Duration",
    }

    /// Sends a hook flash to a channel. Since 18.18 and 20.3. Needs `call`.
    SendFlashAction = "SendFlash" (
        /// the channel.
        channel: text = "Channel",
    ) -> Response {
        /// Whether to act as if the channel had sent the flash.
        receive: bool = "Receive",
    }

    /// Pauses, winds or stops what `ControlPlayback` or AGI's `CONTROL STREAM FILE` plays to a
    /// channel. Needs `call`.
    ControlPlaybackAction = "ControlPlayback" (
        /// the channel.
        channel: text = "Channel",
        /// what to do.
        control: PlaybackControl = "Control",
    ) -> Response {}

    /// Silences a channel, or lets it be heard again. Needs `system`.
    MuteAudioAction = "MuteAudio" (
        /// the channel.
        channel: text = "Channel",
        /// which way.
        direction: MuteDirection = "Direction",
        /// whether it is silent.
        state: on_off = "State",
    ) -> Response {}

    /// Begins to record a channel. Needs `system`.
    MixMonitorAction = "MixMonitor" (
        /// the channel.
        channel: text = "Channel",
    ) -> MixMonitorResponse {
        /// The file, in the folder for recordings unless it has a path. It needs a name here or in
        /// the options `r` and `t`.
        file: text = "File",
        /// The options of the application `MixMonitor`.
        options: text = "Options",
        /// A command to run when the recording is over. Beware of what callers can choose in it.
        command: text = "Command",
    }

    /// Ends a recording, or all recordings of a channel. Needs `system` or `call`.
    StopMixMonitorAction = "StopMixMonitor" (
        /// the channel.
        channel: text = "Channel",
    ) -> Response {
        /// Only this recording.
        mix_monitor_id: text = "MixMonitorID",
    }

    /// Replaces a part of a recording by silence from now on, or no longer. Needs `system` or
    /// `call`.
    MixMonitorMuteAction = "MixMonitorMute" (
        /// the channel.
        channel: text = "Channel",
        /// which part.
        direction: MixMonitorDirection = "Direction",
        /// whether it is silent.
        state: digit = "State",
    ) -> Response {}

    /// Begins to record a channel into two files, one for each way. Up to 20; later there is only
    /// [`MixMonitorAction`]. Needs `call`.
    MonitorAction = "Monitor" (
        /// the channel.
        channel: text = "Channel",
    ) -> Response {
        /// The files' name, to which `-in` and `-out` are added; without one it is the channel's.
        file: text = "File",
        /// The files' format; without one it is `wav`.
        format: text = "Format",
        /// Whether to mix the files into one when the recording is over.
        mix: bool = "Mix",
    }

    /// Gives the files of a recording another name. Up to 20. Needs `call`.
    ChangeMonitorAction = "ChangeMonitor" (
        /// the channel.
        channel: text = "Channel",
        /// the new name.
        file: text = "File",
    ) -> Response {}

    /// Interrupts a recording. Up to 20. Needs `call`.
    PauseMonitorAction = "PauseMonitor" (
        /// the channel.
        channel: text = "Channel",
    ) -> Response {}

    /// Goes on with a recording. Up to 20. Needs `call`.
    UnpauseMonitorAction = "UnpauseMonitor" (
        /// the channel.
        channel: text = "Channel",
    ) -> Response {}

    /// Ends a recording. Up to 20. Needs `call`.
    StopMonitorAction = "StopMonitor" (
        /// the channel.
        channel: text = "Channel",
    ) -> Response {}
}

responses! {
    /// A recording has begun.
    MixMonitorResponse {
        /// Its id, for [`StopMixMonitorAction`]. The server tells it only if the options have `i`
        /// with the name of a variable.
        mix_monitor_id: maybe = "MixMonitorID",
    }
}
