//! A small PBX, for answers that make sense. It is not Asterisk: what it knows, it says in
//! Asterisk's words; what it does not know, it does not pretend.

mod astdb;
mod bridges;
mod calls;
mod channel;
mod core;
mod files;
mod queues;
mod states;
mod turn;
mod variables;
mod waiting;

use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, Instant};

pub use calls::CallOutcome;
pub(super) use turn::Turn;

use super::classes::Classes;
use super::server::FakeAmi;

/// What there is and what happened.
#[derive(Debug)]
pub(in crate::testing::ami) struct Model {
    started: Instant,
    started_at: core::Clock,
    /// For unique ids and channel names.
    channels_made: u32,
    calls_processed: u32,
    channels: Vec<channel::Channel>,
    outcomes: HashMap<String, CallOutcome>,
    /// Calls that are not decided, by the unique id of their channel.
    ringing: Vec<(String, calls::Order)>,
    /// What extensions dial.
    dials: HashMap<String, String>,
    bridges_made: u64,
    globals: BTreeMap<String, String>,
    database: BTreeMap<String, String>,
    queues: BTreeMap<String, Vec<queues::Member>>,
    waiting: Vec<waiting::Caller>,
    output: HashMap<String, Vec<String>>,
    files: BTreeMap<String, String>,
}

/// An action that the model answers.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) name: &'static str,
    synopsis: &'static str,
    privilege: &'static str,
    pub(super) run: fn(&mut Model, &mut Turn<'_>),
}

const fn entry(
    name: &'static str,
    synopsis: &'static str,
    privilege: &'static str,
    run: fn(&mut Model, &mut Turn<'_>),
) -> Entry {
    Entry { name, synopsis, privilege, run }
}

/// What the session answers itself.
fn elsewhere(_: &mut Model, turn: &mut Turn<'_>) {
    turn.unknown_action();
}

/// In the order in which Asterisk lists them.
#[rustfmt::skip]
static ACTIONS: [Entry; 40] = [
    entry("Bridge", "Bridge two channels already in the PBX.", "call", Model::bridge),
    entry("BridgeInfo", "Get information about a bridge.", "", Model::bridge_info),
    entry("BridgeList", "Get a list of bridges in the system.", "", Model::bridge_list),
    entry("Challenge", "Generate Challenge for MD5 Auth.", "", elsewhere),
    entry("Command", "Execute Asterisk CLI Command.", "command", Model::command),
    entry("CoreSettings", "Show PBX core settings (version etc).", "system,reporting", Model::core_settings),
    entry("CoreShowChannels", "List currently active channels.", "system,reporting", Model::core_show_channels),
    entry("CoreStatus", "Show PBX core status variables.", "system,reporting", Model::core_status),
    entry("CreateConfig", "Creates an empty file in the configuration directory.", "config", Model::create_config),
    entry("DBDel", "Delete DB entry.", "system", Model::db_del),
    entry("DBDelTree", "Delete DB Tree.", "system", Model::db_del_tree),
    entry("DBGet", "Get DB Entry.", "system,reporting", Model::db_get),
    entry("DBGetTree", "Get DB entries, optionally at a particular family/key", "system,reporting", Model::db_get_tree),
    entry("DBPut", "Put DB entry.", "system", Model::db_put),
    entry("DeviceStateList", "List the current known device states.", "call,reporting", Model::device_state_list),
    entry("Events", "Control Event Flow.", "", elsewhere),
    entry("ExtensionStateList", "List the current known extension states.", "call,reporting", Model::extension_state_list),
    entry("Filter", "Dynamically add filters for the current manager session.", "system", elsewhere),
    entry("GetConfig", "Retrieve configuration.", "system,config", Model::get_config),
    entry("GetConfigJSON", "Retrieve configuration (JSON format).", "system,config", Model::get_config_json),
    entry("Getvar", "Gets a channel variable or function value.", "call,reporting", Model::getvar),
    entry("Hangup", "Hangup channel.", "system,call", Model::hangup),
    entry("ListCategories", "List categories in configuration file.", "config", Model::list_categories),
    entry("ListCommands", "List available manager commands.", "", elsewhere),
    entry("Login", "Login Manager.", "", elsewhere),
    entry("Logoff", "Logoff Manager.", "", elsewhere),
    entry("Originate", "Originate a call.", "originate", Model::originate),
    entry("Ping", "Keepalive command.", "", Model::ping),
    entry("PresenceStateList", "List the current known presence states.", "call,reporting", Model::presence_state_list),
    entry("QueueAdd", "Add interface to queue.", "agent", Model::queue_add),
    entry("QueuePause", "Makes a queue member temporarily unavailable.", "agent", Model::queue_pause),
    entry("QueueRemove", "Remove interface from queue.", "agent", Model::queue_remove),
    entry("QueueStatus", "Show queue status.", "", Model::queue_status),
    entry("QueueSummary", "Show queue summary.", "", Model::queue_summary),
    entry("Redirect", "Redirect (transfer) a call.", "call", Model::redirect),
    entry("Reload", "Send a reload event.", "system,config", Model::reload),
    entry("Setvar", "Sets a channel variable or function value.", "call", Model::setvar),
    entry("Status", "List channel status.", "system,call,reporting", Model::status),
    entry("UpdateConfig", "Update basic configuration.", "config", Model::update_config),
    entry("UserEvent", "Send an arbitrary event.", "user", Model::user_event),
];

pub(super) fn find(action: &str) -> Option<&'static Entry> {
    ACTIONS.iter().find(|entry| entry.name.eq_ignore_ascii_case(action))
}

