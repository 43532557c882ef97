//! Queues and channels, live: `cargo run --example wallboard`.
//!
//! Without configuration it shows a server of its own, the `FakeAmi`. With `ASTERISK_HOST`,
//! `ASTERISK_AMI_USER` and `ASTERISK_AMI_SECRET` it shows a real one, until `CHANGES` changes have
//! come or none has for `SECONDS`; without these, for ever.

use std::env;
use std::time::Duration;

use asterisk_sync::ami::AmiClient;
use asterisk_sync::ami::action::{HangupAction, OriginateAction, QueuePauseAction};
use asterisk_sync::ami::picture::{Change, Item, LivePictureOptions, Part, Snapshot};
use asterisk_sync::testing::FakeAmi;
use asterisk_sync::{Error, Result};

fn main() -> Result<()> {
    let fake = env::var_os("ASTERISK_HOST").is_none().then(FakeAmi::start).transpose()?;
    let ami = fake.as_ref().map_or_else(AmiClient::from_env, |fake| fake.client().connect())?;
    let parts = LivePictureOptions::only([Part::Channels, Part::Queues]);
    let picture = ami.live_picture_with(parts)?;
    let changes = picture.changes();
    show(&picture.snapshot());
    let count = if fake.is_some() { 8 } else { number("CHANGES").unwrap_or(u64::MAX) };
    let patience = number("SECONDS").map_or(Duration::MAX, Duration::from_secs);
    if let Some(fake) = &fake {
        let caller = fake.call_queue("sales", "5551234");
        ami.send_action(&QueuePauseAction::new("PJSIP/bob", true).reason("lunch"))?;
        ami.send_action(&OriginateAction::to("PJSIP/alice").application("Wait", "30"))?;
        ami.send_action(&HangupAction::new(caller))?;
    }
    for _ in 0..count {
        match changes.recv_timeout(patience) {
            Ok(Some(change)) => println!("{}", line(&change)),
            Ok(None) | Err(Error::Timeout(_)) => break,
            Err(e) => return Err(e),
        }
    }
    show(&picture.snapshot());
    ami.disconnect()
}

fn show(now: &Snapshot) {
    println!("== {} channels, {} calls", now.channels().len(), now.call_count());
    for queue in now.queues() {
        println!(
            "{}: {} wait, {} of {} members are free",
            queue.queue,
            queue.callers.len(),
            queue.free_members(),
            queue.members.len()
        );
    }
    if let Some(why) = now.unavailable(Part::Queues) {
        println!("no queues: {why}");
    }
}

fn line(change: &Change) -> String {
    let (sign, item) = match change {
        Change::Added(item) => ('+', item),
        Change::Changed(item) => ('~', item),
        Change::Removed(item) => ('-', item),
        other => return format!("! {other:?}"),
    };
    match item {
        Item::Channel(it) => format!("{sign} channel {} {}", it.channel, it.state),
        Item::QueueCaller(it) => format!("{sign} caller {} of {}", it.position, it.queue),
        Item::QueueMember(it) => format!("{sign} {} paused: {}", it.name, it.paused),
        Item::Queue(it) => format!("{sign} queue {}", it.queue),
        other => format!("{sign} {other:?}"),
    }
}

fn number(name: &str) -> Option<u64> {
    env::var(name).ok()?.parse().ok()
}
