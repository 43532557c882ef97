//! The Manager Interface itself: what a session may see and do, and the server's modules and files.

use super::macros::{code_enums, no_other_name, shown_as_number, text_enums, unnamed};

text_enums! {
    /// How the secret of a login is made unreadable: `AuthType` of `Challenge`.
    AuthType {
        /// By a hash of it and the challenge; there is nothing else.
        Md5 = "MD5",
    }

    /// How Asterisk went down: `Shutdown` of the event of that name.
    ShutdownKind {
        /// It said goodbye to everybody.
        Cleanly = "Cleanly",
        /// It left everything as it was.
        Uncleanly = "Uncleanly",
    }

    /// Why a SIP call ended of which nothing came any more: `Source` of `SessionTimeout`.
    SessionTimeoutSource {
        /// No media came.
        Rtp = "RTPTimeout",
        /// The session was not refreshed.
        SessionTimer = "SIPSessionTimer",
    }

    /// What an RTCP packet is: `PT` of `RTCPSent` and `RTCPReceived`.
    RtcpPacketType {
        /// A report of somebody who sends.
        SenderReport = "200(SR)" | "SR",
        /// A report of somebody who does not.
        ReceiverReport = "201(RR)" | "RR",
    }

    /// How a fax is carried: `SessionType` of `FAXSessionsEntry`.
    FaxSessionType {
        /// As sound.
        Audio = "G.711",
        /// As data.
        T38 = "T.38",
    }

    /// A kind of event, and at the same time the permission for it: `read` and `write` in
    /// `manager.conf`, `EventMask` of the action `Events`, `Privilege` of every event.
    EventClass {
        /// The server: start, stop, modules, registrations.
        System = "system",
        /// Channels and calls.
        Call = "call",
        /// What goes to the log.
        Log = "log",
        /// What goes to the console.
        Verbose = "verbose",
        /// To run commands of the command line.
        Command = "command",
        /// Queues, their members and agents.
        Agent = "agent",
        /// Events that dialplan and clients make up.
        User = "user",
        /// To read and write configuration.
        Config = "config",
        /// Keypresses.
        Dtmf = "dtmf",
        /// Measurements and statistics.
        Reporting = "reporting",
        /// Call records.
        Cdr = "cdr",
        /// Dialplan as it is executed, and variables as they are set.
        Dialplan = "dialplan",
        /// To begin new calls.
        Originate = "originate",
        /// AGI commands as they are run.
        Agi = "agi",
        /// Call completion.
        Cc = "cc",
        /// Advice of charge.
        Aoc = "aoc",
        /// What only tests of Asterisk want.
        Test = "test",
        /// Logins and attacks.
        Security = "security",
        /// To send messages without a call.
        Message = "message",
        /// All of them.
        All = "all",
        /// None of them.
        None = "none",
    }

    /// How an event filter compares: `method(…)` in `MatchCriteria` of the action `Filter`.
    FilterMethod {
        /// By a regular expression.
        Regex = "regex",
        /// The whole text.
        Exact = "exact",
        /// The beginning.
        StartsWith = "starts_with",
        /// The end.
        EndsWith = "ends_with",
        /// Any part.
        Contains = "contains",
        /// Not at all: the event's or the header's name is enough.
        None = "none",
    }

    /// What to do with a line of a configuration file: `Action-000000` and so on of the action
    /// `UpdateConfig`.
    ConfigAction {
        /// Make a category.
        NewCategory = "NewCat",
        /// Rename a category.
        RenameCategory = "RenameCat",
        /// Delete a category.
        DeleteCategory = "DelCat",
        /// Delete all lines of a category.
        EmptyCategory = "EmptyCat",
        /// Change a line.
        Update = "Update",
        /// Delete a line.
        Delete = "Delete",
        /// Add a line at the end of its category.
        Append = "Append",
        /// Add a line at a place in its category.
        Insert = "Insert",
    }

    /// What to do with a module: `LoadType` of the action `ModuleLoad`.
    ModuleLoadType {
        /// Bring it in.
        Load = "load",
        /// Take it out.
        Unload = "unload",
        /// Let it read its configuration again.
        Reload = "reload",
        /// Take it out and bring it in.
        Refresh = "refresh",
    }

    /// What became of bringing a module in or taking it out: `Status` of AMI's `Load` and `Unload`.
    ModuleLoadStatus {
        /// It was done.
        Success = "Success",
        /// It could not be done.
        Failure = "Failure",
        /// The module did not want to.
        Decline = "Decline",
    }

    /// How grave an event of the class [`Security`](EventClass::Security) is: `Severity`.
    SecuritySeverity {
        /// Good to know.
        Informational = "Informational",
        /// Something is wrong.
        Error = "Error",
    }

    /// How much of the signalling of an ISDN span goes to the log: `Level` of the action
    /// `PRIDebugSet`.
    PriDebugLevel {
        /// Nothing.
        Off = "off",
        /// The messages.
        On = "on",
        /// The messages, and their bytes.
        Hex = "hex",
        /// Everything.
        Intense = "intense",
    }

    /// What a fax session is for: `Operation` of AMI's `FAXSession`, `FAXSessionsEntry` and
    /// `FAXStatus`.
    FaxOperation {
        /// To send.
        Send = "send",
        /// To receive.
        Receive = "receive",
        /// To translate between T.38 and sound.
        Gateway = "gateway",
        /// To wait for the tones that a fax begins with.
        V21 = "V.21",
        /// Nothing yet.
        None = "none",
    }

    /// How far a fax session has come: `State` of AMI's `FAXSession` and `FAXSessionsEntry`.
    FaxState {
        /// Not set up yet.
        Uninitialized = "Uninitialized",
        /// Set up.
        Initialized = "Initialized",
        /// Open.
        Open = "Open",
        /// The fax is under way.
        Active = "Active",
        /// The fax is through.
        Complete = "Complete",
        /// Promised to a channel.
        Reserved = "Reserved",
        /// Over, and not through.
        Inactive = "Inactive",
        /// Nothing is known.
        Unknown = "Unknown",
    }
}

