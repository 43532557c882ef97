//! The load of the AGI works: a process that plays Asterisk, the same for every library.
//!
//! It describes a call, answers commands without looking into them, and goes on to the next call
//! when the server ends this one.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::Instant;

use crate::contender::Outcome;
use crate::measure::{Laps, pin_to_one_core};
use crate::work::{Agi, Task, Work};

/// What Asterisk 22 says of a call.
const DESCRIPTION: &[u8] = b"agi_network: yes\n\
    agi_network_script: ivr/main?tenant=7\n\
    agi_request: agi://127.0.0.1:4573/ivr/main?tenant=7\n\
    agi_channel: PJSIP/alice-00000001\n\
    agi_language: en\n\
    agi_type: PJSIP\n\
    agi_uniqueid: 1700000000.1\n\
    agi_version: 22.10.1\n\
    agi_callerid: 100\n\
    agi_calleridname: Alice\n\
    agi_callingpres: 0\n\
    agi_callingani2: 0\n\
    agi_callington: 0\n\
    agi_callingtns: 0\n\
    agi_dnid: 200\n\
    agi_rdnis: unknown\n\
    agi_context: default\n\
    agi_extension: 200\n\
    agi_priority: 1\n\
    agi_enhanced: 0.0\n\
    agi_accountcode: \n\
    agi_threadid: 140000000000000\n\
    agi_arg_1: first\n\
    \n";

/// The answer to each command in turn: see [`crate::agi`].
const ANSWERS: [&[u8]; 5] = [
    b"200 result=0\n",
    b"200 result=1\n",
    b"200 result=1 (PJSIP/alice-00000001)\n",
    b"200 result=0 endpos=8000\n",
    b"200 result=1\n",
];

/// Calls the server on this port, and prints how long things took.
pub fn run(work: &Work, port: u16) -> Outcome<()> {
    let Task::Agi(job) = work.task else { return Err("no work for callers".into()) };
    if work.pinned() {
        pin_to_one_core()?;
    }
    if job.holds {
        let calls: Vec<Call> = (0..job.callers).map(|_| held(port)).collect::<Outcome<_>>()?;
        println!("RESULT held={}", calls.len());
        io::stdout().flush().map_err(text)?;
        // They are held until the runner has measured and ends this process.
        return io::copy(&mut io::stdin(), &mut io::sink()).map(drop).map_err(text);
    }
    // What the server loads and starts with its first calls is not measured.
    calls(port, &Agi { each: job.each / 10 + 1, ..job })?;
    let (mut commands, mut whole) = calls(port, &job)?;
    let (p50, p99) = (commands.quantile_us(0.5), commands.quantile_us(0.99));
    let (rate, worst) = (whole.rate(), whole.quantile_us(1.0) / 1000.0);
    println!("RESULT rate={rate} p50={p50} p99={p99} worst={worst} lost=0");
    io::stdout().flush().map_err(text)
}

/// All callers at once, each with its calls one after the other: the commands, and the whole calls
/// from before they connect.
fn calls(port: u16, job: &Agi) -> Outcome<(Laps, Laps)> {
    let began = Instant::now();
    let (mut commands, mut whole) = (Laps::default(), Laps::default());
    thread::scope(|scope| {
        let callers: Vec<_> = (0..job.callers)
            .map(|_| {
                scope.spawn(|| {
                    let mut commands = Laps::with_capacity(job.each * job.commands);
                    let mut whole = Laps::with_capacity(job.each);
                    for _ in 0..job.each {
                        let since = Instant::now();
                        call(port, job.commands, &mut commands)?;
                        whole.note(since, 1);
                    }
                    Outcome::Ok((commands, whole))
                })
            })
            .collect();
        for caller in callers {
            let (its_commands, its_whole) = caller.join().map_err(|_| "a caller panicked")??;
            commands.merge(its_commands);
            whole.merge(its_whole);
        }
        Outcome::Ok(())
    })?;
    whole.wall = began.elapsed();
    Ok((commands, whole))
}

fn call(port: u16, commands: usize, laps: &mut Laps) -> Outcome<()> {
    let mut call = Call::begin(port)?;
    call.command()?;
    for number in 1..commands {
        let since = Instant::now();
        call.answer(number - 1)?;
        call.command()?;
        laps.note(since, 1);
    }
    call.answer(commands - 1)?;
    let mut end = [0; 64];
    match call.stream.read(&mut end).map_err(text)? {
        0 => Ok(()),
        _ => Err("a command too many".into()),
    }
}

/// A call whose second command is never answered.
fn held(port: u16) -> Outcome<Call> {
    let mut call = Call::begin(port)?;
    call.command()?;
    call.answer(0)?;
    call.command()?;
    Ok(call)
}

struct Call {
    stream: TcpStream,
    buffer: [u8; 512],
}

impl Call {
    fn begin(port: u16) -> Outcome<Self> {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).map_err(text)?;
        stream.set_nodelay(true).map_err(text)?;
        stream.write_all(DESCRIPTION).map_err(text)?;
        Ok(Self { stream, buffer: [0; 512] })
    }

    /// Waits for a command.
    fn command(&mut self) -> Outcome<()> {
        let mut length = 0;
        while length == 0 || self.buffer[length - 1] != b'\n' {
            match self.stream.read(&mut self.buffer[length..]).map_err(text)? {
                0 => return Err("the server ended a call".into()),
                more => length += more,
            }
        }
        Ok(())
    }

    fn answer(&mut self, number: usize) -> Outcome<()> {
        self.stream.write_all(ANSWERS[number % ANSWERS.len()]).map_err(text)
    }
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}
