//! Subscribe, act, wait: no event is missed in between. `cargo run --example wait_for`.
//!
//! Without `ASTERISK_HOST` it talks to a `FakeAmi` of its own; with it, and with
//! `ASTERISK_AMI_USER` and `ASTERISK_AMI_SECRET`, to a real server.

use std::env;
use std::time::Duration;

use asterisk_sync::ami::action::UserEventAction;
use asterisk_sync::ami::event::UserEvent;
use asterisk_sync::ami::{AmiClient, AmiEvent, Filter};
use asterisk_sync::testing::FakeAmi;
use asterisk_sync::{Error, Result};

const PATIENCE: Duration = Duration::from_secs(10);

fn main() -> Result<()> {
    let fake = env::var_os("ASTERISK_HOST").is_none().then(FakeAmi::start).transpose()?;
    let ami = match &fake {
        None => AmiClient::from_env()?,
        Some(fake) => fake.client().connect()?,
    };

    // First the subscription, then what leads to the event. Whatever comes meanwhile waits in it.
    let events = ami.subscribe_with(Filter::names(["UserEvent"]));
    ami.send_action(&UserEventAction::new("Lunch").header("Where", "downstairs"))?;
    let lunch = events.wait_for(|event| event.message().get("Where").is_some(), PATIENCE)?;
    println!("lunch is {}", lunch.message().get("Where").unwrap_or("off"));

    // The same, typed.
    let events = ami.subscribe_to::<UserEvent>();
    ami.send_action(&UserEventAction::new("Coffee"))?;
    let coffee = events.wait_for(|event| event.user_event() == "Coffee", PATIENCE)?;
    println!("{} is ready", coffee.user_event());

    // What somebody else causes, from now on. Quiet is an error that says so.
    let tea = |event: &UserEvent| event.user_event() == "Tea";
    match ami.wait_for_event(tea, Duration::from_millis(50)) {
        Ok(_) => println!("there is tea"),
        Err(e) if e.is_timeout() => println!("no tea: {e}"),
        Err(Error::Missed) => println!("events were lost, there may have been tea"),
        Err(e) => return Err(e),
    }

    // A gap ends a wait at once, unless it is what is waited for.
    let events = ami.subscribe();
    if let Some(fake) = &fake {
        fake.reset_sessions();
        let gap = events.wait_for(|event| matches!(event, AmiEvent::Gap(_)), PATIENCE)?;
        println!("the connection was lost and is back: {}", gap.event_name());
    }
    Ok(())
}
