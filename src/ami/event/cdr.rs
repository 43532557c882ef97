//! Records of calls, for whoever writes the bill.

use super::macros::events;
use crate::types::{AmaFlags, CdrDisposition, CelEventType};

events! {
    /// A call is over, and this is its record. Needs `cdr_manager.conf` to be enabled.
    ///
    /// Headers that `cdr_manager.conf` maps to more CDR variables come as well.
    Cdr = "Cdr" since "13.2" {
        /// The account code.
        account_code: text = "AccountCode",
        /// The caller's number.
        source: text = "Source",
        /// The extension that was called.
        destination: text = "Destination",
        /// The context of that extension.
        destination_context: text = "DestinationContext",
        /// The caller's id: name and number.
        caller_id: text = "CallerID",
        /// The caller's channel.
        channel: text = "Channel",
        /// The called channel; empty if there was none.
        destination_channel: text = "DestinationChannel",
        /// The application that ran last.
        last_application: text = "LastApplication",
        /// What that application was given.
        last_data: text = "LastData",
        /// When the call began, as `2026-01-31 13:59:00`, by the server's own clock and time zone.
        start_time: text = "StartTime",
        /// When it was answered, in the same form; empty if it was not.
        answer_time: text = "AnswerTime",
        /// When it ended, in the same form.
        end_time: text = "EndTime",
        /// From its beginning to its end.
        duration: seconds = "Duration",
        /// From the answer to its end.
        billable_seconds: seconds = "BillableSeconds",
        /// What came of it.
        disposition: parsed<CdrDisposition> = "Disposition",
        /// What the record is for.
        ama_flags: parsed<AmaFlags> = "AMAFlags",
        /// The unique id of the caller's channel.
        unique_id: text = "UniqueID",
        /// What the dialplan put into `CDR(userfield)`.
        user_field: text = "UserField",
    }

    /// One step in the life of a channel, for a detailed record. Needs `cel.conf` to be enabled.
    Cel = "CEL" since "13.2" {
        /// What happened.
        event_name: parsed<CelEventType> = "EventName",
        /// The account code.
        account_code: text = "AccountCode",
        /// The caller's number.
        caller_id_num: text = "CallerIDnum",
        /// The caller's name.
        caller_id_name: text = "CallerIDname",
        /// The number to bill (ANI).
        caller_id_ani: text = "CallerIDani",
        /// The number that sent the call on.
        caller_id_rdnis: text = "CallerIDrdnis",
        /// The number that was dialled.
        caller_id_dnid: text = "CallerIDdnid",
        /// The extension.
        exten: text = "Exten",
        /// The context.
        context: text = "Context",
        /// The channel.
        channel: text = "Channel",
        /// The application that runs.
        application: text = "Application",
        /// What the application was given.
        app_data: text = "AppData",
        /// When it happened, as `2026-01-31 13:59:00`, by the server's own clock and time zone, unless
        /// `dateformat` of `cel.conf` gives it another form.
        event_time: text = "EventTime",
        /// What the record is for.
        ama_flags: parsed<AmaFlags> = "AMAFlags",
        /// The channel's unique id.
        unique_id: text = "UniqueID",
        /// The id that all channels of the call share.
        linked_id: text = "LinkedID",
        /// What the dialplan put into `CHANNEL(userfield)`.
        user_field: text = "Userfield",
        /// The channels on the other side of the bridge, with commas between.
        peer: text = "Peer",
        /// The account code of the other side.
        peer_account: text = "PeerAccount",
        /// More about what happened, as JSON; empty if there is nothing to say.
        extra: text = "Extra",
    }
}
