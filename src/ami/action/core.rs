//! The connection itself, and the server as a whole.

use super::fields::Fields;
use super::macros::{actions, setters, shape};
use super::{Action, Headers, Restore};
use crate::ami::response::{CommandOutput, Response, responses};
use crate::ami::{AmiEvent, EventMask};
use crate::types::AuthType;

actions! {
    /// Ends the session. The server says `Goodbye` and closes the connection.
    LogoffAction = "Logoff" () -> Response {}

    /// Asks for the challenge of an MD5 login.
    ///
    /// The server keeps it until it is used; the answer to it goes into the `Key` of a login.
    ChallengeAction = "Challenge" (
        /// the scheme.
        auth_type: AuthType = "AuthType",
    ) -> ChallengeResponse {}

    /// Asks whether the server is there.
    PingAction = "Ping" () -> PingResponse {}

    /// Runs a CLI command and returns what it prints.
    ///
    /// The server does nothing else on this connection meanwhile. It refuses `module load`,
    /// `module unload` and `restart gracefully` over AMI. Needs `command`.
    CommandAction = "Command" (
        /// the command as one would type it at the console.
        command: text = "Command",
    ) -> CommandOutput {}

    /// Asks which actions this user may take.
    ListCommandsAction = "ListCommands" () -> ListCommandsResponse {}

    /// Asks when the server was started and how many calls it has. Needs `system` or `reporting`.
    CoreStatusAction = "CoreStatus" () -> CoreStatusResponse {}

    /// Asks for versions and limits of the server. Needs `system` or `reporting`.
    CoreSettingsAction = "CoreSettings" () -> CoreSettingsResponse {}

    /// Blocks the connection until an event is there, and lists what has come.
    ///
    /// It is meant for AMI over HTTP: here events come by themselves, and whatever is sent next
    /// ends the wait.
    WaitEventAction = "WaitEvent" (
        /// how long at most.
        timeout: seconds = "Timeout",
    ) -> Response [AmiEvent, WaitEventComplete, unannounced] {}
}

shape! {
    /// Chooses which events this connection hears from now on.
    ///
    /// The choice is made again after a reconnect. A server with `brokeneventsaction` on answers
    /// nothing to [`EventMask::all`], so that the action times out.
    EventsAction = "Events"
}

impl EventsAction {
    /// The action `Events`, with `EventMask`.
    pub fn new(mask: EventMask) -> Self {
        Self(Fields::default()).mask(mask)
    }
}

setters! {
    EventsAction {
        /// What to hear.
        mask: EventMask = "EventMask",
    }
}

impl Action for EventsAction {
    type Reply = EventsResponse;

    fn name(&self) -> &'static str {
        "Events"
    }

    fn write(&self, headers: &mut Headers) {
        self.0.write(headers);
    }

    fn restores(&self) -> Option<Restore> {
        self.0.get("EventMask").map(|mask| Restore::Mask(mask.to_owned()))
    }
}

shape! {
    /// Sends an event to every client that hears the class `user`: its name, and any headers.
    ///
    /// This client gets it too. Needs `user`.
    ///
    /// ```
    /// use asterisk_sync::ami::action::UserEventAction;
    /// let event = UserEventAction::new("DoorOpened").header("Door", "front");
    /// # let _ = event;
    /// ```
    UserEventAction = "UserEvent"
}

impl UserEventAction {
    /// The action `UserEvent`; `name` becomes the header `UserEvent` of the event.
    pub fn new(name: impl Into<String>) -> Self {
        let mut fields = Fields::default();
        fields.set("UserEvent", name.into());
        Self(fields)
    }

    /// Adds a header; the same name may come more than once.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        let name = name.into();
        if name.eq_ignore_ascii_case("UserEvent") {
            self.0.refuse("UserEvent is the event's own name");
        }
        self.0.add(name, value.into());
        self
    }
}

impl Action for UserEventAction {
    type Reply = Response;

    fn name(&self) -> &'static str {
        "UserEvent"
    }

    fn write(&self, headers: &mut Headers) {
        self.0.write(headers);
    }
}

responses! {
    /// A challenge.
    ChallengeResponse {
        /// The challenge, a number as text.
        challenge: text = "Challenge",
    }

    /// The answer to a ping.
    PingResponse {
        /// The word the server answers with: `Pong`.
        ping: text = "Ping",
        /// The server's clock.
        timestamp: epoch = "Timestamp",
    }

    /// Whether there will be events.
    EventsResponse {
        /// Whether the server sends any.
        events: flag = "Events",
    }

    /// When the server was started, and how busy it is.
    CoreStatusResponse {
        /// The day it was started, as `2026-01-31`, by its own clock and time zone.
        startup_date: text = "CoreStartupDate",
        /// The time it was started, as `23:59:59`.
        startup_time: text = "CoreStartupTime",
        /// The day it read its configuration last.
        reload_date: text = "CoreReloadDate",
        /// The time it read its configuration last.
        reload_time: text = "CoreReloadTime",
        /// How many calls there are.
        current_calls: parsed<u64> = "CoreCurrentCalls",
        /// How many calls there have been since the start.
        processed_calls: parsed<u64> = "CoreProcessedCalls",
    }

    /// Versions and limits of the server.
    CoreSettingsResponse {
        /// The version of the Manager Interface.
        ami_version: text = "AMIversion",
        /// The version of Asterisk.
        asterisk_version: text = "AsteriskVersion",
        /// The server's name, if it has one.
        system_name: text = "SystemName",
        /// How many calls it takes; 0 is any number.
        max_calls: parsed<u64> = "CoreMaxCalls",
        /// The load above which it takes no more calls; 0 is any.
        max_load_avg: parsed<f64> = "CoreMaxLoadAvg",
        /// The user it runs as.
        run_user: text = "CoreRunUser",
        /// The group it runs as.
        run_group: text = "CoreRunGroup",
        /// How many files it may have open; 0 is not set.
        max_filehandles: parsed<u64> = "CoreMaxFilehandles",
        /// Whether configuration comes from a database.
        realtime_enabled: flag = "CoreRealTimeEnabled",
        /// Whether calls are recorded.
        cdr_enabled: flag = "CoreCDRenabled",
        /// Whether it serves the Manager Interface over HTTP, too.
        http_enabled: flag = "CoreHTTPenabled",
        /// Whether sounds are looked for in the custom folder first.
        sounds_search_custom_dir: flag = "SoundsSearchCustomDir",
    }

    /// What this user may do.
    ListCommandsResponse {}
}

/// An action of the server's list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListedCommand<'a> {
    /// The action's name.
    pub name: &'a str,
    /// What it does, in a few words.
    pub synopsis: &'a str,
    /// The classes of which one is needed, with commas; empty if none is.
    pub privileges: &'a str,
}

impl ListCommandsResponse {
    /// The actions, in alphabetical order.
    pub fn commands(&self) -> impl Iterator<Item = ListedCommand<'_>> {
        self.0.iter().filter_map(|(name, value)| {
            // Everything but the head of the answer ends like this.
            let (synopsis, privileges) = value.strip_suffix(')')?.rsplit_once("(Priv: ")?;
            let privileges = privileges.strip_suffix(",all").unwrap_or(privileges);
            let privileges = if privileges == "<none>" { "" } else { privileges };
            Some(ListedCommand { name, synopsis: synopsis.trim(), privileges })
        })
    }
}
