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
    AgentsComplete = "AgentsComplete" {}

    /// The end of the answer to `PJSIPShowAors`. Since Asterisk 16.
    AorListComplete = "AorListComplete" {}

    /// The end of the answer to `PJSIPShowAuths`. Since Asterisk 16.
    AuthListComplete = "AuthListComplete" {}

    /// The end of the answer to `BridgeList`.
    BridgeListComplete = "BridgeListComplete" {}

    /// The end of the answer to `BridgeTechnologyList`.
    BridgeTechnologyListComplete = "BridgeTechnologyListComplete" {}

    /// The end of the answer to `Hangup` with a pattern.
    ChannelsHungupListComplete = "ChannelsHungupListComplete" {}

    /// The end of the answer to `ConfbridgeList`.
    ConfbridgeListComplete = "ConfbridgeListComplete" {}

    /// The end of the answer to `ConfbridgeListRooms`.
    ConfbridgeListRoomsComplete = "ConfbridgeListRoomsComplete" {}

    /// The end of the answer to `PJSIPShowContacts`. Since Asterisk 16.
    ContactListComplete = "ContactListComplete" {}

    /// The end of the answer to `PJSIPShowRegistrationInboundContactStatuses`.
    ContactStatusDetailComplete = "ContactStatusDetailComplete" {}

    /// The end of the answer to `CoreShowChannelMap`. Since Asterisk 18.
    CoreShowChannelMapComplete = "CoreShowChannelMapComplete" {}

    /// The end of the answer to `CoreShowChannels`.
    CoreShowChannelsComplete = "CoreShowChannelsComplete" {}

    /// The end of the answer to `DAHDIShowChannels`.
    DAHDIShowChannelsComplete = "DAHDIShowChannelsComplete" {
        /// How many lines were listed.
        items: parsed<u32> = "Items",
    }

    /// The end of the answer to `DAHDIShowStatus`. Since Asterisk 18.
    DAHDIShowStatusComplete = "DAHDIShowStatusComplete" {}

    /// The end of the answer to `DBGet`.
    DBGetComplete = "DBGetComplete" {}

    /// The end of the answer to `DBGetTree`. Since Asterisk 16.
    DBGetTreeComplete = "DBGetTreeComplete" {}

    /// The end of the answer to `SKINNYdevices`. Only up to Asterisk 20.
    DevicelistComplete = "DevicelistComplete" {}

    /// The end of the answer to `DeviceStateList`.
    DeviceStateListComplete = "DeviceStateListComplete" {}

    /// The end of the answer to `PJSIPShowEndpoint`.
    EndpointDetailComplete = "EndpointDetailComplete" {}

    /// The end of the answer to `PJSIPShowEndpoints`.
    EndpointListComplete = "EndpointListComplete" {}

    /// The end of the answer to `ExtensionStateList`.
    ExtensionStateListComplete = "ExtensionStateListComplete" {}

    /// The end of the answer to `FAXSessions`.
    FAXSessionsComplete = "FAXSessionsComplete" {
        /// How many fax sessions were listed.
        total: parsed<u32> = "Total",
    }

    /// The end of the answer to `PJSIPShowRegistrationsInbound`.
    InboundRegistrationDetailComplete = "InboundRegistrationDetailComplete" {}

    /// The end of the answer to `PJSIPShowSubscriptionsInbound`.
    InboundSubscriptionDetailComplete = "InboundSubscriptionDetailComplete" {}

    /// The end of the answer to `SKINNYlines`. Only up to Asterisk 20.
    LinelistComplete = "LinelistComplete" {}

    /// The end of the answer to `MeetmeList`.
    MeetmeListComplete = "MeetmeListComplete" {}

    /// The end of the answer to `MeetmeListRooms`.
    MeetmeListRoomsComplete = "MeetmeListRoomsComplete" {}

    /// The end of the answer to `MWIGet`.
    MWIGetComplete = "MWIGetComplete" {}

    /// The end of the answer to `PJSIPShowRegistrationsOutbound`.
    OutboundRegistrationDetailComplete = "OutboundRegistrationDetailComplete" {
        /// How many are registered.
        registered: parsed<u32> = "Registered",
        /// How many are not.
        not_registered: parsed<u32> = "NotRegistered",
    }

    /// The end of the answer to `PJSIPShowSubscriptionsOutbound`.
    OutboundSubscriptionDetailComplete = "OutboundSubscriptionDetailComplete" {}

    /// The end of the answer to `ParkedCalls`.
    ParkedCallsComplete = "ParkedCallsComplete" {
        /// How many calls were listed.
        total: parsed<u32> = "Total",
    }

    /// The end of the answer to `Parkinglots`.
    ParkinglotsComplete = "ParkinglotsComplete" {}

    /// The end of the answers to `IAXpeers` and `IAXpeerlist`, and up to Asterisk 20 to `SIPpeers`.
    PeerlistComplete = "PeerlistComplete" {}

    /// The end of the answer to `PJSIPShowMaintenance`. Since Asterisk 20.20 and 22.10.
    PJSIPMaintenanceStatusComplete = "PJSIPMaintenanceStatusComplete" {}

    /// The end of the answer to `PresenceStateList`.
    PresenceStateListComplete = "PresenceStateListComplete" {}

    /// The end of the answer to `PRIShowSpans`.
    PRIShowSpansComplete = "PRIShowSpansComplete" {
        /// How many D channels were listed.
        items: parsed<u32> = "Items",
    }

    /// The end of the answer to `QueueStatus`.
    QueueStatusComplete = "QueueStatusComplete" {}

    /// The end of the answer to `QueueSummary`.
    QueueSummaryComplete = "QueueSummaryComplete" {}

    /// The end of the answer to `IAXregistry`, and up to Asterisk 20 to `SIPshowregistry`.
    RegistrationsComplete = "RegistrationsComplete" {}

    /// The end of the answer to `PJSIPShowResourceLists`.
    ResourceListDetailComplete = "ResourceListDetailComplete" {}

    /// The end of the answer to `ShowDialPlan`.
    ShowDialPlanComplete = "ShowDialPlanComplete" {
        /// How many extensions were listed.
        list_extensions: parsed<u32> = "ListExtensions",
        /// How many steps of them.
        list_priorities: parsed<u32> = "ListPriorities",
        /// How many contexts.
        list_contexts: parsed<u32> = "ListContexts",
    }

    /// The end of the answer to `SIPpeerstatus`. Only up to Asterisk 20.
    SIPpeerstatusComplete = "SIPpeerstatusComplete" {}

    /// The end of the answer to `Status`.
    StatusComplete = "StatusComplete" {
        /// How many channels were listed.
        items: parsed<u32> = "Items",
    }

    /// The end of the answer to `VoicemailBoxSummary`. Since Asterisk 18.
    VoicemailBoxDetailComplete = "VoicemailBoxDetailComplete" {}

    /// The end of the answer to `VoicemailUserStatus`. Since Asterisk 16.
    VoicemailUserDetailComplete = "VoicemailUserDetailComplete" {}

    /// The end of the answer to `VoicemailUsersList`.
    VoicemailUserEntryComplete = "VoicemailUserEntryComplete" {}
}
