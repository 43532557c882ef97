//! The server itself.

use super::Timestamp;
use crate::types::{LogChannelStatus, LogChannelType, ModuleStatus, SupportLevel};

models! {
    /// What is told about the server; only the sections that were asked for.
    AsteriskInfo {
        /// How it was built.
        build: Option<BuildInfo>,
        /// What it is.
        system: Option<SystemInfo>,
        /// How it is set up.
        config: Option<ConfigInfo>,
        /// How it fares.
        status: Option<StatusInfo>,
    }

    /// How the server was built.
    BuildInfo {
        /// The operating system it was built on.
        os: String,
        /// The kernel it was built on.
        kernel: String,
        /// The compile-time options.
        options: String,
        /// The machine's architecture.
        machine: String,
        /// When.
        date: String,
        /// By whom.
        user: String,
    }

    /// What the server is.
    SystemInfo {
        /// The version of Asterisk.
        version: String,
        /// The id of this server, as every event has it in `asterisk_id`.
        entity_id: String,
    }

    /// How the server is set up.
    ConfigInfo {
        /// Its name.
        name: String,
        /// The language of prompts where nothing else is said.
        default_language: String,
        /// How many channels there may be; `None` is any number.
        max_channels: Option<i64>,
        /// How many files may be open.
        max_open_files: Option<i64>,
        /// The load above which no call is taken.
        max_load: Option<f64>,
        /// Whom it runs as.
        setid: SetId,
    }

    /// Whom the server runs as.
    SetId {
        /// The user.
        user: String,
        /// The group.
        group: String,
    }

    /// How the server fares.
    StatusInfo {
        /// When it started.
        startup_time: Timestamp,
        /// When it last read its configuration.
        last_reload_time: Timestamp,
    }

    /// The answer to a ping.
    AsteriskPing {
        /// The id of the server.
        asterisk_id: String,
        /// Always `pong`.
        ping: String,
        /// The server's time.
        timestamp: Timestamp,
    }

    /// A module that is loaded.
    Module {
        /// Its name, such as `res_pjsip.so`.
        name: String,
        /// What it is for.
        description: String,
        /// How many use it at the moment.
        use_count: i64,
        /// Whether it runs.
        status: ModuleStatus,
        /// How well it is looked after.
        support_level: SupportLevel,
    }

    /// A place that the server's log goes to.
    LogChannel {
        /// Where that is; of a file, its path.
        channel: String,
        /// What it is.
        kind: LogChannelType = "type",
        /// Whether anything is written there.
        status: LogChannelStatus,
        /// What is written there, with spaces between: `NOTICE WARNING ERROR`.
        configuration: String,
    }

    /// One setting of a configuration object.
    ConfigTuple {
        /// Its name.
        attribute: String,
        /// Its value.
        value: String,
    }
}
