//! AGI over the manager's connection: `cargo run --example async_agi`.
//!
//! With `ASTERISK_HOST`, `ASTERISK_AMI_USER` and `ASTERISK_AMI_SECRET` it serves the channels that
//! come to `AGI(agi:async)` there for `EXAMPLE_SECONDS`, 3 unless it is set. Without, a `FakeAmi`
//! has one.

use std::env;
use std::thread;
use std::time::Duration;

use asterisk_sync::Result;
use asterisk_sync::agi::{AgiChannel, AgiRequest};
use asterisk_sync::ami::AmiClient;
use asterisk_sync::async_agi::AsyncAgiOptions;
use asterisk_sync::testing::FakeAmi;

/// The same handler would do for FastAGI, and for a script.
fn greet(request: &AgiRequest, agi: &mut AgiChannel) -> Result<()> {
    println!("{} is here", request.channel());
    agi.answer()?;
    agi.set_variable("GREETED", "yes")?;
    agi.stream_file("hello-world", "")?;
    println!("{} goes back to the dialplan", request.channel());
    Ok(())
}

fn main() -> Result<()> {
    let fake = env::var_os("ASTERISK_HOST").is_none().then(FakeAmi::start).transpose()?;
    let ami = match &fake {
        None => AmiClient::from_env()?,
        Some(fake) => fake.client().connect()?,
    };
    let options = AsyncAgiOptions::new().workers(8).grace(Duration::from_secs(30));
    let serving = ami.serve_async_agi(greet, options)?;
    if let Some(fake) = &fake {
        println!("ASTERISK_HOST is not set, so the only channel is in a FakeAmi.");
        play(fake)?;
    } else {
        let seconds = env::var("EXAMPLE_SECONDS").ok().and_then(|text| text.parse().ok());
        thread::sleep(Duration::from_secs(seconds.unwrap_or(3)));
    }
    println!("{:?}", serving.shutdown());
    Ok(())
}

/// What Asterisk does for one channel, until it is sent back.
fn play(fake: &FakeAmi) -> Result<()> {
    let tell = |event: &str, headers: &[(&str, &str)]| {
        let channel = [("Privilege", "agi,all"), ("Channel", "PJSIP/alice-1"), ("Uniqueid", "1.1")];
        fake.push(event, &[&channel, headers].concat());
    };
    let mut command = fake.expect("AGI");
    tell(
        "AsyncAGIStart",
        &[("Env", "agi_channel%3A%20PJSIP%2Falice-1%0Aagi_version%3A%2022%0A%0A")],
    );
    loop {
        let request = command.wait()?;
        command = fake.expect("AGI");
        request.success(&[("Message", "Added AGI command to queue")]);
        let line = request.get("Command").unwrap_or_default();
        println!("  {line}");
        if line.starts_with("ASYNCAGI BREAK") {
            tell("AsyncAGIEnd", &[]);
            return Ok(());
        }
        let result =
            if line.starts_with("SET") { "200%20result%3D1%0A" } else { "200%20result%3D0%0A" };
        let id = request.get("CommandID").unwrap_or_default();
        tell("AsyncAGIExec", &[("CommandId", id), ("Result", result)]);
    }
}
