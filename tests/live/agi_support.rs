//! A call that Asterisk hands over by FastAGI.

#![allow(clippy::unwrap_used, clippy::pedantic, reason = "a panic is how a test fails")]

use std::net::{TcpListener, TcpStream};
use std::sync::mpsc;
use std::thread::{self, JoinHandle};

use asterisk_sync::agi::{AgiChannel, AgiLimits, AgiRequest};
use asterisk_sync::ami::action::{OriginateAction, PlayDTMFAction};
use asterisk_sync::ami::{AmiClient, event};

use super::support::{Call, PATIENCE, await_event};

/// The next connection.
pub(crate) fn accept(listener: &TcpListener) -> TcpStream {
    let listener = listener.try_clone().unwrap();
    let (done, accepted) = mpsc::channel();
    thread::spawn(move || done.send(listener.accept()));
    let accepted = accepted.recv_timeout(PATIENCE).expect("Asterisk connects");
    accepted.expect("a connection").0
}

/// One call whose second half is in `AGI()`, as a handler sees it. It ends with the test.
pub(crate) struct Session {
    pub(crate) agi: AgiChannel,
    pub(crate) request: AgiRequest,
    pub(crate) ami: AmiClient,
    pub(crate) call: Call,
}

impl Session {
    /// A call to an extension of the context `test` that runs AGI.
    pub(crate) fn to(ami: &AmiClient, extension: &str) -> Self {
        Self::with(ami, extension, |action| action)
    }

    /// The same, with more said to the `Originate`.
    pub(crate) fn with(
        ami: &AmiClient,
        extension: &str,
        more: impl FnOnce(OriginateAction) -> OriginateAction,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let call = Call::new(ami);
        let action = call
            .action(extension)
            .variable("__AGIPORT", port.to_string())
            .variable("__AGIPATH", "ivr/main?tenant=a%20b&plus=+49")
            .variable("__AGIARG", "an argument")
            .asynchronous(true);
        ami.send_action(&more(action)).expect("the call begins");
        let (request, agi) =
            AgiChannel::accept(accept(&listener), &AgiLimits::new()).expect("Asterisk speaks AGI");
        Self { agi, request, ami: ami.clone(), call }
    }

    /// Presses keys on the far end as soon as this command runs.
    pub(crate) fn press_at(&self, command: &str, keys: &str) -> JoinHandle<()> {
        self.at(command, {
            let (ami, far, keys) = (self.ami.clone(), self.call.name(), keys.to_owned());
            move || {
                for key in keys.chars() {
                    let press = PlayDTMFAction::new(&far, key);
                    ami.send_action(&press).expect("a key is pressed");
                }
            }
        })
    }

    /// Does something as soon as this command runs.
    pub(crate) fn at(&self, command: &str, act: impl FnOnce() + Send + 'static) -> JoinHandle<()> {
        let starts = self.ami.subscribe_to::<event::AGIExecStart>();
        let (channel, command) = (self.request.channel().to_owned(), command.to_owned());
        thread::spawn(move || {
            await_event(&starts, |start| {
                start.channel().channel() == channel && start.command().starts_with(&command)
            });
            act();
        })
    }

    /// Waits until the dialplan says how `AGI()` ended, which it does once the channel is dropped.
    pub(crate) fn status(self) -> String {
        let ended = self.ami.subscribe_to::<event::UserEvent>();
        let id = self.request.unique_id().to_owned();
        let Self { agi, call, .. } = self;
        drop(agi);
        let found = await_event(&ended, |user| {
            user.user_event() == "AgiEnded" && user.channel().unique_id() == id
        });
        drop(call);
        let status = found.headers().find(|(name, _)| *name == "AgiStatus");
        status.map(|(_, value)| value.to_owned()).expect("a status")
    }
}
