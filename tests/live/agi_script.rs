//! Programs that Asterisk starts itself: `AGI(script)` and `EAGI(script)`, with the examples.

#![allow(clippy::unwrap_used, clippy::pedantic, reason = "a panic is how a test fails")]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use asterisk_sync::ami::action::{HangupAction, OriginateAction};
use asterisk_sync::ami::{AmiClient, event};

use crate::support::{Call, await_event, client, setting, unique};

/// The folder with the built examples.
static EXAMPLES: LazyLock<PathBuf> = LazyLock::new(|| {
    let build = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--all-features", "--profile", "test"])
        .args(["--example", "agi_script", "--example", "eagi_loudness"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status();
    assert!(build.expect("cargo runs").success(), "the examples build");
    let tests = std::env::current_exe().unwrap();
    tests.parent().and_then(Path::parent).unwrap().join("examples")
});

/// Puts an example where Asterisk finds it.
fn install(name: &str) {
    let place = Path::new(&setting("ASTERISK_AGI_DIR")).join(name);
    // Beside it first: a program that runs cannot be written over.
    // And under a name of this call's own, since several tests want the same one.
    let new = place.with_extension(unique("new"));
    fs::copy(EXAMPLES.join(name), &new).expect("the agi-bin folder can be written");
    fs::set_permissions(&new, fs::Permissions::from_mode(0o755)).unwrap();
    fs::rename(&new, place).unwrap();
}

fn start(
    ami: &AmiClient,
    extension: &str,
    script: &str,
    argument: &str,
    far: (&str, &str),
) -> Call {
    let call = Call::new(ami);
    let action = OriginateAction::to(format!("Local/{extension}@test/n"))
        .application(far.0, far.1)
        .channel_id(&call.id)
        .other_channel_id(&call.other)
        .variable("__AGISCRIPT", script)
        .variable("__AGIARG", argument);
    ami.send_action(&action).expect("the call begins");
    call
}

#[test]
fn a_script_handles_a_call_and_the_dialplan_goes_on() {
    install("agi_script");
    let ami = client();
    let ended = ami.subscribe_to::<event::UserEvent>();
    let call = start(&ami, "agi-script", "agi_script", "big world", ("SendDTMF", "w7w7w7w7w7"));
    let end = await_event(&ended, |user| user.channel().unique_id() == call.other);
    let header = |name: &str| end.headers().find(|(key, _)| *key == name).map(|(_, value)| value);
    assert_eq!(header("AgiStatus"), Some("SUCCESS"));
    assert_eq!(header("Hello"), Some("hello big world"));
}

#[test]
fn a_script_outlives_the_hangup_and_writes_down_what_it_has() {
    install("agi_script");
    let ami = client();
    let sets = ami.subscribe_to::<event::VarSet>();
    let call = start(&ami, "agi-script", "agi_script", "x", ("Wait", "60"));
    let is_ours = |set: &event::VarSet| set.channel().unique_id() == call.other;
    await_event(&sets, |set| is_ours(set) && set.variable() == "HELLO");
    ami.send_action(&HangupAction::new(call.name())).unwrap();
    let choice = await_event(&sets, |set| is_ours(set) && set.variable() == "CHOICE");
    assert_eq!(choice.value(), "hung up");
    let status = await_event(&sets, |set| is_ours(set) && set.variable() == "AGISTATUS");
    assert_eq!(status.value(), "HANGUP");
}

#[test]
fn a_script_without_the_signal_finds_the_hangup_out() {
    install("agi_script");
    let ami = client();
    let sets = ami.subscribe_to::<event::VarSet>();
    let call = Call::new(&ami);
    let action = call
        .action("agi-script")
        .variable("__AGISCRIPT", "agi_script")
        .variable("__AGIARG", "x")
        .variable("__AGISIGHUP", "no");
    ami.send_action(&action).unwrap();
    let is_ours = |set: &event::VarSet| set.channel().unique_id() == call.other;
    await_event(&sets, |set| is_ours(set) && set.variable() == "HELLO");
    ami.send_action(&HangupAction::new(call.name())).unwrap();
    let choice = await_event(&sets, |set| is_ours(set) && set.variable() == "CHOICE");
    assert_eq!(choice.value(), "hung up");
}

#[test]
fn a_script_hears_the_call() {
    install("eagi_loudness");
    let ami = client();
    let loudness = |far: (&str, &str)| -> f64 {
        let sets = ami.subscribe_to::<event::VarSet>();
        let call = start(&ami, "eagi", "eagi_loudness", "1", far);
        let is_ours = |set: &event::VarSet| set.channel().unique_id() == call.other;
        let set = await_event(&sets, |set| is_ours(set) && set.variable() == "LOUDNESS");
        set.value().parse().unwrap()
    };
    // A milliwatt is 3 dB below the loudest there can be, and a tone has 3 dB less than its peak.
    let tone = loudness(("Milliwatt", ""));
    assert!((-10.0..0.0).contains(&tone), "{tone} dB");
    let speech = loudness(("Playback", "demo-congrats"));
    assert!((-60.0..tone - 3.0).contains(&speech), "{speech} dB, the tone {tone} dB");
}

#[test]
fn a_script_hears_the_call_in_the_format_it_asked_for() {
    install("eagi_loudness");
    let ami = client();
    for (format, heard) in [("", "16000 at 8000"), ("slin16", "32000 at 16000")] {
        let sets = ami.subscribe_to::<event::VarSet>();
        let call = Call::new(&ami);
        let action = call
            .action("eagi")
            .application("Milliwatt", "")
            .variable("__AGISCRIPT", "eagi_loudness")
            .variable("__AGIARG", "2")
            .variable("__EAGI_AUDIO_FORMAT", format);
        ami.send_action(&action).unwrap();
        let set = await_event(&sets, |set| {
            set.channel().unique_id() == call.other && set.variable() == "HEARD"
        });
        assert_eq!(set.value(), heard, "{format}");
        let set = await_event(&sets, |set| {
            set.channel().unique_id() == call.other && set.variable() == "LOUDNESS"
        });
        // A tone at another rate than it is read at would be as loud; noise and silence are not.
        let tone: f64 = set.value().parse().unwrap();
        assert!((-10.0..0.0).contains(&tone), "{tone} dB");
    }
}
