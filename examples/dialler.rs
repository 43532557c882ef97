//! Calls everybody on a list, a few at a time and not too fast: `cargo run --example dialler`.
//!
//! Without `ASTERISK_HOST` it calls on a `FakeAmi` of its own; with it, and with
//! `ASTERISK_AMI_USER` and `ASTERISK_AMI_SECRET`, on a real server. The list is the arguments, or
//! `EXAMPLE_CHANNELS` with commas between.

use std::collections::BTreeMap;
use std::env;
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use asterisk_sync::ami::AmiClientBuilder;
use asterisk_sync::ami::action::OriginateAction;
use asterisk_sync::testing::FakeAmi;
use asterisk_sync::{Error, Result};

/// How many calls may be under way.
const LINES: usize = 4;

/// How many may begin in a second; what a trunk bears, or the law.
const PER_SECOND: f64 = 20.0;

fn main() -> Result<()> {
    let fake = env::var_os("ASTERISK_HOST").is_none().then(FakeAmi::start).transpose()?;
    let settings = match &fake {
        None => AmiClientBuilder::from_env()?,
        Some(fake) => fake.client(),
    };
    let ami = settings.originates_per_second(PER_SECOND).connect()?;

    let mut list: Vec<String> = env::args().skip(1).collect();
    if let (true, Ok(channels)) = (list.is_empty(), env::var("EXAMPLE_CHANNELS")) {
        list = channels.split(',').map(str::to_owned).collect();
    }
    if list.is_empty() {
        let names = ["200", "busy", "201", "noanswer", "congestion", "nobody", "202"];
        list = names.map(|name| format!("Local/{name}@default/n")).to_vec();
    }

    let (queue, tally) = (Mutex::new(list.into_iter()), Mutex::new(BTreeMap::new()));
    let dial = || {
        // The lock is for the moment of taking the next one.
        let next = || queue.lock().ok()?.next();
        while let Some(channel) = next() {
            let action = OriginateAction::to(channel.as_str())
                .application("Playback", "demo-congrats")
                .ring_for(Duration::from_secs(20));
            let outcome = match ami.originate(&action) {
                Ok(call) => {
                    let _ = call.hangup(None).inspect_err(|e| println!("{channel}: {e}"));
                    "answered".to_owned()
                }
                Err(Error::NotAnswered { reason, .. }) => reason.to_string(),
                Err(e) if e.is_retryable() => format!("for later: {e}"),
                Err(e) => format!("unknown: {e}"),
            };
            println!("{channel}: {outcome}");
            if let Ok(mut tally) = tally.lock() {
                *tally.entry(outcome).or_insert(0_u32) += 1;
            }
        }
    };
    thread::scope(|scope| (0..LINES).for_each(|_| drop(scope.spawn(dial))));

    println!();
    for (outcome, times) in tally.into_inner().unwrap_or_default() {
        println!("{times:>5}  {outcome}");
    }
    Ok(())
}
