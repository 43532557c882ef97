//! Where a scene is played: a client of its own, and a memory of all that it has heard.

use std::cell::RefCell;
use std::fmt::Write;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use asterisk_sync::EventSubscription;
use asterisk_sync::ami::action::{
    Action, CoreShowChannelsAction, CustomAction, DialplanExtensionAddAction, HangupAction,
    OriginateAction,
};
use asterisk_sync::ami::{AmiClient, AmiEvent};

use crate::support::{Call, PATIENCE, client, setting, unique};

/// The context whose extensions no other test dials.
pub(super) const CONTEXT: &str = "exercise";

pub(super) struct Stage {
    pub(super) ami: AmiClient,
    events: EventSubscription<AmiEvent>,
    heard: RefCell<Vec<AmiEvent>>,
}

impl Stage {
    pub(super) fn new() -> Self {
        // The server has room for ten who knock at the same time.
        static DOOR: Mutex<()> = Mutex::new(());
        let open = DOOR.lock().unwrap_or_else(PoisonError::into_inner);
        let ami = client();
        drop(open);
        let events = ami.subscribe();
        Self { ami, events, heard: RefCell::default() }
    }

    /// Sends an action that has to succeed.
    pub(super) fn act<A: Action>(&self, action: &A) -> A::Reply {
        let name = action.name().to_owned();
        self.ami.send_action(action).unwrap_or_else(|e| panic!("{name}: {e}"))
    }

    /// Sends an action by its name and headers, which has to succeed.
    pub(super) fn send(&self, name: &str, headers: &[(&str, &str)]) {
        let action = CustomAction::new(name);
        self.act(
            &headers.iter().fold(action, |action, (name, value)| action.header(*name, *value)),
        );
    }

    /// The first event with this name and these headers since the scene began.
    #[track_caller]
    pub(super) fn expect(&self, name: &str, headers: &[(&str, &str)]) -> AmiEvent {
        self.expect_where(name, headers, |_| true)
    }

    /// The same, with more to ask of it.
    #[track_caller]
    pub(super) fn expect_where(
        &self,
        name: &str,
        headers: &[(&str, &str)],
        wanted: impl Fn(&AmiEvent) -> bool,
    ) -> AmiEvent {
        self.await_event(name, headers, wanted, PATIENCE)
    }

    /// The same for what may take longer than anything else here.
    pub(super) fn expect_within(
        &self,
        patience: Duration,
        name: &str,
        headers: &[(&str, &str)],
    ) -> AmiEvent {
        self.await_event(name, headers, |_| true, patience)
    }

    fn await_event(
        &self,
        name: &str,
        headers: &[(&str, &str)],
        wanted: impl Fn(&AmiEvent) -> bool,
        patience: Duration,
    ) -> AmiEvent {
        let is_it = |event: &AmiEvent| {
            let has = |(name, value): &(&str, &str)| event.message().get(name) == Some(value);
            event.event_name() == name && headers.iter().all(has) && wanted(event)
        };
        if let Some(event) = self.heard.borrow().iter().find(|event| is_it(event)) {
            return event.clone();
        }
        let deadline = Instant::now() + patience;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.events.recv_timeout(left) {
                Ok(Some(event)) => {
                    let found = is_it(&event).then(|| event.clone());
                    self.heard.borrow_mut().push(event);
                    if let Some(event) = found {
                        return event;
                    }
                }
                Ok(None) => panic!("the subscription ended before {name} {headers:?} came"),
                Err(e) => panic!("no {name} {headers:?}: {e}; {}", self.summary()),
            }
        }
    }

    /// The last events, for whoever wonders where another one is.
    fn summary(&self) -> String {
        let heard = self.heard.borrow();
        let mut text = String::from("what came last:");
        let news =
            |event: &&AmiEvent| !matches!(event.event_name(), "VarSet" | "CEL" | "TestEvent");
        let last: Vec<_> = heard.iter().filter(news).rev().take(15).collect();
        for event in last.into_iter().rev() {
            let _ = write!(text, " {}", event.event_name());
            if let Some(channel) = event.channel() {
                let _ = write!(text, "({channel})");
            }
        }
        text
    }

    /// A call to this extension of the exercise, once it is answered. Its first half waits.
    pub(super) fn call(&self, extension: &str) -> Call {
        self.call_with(extension, |action| action)
    }

    /// The same with something to add.
    pub(super) fn call_with(
        &self,
        extension: &str,
        more: impl FnOnce(OriginateAction) -> OriginateAction,
    ) -> Call {
        let call = Call::new(&self.ami);
        let action = call.action_at(&format!("{extension}@{CONTEXT}")).asynchronous(true);
        self.act(&more(action));
        self.expect("OriginateResponse", &[("Uniqueid", &call.id), ("Response", "Success")]);
        call
    }

    /// A call to this extension that is not waited for.
    pub(super) fn ring(
        &self,
        extension: &str,
        more: impl FnOnce(OriginateAction) -> OriginateAction,
    ) -> Call {
        let call = Call::new(&self.ami);
        let action = call.action_at(&format!("{extension}@{CONTEXT}")).asynchronous(true);
        self.act(&more(action));
        call
    }

    /// Ends a call with everybody whom it has brought together: a transfer leaves people talking.
    pub(super) fn end(&self, call: &Call) {
        for channel in self.ami.list(&CoreShowChannelsAction::new()).expect("the channels") {
            if channel.channel().linked_id() == call.id {
                // It may have gone with the one before.
                let _ = self.ami.send_action(&HangupAction::new(channel.channel().unique_id()));
            }
        }
    }

    /// A call over SIP that comes back to the server as a call to this extension, once it is
    /// answered, and what to do with its first half.
    pub(super) fn sip_call(&self, extension: &str, application: &str, data: &str) -> Call {
        let call = Call::new(&self.ami);
        let action = OriginateAction::to(sip(extension))
            .application(application, data)
            .channel_id(&call.id)
            .asynchronous(true);
        self.act(&action);
        self.expect("OriginateResponse", &[("Uniqueid", &call.id), ("Response", "Success")]);
        call
    }

    /// An extension that runs this one application, in the context `scratch`; `Scratch` removes it.
    pub(super) fn extension(&self, application: &str, data: &str) -> Extension<'_> {
        let name = unique("x");
        let action = DialplanExtensionAddAction::new("scratch", &name, "1", application);
        self.act(&action.application_data(data));
        Extension { stage: self, name }
    }
}

/// What `Dial` takes for a call over SIP to this very server.
pub(super) fn sip(extension: &str) -> String {
    format!("PJSIP/carol/sip:{extension}@127.0.0.1:{}", setting("ASTERISK_SIP_PORT"))
}

pub(super) struct Extension<'a> {
    stage: &'a Stage,
    name: String,
}

impl Extension<'_> {
    /// Where it is, as `Local` takes it.
    pub(super) fn place(&self) -> String {
        format!("{}@scratch", self.name)
    }
}

impl Drop for Extension<'_> {
    fn drop(&mut self) {
        use asterisk_sync::ami::action::DialplanExtensionRemoveAction;
        let remove = DialplanExtensionRemoveAction::new("scratch", &self.name);
        let _ = self.stage.ami.send_action(&remove);
    }
}
