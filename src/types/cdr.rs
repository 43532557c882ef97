//! What is written down about calls.

use super::macros::text_enums;

text_enums! {
    /// How a call ended, in its record: `Disposition` of AMI's `Cdr`, the dialplan function
    /// `CDR(disposition)`, and the files that Asterisk writes.
    CdrDisposition {
        /// Nobody answered.
        NoAnswer = "NO ANSWER" | "NOANSWER",
        /// It was answered.
        Answered = "ANSWERED",
        /// The called party was on another call.
        Busy = "BUSY",
        /// It could not be made.
        Failed = "FAILED",
        /// The network would not carry it.
        Congestion = "CONGESTION",
    }

    /// What a record is for: `AMAFlags` of AMI's `Cdr` and `CEL`, `AMAflags` of queue members and
    /// `CHANNEL(amaflags)`.
    AmaFlags {
        /// Not to be recorded.
        Omit = "OMIT",
        /// To be charged for.
        Billing = "BILLING",
        /// To be kept, and not charged for.
        Documentation = "DOCUMENTATION",
        /// Nobody has said.
        Unknown = "Unknown",
    }

    /// What happened, in the log of channel events: `EventName` of AMI's `CEL`.
    CelEventType {
        /// A channel came to be.
        ChannelStart = "CHAN_START",
        /// A channel is gone.
        ChannelEnd = "CHAN_END",
        /// A channel was answered.
        Answer = "ANSWER",
        /// A channel was hung up.
        Hangup = "HANGUP",
        /// A channel came into a bridge.
        BridgeEnter = "BRIDGE_ENTER",
        /// A channel left a bridge.
        BridgeExit = "BRIDGE_EXIT",
        /// A dialplan application that is being logged began.
        AppStart = "APP_START",
        /// A dialplan application that is being logged ended.
        AppEnd = "APP_END",
        /// A call was parked.
        ParkStart = "PARK_START",
        /// A call is parked no longer.
        ParkEnd = "PARK_END",
        /// A call was transferred without asking its new party.
        BlindTransfer = "BLINDTRANSFER",
        /// A call was transferred after asking its new party.
        AttendedTransfer = "ATTENDEDTRANSFER",
        /// Somebody took a call that rang elsewhere.
        Pickup = "PICKUP",
        /// A call was sent on to somebody else.
        Forward = "FORWARD",
        /// The last channel of a call is gone.
        LinkedIdEnd = "LINKEDID_END",
        /// A pair of local channels begins to take itself out of the way.
        LocalOptimizeBegin = "LOCAL_OPTIMIZE_BEGIN",
        /// A pair of local channels has taken itself out of the way.
        LocalOptimize = "LOCAL_OPTIMIZE",
        /// A file begins to be played.
        StreamBegin = "STREAM_BEGIN",
        /// A file ends being played.
        StreamEnd = "STREAM_END",
        /// A key was pressed.
        Dtmf = "DTMF",
        /// The dialplan wrote it, under a name of its own.
        UserDefined = "USER_DEFINED",
    }
}
