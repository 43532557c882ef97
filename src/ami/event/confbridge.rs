//! Conferences of `ConfBridge`.

use super::macros::events;

events! {
    all have {
        /// The conference.
        conference: text = "Conference",
        /// The bridge behind it.
        bridge: bridge = "",
    }

    /// The first user came: the conference begins.
    ConfbridgeStart = "ConfbridgeStart" since "12 or earlier" {}

    /// The last user left: the conference is over.
    ConfbridgeEnd = "ConfbridgeEnd" since "12 or earlier" {}

    /// The conference is being recorded.
    ConfbridgeRecord = "ConfbridgeRecord" since "12 or earlier" {}

    /// The conference is no longer being recorded.
    ConfbridgeStopRecord = "ConfbridgeStopRecord" since "12 or earlier" {}
}

events! {
    all have {
        /// The conference.
        conference: text = "Conference",
        /// The bridge behind it.
        bridge: bridge = "",
        /// The user's channel.
        channel: channel = "",
        /// Whether the user is an administrator.
        admin: flag = "Admin",
    }

    /// A user came.
    ConfbridgeJoin = "ConfbridgeJoin" since "12 or earlier" {
        /// Whether they are not heard.
        muted: flag = "Muted",
    }

    /// A user left.
    ConfbridgeLeave = "ConfbridgeLeave" since "12 or earlier" {}

    /// A user is no longer heard.
    ConfbridgeMute = "ConfbridgeMute" since "12 or earlier" {}

    /// A user is heard again.
    ConfbridgeUnmute = "ConfbridgeUnmute" since "12 or earlier" {}

    /// A user begins to talk, or stops.
    ConfbridgeTalking = "ConfbridgeTalking" since "12 or earlier" {
        /// Whether they talk.
        talking_status: flag = "TalkingStatus",
    }
}

events! {
    /// One user of the answer to `ConfbridgeList`.
    ConfbridgeList = "ConfbridgeList" since "13.20 and 15.3" {
        /// The user's channel.
        channel: channel = "",
        /// The conference.
        conference: text = "Conference",
        /// Whether the user is an administrator.
        admin: flag = "Admin",
        /// Whether the user is marked.
        marked_user: flag = "MarkedUser",
        /// Whether the user waits for a marked one to come.
        wait_marked: flag = "WaitMarked",
        /// Whether the user must go when the last marked one goes.
        end_marked: flag = "EndMarked",
        /// Whether the user must go when any marked one goes.
        end_marked_any: flag = "EndMarkedAny",
        /// Whether the user waits now.
        waiting: flag = "Waiting",
        /// Whether the user is not heard.
        muted: flag = "Muted",
        /// Whether the user talks now.
        talking: flag = "Talking",
        /// How long the user's channel has been answered.
        answered_time: seconds = "AnsweredTime",
    }

    /// One conference of the answer to `ConfbridgeListRooms`.
    ConfbridgeListRooms = "ConfbridgeListRooms" since "13 or earlier" {
        /// The conference.
        conference: text = "Conference",
        /// How many users it has.
        parties: parsed<u32> = "Parties",
        /// How many of them are marked.
        marked: parsed<u32> = "Marked",
        /// Whether nobody else can come.
        locked: flag = "Locked",
        /// Whether all users but administrators are not heard.
        muted: flag = "Muted",
    }
}
