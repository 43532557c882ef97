//! One line for every call that ends: `cargo run --example call_log`.
//!
//! Without configuration it makes calls on a server of its own, the `FakeAmi`. With `ASTERISK_HOST`,
//! `ASTERISK_AMI_USER` and `ASTERISK_AMI_SECRET` it watches a real one, until `CALLS` calls have
//! ended or none has for `SECONDS`; without these, for ever.

use std::env;
use std::time::Duration;

use asterisk_sync::ami::AmiClient;
use asterisk_sync::ami::action::{HangupAction, OriginateAction};
use asterisk_sync::ami::tracker::CallRecord;
use asterisk_sync::testing::FakeAmi;
use asterisk_sync::{Error, Result};

fn main() -> Result<()> {
    let fake = env::var_os("ASTERISK_HOST").is_none().then(FakeAmi::start).transpose()?;
    let ami = fake.as_ref().map_or_else(AmiClient::from_env, |fake| fake.client().connect())?;
    let tracker = ami.call_tracker()?;
    for call in tracker.active() {
        println!("under way: {} for {:?}", call.channel(), call.duration());
    }
    let calls = if fake.is_some() { 3 } else { number("CALLS").unwrap_or(u64::MAX) };
    let patience = number("SECONDS").map_or(Duration::MAX, Duration::from_secs);
    if fake.is_some() {
        make_calls(&ami)?;
    }
    for _ in 0..calls {
        match tracker.recv_timeout(patience) {
            Ok(Some(call)) => print(&call),
            Ok(None) | Err(Error::Timeout(_)) => break,
            Err(e) => return Err(e),
        }
    }
    ami.disconnect()
}

fn print(call: &CallRecord) {
    if call.missed() > 0 {
        println!("({} calls were not taken in time)", call.missed());
    }
    println!(
        "{} from {} to {}: {}, {:.1} s, talked {:.1} s, cause {} ({}){}",
        call.channel(),
        call.caller_id_num().unwrap_or("nobody"),
        call.exten(),
        call.disposition(),
        call.duration().as_secs_f64(),
        call.talk_time().as_secs_f64(),
        call.cause(),
        call.cause().description(),
        if call.is_complete() { "" } else { ", not seen whole" },
    );
    for leg in call.legs().iter().skip(1) {
        println!("  with {}", leg.channel());
    }
    for transfer in call.transfers() {
        println!("  {:?} transfer by {}", transfer.kind, transfer.transferer);
    }
}

fn make_calls(ami: &AmiClient) -> Result<()> {
    for (id, target) in [("one", "Local/200@default"), ("two", "Local/busy@default")] {
        let call = OriginateAction::to(target).extension("default", "100", 1).caller_id("Me <100>");
        ami.send_action(&call.channel_id(id).asynchronous(true))?;
    }
    ami.send_action(&HangupAction::new("one"))?;
    let third = OriginateAction::to("Local/noanswer@default").extension("default", "100", 1);
    ami.send_action(&third.asynchronous(true))?;
    Ok(())
}

fn number(name: &str) -> Option<u64> {
    env::var(name).ok()?.parse().ok()
}
