//! What a channel is doing, and what is said about its caller.

use std::fmt;

use super::macros::{code_enums, text_enums, unnamed};

code_enums! {
    /// What a channel is doing.
    ///
    /// AMI has it as the number `ChannelState` and the word `ChannelStateDesc`, ARI as the word
    /// `state`, AGI as the number that `CHANNEL STATUS` gives. Both are read; shown and serialised
    /// is the word. A state without a word is, as with Asterisk, `Unknown (12)`.
    ///
    /// ```
    /// use asterisk_sync::types::ChannelState;
    /// assert_eq!("6".parse(), Ok(ChannelState::Up));
    /// assert_eq!("Up".parse(), Ok(ChannelState::Up));
    /// assert_eq!(ChannelState::Reserved.to_string(), "Rsrvd");
    /// ```
    ChannelState(u32) {
        /// It is there, and nothing has happened yet.
        Down = 0 "Down",
        /// Nothing has happened yet, but it is promised to somebody.
        Reserved = 1 "Rsrvd" | "Rsrved",
        /// The phone is off the hook.
        OffHook = 2 "OffHook",
        /// Digits have been dialled.
        Dialing = 3 "Dialing",
        /// It calls, and the far end rings.
        Ring = 4 "Ring",
        /// It is being called, and rings.
        Ringing = 5 "Ringing",
        /// It was answered: the two sides hear each other.
        Up = 6 "Up",
        /// The line is busy.
        Busy = 7 "Busy",
        /// Digits have been dialled while off the hook.
        DialingOffhook = 8 "Dialing Offhook",
        /// A call is coming in, but it does not ring yet.
        PreRing = 9 "Pre-ring",
    } else unnamed, numbered;
}

/// The number in `Unknown (12)`.
fn numbered(text: &str) -> Option<u32> {
    let (word, number) = text.strip_suffix(')')?.split_once(" (")?;
    if word.eq_ignore_ascii_case("Unknown") { number.parse().ok() } else { None }
}

impl fmt::Display for ChannelState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Other(code) => f.pad(&format!("Unknown ({code})")),
            known => f.pad(known.as_str()),
        }
    }
}

impl serde::Serialize for ChannelState {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

text_enums! {
    /// Whether a number may be shown, and how far it is to be believed.
    ///
    /// It is a word in the dialplan function `CALLERID(pres)` and its relatives, and a number in
    /// AGI's `agi_callingpres`. Both are read.
    CallerPresentation {
        /// May be shown; the user gave it and nobody checked.
        AllowedNotScreened = "allowed_not_screened" | "0",
        /// May be shown; the user gave it and it is right.
        AllowedPassedScreen = "allowed_passed_screen" | "1",
        /// May be shown; the user gave it and it is wrong.
        AllowedFailedScreen = "allowed_failed_screen" | "2",
        /// May be shown; the network gave it.
        Allowed = "allowed" | "3",
        /// Must not be shown; the user gave it and nobody checked.
        ProhibNotScreened = "prohib_not_screened" | "32",
        /// Must not be shown; the user gave it and it is right.
        ProhibPassedScreen = "prohib_passed_screen" | "33",
        /// Must not be shown; the user gave it and it is wrong.
        ProhibFailedScreen = "prohib_failed_screen" | "34",
        /// Must not be shown; the network gave it.
        Prohib = "prohib" | "35",
        /// There is no number.
        Unavailable = "unavailable" | "67",
    }

    /// Why a call was sent elsewhere: the dialplan function `REDIRECTING(reason)`.
    RedirectingReason {
        /// Nobody said why.
        Unknown = "unknown",
        /// The called party was busy.
        CallForwardBusy = "cfb" | "user-busy",
        /// The called party did not answer.
        CallForwardNoReply = "cfnr" | "no-answer",
        /// The called party could not be reached.
        Unavailable = "unavailable",
        /// All calls are sent on.
        CallForwardUnconditional = "cfu" | "unconditional",
        /// It was the wrong time of day.
        TimeOfDay = "time_of_day" | "time-of-day",
        /// The called party is not to be disturbed.
        DoNotDisturb = "dnd" | "do-not-disturb",
        /// The called party sent this one call on.
        Deflection = "deflection",
        /// One person is looked for at many numbers.
        FollowMe = "follow_me" | "follow-me",
        /// The called line does not work.
        OutOfOrder = "out_of_order" | "out-of-service",
        /// The called party is away.
        Away = "away",
        /// The called device itself sent the call on.
        CallForwardDte = "cf_dte",
        /// The called party wants it in the voicemail.
        SendToVoicemail = "send_to_vm",
    }

    /// Which way a keypress went: `Direction` of AMI's `DTMFBegin` and `DTMFEnd`.
    DtmfDirection {
        /// From the channel to Asterisk.
        Received = "Received",
        /// From Asterisk to the channel.
        Sent = "Sent",
    }

    /// How a transfer that this side was asked for is getting on: `states` of `POST
    /// /channels/{channelId}/transfer_progress`.
    TransferProgress {
        /// The other party rings.
        Progress = "channel_progress",
        /// The other party has answered.
        Answered = "channel_answered",
        /// The other party cannot be reached.
        Unavailable = "channel_unavailable",
        /// The other party does not want the call.
        Declined = "channel_declined",
    }

    /// What to silence: `Direction` of the action `MuteAudio`. For ARI's `mute` see
    /// [`MediaDirection`](super::MediaDirection).
    MuteDirection {
        /// What the channel sends to Asterisk.
        In = "in",
        /// What Asterisk sends to the channel.
        Out = "out",
        /// Both.
        All = "all",
    }

    /// What to silence in a recording: `Direction` of the action `MixMonitorMute`.
    MixMonitorDirection {
        /// What comes from the channel.
        Read = "read",
        /// What goes to the channel.
        Write = "write",
        /// Both.
        Both = "both",
    }

    /// What to do with a file that is being played: `Control` of the action `ControlPlayback`. For
    /// ARI see [`PlaybackOperation`](super::PlaybackOperation).
    PlaybackControl {
        /// End it.
        Stop = "stop",
        /// Skip ahead.
        Forward = "forward",
        /// Skip back.
        Reverse = "reverse",
        /// Hold it, or go on if it is held.
        Pause = "pause",
        /// Begin again.
        Restart = "restart",
    }
}
