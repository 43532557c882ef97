//! Why a call ended.

use super::macros::{code_enums, no_other_name, shown_as_number, text_enums, unnamed};

code_enums! {
    /// Why a channel was hung up, in the numbers of Q.850.
    ///
    /// AMI has it as `Cause` (and in words as `Cause-txt`) in `Hangup` and its relatives, and takes
    /// it as `Cause` of the action `Hangup`; ARI has it as `cause` and takes it as `reason_code`.
    /// All of these are numbers, so that is how it is shown and serialised;
    /// [`as_str`](Self::as_str) is its name and [`description`](Self::description) Asterisk's text.
    /// All three are read, and so are the short names that the dialplan takes.
    ///
    /// ```
    /// use asterisk_sync::types::HangupCause;
    /// let cause: HangupCause = "17".parse()?;
    /// assert_eq!(cause, HangupCause::UserBusy);
    /// assert_eq!(cause.to_string(), "17");
    /// assert_eq!(cause.as_str(), "USER_BUSY");
    /// assert_eq!(cause.description(), "User busy");
    /// # Ok::<(), asterisk_sync::types::UnknownName>(())
    /// ```
    // The second name of each is Asterisk's text: `description` gives it.
    HangupCause(i32) {
        /// Nobody said why.
        NotDefined = 0 "NOTDEFINED" | "Unknown",
        /// The number belongs to nobody.
        Unallocated = 1 "UNALLOCATED" | "Unallocated (unassigned) number",
        /// The network on the way there is not known.
        NoRouteTransitNet = 2 "NO_ROUTE_TRANSIT_NET" | "No route to specified transmit network",
        /// There is no way to that number.
        NoRouteDestination = 3 "NO_ROUTE_DESTINATION" | "No route to destination",
        /// The number began with a trunk prefix that does not belong there.
        MisdialledTrunkPrefix = 5 "MISDIALLED_TRUNK_PREFIX" | "Misdialed trunk prefix",
        /// The other side cannot use the bearer channel it was offered.
        ChannelUnacceptable = 6 "CHANNEL_UNACCEPTABLE" | "Channel unacceptable",
        /// The call goes to a channel that stands already.
        CallAwardedDelivered = 7 "CALL_AWARDED_DELIVERED" | "Call awarded and being delivered in an established channel",
        /// A more important call took its place.
        PreEmpted = 8 "PRE_EMPTED" | "Pre-empted",
        /// The number has moved to another operator.
        NumberPortedNotHere = 14 "NUMBER_PORTED_NOT_HERE" | "Number ported elsewhere",
        /// Somebody put the phone down: the ordinary end of a call.
        NormalClearing = 16 "NORMAL_CLEARING" | "Normal Clearing" | "NORMAL",
        /// The called party is on another call.
        UserBusy = 17 "USER_BUSY" | "User busy" | "BUSY",
        /// The called device did not react at all.
        NoUserResponse = 18 "NO_USER_RESPONSE" | "No user responding",
        /// It rang, and nobody answered.
        NoAnswer = 19 "NO_ANSWER" | "User alerting, no answer" | "NOANSWER",
        /// The called party is not reachable now: not registered, or switched off.
        SubscriberAbsent = 20 "SUBSCRIBER_ABSENT" | "Subscriber absent" | "UNREGISTERED",
        /// The called party does not want the call.
        CallRejected = 21 "CALL_REJECTED" | "Call Rejected",
        /// The called party has another number now.
        NumberChanged = 22 "NUMBER_CHANGED" | "Number changed",
        /// The call was sent on to another number.
        RedirectedToNewDestination = 23 "REDIRECTED_TO_NEW_DESTINATION" | "Redirected to new destination",
        /// Another phone took the call.
        AnsweredElsewhere = 26 "ANSWERED_ELSEWHERE" | "Answered elsewhere",
        /// The line there does not work.
        DestinationOutOfOrder = 27 "DESTINATION_OUT_OF_ORDER" | "Destination out of order",
        /// The number is incomplete or malformed.
        InvalidNumberFormat = 28 "INVALID_NUMBER_FORMAT" | "Invalid number format",
        /// The network will not give the service that was asked for.
        FacilityRejected = 29 "FACILITY_REJECTED" | "Facility rejected",
        /// An answer to a question about the call's state.
        ResponseToStatusEnquiry = 30 "RESPONSE_TO_STATUS_ENQUIRY" | "Response to STATus ENQuiry",
        /// An ordinary end without a reason of its own.
        NormalUnspecified = 31 "NORMAL_UNSPECIFIED" | "Normal, unspecified",
        /// All circuits are taken.
        NormalCircuitCongestion = 34 "NORMAL_CIRCUIT_CONGESTION" | "Circuit/channel congestion" | "CONGESTION",
        /// The network does not work, and will not soon.
        NetworkOutOfOrder = 38 "NETWORK_OUT_OF_ORDER" | "Network out of order" | "FAILURE",
        /// The network does not work, but should again soon.
        NormalTemporaryFailure = 41 "NORMAL_TEMPORARY_FAILURE" | "Temporary failure",
        /// An exchange is overloaded.
        SwitchCongestion = 42 "SWITCH_CONGESTION" | "Switching equipment congestion",
        /// Information that came with the call was thrown away on the way.
        AccessInfoDiscarded = 43 "ACCESS_INFO_DISCARDED" | "Access information discarded",
        /// The circuit that was asked for cannot be had.
        RequestedChanUnavail = 44 "REQUESTED_CHAN_UNAVAIL" | "Requested channel not available",
        /// The line has not subscribed to that service.
        FacilityNotSubscribed = 50 "FACILITY_NOT_SUBSCRIBED" | "Facility not subscribed",
        /// The caller may not make such calls.
        OutgoingCallBarred = 52 "OUTGOING_CALL_BARRED" | "Outgoing call barred",
        /// The called line may not take such calls.
        IncomingCallBarred = 54 "INCOMING_CALL_BARRED" | "Incoming call barred",
        /// The line may not carry this kind of call.
        BearerCapabilityNotAuth = 57 "BEARERCAPABILITY_NOTAUTH" | "Bearer capability not authorized",
        /// This kind of call cannot be carried at the moment.
        BearerCapabilityNotAvail = 58 "BEARERCAPABILITY_NOTAVAIL" | "Bearer capability not available",
        /// This kind of call cannot be carried at all; often a codec nobody shares.
        BearerCapabilityNotImpl = 65 "BEARERCAPABILITY_NOTIMPL" | "Bearer capability not implemented",
        /// There is no such kind of channel.
        ChanNotImplemented = 66 "CHAN_NOT_IMPLEMENTED" | "Channel not implemented" | "NOSUCHDRIVER",
        /// The other side does not have that service.
        FacilityNotImplemented = 69 "FACILITY_NOT_IMPLEMENTED" | "Facility not implemented",
        /// A message came for a call that does not exist.
        InvalidCallReference = 81 "INVALID_CALL_REFERENCE" | "Invalid call reference value",
        /// The called device cannot take this kind of call.
        IncompatibleDestination = 88 "INCOMPATIBLE_DESTINATION" | "Incompatible destination",
        /// A message was wrong in a way that has no number.
        InvalidMsgUnspecified = 95 "INVALID_MSG_UNSPECIFIED" | "Invalid message unspecified",
        /// A message lacked what it must have.
        MandatoryIeMissing = 96 "MANDATORY_IE_MISSING" | "Mandatory information element is missing",
        /// A message was of a kind the receiver does not know.
        MessageTypeNonexist = 97 "MESSAGE_TYPE_NONEXIST" | "Message type nonexist.",
        /// A message came that does not fit here.
        WrongMessage = 98 "WRONG_MESSAGE" | "Wrong message",
        /// A message had an element the receiver does not know.
        IeNonexist = 99 "IE_NONEXIST" | "Info. element nonexist or not implemented",
        /// An element of a message could not be understood.
        InvalidIeContents = 100 "INVALID_IE_CONTENTS" | "Invalid information element contents",
        /// A message came that the call's state does not allow.
        WrongCallState = 101 "WRONG_CALL_STATE" | "Message not compatible with call state",
        /// An expected message did not come in time.
        RecoveryOnTimerExpire = 102 "RECOVERY_ON_TIMER_EXPIRE" | "Recover on timer expiry",
        /// A mandatory element of a message had the wrong length.
        MandatoryIeLengthError = 103 "MANDATORY_IE_LENGTH_ERROR" | "Mandatory IE length error",
        /// The signalling was wrong in a way that has no number.
        ProtocolError = 111 "PROTOCOL_ERROR" | "Protocol error, unspecified",
        /// A network on the way speaks another language, so the true reason was lost.
        Interworking = 127 "INTERWORKING" | "Interworking, unspecified",
    } else unnamed, no_other_name;
}

