//! Who is registered, and who can be reached.

use super::macros::text_enums;

text_enums! {
    /// What is known of a peer: `PeerStatus` of AMI's `PeerStatus`, `peer_status` of ARI's
    /// `PeerStatusChange`.
    PeerStatus {
        /// It has told us where it is.
        Registered = "Registered",
        /// It has not, or no longer, told us where it is.
        Unregistered = "Unregistered",
        /// It answers when asked.
        Reachable = "Reachable",
        /// It does not answer when asked.
        Unreachable = "Unreachable",
        /// It answers, but slowly.
        Lagged = "Lagged",
        /// It was refused.
        Rejected = "Rejected",
        /// Nothing is known.
        Unknown = "Unknown",
    }

    /// Whether a PJSIP contact can be reached: `ContactStatus` of AMI's `ContactStatus`, `Status`
    /// of `ContactList` and `ContactStatusDetail`, `contact_status` of ARI's
    /// `ContactStatusChange`. The short forms of the command line are read too.
    ContactStatus {
        /// It answers when asked.
        Reachable = "Reachable" | "Avail",
        /// It does not answer when asked.
        Unreachable = "Unreachable" | "Unavail",
        /// It has not been asked yet.
        Unknown = "Unknown",
        /// It is never asked.
        NonQualified = "NonQualified" | "NonQual",
        /// It is gone.
        Removed = "Removed",
        /// It has not been asked yet, or never is. From older servers.
        Unqualified = "Unqualified",
        /// It is new. From older servers.
        Created = "Created",
        /// It has changed. From older servers.
        Updated = "Updated",
    }

    /// Where our own registration with somebody else stands: `Status` of AMI's `Registry` and
    /// `OutboundRegistrationDetail`.
    RegistrationStatus {
        /// We are registered.
        Registered = "Registered",
        /// We are not.
        Unregistered = "Unregistered",
        /// We were refused.
        Rejected = "Rejected",
        /// It could not be done.
        Failed = "Failed",
    }

    /// Where our own IAX2 registration with somebody else stands: `State` of AMI's `RegistryEntry`.
    IaxRegistrationState {
        /// We are not registered.
        Unregistered = "Unregistered",
        /// We have asked.
        RequestSent = "Request Sent",
        /// We have shown who we are.
        AuthSent = "Auth. Sent",
        /// We are registered.
        Registered = "Registered",
        /// We were refused.
        Rejected = "Rejected",
        /// Nobody answered.
        Timeout = "Timeout",
        /// We were asked who we are, and have no way to show it.
        NoAuthentication = "No Authentication",
        /// Nothing is known.
        Unknown = "Unknown",
    }

    /// Whether an endpoint can be called: `state` of ARI's `Endpoint`.
    EndpointState {
        /// Nothing is known.
        Unknown = "unknown",
        /// It cannot.
        Offline = "offline",
        /// It can.
        Online = "online",
    }

    /// What a SIP subscription is about: `SubscriptionType` of AMI's `InboundSubscriptionDetail` and
    /// `OutboundSubscriptionDetail`.
    SubscriptionType {
        /// Whether messages wait in a mailbox.
        MessageWaiting = "mwi",
        /// What an extension is doing.
        ExtensionState = "extension_state",
    }
}
