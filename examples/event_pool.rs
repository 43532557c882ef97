//! Events handled by several threads, each call's in order: `cargo run --example event_pool`.
//!
//! Without configuration it starts a server of its own, the `FakeAmi` of `asterisk_sync::testing`,
//! and makes calls there. With these set it listens to a real one for ten seconds:
//!
//! ```sh
//! ASTERISK_HOST=pbx ASTERISK_AMI_USER=admin ASTERISK_AMI_SECRET=… cargo run --example event_pool
//! ```

use std::env;
use std::thread;
use std::time::Duration;

use asterisk_sync::ami::action::{HangupAction, OriginateAction};
use asterisk_sync::ami::{AmiClient, AmiEvent, Filter, PoolSettings};
use asterisk_sync::testing::FakeAmi;
use asterisk_sync::{Overflow, Result, Subscribe};

fn main() -> Result<()> {
    let fake = env::var_os("ASTERISK_HOST").is_none().then(FakeAmi::start).transpose()?;
    let ami = match &fake {
        None => AmiClient::from_env()?,
        Some(fake) => fake.client().connect()?,
    };

    // At most 100,000 events wait. Beyond that the newest are lost, and a gap says how many.
    let bounds = Subscribe::default().events(100_000).overflow(Overflow::DropNewest);
    let settings = PoolSettings::new(4)
        .filter(Filter::names(["Newchannel", "Newstate", "DialBegin", "DialEnd", "Hangup"]))
        .bounds(bounds)
        .on_panic(|event| eprintln!("the handler gave up on {}", event.event_name()));
    let pool = ami.on_event_ordered(settings, |event| {
        let thread = thread::current();
        let who = thread.name().unwrap_or_default();
        match event {
            // It is handled alone: what came before is done, what comes after has not begun.
            AmiEvent::Gap(gap) => println!("{who}: {} events were lost", gap.missed()),
            event => {
                // Here a program would write to its database, which takes its time.
                let call = event.linked_id().unwrap_or("no call");
                println!("{who}: call {call}: {}", event.event_name());
            }
        }
    })?;

    if fake.is_some() {
        for call in 1..=5 {
            let id = format!("call-{call}");
            let originate = OriginateAction::to("Local/200@default").application("Wait", "60");
            ami.send_action(&originate.channel_id(id.as_str()))?;
            ami.send_action(&HangupAction::new(id))?;
        }
    } else {
        thread::sleep(Duration::from_secs(10));
    }

    // The stream ends, and the threads with it, after everything that waits.
    ami.disconnect()?;
    pool.join();
    let stats = pool.stats();
    println!("{} handled, {} panicked, {} lost", stats.handled, stats.panicked, stats.lost);
    Ok(())
}