shown_as_number!(HangupCause);

impl HangupCause {
    /// Asterisk's text for it, as in `Cause-txt`; `Unknown` for what it has none for.
    pub fn description(self) -> &'static str {
        match Self::ALL.iter().position(|known| *known == self) {
            Some(index) => Self::SPELLINGS[index][1],
            None => "Unknown",
        }
    }
}

text_enums! {
    /// Why ARI shall hang a channel up, where a word is enough: `reason` of
    /// `DELETE /channels/{channelId}`.
    ///
    /// For any other cause there is `reason_code`, which takes a [`HangupCause`].
    HangupReason {
        /// The ordinary end of a call.
        Normal = "normal",
        /// The called party is on another call.
        Busy = "busy",
        /// All circuits are taken.
        Congestion = "congestion",
        /// It rang, and nobody answered.
        NoAnswer = "no_answer",
        /// The called device did not react in time.
        Timeout = "timeout",
        /// The called party does not want the call.
        Rejected = "rejected",
        /// The number belongs to nobody.
        Unallocated = "unallocated",
        /// An ordinary end without a reason of its own.
        NormalUnspecified = "normal_unspecified",
        /// The number is incomplete or malformed.
        NumberIncomplete = "number_incomplete",
        /// No codec is common to both sides.
        CodecMismatch = "codec_mismatch",
        /// The reason was lost on the way.
        Interworking = "interworking",
        /// Something does not work.
        Failure = "failure",
        /// Another phone took the call.
        AnsweredElsewhere = "answered_elsewhere",
    }
}
