//! What the tests of calls in Stasis share.

use std::thread;

use asterisk_sync::ari::stasis::{StasisAppBuilder, StasisAppGuard, StasisAppStats};
use asterisk_sync::ari::{AriClient, AriEvent, AriMessage, StasisCall};
use asterisk_sync::testing::{AriReply, FakeAri};
use crossbeam_channel::{Receiver, Sender, unbounded};
use serde_json::{Value, json};

use super::LONG;
use super::ari::APP;

pub(crate) const CONTINUE: &str = "channels/*/continue";

pub(crate) fn about(id: &str) -> Value {
    json!({ "channel": FakeAri::channel(id, &format!("PJSIP/{id}")) })
}

pub(crate) fn start(id: &str, args: &[&str]) -> Value {
    let mut start = about(id);
    start["args"] = json!(args);
    start
}

pub(crate) fn digit(id: &str, digit: &str) -> Value {
    let mut event = about(id);
    event["digit"] = digit.into();
    event["duration_ms"] = 100.into();
    event
}

pub(crate) fn enter(fake: &FakeAri, id: &str) {
    fake.push("StasisStart", APP, start(id, &[]));
}

pub(crate) fn leave(fake: &FakeAri, id: &str) {
    fake.push("StasisEnd", APP, about(id));
}

/// An event in a frame of its own, for several in one write.
pub(crate) fn frame(kind: &str, fields: &Value) -> Vec<u8> {
    let mut event = json!({ "type": kind, "application": APP });
    event.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    let text = event.to_string();
    let mut frame = vec![0x81, 126];
    frame.extend(u16::try_from(text.len()).unwrap().to_be_bytes());
    frame.extend(text.as_bytes());
    frame
}

/// Who the server says is in the application, and who in the dialplan.
pub(crate) fn here(fake: &FakeAri, ids: &[(&str, &str)]) {
    let channels: Vec<Value> = ids
        .iter()
        .map(|(id, data)| {
            let mut channel = about(id)["channel"].take();
            channel["dialplan"]["app_name"] = "Stasis".into();
            channel["dialplan"]["app_data"] = (*data).into();
            channel
        })
        .collect();
    let heard: Vec<&str> = ids.iter().map(|(id, _)| *id).collect();
    let application = json!([{ "name": APP, "channel_ids": heard }]);
    fake.on("GET", "applications", move |_| AriReply::ok(application.clone()));
    fake.on("GET", "channels", move |_| AriReply::ok(Value::from(channels.clone())));
}

pub(crate) fn serve(
    settings: StasisAppBuilder,
    handler: impl Fn(&StasisCall) -> asterisk_sync::Result<()> + Send + Sync + 'static,
) -> StasisAppGuard {
    settings.handler(handler).build().unwrap().spawn().unwrap()
}

/// An app whose handlers say that they have begun, and go on when they are let.
pub(crate) fn gated(settings: StasisAppBuilder) -> (StasisAppGuard, Receiver<String>, Sender<()>) {
    let (begun, begins) = unbounded();
    let (open, gate) = unbounded();
    let app = serve(settings, move |call| {
        begun.send(call.channel().id().to_owned()).unwrap();
        let _ = gate.recv();
        Ok(())
    });
    (app, begins, open)
}

/// An app whose handlers hand over all that happens to their calls.
pub(crate) fn told(
    settings: StasisAppBuilder,
) -> (StasisAppGuard, Receiver<(String, Receiver<AriMessage>)>) {
    let (call_begun, calls) = unbounded();
    let app = serve(settings, move |call| {
        let (heard, events) = unbounded();
        call_begun.send((call.channel().id().to_owned(), events)).unwrap();
        for message in call.events() {
            heard.send(message).unwrap();
        }
        assert!(call.is_over());
        call.check()
    });
    (app, calls)
}

pub(crate) fn next<T>(from: &Receiver<T>) -> T {
    from.recv_timeout(LONG).expect("it in time")
}

/// What never comes hangs, which fails the test.
pub(crate) fn wait_for(
    app: &StasisAppGuard,
    reached: impl Fn(&StasisAppStats) -> bool,
) -> StasisAppStats {
    loop {
        let stats = app.stats();
        if reached(&stats) {
            return stats;
        }
        thread::yield_now();
    }
}

/// All digits of a call until it is over, `-` where something is missing, and what it ended with.
pub(crate) fn digits(events: &Receiver<AriMessage>) -> (String, String) {
    let (mut digits, mut last) = (String::new(), String::new());
    while let Ok(message) = events.recv_timeout(LONG) {
        match &message.event {
            AriEvent::ChannelDtmfReceived(event) => digits += &event.digit,
            AriEvent::Gap(_) => digits.push('-'),
            event => last = event.event_name().to_owned(),
        }
    }
    (digits, last)
}

/// The ids of the channels that were sent to the dialplan, once there are so many.
pub(crate) fn continued(fake: &FakeAri, count: usize) -> Vec<String> {
    let all = fake.wait_for_requests("POST", CONTINUE, count, LONG).unwrap();
    all.iter().map(|request| request.segments()[1].clone()).collect()
}

/// All that was pushed before has been handled by the app: a leg of our own, which comes last, has.
pub(crate) fn settle(fake: &FakeAri, ari: &AriClient, app: &StasisAppGuard) {
    let before = app.stats().passed_over;
    enter(fake, ari.pending_channel().id());
    wait_for(app, |stats| stats.passed_over > before);
}
