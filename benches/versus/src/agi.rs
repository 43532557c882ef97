//! The contender's process in the AGI works, and the floor: threads that each accept, and send the
//! same bytes without reading what comes.

use std::io::{self, Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::thread;

use crate::client::Report;
use crate::contender::{Connection, Contender, Outcome};
use crate::measure::{peak_kb, resident_kb, threads};
use crate::work::Agi;

/// Serves until the runner has enough, and tells what that took.
pub fn run(contender: &dyn Contender, job: &Agi) -> Outcome<Report> {
    // Before any thread is started: the floor starts all of them at once.
    let before = resident_kb();
    let (port, server) = contender.agi(job)?;
    println!("READY {port}");
    io::stdout().flush().map_err(|e| e.to_string())?;
    io::stdin().read_line(&mut String::new()).map_err(|e| e.to_string())?;
    let added = (peak_kb() - before) / job.callers as f64;
    let report = [("added", added), ("threads", threads())];
    // What it says at its end is nobody's business.
    std::mem::forget(server);
    Ok(report.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

/// What every library sends, in its own quoting.
const COMMANDS: [&[u8]; 5] = [
    b"ANSWER\n",
    b"SET VARIABLE \"ACCOUNT\" \"1234\"\n",
    b"GET VARIABLE \"CHANNEL(name)\"\n",
    b"STREAM FILE \"hello-world\" \"#\"\n",
    b"VERBOSE \"hello from a script\" 1\n",
];

/// See the module.
pub fn floor(job: &Agi) -> Outcome<(u16, Connection)> {
    let listener = TcpListener::bind("127.0.0.1:0").map_err(|e| e.to_string())?;
    let listener = socket2::Socket::from(listener);
    // std asks for 128, which 256 callers overflow.
    listener.listen(4096).map_err(|e| e.to_string())?;
    let listener = Arc::new(TcpListener::from(listener));
    let port = listener.local_addr().map_err(|e| e.to_string())?.port();
    let commands = job.commands;
    for _ in 0..job.callers.max(256) {
        let listener = Arc::clone(&listener);
        let work = move || {
            while let Ok((stream, _)) = listener.accept() {
                // A caller that leaves ends its own session.
                let _ = session(stream, commands);
            }
        };
        thread::Builder::new().spawn(work).map_err(|e| e.to_string())?;
    }
    Ok((port, Box::new(())))
}

fn session(mut stream: std::net::TcpStream, commands: usize) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut buffer = [0; 4096];
    let mut length = 0;
    while !buffer[..length].ends_with(b"\n\n") {
        match stream.read(&mut buffer[length..])? {
            0 => return Ok(()),
            more => length += more,
        }
    }
    for number in 0..commands {
        stream.write_all(COMMANDS[number % COMMANDS.len()])?;
        if stream.read(&mut buffer)? == 0 {
            return Ok(());
        }
    }
    Ok(())
}
