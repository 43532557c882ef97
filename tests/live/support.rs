//! What the live tests share: where the server is, and how to wait for what it does.

use std::env;
use std::fmt;
use std::process::{Command, Stdio};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime};

use asterisk_sync::ami::action::{GetVarAction, HangupAction, OriginateAction, SetVarAction};
use asterisk_sync::ami::event::TypedEvent;
use asterisk_sync::ami::{AmiClient, AmiClientBuilder, AmiEvent, TypedSubscription};
use asterisk_sync::{EventSubscription, Tls};

/// After so long without it, what a test waits for is not going to come.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// What the environment says about the server. There is no test without one.
pub(crate) fn setting(name: &str) -> String {
    env::var(name).ok().filter(|value| !value.is_empty()).unwrap_or_else(|| {
        panic!(
            "{name} is not set, and the live tests need it: `tests/run` brings up an Asterisk and \
             sets everything; tests/live/README.md says what a server of your own needs"
        )
    })
}

fn port(name: &str) -> u16 {
    setting(name).parse().unwrap_or_else(|_| panic!("{name} is not a port"))
}

/// A client of the user who may do everything.
pub(crate) fn client() -> AmiClient {
    builder().connect().expect("the server takes ASTERISK_AMI_USER with ASTERISK_AMI_SECRET")
}

/// The same before it connects.
pub(crate) fn builder() -> AmiClientBuilder {
    with_credentials(&setting("ASTERISK_AMI_USER"), &setting("ASTERISK_AMI_SECRET"))
}

/// A client of another user of `tests/asterisk/config/manager.conf`, before it connects.
pub(crate) fn user(name: &str) -> AmiClientBuilder {
    with_credentials(name, &format!("{name}-secret"))
}

/// Anybody, before they connect.
pub(crate) fn with_credentials(name: &str, secret: &str) -> AmiClientBuilder {
    AmiClient::builder()
        .host(setting("ASTERISK_HOST"))
        .port(port("ASTERISK_AMI_PORT"))
        .credentials(name, secret)
        .timeout(PATIENCE)
        .connect_timeout(PATIENCE)
}

/// TLS to the TLS port, trusting the server's own authority.
pub(crate) fn over_tls(builder: AmiClientBuilder) -> AmiClientBuilder {
    builder.port(tls_port()).tls(Tls::new().root_pem(authority()))
}

pub(crate) fn tls_port() -> u16 {
    port("ASTERISK_AMI_TLS_PORT")
}

/// The certificate that signed the server's.
pub(crate) fn authority() -> Vec<u8> {
    let path = setting("ASTERISK_TLS_CA");
    std::fs::read(&path).unwrap_or_else(|e| panic!("ASTERISK_TLS_CA, {path}: {e}"))
}

/// What the server's own console prints.
pub(crate) fn console(command: &str) -> String {
    run(&setting("ASTERISK_CONSOLE"), &[command])
}

/// Runs a script and returns its output.
pub(crate) fn run(script: &str, args: &[&str]) -> String {
    let output = Command::new(script)
        .args(args)
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .unwrap_or_else(|e| panic!("cannot run {script}: {e}"));
    assert!(output.status.success(), "{script} {args:?} failed: {}", output.status);
    String::from_utf8(output.stdout).expect("the output is UTF-8")
}

/// A name that nobody has, and nobody had in an earlier run.
pub(crate) fn unique(what: &str) -> String {
    static BORN: LazyLock<u128> = LazyLock::new(|| {
        let since = SystemTime::UNIX_EPOCH.elapsed().expect("it is after 1970");
        since.as_micros() << 16 | u128::from(std::process::id() & 0xffff)
    });
    static NEXT: AtomicU64 = AtomicU64::new(1);
    // All of one length: the server takes an id that begins like another for the other.
    format!("{what}{:x}x{:06}", *BORN, NEXT.fetch_add(1, Ordering::Relaxed))
}

/// Waits for an event of one type.
#[track_caller]
pub(crate) fn await_event<E: TypedEvent>(
    events: &TypedSubscription<E>,
    wanted: impl Fn(&E) -> bool,
) -> E {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        match events.recv_timeout(left) {
            Ok(Some(event)) if wanted(&event) => return event,
            Ok(Some(_)) => {}
            Ok(None) => panic!("the subscription ended before the {} came", E::NAME),
            Err(e) => panic!("no such {}: {e}", E::NAME),
        }
    }
}

/// Reads events until `last` says that it is the one, and returns all of them.
#[track_caller]
pub(crate) fn events_until(
    events: &EventSubscription<AmiEvent>,
    mut last: impl FnMut(&AmiEvent) -> bool,
) -> Vec<AmiEvent> {
    let deadline = Instant::now() + PATIENCE;
    let mut seen = Vec::new();
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        match events.recv_timeout(left) {
            Ok(Some(event)) => {
                seen.push(event);
                if seen.last().is_some_and(&mut last) {
                    return seen;
                }
            }
            Ok(None) => panic!("the subscription ended after {:?}", names(&seen)),
            Err(e) => panic!("{e}; what came: {:?}", names(&seen)),
        }
    }
}

