//! The states of extensions, devices and people.

use super::macros::actions;
use crate::ami::event;
use crate::ami::response::{Response, responses};
use crate::types::{ExtensionState, PresenceState};

actions! {
    /// Asks for the state of an extension, as its hint gives it. Needs `call` or `reporting`.
    ExtensionStateAction = "ExtensionState" (
        /// the extension.
        exten: text = "Exten",
        /// its context.
        context: text = "Context",
    ) -> ExtensionStateResponse {}

    /// Lists the states of all extensions with a hint. Needs `call` or `reporting`.
    ExtensionStateListAction = "ExtensionStateList" () -> Response [
        event::ExtensionStatus,
        ExtensionStateListComplete or "No dialplan hints are available"
    ] {}

    /// Lists the states of all devices that ever had one. Needs `call` or `reporting`.
    DeviceStateListAction = "DeviceStateList" ()
        -> Response [event::DeviceStateChange, DeviceStateListComplete] {}

    /// Asks for somebody's presence. Needs `call` or `reporting`.
    PresenceStateAction = "PresenceState" (
        /// who knows it, such as `CustomPresence:alice`.
        provider: text = "Provider",
    ) -> PresenceStateResponse {}

    /// Lists the presence of everybody who ever had one. Needs `call` or `reporting`.
    PresenceStateListAction = "PresenceStateList" ()
        -> Response [event::PresenceStateChange, PresenceStateListComplete] {}
}

responses! {
    /// The state of an extension.
    ExtensionStateResponse {
        /// The extension.
        exten: text = "Exten",
        /// Its context.
        context: text = "Context",
        /// The devices behind it; empty if it has no hint.
        hint: text = "Hint",
        /// Its state; one without a hint is [deactivated](ExtensionState::is_deactivated).
        status: parsed<ExtensionState> = "Status",
        /// Its state in words.
        status_text: text = "StatusText",
    }

    /// Somebody's presence.
    PresenceStateResponse {
        /// The presence.
        state: parsed<PresenceState> = "State",
        /// More of it, in the provider's words.
        subtype: maybe = "Subtype",
        /// A text for people.
        presence_message: maybe = "PresenceMessage",
    }
}
