//! A configuration file: read, changed, saved: `cargo run --example config_file`.
//!
//! Without configuration it starts a server of its own, the `FakeAmi` of `asterisk_sync::testing`.
//! With these set it does the same on a real one, to a file `asterisk-sync-example.conf` that it
//! makes there:
//!
//! ```sh
//! ASTERISK_HOST=pbx ASTERISK_AMI_USER=admin ASTERISK_AMI_SECRET=… cargo run --example config_file
//! ```

use std::env;

use asterisk_sync::ami::action::CreateConfigAction;
use asterisk_sync::ami::config_file::{NewCategory, Save};
use asterisk_sync::ami::{AmiClient, ConfigFile};
use asterisk_sync::testing::FakeAmi;
use asterisk_sync::{Error, Result};

const FILE: &str = "asterisk-sync-example.conf";

fn main() -> Result<()> {
    let fake = env::var_os("ASTERISK_HOST").is_none().then(FakeAmi::start).transpose()?;
    let ami = match &fake {
        None => AmiClient::from_env()?,
        Some(fake) => fake.client().connect()?,
    };
    match ami.send_action(&CreateConfigAction::new(FILE)) {
        // It is there from the last time.
        Err(Error::Refused { message, .. }) if &*message == "File exists" => {}
        other => drop(other?),
    }

    let mut file = ami.config_file(FILE)?;
    while let Some(index) = file.categories().len().checked_sub(1) {
        // From the last: what is made of a template goes before it.
        if let Some(category) = file.at_mut(index) {
            category.delete()?;
        }
    }
    let phones = NewCategory::new("phones").template().line("type", "endpoint");
    file.add(phones.line("allow", "!all,g722,ulaw"))?;
    let mut alice = file.add(NewCategory::new("alice").inherit("phones"))?;
    alice.append("callerid", "Alice <200>")?;
    // An endpoint and its address have one name, and are two categories.
    let address = NewCategory::new("alice").allow_duplicate().line("type", "aor");
    file.add(address.line("max_contacts", "1"))?;
    println!("{} steps", file.save(&ami, &Save::new())?);
    show(&file);

    // Which alice is meant is told by what only that one has.
    if let Some(mut address) = file.category_with_mut("alice", "type", "aor") {
        address.set("max_contacts", "3")?;
    }
    println!("\n{} step", file.save(&ami, &Save::new())?);
    show(&file);

    // What the server would write as something else is refused before anything is sent.
    if let Some(mut phones) = file.category_mut("phones") {
        if let Err(e) = phones.append("comment;", "x") {
            println!("\n{e}");
        }
    }
    Ok(())
}

fn show(file: &ConfigFile) {
    for category in file.categories() {
        let templates: Vec<_> = category.templates().collect();
        println!("[{}] {}", category.name(), templates.join(", "));
        for line in category.lines() {
            println!("  {} = {}", line.name(), line.value());
        }
    }
}
