//! Conferences: the application MeetMe.

use super::macros::actions;
use crate::ami::event;
use crate::ami::response::Response;

actions! {
    /// Lists who is in conferences. Needs `reporting`.
    MeetmeListAction = "MeetmeList" () -> Response [
        event::MeetmeList,
        MeetmeListComplete or "No active conferences."
    ] {
        /// Only this conference.
        conference: text = "Conference",
    }

    /// Lists the conferences there are. Needs `reporting`.
    MeetmeListRoomsAction = "MeetmeListRooms" () -> Response [
        event::MeetmeListRooms,
        MeetmeListRoomsComplete or "No active conferences."
    ] {}

    /// Silences somebody in a conference. Needs `call`.
    MeetmeMuteAction = "MeetmeMute" (
        /// the conference.
        meetme: text = "Meetme",
        /// who, by the number in the list.
        user_num: u32 = "Usernum",
    ) -> Response {}

    /// Lets somebody in a conference be heard again. Needs `call`.
    MeetmeUnmuteAction = "MeetmeUnmute" (
        /// the conference.
        meetme: text = "Meetme",
        /// who, by the number in the list.
        user_num: u32 = "Usernum",
    ) -> Response {}
}
