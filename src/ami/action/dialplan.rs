//! The dialplan.

use super::macros::actions;
use crate::ami::event;
use crate::ami::response::Response;

actions! {
    /// Lists the dialplan, line by line. All of it may be much. Needs `config` or `reporting`.
    ShowDialPlanAction = "ShowDialPlan" ()
        -> Response [event::ListDialplan, ShowDialPlanComplete]
    {
        /// Only this extension.
        extension: text = "Extension",
        /// Only this context.
        context: text = "Context",
    }

    /// Adds a line to the dialplan, until the dialplan is reloaded. Needs `system`.
    DialplanExtensionAddAction = "DialplanExtensionAdd" (
        /// the context, which is made if there is none.
        context: text = "Context",
        /// the extension, with a slash and the caller's number if it is for one caller only.
        extension: text = "Extension",
        /// a number, or `hint`.
        priority: any = "Priority",
        /// the application.
        application: text = "Application",
    ) -> Response {
        /// The application's arguments.
        application_data: text = "ApplicationData",
        /// Whether to replace what is there; without this it is refused.
        replace: bool = "Replace",
    }

    /// Takes an extension out of the dialplan, until the dialplan is reloaded. Needs `system`.
    DialplanExtensionRemoveAction = "DialplanExtensionRemove" (
        /// the context.
        context: text = "Context",
        /// the extension.
        extension: text = "Extension",
    ) -> Response {
        /// Only this priority: a number, or `hint`.
        priority: any = "Priority",
    }
}
