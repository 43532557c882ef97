//! What newer servers no longer have: SIP by `chan_sip`, SCCP by `chan_skinny`, and a few more.

use super::macros::actions;
use crate::ami::event;
use crate::ami::response::{Response, responses};

actions! {
    /// Lists the SIP peers. Up to 20. Needs `system` or `reporting`.
    SIPpeersAction = "SIPpeers" () -> Response [event::PeerEntry, "PeerlistComplete"] {}

    /// Lists the states of SIP peers. Up to 20. Needs `system`.
    SIPpeerstatusAction = "SIPpeerstatus" ()
        -> Response [event::PeerStatus, "SIPpeerstatusComplete"]
    {
        /// Only this peer.
        peer: text = "Peer",
    }

    /// Asks a SIP peer whether it is there. What it says is in `PeerStatus`. Up to 20. Needs
    /// `system` or `reporting`.
    SIPqualifypeerAction = "SIPqualifypeer" (
        /// the peer.
        peer: text = "Peer",
    ) -> Response {}

    /// Shows a SIP peer: its settings are the headers of the answer. Up to 20. Needs `system` or
    /// `reporting`.
    SIPshowpeerAction = "SIPshowpeer" (
        /// the peer.
        peer: text = "Peer",
    ) -> SIPshowpeerResponse {}

    /// Lists the SIP registrations of this server with others. Up to 20. Needs `system` or
    /// `reporting`.
    SIPshowregistryAction = "SIPshowregistry" ()
        -> Response [event::RegistryEntry, "RegistrationsComplete"] {}

    /// Sends a NOTIFY to a SIP peer. Up to 20. Needs `system`.
    SIPnotifyAction = "SIPnotify" (
        /// the peer, as `SIP/name` or by its name.
        channel: text = "Channel",
    ) -> Response {
        /// A header to send. One named `Content` is a line of the body.
        variable: variable = "Variable",
        /// The dialog to send it in.
        call_id: text = "Call-ID",
    }

    /// Lists the SCCP phones. Up to 20. Needs `system` or `reporting`.
    SKINNYdevicesAction = "SKINNYdevices" ()
        -> Response [event::DeviceEntry, "DevicelistComplete"] {}

    /// Lists the SCCP lines. Up to 20. Needs `system` or `reporting`.
    SKINNYlinesAction = "SKINNYlines" () -> Response [event::LineEntry, "LinelistComplete"] {}

    /// Shows an SCCP phone: its settings are the headers of the answer. Up to 20. Needs `system` or
    /// `reporting`.
    SKINNYshowdeviceAction = "SKINNYshowdevice" (
        /// the phone.
        device: text = "Device",
    ) -> Response {}

    /// Shows an SCCP line: its settings are the headers of the answer. Up to 20. Needs `system` or
    /// `reporting`.
    SKINNYshowlineAction = "SKINNYshowline" (
        /// the line.
        line: text = "Line",
    ) -> Response {}

    /// Reads the server's inner data. Only in 13.
    ///
    /// The server sends an event `DataGet Tree` and no answer, so this ends by its deadline; what
    /// was asked for is with those who subscribed.
    DataGetAction = "DataGet" (
        /// where it is.
        path: text = "Path",
    ) -> Response {
        /// Only what matches this.
        search: text = "Search",
        /// Only these parts of it.
        filter: text = "Filter",
    }

    /// Shows the filters of this connection. Only in 13.
    FilterListAction = "FilterList" () -> Response {}
}

responses! {
    /// A SIP peer; see [`message`](Self::message) for all of its settings.
    SIPshowpeerResponse {
        /// Its name.
        object_name: text = "ObjectName",
        /// The context its calls go to.
        context: text = "Context",
        /// The caller id of its calls.
        caller_id: text = "Callerid",
        /// Its mailbox.
        voice_mailbox: text = "VoiceMailbox",
        /// The codecs it may use.
        codecs: text = "Codecs",
        /// Whether it registers itself.
        dynamic: flag = "Dynamic",
        /// Its address.
        address_ip: text = "Address-IP",
        /// Its port.
        address_port: parsed<u16> = "Address-Port",
        /// Whether it is there, in words.
        status: text = "Status",
        /// What it calls itself.
        user_agent: text = "SIP-Useragent",
        /// Where it registered itself.
        reg_contact: text = "Reg-Contact",
        /// The variables of its channels, as `name=value`.
        chan_variables: repeated = "ChanVariable",
    }
}
