//! What ARI tells about the server: its modules and its logs.

use super::macros::text_enums;

text_enums! {
    /// Whether a module runs: `status` of ARI's `Module`.
    ModuleStatus {
        /// It runs.
        Running = "Running",
        /// It is loaded, but does nothing.
        NotRunning = "Not Running",
    }

    /// How well a part of Asterisk is looked after: `support_level` of ARI's `Module`.
    SupportLevel {
        /// By Asterisk's own developers.
        Core = "core",
        /// By those who use it.
        Extended = "extended",
        /// No longer: there is something better, and it will go.
        Deprecated = "deprecated",
        /// Nobody has said.
        Unknown = "unknown",
    }

    /// What a place is that the server's log goes to: `type` of ARI's `LogChannel`.
    LogChannelType {
        /// A terminal.
        Console = "Console",
        /// A file.
        File = "File",
        /// The log of the operating system.
        Syslog = "Syslog",
    }

    /// Whether anything is written to such a place: `status` of ARI's `LogChannel`.
    LogChannelStatus {
        /// It is.
        Enabled = "Enabled",
        /// It is not.
        Disabled = "Disabled",
    }
}
