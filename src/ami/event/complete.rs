//! The ends of lists.

use super::macros::events;

events! {
    all have {
        /// `Complete`.
        event_list: text = "EventList",
        /// How many events the list had.
        list_items: parsed<u32> = "ListItems",
    }

    /// The end of the answer to `Agents`.
    AgentsComplete = "AgentsComplete" since "12 or earlier" {}

    /// The end of the answer to `PJSIPShowAors`.
    AorListComplete = "AorListComplete" since "16" {}

    /// The end of the answer to `PJSIPShowAuths`.
    AuthListComplete = "AuthListComplete" since "16" {}

    /// The end of the answer to `BridgeList`.
    BridgeListComplete = "BridgeListComplete" since "13 or earlier" {}

    /// The end of the answer to `BridgeTechnologyList`.
    BridgeTechnologyListComplete = "BridgeTechnologyListComplete" since "13 or earlier" {}

    /// The end of the answer to `Hangup` with a pattern.
    ChannelsHungupListComplete = "ChannelsHungupListComplete" since "13 or earlier" {}

    /// The end of the answer to `ConfbridgeList`.
    ConfbridgeListComplete = "ConfbridgeListComplete" since "13 or earlier" {}

    /// The end of the answer to `ConfbridgeListRooms`.
    ConfbridgeListRoomsComplete = "ConfbridgeListRoomsComplete" since "13 or earlier" {}

    /// The end of the answer to `PJSIPShowContacts`.
    ContactListComplete = "ContactListComplete" since "16" {}

    /// The end of the answer to `PJSIPShowRegistrationInboundContactStatuses`.
    ContactStatusDetailComplete = "ContactStatusDetailComplete" since "13.14 and 14.3" {}

    /// The end of the answer to `CoreShowChannelMap`.
    CoreShowChannelMapComplete = "CoreShowChannelMapComplete" since "18.19 and 20.4" {}

    /// The end of the answer to `CoreShowChannels`.
    CoreShowChannelsComplete = "CoreShowChannelsComplete" since "13 or earlier" {}

    /// The end of the answer to `DAHDIShowChannels`.
    DAHDIShowChannelsComplete = "DAHDIShowChannelsComplete" since "13 or earlier" {
        /// How many lines were listed.
        items: parsed<u32> = "Items",
    }

    /// The end of the answer to `DAHDIShowStatus`.
    DAHDIShowStatusComplete = "DAHDIShowStatusComplete" since "18.23, 20.8 and 21.3" {}

    /// The end of the answer to `DBGet`.
    DBGetComplete = "DBGetComplete" since "13 or earlier" {}

    /// The end of the answer to `DBGetTree`.
    DBGetTreeComplete = "DBGetTreeComplete" since "16.28, 18.14 and 19.6" {}

    /// The end of the answer to `SKINNYdevices`. Only up to Asterisk 20.
    DevicelistComplete = "DevicelistComplete" since "13 or earlier" {}

    /// The end of the answer to `DeviceStateList`.
    DeviceStateListComplete = "DeviceStateListComplete" since "13" {}

    /// The end of the answer to `PJSIPShowEndpoint`.
    EndpointDetailComplete = "EndpointDetailComplete" since "12 or earlier" {}

    /// The end of the answer to `PJSIPShowEndpoints`.
    EndpointListComplete = "EndpointListComplete" since "12 or earlier" {}

    /// The end of the answer to `ExtensionStateList`.
    ExtensionStateListComplete = "ExtensionStateListComplete" since "13" {}

    /// The end of the answer to `FAXSessions`.
    FAXSessionsComplete = "FAXSessionsComplete" since "13" {
        /// How many fax sessions were listed.
        total: parsed<u32> = "Total",
    }

    /// The end of the answer to `PJSIPShowRegistrationsInbound`.
    InboundRegistrationDetailComplete = "InboundRegistrationDetailComplete" since "13 or earlier" {}

    /// The end of the answer to `PJSIPShowSubscriptionsInbound`.
    InboundSubscriptionDetailComplete = "InboundSubscriptionDetailComplete" since "13 or earlier" {}

    /// The end of the answer to `SKINNYlines`. Only up to Asterisk 20.
    LinelistComplete = "LinelistComplete" since "13 or earlier" {}

    /// The end of the answer to `MeetmeList`.
    MeetmeListComplete = "MeetmeListComplete" since "13 or earlier" {}

    /// The end of the answer to `MeetmeListRooms`.
    MeetmeListRoomsComplete = "MeetmeListRoomsComplete" since "13 or earlier" {}

    /// The end of the answer to `MWIGet`.
    MWIGetComplete = "MWIGetComplete" since "12.1" {}

    /// The end of the answer to `PJSIPShowRegistrationsOutbound`.
    OutboundRegistrationDetailComplete = "OutboundRegistrationDetailComplete" since "13 or earlier" {
        /// How many are registered.
        registered: parsed<u32> = "Registered",
        /// How many are not.
        not_registered: parsed<u32> = "NotRegistered",
    }

    /// The end of the answer to `PJSIPShowSubscriptionsOutbound`.
    OutboundSubscriptionDetailComplete = "OutboundSubscriptionDetailComplete" since "13 or earlier" {}

    /// The end of the answer to `ParkedCalls`.
    ParkedCallsComplete = "ParkedCallsComplete" since "13 or earlier" {
        /// How many calls were listed.
        total: parsed<u32> = "Total",
    }

    /// The end of the answer to `Parkinglots`.
    ParkinglotsComplete = "ParkinglotsComplete" since "13 or earlier" {}

    /// The end of the answers to `IAXpeers` and `IAXpeerlist`, and up to Asterisk 20 to `SIPpeers`.
    PeerlistComplete = "PeerlistComplete" since "13 or earlier" {}

    /// The end of the answer to `PJSIPShowMaintenance`.
    PJSIPMaintenanceStatusComplete = "PJSIPMaintenanceStatusComplete" since "20.20, 22.10 and 23.4" {}

    /// The end of the answer to `PresenceStateList`.
    PresenceStateListComplete = "PresenceStateListComplete" since "13" {}

    /// The end of the answer to `PRIShowSpans`.
    PRIShowSpansComplete = "PRIShowSpansComplete" since "13 or earlier" {
        /// How many D channels were listed.
        items: parsed<u32> = "Items",
    }

    /// The end of the answer to `QueueStatus`.
    QueueStatusComplete = "QueueStatusComplete" since "13 or earlier" {}

    /// The end of the answer to `QueueSummary`.
    QueueSummaryComplete = "QueueSummaryComplete" since "13 or earlier" {}

    /// The end of the answer to `IAXregistry`, and up to Asterisk 20 to `SIPshowregistry`.
    RegistrationsComplete = "RegistrationsComplete" since "13 or earlier" {}

    /// The end of the answer to `PJSIPShowResourceLists`.
    ResourceListDetailComplete = "ResourceListDetailComplete" since "13 or earlier" {}

    /// The end of the answer to `ShowDialPlan`.
    ShowDialPlanComplete = "ShowDialPlanComplete" since "13 or earlier" {
        /// How many extensions were listed.
        list_extensions: parsed<u32> = "ListExtensions",
        /// How many steps of them.
        list_priorities: parsed<u32> = "ListPriorities",
        /// How many contexts.
        list_contexts: parsed<u32> = "ListContexts",
    }

    /// The end of the answer to `SIPpeerstatus`. Only up to Asterisk 20.
    SIPpeerstatusComplete = "SIPpeerstatusComplete" since "13 or earlier" {}

    /// The end of the answer to `Status`.
    StatusComplete = "StatusComplete" since "13 or earlier" {
        /// How many channels were listed.
        items: parsed<u32> = "Items",
    }

    /// The end of the answer to `VoicemailBoxSummary`.
    VoicemailBoxDetailComplete = "VoicemailBoxDetailComplete" since "18.20 and 20.5" {}

    /// The end of the answer to `VoicemailUserStatus`.
    VoicemailUserDetailComplete = "VoicemailUserDetailComplete" since "16" {}

    /// The end of the answer to `VoicemailUsersList`.
    VoicemailUserEntryComplete = "VoicemailUserEntryComplete" since "13 or earlier" {}
}
