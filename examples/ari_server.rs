//! A server that Asterisk opens its event sockets to: `cargo run --example ari_server`.
//!
//! With `ASTERISK_ARI_BIND`, such as `127.0.0.1:8765`, it listens there, for a user `asterisk` with the
//! password in `ASTERISK_ARI_PASSWORD`, until its standard input ends or, where that is set, `CALLS`
//! were served: those of applications with `connection_type = per_call_config`. Without, a `FakeAri`
//! plays Asterisk.

use std::time::Duration;
use std::{env, io};

use asterisk_sync::Result;
use asterisk_sync::ari::{AriEvent, AriServer, AriServerBuilder, AriSession};
use asterisk_sync::testing::{AriReply, FakeAri};
use crossbeam_channel::unbounded;
use serde_json::json;

/// Answers, plays something, hangs up; then the call has left.
fn welcome(session: &AriSession) -> Result<()> {
    let patience = Duration::from_secs(30);
    for message in session.events() {
        match &message.event {
            AriEvent::StasisStart(start) => {
                println!("{} calls {}", start.channel.name, message.application);
                let channel = session.client().channel(&start.channel.id);
                channel.answer()?;
                if let Some(played) = channel.play("sound:hello-world")?.wait_timeout(patience)? {
                    println!("{} is {}", played.media_uri, played.state);
                }
                channel.hangup(None)?;
            }
            AriEvent::StasisEnd(_) => break,
            _ => {}
        }
    }
    Ok(())
}

fn main() -> Result<()> {
    let (done, served) = unbounded();
    let server = AriServer::builder().sessions(32).handler(move |session: AriSession| {
        let outcome = welcome(&session);
        let _ = done.send(());
        outcome
    });
    let Ok(address) = env::var("ASTERISK_ARI_BIND") else { return rehearse(server) };
    let password = env::var("ASTERISK_ARI_PASSWORD").unwrap_or_default();
    let server = server.bind(address).credentials("asterisk", password).build()?.spawn()?;
    println!("uri = ws://{}/", server.local_addr());
    match env::var("CALLS").ok().and_then(|calls| calls.parse().ok()) {
        Some(calls) => drop(served.iter().take(calls).count()),
        None => drop(io::copy(&mut io::stdin(), &mut io::sink())),
    }
    println!("{:?}", server.shutdown()?);
    Ok(())
}

/// Calls, hears what is played, and hangs up when it is told to.
fn rehearse(server: AriServerBuilder) -> Result<()> {
    println!("ASTERISK_ARI_BIND is not set, so Asterisk is a FakeAri.");
    let server = server.bind("127.0.0.1:0").credentials("asterisk", "secret").build()?.spawn()?;
    let (fake, app, patience) = (FakeAri::start()?, "demo:PJSIP/alice-1", Duration::from_secs(30));
    let call = json!({ "channel": FakeAri::channel("1.1", "PJSIP/alice-1") });
    fake.on("POST", "channels/*/answer", |_| AriReply::no_content());
    fake.on("POST", "channels/*/play", |_| AriReply::ok(json!({})));
    fake.dial(server.local_addr(), app)?;
    fake.push("StasisStart", app, call.clone());
    let asked = fake.wait_for_requests("POST", "channels/*/play", 1, patience)?;
    let id = asked[0].text("playbackId");
    let played = json!({ "id": id, "media_uri": "sound:hello-world", "state": "done" });
    fake.push("PlaybackFinished", app, json!({ "playback": played }));
    fake.wait_for_requests("DELETE", "channels/*", 1, patience)?;
    fake.push("StasisEnd", app, call);
    fake.close(app, 1000);
    println!("{:?}", server.shutdown()?);
    Ok(())
}
