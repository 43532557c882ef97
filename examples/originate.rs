//! Calls somebody and says what became of it: `cargo run --example originate [CHANNEL]`.
//!
//! Without `ASTERISK_HOST` it calls on a `FakeAmi` of its own; with it, and with
//! `ASTERISK_AMI_USER` and `ASTERISK_AMI_SECRET`, on a real server. The channel, such as
//! `PJSIP/alice`, is an argument or `EXAMPLE_CHANNEL`.

use std::env;
use std::time::Duration;

use asterisk_sync::ami::action::OriginateAction;
use asterisk_sync::ami::{AmiClient, AmiEvent};
use asterisk_sync::testing::FakeAmi;
use asterisk_sync::types::{CallFailure, HangupCause};
use asterisk_sync::{Error, Result};

fn main() -> Result<()> {
    let fake = env::var_os("ASTERISK_HOST").is_none().then(FakeAmi::start).transpose()?;
    let ami = match &fake {
        None => AmiClient::from_env()?,
        Some(fake) => fake.client().connect()?,
    };
    let channel = env::args().nth(1).or_else(|| env::var("EXAMPLE_CHANNEL").ok());
    let action = OriginateAction::to(channel.unwrap_or_else(|| "Local/200@default/n".into()))
        .application("Wait", "60")
        .caller_id("Example <100>")
        .ring_for(Duration::from_secs(20));

    let call = match ami.originate(&action) {
        Ok(call) => call,
        // The call is over, and this is why.
        Err(Error::NotAnswered { reason, cause, .. }) => {
            println!("not answered: {reason} ({})", cause.description());
            if reason == CallFailure::Busy {
                println!("worth another try in a while");
            }
            return Ok(());
        }
        // Asterisk did not even try.
        Err(Error::Refused { message, .. }) => {
            println!("refused: {message}");
            return Ok(());
        }
        Err(e) if e.may_have_run() => {
            println!("it may ring or not, look before you try again: {e}");
            return Err(e);
        }
        Err(e) => return Err(e),
    };
    println!("{} has answered, as {}", call.channel(), call.unique_id());

    // Everything that happened to it waits in its events, from the first on.
    let begun = call.wait_for(|event| event.event_name() == "Newchannel", Duration::ZERO)?;
    println!("it began with {}", begun.event_name());
    for event in call.events().try_iter() {
        if let AmiEvent::Newstate(state) = event {
            println!("  {} is {}", state.channel(), state.channel().state_desc());
        }
    }
    call.hangup(HangupCause::NormalClearing)?;
    let end = call.wait_for_hangup(Duration::from_secs(10))?;
    println!("over: {}", end.cause().map_or("nobody heard why", HangupCause::description));
    Ok(())
}
