//! Endpoints: who can be called, and where they are; and the states of devices and mailboxes.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::types::{self, ContactStatus, EndpointState, PeerStatus};

models! {
    /// Somebody who can be called, known by a technology and a name in it.
    Endpoint {
        /// The technology, such as `PJSIP`.
        technology: String,
        /// The name in it.
        resource: String,
        /// Whether it can be called.
        state: Option<EndpointState>,
        /// The ids of the channels that are calls with it.
        channel_ids: Vec<String>,
    }

    /// A place where an endpoint can be reached.
    ContactInfo {
        /// Where that is.
        uri: String,
        /// Whether it answers.
        contact_status: ContactStatus,
        /// The address of record it is for.
        aor: String,
        /// How long it took to answer when it was asked last; zero where it is not asked.
        roundtrip: Option<Duration> as micros = "roundtrip_usec",
    }

    /// What is known of a peer that an endpoint stands for.
    Peer {
        /// What has become of it. The words are those of its technology.
        peer_status: PeerStatus,
        /// Why.
        cause: Option<String>,
        /// Its address.
        address: Option<String>,
        /// Its port.
        port: Option<u16>,
        /// When it was heard of last, in the words of its technology.
        time: Option<String>,
    }

    /// A text message.
    TextMessage {
        /// From whom: a URI of its technology.
        from: String,
        /// To whom: a URI of its technology.
        to: String,
        /// The text.
        body: String,
        /// What came with it; with SIP, headers.
        variables: Option<BTreeMap<String, String>>,
    }

    /// What a device is doing. The state itself is [`types::DeviceState`].
    DeviceState {
        /// The name of the device, such as `PJSIP/bob` or `Stasis:door`.
        name: String,
        /// What it is doing.
        state: types::DeviceState,
    }

    /// A mailbox, and what is in it.
    Mailbox {
        /// Its name.
        name: String,
        /// How many messages have been heard.
        old_messages: i64,
        /// How many have not.
        new_messages: i64,
    }
}
