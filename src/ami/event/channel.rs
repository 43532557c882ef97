//! The life of a channel.

use super::macros::events;
use crate::types::{CallerPresentation, DtmfDirection, HangupCause};

events! {
    /// A channel came to be.
    NewChannel = "Newchannel" {
        /// The channel.
        channel: channel = "",
    }

    /// A channel's state is another now: it rings, it was answered.
    Newstate = "Newstate" {
        /// The channel, in its new state.
        channel: channel = "",
    }

    /// A channel begins a step of the dialplan.
    NewExten = "Newexten" {
        /// The channel, with the place in the dialplan where it is now.
        channel: channel = "",
        /// The extension; the same as the channel's.
        extension: text = "Extension",
        /// The application that runs.
        application: text = "Application",
        /// What the application was given.
        app_data: text = "AppData",
    }

    /// A channel's caller id changed.
    NewCallerid = "NewCallerid" {
        /// The channel, with its new caller id.
        channel: channel = "",
        /// Whether the number may be shown: a number, and what it means in parentheses.
        cid_calling_pres: text = "CID-CallingPres",
    }

    /// What a channel knows of its other side changed.
    NewConnectedLine = "NewConnectedLine" {
        /// The channel, with its new connected line.
        channel: channel = "",
    }

    /// A channel's account code changed.
    NewAccountCode = "NewAccountCode" {
        /// The channel, with its new account code.
        channel: channel = "",
        /// The account code it had before.
        old_account_code: text = "OldAccountCode",
    }

    /// A channel has another name now.
    Rename = "Rename" {
        /// The channel: its old name and its unique id, no more.
        channel: channel = "",
        /// Its new name.
        new_name: text = "Newname",
    }

    /// Somebody asked for a channel's end, and gave a cause.
    HangupRequest = "HangupRequest" {
        /// The channel.
        channel: channel = "",
        /// Why.
        cause: parsed<HangupCause> = "Cause",
    }

    /// Somebody asked for a channel's end the gentle way: whatever runs on it may finish.
    SoftHangupRequest = "SoftHangupRequest" {
        /// The channel.
        channel: channel = "",
        /// Why.
        cause: parsed<HangupCause> = "Cause",
    }

    /// A channel is gone.
    Hangup = "Hangup" {
        /// The channel as it was last.
        channel: channel = "",
        /// Why.
        cause: parsed<HangupCause> = "Cause",
        /// Why, in words.
        cause_txt: text = "Cause-txt",
        /// The cause as the channel's own technology has it. Not sent before Asterisk 20.17.
        tech_cause: maybe = "TechCause",
    }

    /// A channel's caller was put on hold.
    Hold = "Hold" {
        /// The channel that asked for it.
        channel: channel = "",
        /// The class of music it suggests.
        music_class: maybe = "MusicClass",
    }

    /// A channel's caller was taken off hold.
    Unhold = "Unhold" {
        /// The channel that asked for it.
        channel: channel = "",
    }

    /// A key went down.
    DtmfBegin = "DTMFBegin" {
        /// The channel.
        channel: channel = "",
        /// The key: `0` to `9`, `A` to `D`, `*` or `#`.
        digit: text = "Digit",
        /// Which way it went.
        direction: parsed<DtmfDirection> = "Direction",
    }

    /// A key went up again.
    DtmfEnd = "DTMFEnd" {
        /// The channel.
        channel: channel = "",
        /// The key: `0` to `9`, `A` to `D`, `*` or `#`.
        digit: text = "Digit",
        /// How long it was down.
        duration_ms: millis = "DurationMs",
        /// Which way it went.
        direction: parsed<DtmfDirection> = "Direction",
    }

    /// A phone's hook was flashed. Since Asterisk 16.
    Flash = "Flash" {
        /// The channel.
        channel: channel = "",
    }

    /// A trunk winked. Since Asterisk 16.
    Wink = "Wink" {
        /// The channel.
        channel: channel = "",
    }

    /// A handler was added to those that run when the channel ends.
    HangupHandlerPush = "HangupHandlerPush" {
        /// The channel.
        channel: channel = "",
        /// The handler: a place in the dialplan, and its arguments.
        handler: text = "Handler",
    }

    /// The handler added last was taken away again.
    HangupHandlerPop = "HangupHandlerPop" {
        /// The channel.
        channel: channel = "",
        /// The handler: a place in the dialplan, and its arguments.
        handler: text = "Handler",
    }

    /// The channel ends, and one of its handlers is about to run.
    HangupHandlerRun = "HangupHandlerRun" {
        /// The channel.
        channel: channel = "",
        /// The handler: a place in the dialplan, and its arguments.
        handler: text = "Handler",
    }

    /// `TALK_DETECT` hears somebody begin to talk.
    ChannelTalkingStart = "ChannelTalkingStart" {
        /// The channel.
        channel: channel = "",
    }

    /// `TALK_DETECT` hears them stop.
    ChannelTalkingStop = "ChannelTalkingStop" {
        /// The channel.
        channel: channel = "",
        /// How long they talked.
        duration: millis = "Duration",
    }

    /// A channel took a call that rang elsewhere.
    Pickup = "Pickup" {
        /// The channel that took it.
        channel: channel = "",
        /// The channel that rang.
        target: channel = "Target",
    }

    /// Music on hold began.
    MusicOnHoldStart = "MusicOnHoldStart" {
        /// The channel that hears it.
        channel: channel = "",
        /// The class of music.
        class: text = "Class",
    }

    /// Music on hold ended.
    MusicOnHoldStop = "MusicOnHoldStop" {
        /// The channel that heard it.
        channel: channel = "",
    }

    /// A SIP call ended because nothing came any more. From `chan_sip`, so only up to Asterisk 20.
    SessionTimeout = "SessionTimeout" {
        /// The channel.
        channel: channel = "",
        /// What ran out: `RTPTimeout` or `SIPSessionTimer`.
        source: text = "Source",
    }
}

impl NewCallerid {
    /// Whether the number may be shown.
    pub fn presentation(&self) -> Option<CallerPresentation> {
        self.cid_calling_pres().split(' ').next()?.parse().ok()
    }
}
