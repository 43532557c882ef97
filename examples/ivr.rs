//! A conversation with a caller: a menu, a question, a yes or no, a message.
//! `cargo run --example ivr`.
//!
//! With `ASTERISK_AGI_BIND`, such as `0.0.0.0:4573`, it listens there for `AGI(agi://this-host/)`
//! until its standard input ends. Without, its caller is a `FakeAgiCaller` who presses keys.

use std::{env, io};

use asterisk_sync::Result;
use asterisk_sync::agi::conversation::{
    ANY_KEY, Ask, Chosen, Confirm, Heard, Menu, MessageLeft, Prompt, RecordMessage,
};
use asterisk_sync::agi::{AgiChannel, AgiRequest, AgiServer};
use asterisk_sync::testing::FakeAgiCaller;

#[derive(Clone, Copy, Debug)]
enum Wish {
    Account,
    Message,
}

fn talk(_: &AgiRequest, agi: &mut AgiChannel) -> Result<()> {
    agi.answer()?;
    let menu = Menu::new("vm-options").choice('1', Wish::Account).choice('2', Wish::Message);
    match agi.menu(&menu.invalid("invalid").tries(2))? {
        Chosen::Choice(Wish::Account) => account(agi)?,
        Chosen::Choice(Wish::Message) => message(agi)?,
        Chosen::Invalid(_) | Chosen::Nothing => println!("  the caller chose nothing"),
    }
    agi.prompt("vm-goodbye", "").map(drop)
}

/// Asks until the caller says that it is right.
fn account(agi: &mut AgiChannel) -> Result<()> {
    let ask = Ask::new("vm-enter-num-to-call").digits(4..=8).invalid("invalid");
    while let Heard::Digits(digits) = agi.ask(&ask)? {
        let repeat = Prompt::new().digits(&*digits).file("vm-review");
        println!("  the caller typed {digits}");
        if agi.confirm(&Confirm::new(repeat))?.choice() == Some(true) {
            return agi.set_variable("ACCOUNT", &digits);
        }
    }
    Ok(())
}

fn message(agi: &mut AgiChannel) -> Result<()> {
    let taken = RecordMessage::new("/tmp/message").greeting("vm-intro");
    if let MessageLeft::Kept(recording) = agi.record_message(&taken)? {
        println!("  a message of {:?} samples", recording.end_position);
        agi.prompt("vm-msgsaved", ANY_KEY)?;
    }
    Ok(())
}

fn main() -> Result<()> {
    let address = env::var("ASTERISK_AGI_BIND").ok();
    let server = AgiServer::builder()
        .bind(address.as_deref().unwrap_or("127.0.0.1:0"))
        .handler(talk)
        .build()?
        .spawn()?;
    println!("AGI(agi://{}/)", server.local_addr());
    if address.is_some() {
        io::copy(&mut io::stdin(), &mut io::sink())?;
    } else {
        println!("ASTERISK_AGI_BIND is not set, so the only caller is a FakeAgiCaller.");
        // The menu; an account that is wrong, and one that is right.
        let call = FakeAgiCaller::new("").press("112#1234#20501#1").call(server.local_addr())?;
        call.commands().iter().for_each(|command| println!("  {command}"));
        println!("ACCOUNT={:?}, AGISTATUS={}", call.variable("ACCOUNT"), call.outcome());
    }
    println!("{:?}", server.shutdown()?);
    Ok(())
}
