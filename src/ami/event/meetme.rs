//! Conferences of `MeetMe`.

use super::macros::events;

events! {
    all have {
        /// The user's channel.
        channel: channel = "",
        /// The conference.
        meetme: text = "Meetme",
        /// The user's number in it.
        user: parsed<u32> = "User",
    }

    /// A user came.
    MeetmeJoin = "MeetmeJoin" since "12 or earlier" {}

    /// A user left.
    MeetmeLeave = "MeetmeLeave" since "12 or earlier" {
        /// How long they were there.
        duration: seconds = "Duration",
    }

    /// A user is no longer heard, or is heard again.
    MeetmeMute = "MeetmeMute" since "12 or earlier" {
        /// How long they have been there.
        duration: seconds = "Duration",
        /// Whether they are not heard.
        status: flag = "Status",
    }

    /// A user begins to talk, or stops.
    MeetmeTalking = "MeetmeTalking" since "12 or earlier" {
        /// How long they have been there.
        duration: seconds = "Duration",
        /// Whether they talk.
        status: flag = "Status",
    }

    /// A user who is not heard asks to be, or no longer asks.
    MeetmeTalkRequest = "MeetmeTalkRequest" since "12 or earlier" {
        /// How long they have been there.
        duration: seconds = "Duration",
        /// Whether they ask.
        status: flag = "Status",
    }
}

events! {
    /// The last user left: the conference is over.
    MeetmeEnd = "MeetmeEnd" since "12 or earlier" {
        /// The conference.
        meetme: text = "Meetme",
    }

    /// One user of the answer to `MeetmeList`.
    MeetmeList = "MeetmeList" since "13 or earlier" {
        /// The user's channel.
        channel: raw_channel = "",
        /// The conference.
        conference: text = "Conference",
        /// The user's number in it.
        user_number: parsed<u32> = "UserNumber",
        /// Whether the user is an administrator.
        admin: flag = "Admin",
        /// Whether the user may talk, listen, or both, in words.
        role: text = "Role",
        /// Whether the user is marked.
        marked_user: flag = "MarkedUser",
        /// `No`, `By admin` or `By self`.
        muted: text = "Muted",
        /// Whether the user talks now; `None` if nobody looks.
        talking: flag = "Talking",
    }

    /// One conference of the answer to `MeetmeListRooms`.
    MeetmeListRooms = "MeetmeListRooms" since "13 or earlier" {
        /// The conference.
        conference: text = "Conference",
        /// How many users it has.
        parties: parsed<u32> = "Parties",
        /// How many of them are marked; `None` if none.
        marked: parsed<u32> = "Marked",
        /// How long it has been there.
        activity: clock = "Activity",
        /// `Static` or `Dynamic`.
        creation: text = "Creation",
        /// Whether nobody else can come.
        locked: flag = "Locked",
    }
}
