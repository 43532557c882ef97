//! Voicemail.

use super::lists::ask;
use super::stage::Stage;

const MAILBOX: &str = "110";

/// Somebody leaves a message.
pub(super) fn message() {
    let stage = Stage::new();
    let call = stage.ring("leave", |action| {
        action
            .application("Playback", "hello-world&hello-world&hello-world")
            .variable("__MAILBOX", MAILBOX)
    });
    stage.expect("Hangup", &[("Uniqueid", &call.other)]);
    stage.expect("MessageWaiting", &[("Mailbox", "110@exercise"), ("Waiting", "1")]);
    let of = [("Mailbox", MAILBOX), ("Context", "exercise")];
    let listed = ask(&[("VoicemailBoxSummary", &of), ("VoicemailUserStatus", &of)]);
    for message in listed.iter().filter(|event| event.event_name() == "VoicemailBoxDetail") {
        let (folder, id) = (message.message().get("Folder"), message.message().get("ID"));
        stage.send(
            "VoicemailRemove",
            &[of[0], of[1], ("Folder", folder.unwrap()), ("ID", id.unwrap())],
        );
    }
    stage.expect("MessageWaiting", &[("Mailbox", "110@exercise"), ("Waiting", "0")]);
}