impl Entry {
    pub(super) fn privilege(&self) -> Classes {
        Classes::named(self.privilege)
    }
}

impl Model {
    pub(super) fn new() -> Self {
        Self {
            started: Instant::now(),
            started_at: core::Clock::now(),
            channels_made: 0,
            calls_processed: 0,
            channels: Vec::new(),
            outcomes: HashMap::new(),
            ringing: Vec::new(),
            dials: HashMap::new(),
            bridges_made: 0,
            globals: BTreeMap::new(),
            database: BTreeMap::new(),
            queues: queues::configured(),
            waiting: Vec::new(),
            output: HashMap::new(),
            files: BTreeMap::new(),
        }
    }

    /// What is in memory is gone; what is on disk is not.
    pub(super) fn restart(&mut self) {
        let old = std::mem::replace(self, Self::new());
        self.channels_made = old.channels_made;
        self.outcomes = old.outcomes;
        self.dials = old.dials;
        self.database = old.database;
        self.output = old.output;
        self.files = old.files;
        for queue in old.queues.into_keys() {
            self.queues.entry(queue).or_default();
        }
    }

    pub(super) fn uptime(&self) -> Duration {
        self.started.elapsed()
    }
}

/// What the small PBX behind it knows, beyond what clients tell it.
impl FakeAmi {
    /// What a CLI command prints, by `Command` of that text.
    ///
    /// ```
    /// # use asterisk_sync::testing::FakeAmi;
    /// # fn main() -> asterisk_sync::Result<()> {
    /// let fake = FakeAmi::start()?;
    /// fake.command_output("moh show classes", &["Class: default", "\tMode: files"]);
    /// let classes = fake.client().connect()?.command("moh show classes")?;
    /// assert_eq!(classes.lines().nth(1), Some("\tMode: files"));
    /// # Ok(()) }
    /// ```
    pub fn command_output(&self, command: &str, lines: &[&str]) {
        let lines = lines.iter().map(ToString::to_string).collect();
        self.shared.model.lock().output.insert(command.to_owned(), lines);
    }

    /// How calls to a channel end, such as `PJSIP/alice` or `Local/sales@default`.
    ///
    /// Without this, calls to `Local/busy@…`, `Local/congestion@…`, `Local/noanswer@…`,
    /// `Local/nobody@…`, `Local/rejected@…` and `Local/rings@…` end as they say, and all others are
    /// answered and last until they are hung up.
    pub fn call_outcome(&self, channel: &str, outcome: CallOutcome) {
        self.shared.model.lock().outcomes.insert(channel.to_owned(), outcome);
    }

    /// What an extension dials: a call that goes on there is connected with a channel of this
    /// device, or hears of the device's [outcome](Self::call_outcome) and is over.
    ///
    /// Without this, a call that goes on in an extension stays there and meets nobody.
    pub fn extension_dials(&self, extension: &str, device: &str) {
        self.shared.model.lock().dials.insert(extension.to_owned(), device.to_owned());
    }

    /// Adds an empty queue. There is one already: `sales`, with the members Alice and Bob.
    pub fn add_queue(&self, queue: &str) {
        self.shared.model.lock().queues.entry(queue.to_owned()).or_default();
    }
}
