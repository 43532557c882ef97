//! Whether devices, extensions and people can be called.

use super::macros::events;
use crate::types::{DeviceState, ExtensionState, PresenceState};

events! {
    /// A device is in another state. Also one device of the answer to `DeviceStateList`.
    DeviceStateChange = "DeviceStateChange" since "13" {
        /// The device, such as `PJSIP/alice`.
        device: text = "Device",
        /// Its state.
        state: parsed<DeviceState> = "State",
    }

    /// The devices behind an extension are in another state. Also one extension of the answer to
    /// `ExtensionStateList`.
    ExtensionStatus = "ExtensionStatus" since "13 or earlier" {
        /// The extension.
        exten: text = "Exten",
        /// Its context.
        context: text = "Context",
        /// Its hint: devices with `&` between, and behind a comma who tells its presence.
        hint: text = "Hint",
        /// Its state.
        status: parsed<ExtensionState> = "Status",
        /// Its state in words.
        status_text: text = "StatusText",
    }

    /// Somebody's presence is another now. Also one of the answer to `PresenceStateList`.
    PresenceStateChange = "PresenceStateChange" since "13" {
        /// Who or what tells it, such as `CustomPresence:alice`.
        presentity: text = "Presentity",
        /// The presence.
        status: parsed<PresenceState> = "Status",
        /// A finer distinction, in words of the user's own.
        subtype: escaped = "Subtype",
        /// What they want to say.
        message_text: escaped = "Message",
    }

    /// The presence behind an extension is another now.
    PresenceStatus = "PresenceStatus" since "13 or earlier" {
        /// The extension.
        exten: text = "Exten",
        /// Its context.
        context: text = "Context",
        /// Its hint.
        hint: text = "Hint",
        /// The presence.
        status: parsed<PresenceState> = "Status",
        /// A finer distinction, in words of the user's own.
        subtype: text = "Subtype",
        /// What they want to say.
        message_text: text = "Message",
    }
}
