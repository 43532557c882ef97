//! A phone menu in Stasis: `cargo run --example stasis_app`.
//!
//! With `ASTERISK_ARI_URL`, `ASTERISK_ARI_USER`, `ASTERISK_ARI_PASSWORD` and `ASTERISK_ARI_APP` it
//! serves the calls that come to that application there for `EXAMPLE_SECONDS`, 3 unless it is set;
//! with `EXAMPLE_CALLER`, an endpoint, it has one made. Without, a `FakeAri` has one.

use std::env;
use std::thread;
use std::time::Duration;

use asterisk_sync::Result;
use asterisk_sync::ari::event::ChannelDtmfReceived;
use asterisk_sync::ari::resources::channel;
use asterisk_sync::ari::{AriClient, AriConfig, OriginateParams, StasisApp, StasisCall};
use asterisk_sync::testing::{AriReply, FakeAri};
use serde_json::json;

/// Whatever fails, the call goes on in the dialplan, and if the caller hangs up, `?` ends this.
fn menu(call: &StasisCall) -> Result<()> {
    let channel = call.channel();
    println!("{} is here, with {:?}", call.start().channel.name, call.args());
    channel.answer()?;
    let prompt = channel.play("sound:hello-world")?;
    let digit = match call.wait_for(Duration::from_secs(5), |_: &ChannelDtmfReceived| true) {
        Err(e) if e.is_timeout() => "nothing".to_owned(),
        pressed => pressed?.digit,
    };
    prompt.stop()?;
    println!("{} has pressed {digit}", call.start().channel.name);
    channel.set_variable("PRESSED", &digit)
}

fn main() -> Result<()> {
    let setting = |name: &str| env::var(name).ok().filter(|value| !value.is_empty());
    let fake = setting("ASTERISK_ARI_URL").is_none().then(FakeAri::start).transpose()?;
    let ari = AriClient::connect(match &fake {
        Some(fake) => fake.config("menu"),
        None => AriConfig::from_env()?,
    })?;
    let app = StasisApp::builder(&ari).workers(8).grace(Duration::from_secs(30));
    let app = app.handler(menu).build()?.spawn()?;
    if let Some(fake) = &fake {
        println!("ASTERISK_ARI_URL is not set, so the only caller is in a FakeAri.");
        play(fake)?;
    } else {
        if let Some(caller) = setting("EXAMPLE_CALLER") {
            let call = OriginateParams::to(caller).app(&*ari.applications()[0]).app_args("main");
            channel::originate(&ari, &call)?;
        }
        let seconds = setting("EXAMPLE_SECONDS").and_then(|text| text.parse().ok());
        thread::sleep(Duration::from_secs(seconds.unwrap_or(3)));
    }
    println!("{:?}", app.shutdown()?);
    Ok(())
}

/// What Asterisk does for one caller, until he is sent back to the dialplan.
fn play(fake: &FakeAri) -> Result<()> {
    let (patience, alice) = (Duration::from_secs(10), FakeAri::channel("1.1", "PJSIP/alice-1"));
    fake.on("POST", "channels/*/*", |_| AriReply::no_content());
    fake.on("POST", "channels/*/play", |_| AriReply::ok(json!({ "state": "playing" })));
    fake.push("StasisStart", "menu", json!({ "args": ["main"], "channel": &alice }));
    fake.wait_for_requests("POST", "channels/*/play", 1, patience)?;
    fake.push("ChannelDtmfReceived", "menu", json!({ "digit": "3", "channel": &alice }));
    fake.wait_for_requests("POST", "channels/*/continue", 1, patience)?;
    fake.push("StasisEnd", "menu", json!({ "channel": &alice }));
    Ok(())
}
