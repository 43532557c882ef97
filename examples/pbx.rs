//! A telephone call in the words of its user: `cargo run --example pbx [PHONE NUMBER]`.
//!
//! Without `ASTERISK_HOST` it calls on a `FakeAmi` of its own; with it, and with
//! `ASTERISK_AMI_USER` and `ASTERISK_AMI_SECRET`, on a real server. There, phone and number are
//! arguments, or `EXAMPLE_PHONE` and `EXAMPLE_NUMBER`; the number's context is `EXAMPLE_CONTEXT`,
//! and `EXAMPLE_HOLD` is an extension of it that plays music to whoever is on hold.

use std::env;
use std::time::Duration;

use asterisk_sync::ami::AmiClient;
use asterisk_sync::pbx::Pbx;
use asterisk_sync::testing::FakeAmi;
use asterisk_sync::{Error, Result};

/// How long somebody is let ring.
const RINGS: Duration = Duration::from_secs(20);

fn main() -> Result<()> {
    let fake = env::var_os("ASTERISK_HOST").is_none().then(FakeAmi::start).transpose()?;
    let ami = match &fake {
        None => AmiClient::from_env()?,
        Some(fake) => {
            fake.extension_dials("200", "PJSIP/bob");
            fake.client().connect()?
        }
    };
    let given = |n, name| env::args().nth(n).or_else(|| env::var(name).ok());
    let phone = given(1, "EXAMPLE_PHONE").unwrap_or_else(|| "PJSIP/alice".into());
    let number = given(2, "EXAMPLE_NUMBER").unwrap_or_else(|| "200".into());
    let context = given(3, "EXAMPLE_CONTEXT").unwrap_or_else(|| "default".into());
    let hold = given(4, "EXAMPLE_HOLD").unwrap_or_else(|| "hold".into());
    let pbx = Pbx::new(ami).context(&*context).hold_at(&*context, hold).ring_for(RINGS);

    println!("{phone} rings");
    let mut call = match pbx.phone(&phone).caller_id("Dial <200>").dial(&number) {
        Ok(call) => call,
        Err(Error::NotAnswered { reason, .. }) => {
            println!("nobody at {phone}: {reason}");
            return Ok(());
        }
        Err(e) => return Err(e),
    };
    println!("{phone} has picked up, and {number} rings");
    match call.wait_for_answer(RINGS) {
        Ok(()) => println!("connected with {}", call.peer()?),
        Err(Error::NotAnswered { reason, .. }) => {
            println!("{number}: {reason}");
            return Ok(());
        }
        Err(e) => return Err(e),
    }

    call.hold()?;
    println!("music for {number}");
    call.unhold()?;
    println!("back again");
    // Likewise: `blind_transfer`, `consult` and `complete_transfer`, `park` and `Phone::fetch`.
    call.hangup()?;
    let end = call.wait_for_hangup(RINGS)?;
    println!("over: {}", end.cause().map_or("nobody heard why", |cause| cause.description()));
    Ok(())
}
