//! A FastAGI server with a menu: `cargo run --example fastagi`.
//!
//! With `ASTERISK_AGI_BIND` it listens there, until it is told to end by SIGTERM or Ctrl-C (where
//! there are no signals, by the end of its standard input):
//!
//! ```sh
//! ASTERISK_AGI_BIND=0.0.0.0:4573 cargo run --example fastagi
//! ```
//!
//! and the dialplan calls it with `AGI(agi://this-host/menu/sales)`. Without, it calls itself with a
//! `FakeAgiCaller`, shows what was said, and ends.

use std::time::Duration;
use std::{env, thread};

use asterisk_sync::Result;
use asterisk_sync::agi::{AgiChannel, AgiRequest, AgiServer, Router};
use asterisk_sync::testing::FakeAgiCaller;

/// Asks for an account, twice at most, and leaves it in a variable of the channel.
fn menu(request: &AgiRequest, agi: &mut AgiChannel) -> Result<()> {
    agi.answer()?;
    for _ in 0..2 {
        let account = agi.get_data("enter-account", Duration::from_secs(5), 6)?;
        if account.digits().len() == 6 {
            agi.set_variable("ACCOUNT", account.digits())?;
            agi.set_variable("DEPARTMENT", request.param("department").unwrap_or_default())?;
            return Ok(());
        }
        agi.stream_file("invalid", "")?;
    }
    agi.hangup(None)
}

fn main() -> Result<()> {
    let router = Router::builder()
        .route("menu/{department}", menu)
        .fallback(|request: &AgiRequest, agi: &mut AgiChannel| {
            agi.verbose(&format!("no script is called {:?}", request.script()), 1)
        })
        .build()?;
    let address = env::var("ASTERISK_AGI_BIND").ok();
    let server = AgiServer::builder()
        .bind(address.as_deref().unwrap_or("127.0.0.1:0"))
        .workers(32)
        .queue(8)
        .grace(Duration::from_secs(30))
        .handler(router)
        .build()?;
    if address.is_none() {
        return rehearse(server);
    }
    let stop = server.shutdown_handle();
    when_told(move || {
        println!("no more calls; those under way may end");
        stop.shutdown();
    })?;
    println!("AGI(agi://{}/menu/sales)", server.local_addr());
    println!("{:?}", server.run()?);
    Ok(())
}

/// Runs this once, when the program is told to end.
#[cfg(unix)]
fn when_told(end: impl FnOnce() + Send + 'static) -> Result<()> {
    use signal_hook::consts::{SIGINT, SIGTERM};
    use signal_hook::iterator::Signals;
    // From here on they no longer kill; so before anybody can call.
    let mut signals = Signals::new([SIGINT, SIGTERM])?;
    thread::spawn(move || {
        if signals.forever().next().is_some() {
            end();
        }
    });
    Ok(())
}

#[cfg(not(unix))]
fn when_told(end: impl FnOnce() + Send + 'static) -> Result<()> {
    thread::spawn(move || {
        let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
        end();
    });
    Ok(())
}

/// Plays a caller who presses the wrong keys first.
fn rehearse(server: AgiServer) -> Result<()> {
    println!("ASTERISK_AGI_BIND is not set, so the only caller is a FakeAgiCaller.");
    let server = server.spawn()?;
    let caller = FakeAgiCaller::new("menu/sales").press("12#123456");
    let call = caller.call(server.local_addr())?;
    call.commands().iter().for_each(|command| println!("  {command}"));
    println!("ACCOUNT={:?}, AGISTATUS={}", call.variable("ACCOUNT"), call.outcome());
    println!("{:?}", server.shutdown()?);
    Ok(())
}
