//! A call that Asterisk would hand to a FastAGI server.

use std::collections::VecDeque;
use std::net::ToSocketAddrs;
use std::time::Duration;

use super::answer::AgiAnswer;
use super::call::{FakeAgiCall, FakeAgiRecord};
use super::model::Model;
use crate::error::Result;

/// What is sent of a call before the first command, by name and value.
type Environment = Vec<(String, String)>;

/// Plays Asterisk towards a FastAGI server: describes a call and answers the server's commands, from
/// a small model of a channel or as a test has said, rightly or wrongly.
///
/// It has no thread: a call goes on while the test calls one of its methods.
///
/// ```
/// use asterisk_sync::agi::{AgiChannel, AgiRequest, AgiServer};
/// use asterisk_sync::testing::FakeAgiCaller;
/// use asterisk_sync::types::AgiOutcome;
///
/// # fn main() -> asterisk_sync::Result<()> {
/// let server = AgiServer::builder()
///     .bind("127.0.0.1:0")
///     .handler(|request: &AgiRequest, agi: &mut AgiChannel| {
///         agi.answer()?;
///         agi.set_variable("TENANT", &request.query("tenant").unwrap_or_default())
///     })
///     .build()?
///     .spawn()?;
///
/// let call = FakeAgiCaller::new("ivr?tenant=7").call(server.local_addr())?;
/// assert_eq!(call.commands(), ["ANSWER", "SET VARIABLE \"TENANT\" \"7\""]);
/// assert_eq!(call.variable("TENANT"), Some("7"));
/// assert_eq!(call.outcome(), AgiOutcome::Success);
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
#[must_use = "nobody is called before call() or dial()"]
pub struct FakeAgiCaller {
    environment: Environment,
    pub(super) model: Model,
    pub(super) scripted: VecDeque<(String, AgiAnswer)>,
    pub(super) patience: Duration,
    pub(super) in_pieces: bool,
}

impl FakeAgiCaller {
    /// A call for this script: what stands behind the host in `agi://host/script`.
    pub fn new(script: &str) -> Self {
        let request = format!("agi://127.0.0.1/{script}");
        let environment = [
            ("agi_network", "yes"),
            ("agi_network_script", script),
            ("agi_request", &request),
            ("agi_channel", "PJSIP/alice-00000001"),
            ("agi_language", "en"),
            ("agi_type", "PJSIP"),
            ("agi_uniqueid", "1700000000.1"),
            ("agi_version", "22.10.1"),
            ("agi_callerid", "100"),
            ("agi_calleridname", "Alice"),
            ("agi_callingpres", "0"),
            ("agi_callingani2", "0"),
            ("agi_callington", "0"),
            ("agi_callingtns", "0"),
            ("agi_dnid", "200"),
            ("agi_rdnis", "unknown"),
            ("agi_context", "default"),
            ("agi_extension", "200"),
            ("agi_priority", "1"),
            ("agi_enhanced", "0.0"),
            ("agi_accountcode", ""),
            ("agi_threadid", "140000000000000"),
        ];
        let mut caller = Self {
            environment: environment
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into(),
            model: Model::default(),
            scripted: VecDeque::new(),
            patience: Duration::from_secs(30),
            in_pieces: false,
        };
        if script.is_empty() {
            // As Asterisk does it.
            caller.environment.retain(|(name, _)| name != "agi_network_script");
        }
        caller
    }

    /// Sends this value of a variable such as `agi_callerid`, in place of another or behind all
    /// others. Nothing is escaped, so a line end makes two lines of it.
    pub fn environment(mut self, name: &str, value: &str) -> Self {
        match self.environment.iter_mut().find(|(known, _)| known == name) {
            Some((_, known)) => value.clone_into(known),
            None => self.environment.push((name.to_owned(), value.to_owned())),
        }
        self
    }

    /// One more argument: `agi_arg_1`, and so on.
    pub fn arg(self, value: &str) -> Self {
        let is_arg = |(name, _): &&(String, String)| name.starts_with("agi_arg_");
        let number = self.environment.iter().filter(is_arg).count() + 1;
        self.environment(&format!("agi_arg_{number}"), value)
    }

    /// A channel variable that the server can read.
    pub fn variable(mut self, name: &str, value: &str) -> Self {
        self.model.variables.insert(name.to_owned(), value.to_owned());
        self
    }

    /// An entry of the AstDB.
    pub fn database(mut self, family: &str, key: &str, value: &str) -> Self {
        self.model.database.insert((family.to_owned(), key.to_owned()), value.to_owned());
        self
    }

    /// Digits that the caller presses as soon as something waits for them.
    pub fn press(mut self, digits: &str) -> Self {
        self.model.digits.extend(digits.chars());
        self
    }

    /// The channel has hung up before AGI began, as in the extension `h`.
    pub fn dead(mut self) -> Self {
        self.model.is_dead = true;
        self.environment("agi_extension", "h")
    }

    /// Answers the next command of this name so, in place of the model. Several for one name are
    /// used up in their order. `""` is whatever comes.
    pub fn on(mut self, command: &str, answer: AgiAnswer) -> Self {
        self.scripted.push_back((command.to_owned(), answer));
        self
    }

    /// Sends the description of the call with each byte in a packet of its own.
    pub fn in_pieces(mut self) -> Self {
        self.in_pieces = true;
        self
    }

    /// How long the server may take for each step. Default: 30 seconds.
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Calls, and plays its part until the server ends the session.
    ///
    /// # Errors
    ///
    /// [`Error::Connection`](crate::Error::Connection) if nobody listens there,
    /// [`Error::Timeout`](crate::Error::Timeout) if the server is silent for longer than the
    /// [`patience`](Self::patience).
    pub fn call(self, server: impl ToSocketAddrs) -> Result<FakeAgiRecord> {
        self.dial(server)?.finish()
    }

    /// Calls, describes the call, and leaves the rest to the test.
    ///
    /// # Errors
    ///
    /// [`Error::Connection`](crate::Error::Connection) if nobody listens there.
    pub fn dial(self, server: impl ToSocketAddrs) -> Result<FakeAgiCall> {
        let description = self.description();
        let is_in_pieces = self.in_pieces;
        let mut call = self.dial_silently(server)?;
        call.send_all(&description, is_in_pieces);
        Ok(call)
    }

    /// Connects and says nothing: what comes then is the test's to [send](FakeAgiCall::send).
    ///
    /// # Errors
    ///
    /// [`Error::Connection`](crate::Error::Connection) if nobody listens there.
    pub fn dial_silently(self, server: impl ToSocketAddrs) -> Result<FakeAgiCall> {
        FakeAgiCall::connect(self, server)
    }

    /// The answer to a command of which the test has said nothing.
    pub(super) fn model_answer(&mut self, words: &[String]) -> AgiAnswer {
        let channel = self.environment.iter().find(|(name, _)| name == "agi_channel");
        self.model.answer(words, channel.map_or("", |(_, value)| value))
    }

    /// What the call is described by, to its empty line.
    pub fn description(&self) -> Vec<u8> {
        let lines = self.environment.iter().map(|(name, value)| format!("{name}: {value}\n"));
        (lines.collect::<String>() + "\n").into()
    }
}
