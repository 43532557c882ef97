//! What happens to endpoints and devices.

use super::macros::events;
use crate::ari::model::{ContactInfo, DeviceState, Endpoint, Peer, TextMessage};

events! {
    /// A place where an endpoint can be reached was added, or answers, or no longer does.
    ContactStatusChange {
        /// The endpoint.
        endpoint: Endpoint,
        /// The place.
        contact_info: ContactInfo,
    }

    /// A device is doing something else.
    DeviceStateChanged {
        /// The device in its new state.
        device_state: DeviceState,
    }

    /// An endpoint can be called, or no longer can. Sent to applications that are subscribed to the
    /// endpoint itself; those that hear of everything get `PeerStatusChange` only (seen in 22.10).
    EndpointStateChange {
        /// The endpoint in its new state.
        endpoint: Endpoint,
    }

    /// Something is known of the peer that an endpoint stands for.
    PeerStatusChange {
        /// The endpoint.
        endpoint: Endpoint,
        /// What is known.
        peer: Peer,
    }

    /// A text message came from an endpoint. Sent to applications that are subscribed to the endpoint,
    /// or to its technology.
    TextMessageReceived {
        /// The message.
        message: TextMessage,
        /// The endpoint, if it is a known one.
        endpoint: Option<Endpoint>,
    }
}