impl EventClass {
    /// Its bit in the number that `EventMask` may be instead of names; all bits for `all`, none for
    /// `none`, and `None` for a class that is not known.
    pub fn mask(&self) -> Option<u32> {
        Some(match self {
            Self::System => 1,
            Self::Call => 1 << 1,
            Self::Log => 1 << 2,
            Self::Verbose => 1 << 3,
            Self::Command => 1 << 4,
            Self::Agent => 1 << 5,
            Self::User => 1 << 6,
            Self::Config => 1 << 7,
            Self::Dtmf => 1 << 8,
            Self::Reporting => 1 << 9,
            Self::Cdr => 1 << 10,
            Self::Dialplan => 1 << 11,
            Self::Originate => 1 << 12,
            Self::Agi => 1 << 13,
            // Bit 14 never leaves Asterisk.
            Self::Cc => 1 << 15,
            Self::Aoc => 1 << 16,
            Self::Test => 1 << 17,
            Self::Security => 1 << 18,
            Self::Message => 1 << 30,
            Self::All => 0x7fff_ffff,
            Self::None => 0,
            Self::Other(_) => return None,
        })
    }
}

code_enums! {
    /// What became of letting a module read its configuration again: `Status` of AMI's `Reload`. The
    /// names are ours: on the wire there is only the number.
    ReloadStatus(i32) {
        /// It was done.
        Success = 0 "Success",
        /// It will be done when Asterisk has started.
        Queued = 1 "Queued",
        /// There is no such module.
        NotFound = 2 "Not found",
        /// It could not be done.
        Error = 3 "Error",
        /// It is being done already.
        InProgress = 4 "In progress",
        /// The module is not set up yet.
        Uninitialized = 5 "Uninitialized",
        /// The module has nothing to read again.
        NotSupported = 6 "Not supported",
    } else unnamed, no_other_name;
}

shown_as_number!(ReloadStatus);
