//! Modules, logs and the configuration as a whole.

use super::macros::actions;
use crate::ami::response::{Response, responses};
use crate::types::ModuleLoadType;

actions! {
    /// Lets modules read their configuration again.
    ///
    /// The answer may come before it has happened, and takes long where there is much to read.
    /// Needs `config` or `system`.
    ReloadAction = "Reload" () -> Response {
        /// Only this module.
        module: text = "Module",
    }

    /// Brings a module in, takes it out, or lets it read its configuration again. Needs `system`.
    ModuleLoadAction = "ModuleLoad" (
        /// what to do.
        load_type: ModuleLoadType = "LoadType",
    ) -> Response {
        /// The module, such as `res_pjsip.so`, or a part of the core, such as `logger`, which can
        /// only be reloaded. Without one a reload is of everything.
        module: text = "Module",
        /// Whether a refresh takes out the modules that need this one, and brings them in again.
        recursive: bool = "Recursive",
    }

    /// Asks whether a module is there; refused with `Module not loaded` if not. Needs `system`.
    ModuleCheckAction = "ModuleCheck" (
        /// the module, without `.so`.
        module: text = "Module",
    ) -> ModuleCheckResponse {}

    /// Begins new log files. Needs `system` or `reporting`.
    LoggerRotateAction = "LoggerRotate" () -> Response {}
}

responses! {
    /// The module is there.
    ModuleCheckResponse {
        /// Its version; most servers leave it empty.
        version: maybe = "Version",
    }
}
