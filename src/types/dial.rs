//! How an attempt to reach somebody went.

use super::macros::{code_enums, no_other_name, shown_as_number, text_enums, unnamed};

text_enums! {
    /// How a call to somebody ended: `DialStatus` of AMI's `DialEnd`, `dialstatus` of ARI's `Dial`,
    /// and the channel variable `DIALSTATUS` after the application `Dial`.
    ///
    /// What is said while the call is still under way is a [`DialProgress`]; ARI has both, and an
    /// empty text at the start, in the same field. [`progress`](Self::progress) and
    /// [`is_final`](Self::is_final) tell them apart. `ABORT`, `CONTINUE` and `GOTO:…`, which are
    /// what the called party or the dialplan made of a call, are `Other`.
    DialStatus {
        /// It was answered.
        Answer = "ANSWER",
        /// The called party was on another call.
        Busy = "BUSY",
        /// It rang, and nobody answered in time.
        NoAnswer = "NOANSWER" | "NO ANSWER",
        /// The caller gave up first.
        Cancel = "CANCEL",
        /// The network, or the other side, would not carry it.
        Congestion = "CONGESTION",
        /// There was no channel to call with: often a device that is not registered.
        ChanUnavail = "CHANUNAVAIL",
        /// The called party, who was asked before, does not want calls from this caller.
        DontCall = "DONTCALL",
        /// The called party, who was asked before, wants this caller kept waiting.
        Torture = "TORTURE",
        /// `Dial` was given what it cannot understand.
        InvalidArgs = "INVALIDARGS",
        /// The called party could not be reached.
        Unavailable = "UNAVAILABLE",
    }

    /// What is heard of a call before it is decided: `DialStatus` of AMI's `DialState`, `dialstatus`
    /// of ARI's `Dial`.
    DialProgress {
        /// The other side rings.
        Ringing = "RINGING",
        /// The other side says something before it answers.
        Progress = "PROGRESS",
        /// The network is looking for the other side.
        Proceeding = "PROCEEDING",
    }

    /// What became of a transfer: `Result` of AMI's `BlindTransfer` and `AttendedTransfer`, `result`
    /// of ARI's `BridgeBlindTransfer` and `BridgeAttendedTransfer`.
    TransferResult {
        /// It was done.
        Success = "Success",
        /// Something went wrong inside.
        Fail = "Fail",
        /// It could not be asked for: there is no such place or no such call.
        Invalid = "Invalid",
        /// The bridge does not let its calls be transferred.
        NotPermitted = "Not Permitted",
    }

    /// Where an attended transfer led to: `DestType` of AMI's `AttendedTransfer`, `destination_type`
    /// of ARI's `BridgeAttendedTransfer`.
    TransferDestination {
        /// The two calls are one bridge now.
        Bridge = "Bridge",
        /// The call went to a dialplan application.
        App = "App" | "application",
        /// Two bridges were linked by a pair of local channels.
        Link = "Link",
        /// All are in one bridge, the transferring party too.
        Threeway = "Threeway",
        /// Nowhere.
        Fail = "Fail",
    }
}

impl DialStatus {
    /// What it says of a call under way, if that is what it is.
    pub fn progress(&self) -> Option<DialProgress> {
        match self {
            Self::Other(text) => {
                Some(DialProgress::from(&**text)).filter(|it| !matches!(it, DialProgress::Other(_)))
            }
            _ => None,
        }
    }

    /// Whether the call is decided: neither under way nor just begun.
    pub fn is_final(&self) -> bool {
        !self.as_str().is_empty() && self.progress().is_none()
    }
}

code_enums! {
    /// How far a call that the action `Originate` asked for came: `Reason` of the event
    /// `OriginateResponse`. Always a number; the names are those of Asterisk's control frames.
    OriginateReason(i32) {
        /// It could not even be tried: no such extension or channel, or no reason is known.
        Failure = 0 "FAILURE",
        /// It was ended from afar, or not answered.
        Hangup = 1 "HANGUP",
        /// It still rang when the time was over.
        Ringing = 3 "RINGING",
        /// It was answered.
        Answer = 4 "ANSWER",
        /// The called party was on another call.
        Busy = 5 "BUSY",
        /// The network would not carry it, or the called party could not be reached.
        Congestion = 8 "CONGESTION",
    } else unnamed, no_other_name;
}

shown_as_number!(OriginateReason);
