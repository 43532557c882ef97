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

    /// The end of the answer to `BridgeList`.
    BridgeListComplete = "BridgeListComplete" {}

    /// The end of the answer to `BridgeTechnologyList`.
    BridgeTechnologyListComplete = "BridgeTechnologyListComplete" {}

    /// The end of the answer to `Hangup` with a pattern.
    ChannelsHungupListComplete = "ChannelsHungupListComplete" {}

    /// The end of the answer to `CoreShowChannelMap`. Since Asterisk 18.
    CoreShowChannelMapComplete = "CoreShowChannelMapComplete" {}

    /// The end of the answer to `CoreShowChannels`.
    CoreShowChannelsComplete = "CoreShowChannelsComplete" {}

    /// The end of the answer to `DBGet`.
    DBGetComplete = "DBGetComplete" {}

    /// The end of the answer to `DBGetTree`. Since Asterisk 16.
    DBGetTreeComplete = "DBGetTreeComplete" {}

    /// The end of the answer to `DeviceStateList`.
    DeviceStateListComplete = "DeviceStateListComplete" {}

    /// The end of the answer to `ExtensionStateList`.
    ExtensionStateListComplete = "ExtensionStateListComplete" {}

    /// The end of the answer to `PresenceStateList`.
    PresenceStateListComplete = "PresenceStateListComplete" {}

    /// The end of the answer to `QueueStatus`.
    QueueStatusComplete = "QueueStatusComplete" {}

    /// The end of the answer to `QueueSummary`.
    QueueSummaryComplete = "QueueSummaryComplete" {}

    /// The end of the answer to `ShowDialPlan`.
    ShowDialPlanComplete = "ShowDialPlanComplete" {
        /// How many extensions were listed.
        list_extensions: parsed<u32> = "ListExtensions",
        /// How many steps of them.
        list_priorities: parsed<u32> = "ListPriorities",
        /// How many contexts.
        list_contexts: parsed<u32> = "ListContexts",
    }

    /// The end of the answer to `Status`.
    StatusComplete = "StatusComplete" {
        /// How many channels were listed.
        items: parsed<u32> = "Items",
    }

    /// The end of what `WaitEvent` waited for.
    WaitEventComplete = "WaitEventComplete" {}

    /// The end of the answer to `PJSIPShowAors`. Since Asterisk 16.
    AorListComplete = "AorListComplete" {}

    /// The end of the answer to `PJSIPShowAuths`. Since Asterisk 16.
    AuthListComplete = "AuthListComplete" {}

    /// The end of the answer to `PJSIPShowContacts`. Since Asterisk 16.
    ContactListComplete = "ContactListComplete" {}

    /// The end of the answer to `PJSIPShowRegistrationInboundContactStatuses`.
    ContactStatusDetailComplete = "ContactStatusDetailComplete" {}

    /// The end of the answer to `PJSIPShowEndpoint`.
    EndpointDetailComplete = "EndpointDetailComplete" {}

    /// The end of the answer to `PJSIPShowEndpoints`.
    EndpointListComplete = "EndpointListComplete" {}

    /// The end of the answer to `PJSIPShowRegistrationsInbound`.
    InboundRegistrationDetailComplete = "InboundRegistrationDetailComplete" {}

    /// The end of the answer to `PJSIPShowSubscriptionsInbound`.
    InboundSubscriptionDetailComplete = "InboundSubscriptionDetailComplete" {}

    /// The end of the answer to `PJSIPShowRegistrationsOutbound`.
    OutboundRegistrationDetailComplete = "OutboundRegistrationDetailComplete" {
        /// How many are registered.
        registered: parsed<u32> = "Registered",
        /// How many are not.
        not_registered: parsed<u32> = "NotRegistered",
    }

    /// The end of the answer to `PJSIPShowSubscriptionsOutbound`.
    OutboundSubscriptionDetailComplete = "OutboundSubscriptionDetailComplete" {}

    /// The end of the answer to `PJSIPShowMaintenance`. Since Asterisk 20.20 and 22.10.
    PJSIPMaintenanceStatusComplete = "PJSIPMaintenanceStatusComplete" {}

    /// The end of the answer to `PJSIPShowResourceLists`.
    ResourceListDetailComplete = "ResourceListDetailComplete" {}
}
