//! Conferences, recordings, spies and fax.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use asterisk_sync::ami::action::HangupAction;

use super::lists::ask;
use super::stage::Stage;
use crate::support::{setting, unique};

/// A file in the spool folder, which is deleted at the end.
struct Spooled(PathBuf);

impl Spooled {
    fn new(name: &str) -> Self {
        Self(PathBuf::from(setting("ASTERISK_SPOOL_DIR")).join(name))
    }

    /// Its path as the server sees it, which lives in a tree of its own.
    fn inside(&self) -> String {
        let path = self.0.display().to_string();
        path.find("/srv/").map(|at| path[at..].to_owned()).unwrap_or(path)
    }
}

impl Drop for Spooled {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

pub(super) fn conference() {
    let stage = Stage::new();
    let room = unique("room");
    let join = |extension: &str| {
        let call = stage.ring(extension, |action| {
            action.application("ConfBridge", format!("{room},test_bridge,test_user"))
        });
        let join = stage.expect("ConfbridgeJoin", &[("Uniqueid", &call.id)]);
        (call, join.channel().unwrap().to_owned())
    };
    let (_loud, _) = join("tone");
    let (quiet, channel) = join("stay");
    let is = [("Conference", &*room)];
    stage.expect("ConfbridgeStart", &is);
    stage.expect("ConfbridgeTalking", &is);
    ask(&[("ConfbridgeList", &is), ("ConfbridgeListRooms", &[])]);
    let one = [is[0], ("Channel", &*channel)];
    stage.send("ConfbridgeMute", &one);
    stage.expect("ConfbridgeMute", &one);
    stage.send("ConfbridgeUnmute", &one);
    stage.expect("ConfbridgeUnmute", &one);
    stage.send("ConfbridgeSetSingleVideoSrc", &one);
    stage.expect("BridgeVideoSourceUpdate", &[]);
    let file = Spooled::new(&format!("{}.wav", unique("conference")));
    stage.send("ConfbridgeStartRecord", &[is[0], ("RecordFile", &file.inside())]);
    stage.expect("ConfbridgeRecord", &is);
    stage.send("ConfbridgeStopRecord", &is);
    stage.expect("ConfbridgeStopRecord", &is);
    stage.act(&HangupAction::new(&quiet.id));
    stage.expect("ConfbridgeLeave", &one);
    stage.send("ConfbridgeKick", &[is[0], ("Channel", "all")]);
    stage.expect("ConfbridgeEnd", &is);
}

pub(super) fn recording() {
    let stage = Stage::new();
    let call = stage.call("tone");
    let (file, channel) = (Spooled::new(&format!("{}.wav", unique("mix"))), call.name());
    let of = [("Uniqueid", &*call.id)];
    stage.send("MixMonitor", &[("Channel", &channel), ("File", &file.inside())]);
    stage.expect("MixMonitorStart", &of);
    stage.send("MixMonitorMute", &[("Channel", &channel), ("Direction", "both"), ("State", "1")]);
    stage.expect("MixMonitorMute", &of);
    stage.send("StopMixMonitor", &[("Channel", &channel)]);
    stage.expect("MixMonitorStop", &of);
}

pub(super) fn spying() {
    let stage = Stage::new();
    let call = stage.call("stay");
    let spy =
        stage.ring("stay", |action| action.application("ChanSpy", format!("{},qs", call.name())));
    stage.expect("ChanSpyStart", &[("SpyerUniqueid", &spy.id)]);
    stage.act(&HangupAction::new(&call.id));
    stage.expect("ChanSpyStop", &[("SpyerUniqueid", &spy.id)]);
}

/// A page takes 14 seconds. Where the machine falters, sound is lost, and both sides say things again
/// and again, slower each time, before they give up.
const FAX: Duration = Duration::from_secs(180);

pub(super) fn fax() {
    let stage = Stage::new();
    let name = unique("fax");
    let (page, copy) =
        (Spooled::new(&format!("{name}.tif")), Spooled::new(&format!("{name}-copy.tif")));
    fs::write(&page.0, tiff()).unwrap();
    let call = stage.ring("fax-send", |action| {
        action
            .application("ReceiveFAX", format!("{},Fs", copy.inside()))
            .variable("__FAXFILE", page.inside())
    });
    // A session that is not under way yet must not be asked for: Asterisk 22.10 falls over it.
    let receiving = [("Uniqueid", &*call.id), ("Status", "FAX Transmission In Progress")];
    stage.expect("FAXStatus", &receiving);
    let sessions = ask(&[("FAXSessions", &[])]);
    let mine = sessions.iter().find(|event| {
        event.message().get("Files").is_some_and(|files| files.contains(&name))
            && event.message().get("Operation") == Some("receive")
    });
    let number = mine.expect("the session").message().get("SessionNumber").unwrap().to_owned();
    ask(&[("FAXSession", &[("SessionNumber", &number)]), ("FAXStats", &[])]);
    stage.expect_within(FAX, "ReceiveFAX", &[("Uniqueid", &call.id)]);
    stage.expect_within(FAX, "SendFAX", &[("Uniqueid", &call.other)]);
}

/// A page with a few thick lines, as fax has pages: 1728 dots wide, black and white.
fn tiff() -> Vec<u8> {
    const WIDTH: u32 = 1728;
    const LINES: u32 = 40;
    let (width, lines) = (WIDTH as usize / 8, LINES as usize);
    let dots: Vec<u8> =
        (0..lines).flat_map(|line| vec![if line % 20 < 10 { 0x00 } else { 0xff }; width]).collect();
    let directory = 8 + dots.len() as u32;
    // Tag, type (3: two bytes, 4: four, 5: a fraction elsewhere) and value.
    let entries: &[(u16, u16, u32)] = &[
        (256, 4, WIDTH),
        (257, 4, LINES),
        (258, 3, 1),
        (259, 3, 1),
        (262, 3, 0),
        (273, 4, 8),
        (277, 3, 1),
        (278, 4, LINES),
        (279, 4, dots.len() as u32),
        (282, 5, 0),
        (283, 5, 8),
        (296, 3, 2),
    ];
    let fractions = directory + 2 + 12 * entries.len() as u32 + 4;
    let mut file = b"II*\0".to_vec();
    file.extend(directory.to_le_bytes());
    file.extend(dots);
    file.extend((entries.len() as u16).to_le_bytes());
    for (tag, kind, value) in entries {
        let value = if *kind == 5 { fractions + value } else { *value };
        file.extend(tag.to_le_bytes());
        file.extend(kind.to_le_bytes());
        file.extend(1_u32.to_le_bytes());
        file.extend(value.to_le_bytes());
    }
    file.extend(0_u32.to_le_bytes());
    for number in [204_u32, 1, 98, 1] {
        file.extend(number.to_le_bytes());
    }
    file
}
