//! asterisk-rs-agi: a task for each call.

use asterisk_rs_agi::error::Result;
use asterisk_rs_agi::{AgiChannel, AgiHandler, AgiRequest, AgiServer};

use super::{text, threads};
use crate::contender::{Connection, Outcome};
use crate::work::Agi;

struct Handler {
    commands: usize,
}

impl AgiHandler for Handler {
    async fn handle(&self, _: AgiRequest, mut agi: AgiChannel) -> Result<()> {
        for number in 0..self.commands {
            match number % 5 {
                0 => agi.answer().await?,
                1 => agi.set_variable("ACCOUNT", "1234").await?,
                2 => agi.get_variable("CHANNEL(name)").await?,
                3 => agi.stream_file("hello-world", "#").await?,
                _ => agi.verbose("hello from a script", 1).await?,
            };
        }
        Ok(())
    }
}

/// Serves on a free port.
pub fn serve(job: &Agi) -> Outcome<(u16, Connection)> {
    let runtime = threads()?;
    let handler = Handler { commands: job.commands };
    // As many as there are callers, so that it refuses nobody.
    let builder = AgiServer::builder().bind("127.0.0.1:0").handler(handler);
    let built = runtime.block_on(builder.max_connections(job.callers.max(1024)).build());
    let (server, stop) = built.map_err(text)?;
    let port = server.local_addr().map_err(text)?.port();
    runtime.spawn(server.run());
    Ok((port, Box::new((stop, runtime))))
}
