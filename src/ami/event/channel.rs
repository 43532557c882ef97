//! The life of a channel.

use super::macros::events;
use crate::ami::value::presentation;
use crate::types::{self, CallerPresentation, DtmfDirection, HangupCause};

events! {
    /// A channel came to be.
    NewChannel = "Newchannel" since "12 or earlier" {
        /// The channel.
        channel: channel = "",
    }

    /// A channel's state is another now: it rings, it was answered.
    Newstate = "Newstate" since "12 or earlier" {
        /// The channel, in its new state.
        channel: channel = "",
    }

    /// A channel begins a step of the dialplan.
    NewExten = "Newexten" since "13 or earlier" {
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
    NewCallerid = "NewCallerid" since "12 or earlier" {
        /// The channel, with its new caller id.
        channel: channel = "",
        /// Whether the number may be shown: a number, and what it means in parentheses.
        cid_calling_pres: text = "CID-CallingPres",
    }

    /// What a channel knows of its other side changed.
    NewConnectedLine = "NewConnectedLine" since "13.13 and 14.2" {
        /// The channel, with its new connected line.
        channel: channel = "",
    }

    /// A channel's account code changed.
    NewAccountCode = "NewAccountCode" since "12 or earlier" {
        /// The channel, with its new account code.
        channel: channel = "",
        /// The account code it had before.
        old_account_code: text = "OldAccountCode",
    }

    /// A channel has another name now.
    Rename = "Rename" since "13 or earlier" {
        /// The channel: its old name and its unique id, no more.
        channel: channel = "",
        /// Its new name.
        new_name: text = "Newname",
    }

    /// Somebody asked for a channel's end, and gave a cause.
    HangupRequest = "HangupRequest" since "12 or earlier" {
        /// The channel.
        channel: channel = "",
        /// Why.
        cause: parsed<HangupCause> = "Cause",
    }

    /// Somebody asked for a channel's end the gentle way: whatever runs on it may finish.
    SoftHangupRequest = "SoftHangupRequest" since "12 or earlier" {
        /// The channel.
        channel: channel = "",
        /// Why: a cause of hangups, or a flag of the server's own, which is `Other`: 2 for a
        /// channel that is sent elsewhere, 8 for one whose time is over, 32 if somebody asked.
        cause: parsed<HangupCause> = "Cause",
    }

    /// A channel is gone.
    Hangup = "Hangup" since "12 or earlier" {
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
    Hold = "Hold" since "12 or earlier" {
        /// The channel that asked for it.
        channel: channel = "",
        /// The class of music it suggests.
        music_class: maybe = "MusicClass",
    }

    /// A channel's caller was taken off hold.
    Unhold = "Unhold" since "12 or earlier" {
        /// The channel that asked for it.
        channel: channel = "",
    }

    /// A key went down.
    DtmfBegin = "DTMFBegin" since "13 or earlier" {
        /// The channel.
        channel: channel = "",
        /// The key: `0` to `9`, `A` to `D`, `*` or `#`.
        digit: text = "Digit",
        /// Which way it went.
        direction: parsed<DtmfDirection> = "Direction",
    }

    /// A key went up again.
    DtmfEnd = "DTMFEnd" since "13 or earlier" {
        /// The channel.
        channel: channel = "",
        /// The key: `0` to `9`, `A` to `D`, `*` or `#`.
        digit: text = "Digit",
        /// How long it was down.
        duration_ms: millis = "DurationMs",
        /// Which way it went.
        direction: parsed<DtmfDirection> = "Direction",
    }

    /// A phone's hook was flashed.
    Flash = "Flash" since "16.24, 18.10 and 19.2" {
        /// The channel.
        channel: channel = "",
    }

    /// A trunk winked.
    Wink = "Wink" since "16.24, 18.10 and 19.2" {
        /// The channel.
        channel: channel = "",
    }

    /// A handler was added to those that run when the channel ends.
    HangupHandlerPush = "HangupHandlerPush" since "12 or earlier" {
        /// The channel.
        channel: channel = "",
        /// The handler: a place in the dialplan, and its arguments.
        handler: text = "Handler",
    }

    /// The handler added last was taken away again.
    HangupHandlerPop = "HangupHandlerPop" since "12 or earlier" {
        /// The channel.
        channel: channel = "",
        /// The handler: a place in the dialplan, and its arguments.
        handler: text = "Handler",
    }

    /// The channel ends, and one of its handlers is about to run.
    HangupHandlerRun = "HangupHandlerRun" since "12 or earlier" {
        /// The channel.
        channel: channel = "",
        /// The handler: a place in the dialplan, and its arguments.
        handler: text = "Handler",
    }

    /// `TALK_DETECT` hears somebody begin to talk.
    ChannelTalkingStart = "ChannelTalkingStart" since "12.4" {
        /// The channel.
        channel: channel = "",
    }

    /// `TALK_DETECT` hears them stop.
    ChannelTalkingStop = "ChannelTalkingStop" since "12.4" {
        /// The channel.
        channel: channel = "",
        /// How long they talked.
        duration: millis = "Duration",
    }

    /// A channel took a call that rang elsewhere.
    Pickup = "Pickup" since "12 or earlier" {
        /// The channel that took it.
        channel: channel = "",
        /// The channel that rang.
        target: channel = "Target",
    }

    /// Music on hold began.
    MusicOnHoldStart = "MusicOnHoldStart" since "12 or earlier" {
        /// The channel that hears it.
        channel: channel = "",
        /// The class of music.
        class: text = "Class",
    }

    /// Music on hold ended.
    MusicOnHoldStop = "MusicOnHoldStop" since "12 or earlier" {
        /// The channel that heard it.
        channel: channel = "",
    }

    /// A SIP call ended because nothing came any more. From `chan_sip`, so only up to Asterisk 20.
    SessionTimeout = "SessionTimeout" since "13 or earlier" {
        /// The channel.
        channel: channel = "",
        /// What ran out.
        source: parsed<types::SessionTimeoutSource> = "Source",
    }
}

impl NewCallerid {
    /// Whether the number may be shown.
    pub fn presentation(&self) -> Option<CallerPresentation> {
        presentation(self.cid_calling_pres())
    }
}
