//! The library at work, from connecting to disconnecting: `cargo run --example tour`.
//!
//! Without configuration it starts a server of its own, the `FakeAmi` of `asterisk_sync::testing`.
//! With these set it does the same on a real one:
//!
//! ```sh
//! ASTERISK_HOST=pbx ASTERISK_AMI_USER=admin ASTERISK_AMI_SECRET=… cargo run --example tour
//! ```
//!
//! There it sets a global variable `TOUR`, and calls a channel if `TOUR_CHANNEL` names one, such as
//! `Local/200@default`.

use std::env;
use std::time::Duration;

use asterisk_sync::Result;
use asterisk_sync::ami::action::{
    CoreSettingsAction, GetVarAction, HangupAction, OriginateAction, QueueStatusAction,
    QueueStatusItem, SetVarAction,
};
use asterisk_sync::ami::{AmiClient, AmiEvent, Filter};
use asterisk_sync::testing::FakeAmi;
use asterisk_sync::types::HangupCause;

/// More patience than anything here needs.
const PATIENCE: Duration = Duration::from_secs(10);

fn main() -> Result<()> {
    heading("Connect: one call that returns when the login is done, or says why not");
    let fake = env::var_os("ASTERISK_HOST").is_none().then(FakeAmi::start).transpose()?;
    let ami = match &fake {
        None => AmiClient::from_env()?,
        Some(fake) => {
            println!("ASTERISK_HOST is not set, so this is a FakeAmi on {}.", fake.address());
            fake.client().connect()?
        }
    };
    let settings = ami.send_action(&CoreSettingsAction::new())?;
    println!("{}, Asterisk {}", ami.banner(), settings.asterisk_version());

    heading("Act: an action is a struct, and so is its answer");
    ami.send_action(&SetVarAction::new("TOUR", "set by the tour"))?;
    let variable = ami.send_action(&GetVarAction::new("TOUR"))?;
    println!("{} = {:?}", variable.variable(), variable.value());

    heading("List: collected until the server says that it is complete");
    for item in ami.list(&QueueStatusAction::new())? {
        match item {
            QueueStatusItem::Params(queue) => println!("queue {}", queue.queue()),
            QueueStatusItem::Member(member) => println!("  member {}", member.name()),
            _ => println!("  a caller who waits"),
        }
    }

    heading("Run a CLI command");
    for line in ami.command("core show version")?.lines() {
        println!("{line}");
    }

    heading("Hear: events of one call, typed, in order, picked out before they are queued");
    match (env::var("TOUR_CHANNEL"), &fake) {
        (Ok(channel), _) => call(&ami, &channel)?,
        (Err(_), Some(_)) => call(&ami, "Local/200@default")?,
        (Err(_), None) => println!("TOUR_CHANNEL is not set, so nobody is called."),
    }

    heading("Be refused: in Asterisk's words, and with an answer to what one has to know");
    if let Err(e) = ami.send_action(&HangupAction::new("PJSIP/nobody-00000000")) {
        println!("{e}");
        println!(
            "worth another try: {}, may have happened: {}",
            e.is_retryable(),
            e.may_have_run()
        );
    }

    heading("Survive a restart: same client, same subscription, and the gap is told");
    match &fake {
        Some(fake) => restart(&ami, fake)?,
        None => println!("Restart a real server yourself, below a program that listens."),
    }

    heading("Know how it went");
    let stats = ami.stats();
    println!("{}, {} attempts, {} reconnects", stats.state, stats.attempts, stats.reconnects);
    ami.disconnect()?;
    println!("{}", ami.connection_state());
    Ok(())
}

/// Makes a call under an id of our own, so that its events are known before there is one.
fn call(ami: &AmiClient, channel: &str) -> Result<()> {
    let id = format!("tour-{}", std::process::id());
    let names = ["Newchannel", "Newstate", "DialBegin", "DialEnd", "Hangup"];
    let events = ami.subscribe_with(Filter::names(names).linked_id(id.as_str()));
    let call = OriginateAction::to(channel)
        .application("Wait", "30")
        .channel_id(id.as_str())
        .asynchronous(true);
    println!("Originate: {}", ami.send_action(&call)?.text());

    let mut legs = 0;
    while let Some(event) = events.recv_timeout(PATIENCE)? {
        match event {
            AmiEvent::NewChannel(new) => {
                legs += 1;
                println!("  new       {}", new.channel());
            }
            AmiEvent::Newstate(e) => println!("  {:<9} {}", e.channel().state_desc(), e.channel()),
            AmiEvent::DialBegin(dial) => println!("  dialling  {}", dial.dest()),
            AmiEvent::DialEnd(dial) => {
                let status = dial.dial_status().map_or_else(String::new, |s| s.to_string());
                println!("  dialled   {}: {status}", dial.dest());
                // An event loop may act on the connection that it listens to.
                let hangup = HangupAction::new(id.as_str()).cause(HangupCause::NormalClearing);
                let _ = ami.send_action(&hangup).inspect_err(|e| println!("  {e}"));
            }
            AmiEvent::Hangup(end) => {
                println!("  ended     {}: {}", end.channel(), end.cause_txt());
                legs -= 1;
            }
            _ => {}
        }
        if legs == 0 {
            break;
        }
    }
    Ok(())
}

fn restart(ami: &AmiClient, fake: &FakeAmi) -> Result<()> {
    let events = ami.subscribe();
    fake.restart()?;
    while let Some(event) = events.recv_timeout(PATIENCE)? {
        match event {
            AmiEvent::Shutdown(_) => println!("Shutdown"),
            AmiEvent::Gap(gap) if gap.reconnected() => {
                println!("Gap: connected again; what happened meanwhile has to be asked for");
                break;
            }
            _ => {}
        }
    }
    println!("Ping: {}", ami.ping()?.ping());
    Ok(())
}

fn heading(text: &str) {
    println!("\n== {text}");
}
