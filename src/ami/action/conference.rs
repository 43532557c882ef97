//! Conferences: the application ConfBridge.

use super::macros::actions;
use crate::ami::event;
use crate::ami::response::Response;

actions! {
    /// Lists who is in a conference; nobody if there is no such conference. Needs `reporting`.
    ConfbridgeListAction = "ConfbridgeList" (
        /// the conference.
        conference: text = "Conference",
    ) -> Response [
        event::ConfbridgeList,
        ConfbridgeListComplete or "No active conferences." or "No Conference by that name found."
    ] {}

    /// Lists the conferences there are. Needs `reporting`.
    ConfbridgeListRoomsAction = "ConfbridgeListRooms" () -> Response [
        event::ConfbridgeListRooms,
        ConfbridgeListRoomsComplete or "No active conferences."
    ] {}

    /// Takes somebody out of a conference. Needs `call`.
    ConfbridgeKickAction = "ConfbridgeKick" (
        /// the conference.
        conference: text = "Conference",
        /// the channel; `all` is everybody, `participants` everybody but administrators.
        channel: text = "Channel",
    ) -> Response {}

    /// Silences somebody in a conference. Needs `call`.
    ConfbridgeMuteAction = "ConfbridgeMute" (
        /// the conference.
        conference: text = "Conference",
        /// the channel, or the beginning of its name; `all` is everybody, `participants` everybody
        /// but administrators.
        channel: text = "Channel",
    ) -> Response {}

    /// Lets somebody in a conference be heard again. Needs `call`.
    ConfbridgeUnmuteAction = "ConfbridgeUnmute" (
        /// the conference.
        conference: text = "Conference",
        /// the channel, or the beginning of its name; `all` is everybody, `participants` everybody
        /// but administrators.
        channel: text = "Channel",
    ) -> Response {}

    /// Lets nobody in any more but administrators. Needs `call`.
    ConfbridgeLockAction = "ConfbridgeLock" (
        /// the conference.
        conference: text = "Conference",
    ) -> Response {}

    /// Lets everybody in again. Needs `call`.
    ConfbridgeUnlockAction = "ConfbridgeUnlock" (
        /// the conference.
        conference: text = "Conference",
    ) -> Response {}

    /// Begins to record a conference. Refused if it is recorded already. Needs `system`.
    ConfbridgeStartRecordAction = "ConfbridgeStartRecord" (
        /// the conference.
        conference: text = "Conference",
    ) -> Response {
        /// The file; without one it is that of the conference's profile, or a new one.
        record_file: text = "RecordFile",
    }

    /// Ends the recording of a conference. Needs `system`.
    ConfbridgeStopRecordAction = "ConfbridgeStopRecord" (
        /// the conference.
        conference: text = "Conference",
    ) -> Response {}

    /// Shows everybody in a conference the video of one. Needs `call`.
    ConfbridgeSetSingleVideoSrcAction = "ConfbridgeSetSingleVideoSrc" (
        /// the conference.
        conference: text = "Conference",
        /// the channel, or the beginning of its name.
        channel: text = "Channel",
    ) -> Response {}
}
