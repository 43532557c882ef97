//! The server itself, and those who register with it.

use super::macros::events;
use crate::types::{self, ModuleLoadStatus, RegistrationStatus, ReloadStatus};

events! {
    /// Asterisk is ready. Also sent right after the login if it is ready already.
    FullyBooted = "FullyBooted" since "12 or earlier" {
        /// The words `Fully Booted`.
        status: text = "Status",
        /// How long it has run.
        uptime: seconds = "Uptime",
        /// How long ago it was reloaded.
        last_reload: seconds = "LastReload",
    }

    /// Asterisk goes down.
    Shutdown = "Shutdown" since "12 or earlier" {
        /// Whether what was under way could end first.
        shutdown: parsed<types::ShutdownKind> = "Shutdown",
        /// Whether it starts again.
        restart: flag = "Restart",
    }

    /// A module was reloaded, or all were.
    Reload = "Reload" since "12 or earlier" {
        /// The module; `All` for all.
        module: text = "Module",
        /// What came of it.
        status: parsed<ReloadStatus> = "Status",
    }

    /// A module was loaded.
    Load = "Load" since "16" {
        /// The module.
        module: text = "Module",
        /// What came of it.
        status: parsed<ModuleLoadStatus> = "Status",
    }

    /// A module was unloaded.
    Unload = "Unload" since "16" {
        /// The module.
        module: text = "Module",
        /// What came of it.
        status: parsed<ModuleLoadStatus> = "Status",
    }

    /// Logging to a file or to the system's log began or ended.
    LogChannel = "LogChannel" since "13 or earlier" {
        /// Where the log goes.
        channel: text = "Channel",
        /// Whether it goes there now.
        enabled: flag = "Enabled",
        /// Why it no longer does.
        reason: maybe = "Reason",
    }

    /// A thread holds a lock for ever. Only if Asterisk was built to look for that.
    DeadlockStart = "DeadlockStart" since "16.29, 18.15 and 19.7" {
        /// The lock.
        mutex: text = "Mutex",
    }

    /// A peer registered, went away, or answers slowly. Also one of the answer to `SIPpeerstatus`.
    PeerStatus = "PeerStatus" since "12 or earlier" {
        /// The technology, such as `PJSIP`.
        channel_type: text = "ChannelType",
        /// The peer, with its technology in front.
        peer: text = "Peer",
        /// Its status.
        peer_status: parsed<types::PeerStatus> = "PeerStatus",
        /// Why.
        cause: maybe = "Cause",
        /// Its address.
        address: maybe = "Address",
        /// Its port.
        port: parsed<u16> = "Port",
        /// How long it takes to answer.
        time: millis = "Time",
    }

    /// A registration of Asterisk with another server succeeded, failed, or ended.
    Registry = "Registry" since "12 or earlier" {
        /// The technology, such as `PJSIP`.
        channel_type: text = "ChannelType",
        /// The name it registers.
        username: text = "Username",
        /// Where it registers it.
        domain: text = "Domain",
        /// What came of it.
        status: parsed<RegistrationStatus> = "Status",
        /// Why.
        cause: maybe = "Cause",
    }

    /// A contact, the address of a registered PJSIP endpoint, can be reached or no longer.
    ContactStatus = "ContactStatus" since "13.5" {
        /// The contact.
        uri: text = "URI",
        /// Its status.
        contact_status: parsed<types::ContactStatus> = "ContactStatus",
        /// The address of record that has it.
        aor: text = "AOR",
        /// The endpoint.
        endpoint_name: text = "EndpointName",
        /// How long it takes to answer.
        roundtrip: micros = "RoundtripUsec",
    }

    /// An event of a test of Asterisk's own. Only if Asterisk was built for tests.
    ///
    /// What else it has depends on the test.
    TestEvent = "TestEvent" since "13 or earlier" {
        /// `StateChange` or `Assert`.
        test_type: text = "Type",
        /// What is being tested, or has come true.
        state: text = "State",
        /// The file of the source it comes from.
        app_file: text = "AppFile",
        /// The function it comes from.
        app_function: text = "AppFunction",
        /// The line it comes from.
        app_line: parsed<u32> = "AppLine",
    }
}