/// The names of events.
pub(crate) fn names(events: &[AmiEvent]) -> Vec<&str> {
    events.iter().map(AmiEvent::event_name).collect()
}

/// Asks until the answer is good; each attempt is a question to the server. What is wrong with the
/// last answer is in the panic.
#[track_caller]
pub(crate) fn eventually<T, E: fmt::Display>(mut attempt: impl FnMut() -> Result<T, E>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        match attempt() {
            Ok(good) => return good,
            Err(why) if Instant::now() >= deadline => panic!("after {PATIENCE:?}: {why}"),
            Err(_) => {}
        }
    }
}

/// A call to a `Local` channel, which is hung up at the end of the test. Its first half runs an
/// application, its second half the dialplan.
pub(crate) struct Call {
    pub(crate) ami: AmiClient,
    /// The unique id of the first half.
    pub(crate) id: String,
    /// The unique id of the second half.
    pub(crate) other: String,
}

impl Call {
    /// Names a call that is still to be made.
    pub(crate) fn new(ami: &AmiClient) -> Self {
        Self { ami: ami.clone(), id: unique("call"), other: unique("half") }
    }

    /// A call to this extension of the context `test`, once it is answered.
    pub(crate) fn to(ami: &AmiClient, extension: &str) -> Self {
        let call = Self::new(ami);
        ami.send_action(&call.action(extension)).expect("the extension answers");
        call
    }

    /// The action that makes it.
    pub(crate) fn action(&self, extension: &str) -> OriginateAction {
        self.action_at(&format!("{extension}@test"))
    }

    /// The action that makes it, to an extension of any context.
    pub(crate) fn action_at(&self, place: &str) -> OriginateAction {
        OriginateAction::to(format!("Local/{place}/n"))
            .application("Wait", "60")
            .channel_id(&self.id)
            .other_channel_id(&self.other)
    }

    /// The name of the first half.
    pub(crate) fn name(&self) -> String {
        name_of(&self.ami, &self.id)
    }

    /// The name of the second half.
    pub(crate) fn other_name(&self) -> String {
        name_of(&self.ami, &self.other)
    }

    /// A variable of the first half.
    pub(crate) fn variable(&self, name: &str) -> String {
        variable_of(&self.ami, &self.id, name)
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        for id in [&self.id, &self.other] {
            // It may well be over.
            let _ = self.ami.send_action(&HangupAction::new(id));
        }
    }
}

/// A variable of a channel.
pub(crate) fn variable_of(ami: &AmiClient, channel: &str, name: &str) -> String {
    let answer = ami.send_action(&GetVarAction::new(name).channel(channel));
    answer.expect("the channel is there").value().to_owned()
}

/// The name of the channel that has this unique id.
pub(crate) fn name_of(ami: &AmiClient, id: &str) -> String {
    variable_of(ami, id, "CHANNEL(name)")
}

/// Extensions in the empty context `scratch`, which are taken away at the end of the test.
pub(crate) struct Scratch {
    ami: AmiClient,
    pub(crate) extension: String,
}

impl Scratch {
    /// An extension with these steps: application and data.
    pub(crate) fn new(ami: &AmiClient, steps: &[(&str, &str)]) -> Self {
        use asterisk_sync::ami::action::DialplanExtensionAddAction;
        let scratch = Self { ami: ami.clone(), extension: unique("s") };
        for (priority, (application, data)) in (1..).zip(steps) {
            let step = DialplanExtensionAddAction::new(
                "scratch",
                &scratch.extension,
                priority.to_string(),
                *application,
            );
            ami.send_action(&step.application_data(*data)).expect("a step is added");
        }
        scratch
    }

    /// Where it is, as `Local` takes it.
    pub(crate) fn place(&self) -> String {
        format!("{}@scratch", self.extension)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        use asterisk_sync::ami::action::DialplanExtensionRemoveAction;
        let remove = DialplanExtensionRemoveAction::new("scratch", &self.extension);
        let _ = self.ami.send_action(&remove);
    }
}

/// A global variable, which is emptied at the end of the test.
pub(crate) struct Global {
    ami: AmiClient,
    pub(crate) name: String,
}

impl Global {
    pub(crate) fn new(ami: &AmiClient) -> Self {
        Self { ami: ami.clone(), name: unique("LIVE") }
    }
}

impl Drop for Global {
    fn drop(&mut self) {
        let _ = self.ami.send_action(&SetVarAction::new(&self.name, ""));
    }
}
