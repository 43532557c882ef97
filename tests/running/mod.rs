//! Running the examples, with a deadline.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// An example that takes longer hangs.
const HUNG: Duration = Duration::from_secs(90);

/// What only Asterisk can start, since it tells them on their standard input what they are for.
const SCRIPTS: [&str; 2] = ["agi_script", "eagi_loudness"];

/// The names of the examples there are, but for the scripts.
pub(crate) fn examples() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let mut names: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.extension().is_some_and(|it| it == "rs") || path.join("main.rs").exists()
        })
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .filter(|name| !SCRIPTS.contains(&&**name))
        .collect();
    names.sort_unstable();
    names
}

/// Where cargo puts an example: beside the tests, which it builds together with them.
pub(crate) fn program(name: &str) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let profile = test.parent().and_then(Path::parent).unwrap();
    let program =
        profile.join("examples").join(name).with_extension(std::env::consts::EXE_EXTENSION);
    assert!(program.exists(), "{} is not built: `cargo build --examples`", program.display());
    program
}

/// Runs an example and returns what it prints. It has to end by itself, and well.
pub(crate) fn run(name: &str, prepare: impl FnOnce(&mut Command)) -> String {
    let mut command = Command::new(program(name));
    prepare(&mut command);
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|e| panic!("{name}: {e}"));
    let read = |mut from: Box<dyn Read + Send>| {
        let (done, text) = mpsc::channel();
        thread::spawn(move || {
            let mut all = String::new();
            let read = from.read_to_string(&mut all).map(|_| all);
            done.send(read)
        });
        text
    };
    let printed = read(Box::new(child.stdout.take().unwrap()));
    let complained = read(Box::new(child.stderr.take().unwrap()));
    let Ok(printed) = printed.recv_timeout(HUNG) else {
        child.kill().unwrap();
        child.wait().unwrap();
        panic!("{name} hangs");
    };
    let status = child.wait().unwrap();
    let (printed, complained) = (printed.unwrap(), complained.recv_timeout(HUNG).unwrap().unwrap());
    assert!(status.success(), "{name}: {status}\n{printed}\n{complained}");
    printed
}
