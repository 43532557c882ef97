//! Every action of the tables that answers without a list and harms nobody, against the server: it
//! is done, or refused in words that show that the server understood it.

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::time::Duration;

use asterisk_sync::Error;
use asterisk_sync::ami::action::*;
use asterisk_sync::ami::response::{Reply, Response};
use asterisk_sync::ami::{AmiClient, EventMask};
use asterisk_sync::types::*;

use crate::docs::docs;
use crate::support::{Call, client, console, setting, unique};
use crate::tables::{actions, fold, replies};

/// What is not run here, and why.
const NOT_RUN: &[(&str, &str)] = &[
    ("LogoffAction", "ends the connection; the live tests have it"),
    ("ReloadAction", "everything else would have to wait for it"),
    ("LoggerRotateAction", "others read the log"),
    ("DAHDIRestartAction", "ends all calls"),
];

/// Answers whose headers are named after what they list.
const NAMES_ARE_DATA: &[&str] =
    &["CommandOutput", "GetConfigResponse", "ListCategoriesResponse", "ListCommandsResponse"];

/// What becomes of an action.
enum Expected {
    Done,
    /// With these words, or words that begin so.
    Refused(&'static str),
}
use Expected::{Done, Refused};

struct Runner {
    ami: AmiClient,
    run: BTreeSet<&'static str>,
    faults: Vec<String>,
}

impl Runner {
    fn run<A: Action>(&mut self, name: &'static str, action: &A, expected: Expected)
    where
        A::Reply: Debug,
    {
        self.run.insert(name);
        let expected = if docs().registered.contains(action.name()) {
            expected
        } else {
            // Its module is not there.
            Refused("Invalid/unknown command")
        };
        let answer = self.ami.send_collecting(action).and_then(|collected| {
            self.check(name, action.name(), &collected.response);
            A::Reply::from_response(collected.response)
        });
        match (answer, expected) {
            (Ok(_), Done) => {}
            (Err(Error::Refused { message, .. }), Refused(words)) if message.starts_with(words) => {
            }
            (Ok(reply), Refused(words)) => {
                self.faults.push(format!("{name}: not refused with {words}: {reply:?}"));
            }
            (Err(e), Done) => self.faults.push(format!("{name}: {e}")),
            (Err(e), Refused(words)) => {
                self.faults.push(format!("{name}: not refused with {words}: {e}"));
            }
        }
    }
}

impl Runner {
    /// Every header of an answer can be read.
    fn check(&mut self, name: &str, wire: &str, response: &Response) {
        let reply = &actions()[&fold(wire)].replies[name];
        if NAMES_ARE_DATA.contains(&reply.as_str()) {
            return;
        }
        let known = replies().get(reply);
        for (header, value) in response.message().iter() {
            let is_known = known.is_some_and(|known| known.contains(&fold(header)));
            if !is_known && !["response", "actionid", "message"].contains(&&*fold(header)) {
                self.faults.push(format!("{name}: {reply} does not read {header}: {value}"));
            }
        }
    }
}

macro_rules! run {
    ($runner:ident: $( $name:ident $(:: $new:ident)? ( $($arg:expr),* $(,)? ) $(.$setter:ident($($value:expr),*))* => $expected:expr; )*) => {
        $( $runner.run(
            stringify!($name),
            &run!(@new $name $($new)?)($($arg),*) $(.$setter($($value),*))*,
            $expected,
        ); )*
    };
    (@new $name:ident) => { $name::new };
    (@new $name:ident $new:ident) => { $name::$new };
}

/// No channel has this name.
const NOBODY: &str = "Nothing/nobody-00000000";

#[test]
fn every_harmless_action_is_understood() {
    let ami = client();
    let call = Call::to(&ami, "answer");
    let file = format!("{}.conf", unique("audit"));
    let family = unique("family");
    let second = Duration::from_secs(1);
    let mut runner = Runner { ami: ami.clone(), run: BTreeSet::new(), faults: Vec::new() };
    const NO_CONFERENCE: Expected = Refused("No ");
    run! { runner:
        PingAction() => Done;
        ChallengeAction(AuthType::Md5) => Done;
        LoginAction((setting("ASTERISK_AMI_USER"), setting("ASTERISK_AMI_SECRET"))) => Done;
        EventsAction(EventMask::all()) => Done;
        ListCommandsAction() => Done;
        CoreStatusAction() => Done;
        CoreSettingsAction() => Done;
        CommandAction("core show version") => Done;
        UserEventAction("Audit").header("Key", "value") => Done;
        FilterAction::exclude("^Event: NoSuchEvent") => Done;
        FilterListAction() => Done;
        IAXnetstatsAction() => Done;
        QueuesAction() => Done;
        AgentLogoffAction("nobody").soft(true) => Refused("No such agent");
        AOCMessageAction(AocMessageType::During).channel(NOBODY).charge_type(AocChargeType::Free)
            => Refused("No such channel");
        AOCMessageAction(AocMessageType::Setup).channel(call.name()).rate(
            AocRate::new(AocChargedItem::UserUserInfo, AocRateType::Volume)
                .currency_name("EUR")
                .currency_amount(4)
                .currency_multiplier(AocMultiplier::Ten)
                .volume_unit(AocVolumeUnit::Octet)
        ) => Done;
        BridgeAction(NOBODY, NOBODY).tone(BridgeTone::No) => Refused("Channel1 does not exist");
        BridgeDestroyAction("nothing") => Refused("Specified BridgeUniqueid not found");
        BridgeKickAction(NOBODY) => Refused("Channel does not exist");
        BridgeTechnologySuspendAction("nothing") => Refused("BridgeTechnology not found");
        BridgeTechnologyUnsuspendAction("softmix") => Done;
        OriginateAction::to("Local/nothing@nowhere").application("Wait", "1")
            => Refused("Originate failed");
        HangupAction(NOBODY).cause(HangupCause::NormalClearing) => Refused("No such channel");
        PJSIPHangupAction(NOBODY, 404) => Refused("No such channel");
        GetVarAction("CHANNEL(state)").channel(call.name()) => Done;
        SetVarAction("AUDIT", "1").channel(call.name()) => Done;
        AbsoluteTimeoutAction(call.name(), second * 60) => Done;
        LocalOptimizeAwayAction(NOBODY) => Refused("Channel does not exist.");
        SendTextAction(call.name(), "text").content_type("text/plain") => Done;
        AGIAction(call.name(), "VERBOSE text") => Refused("Failed to add AGI command to channel");
        PlayDTMFAction(call.name(), '5').duration(second / 10) => Done;
        PlayMFAction(call.name(), '5') => Done;
        SendFlashAction(call.name()) => Done;
        ControlPlaybackAction(NOBODY, PlaybackControl::Stop) => Refused("No such channel");
        MuteAudioAction(call.name(), MuteDirection::In, false) => Done;
        MixMonitorAction(NOBODY).file("audit") => Refused("No such channel");
        StopMixMonitorAction(NOBODY) => Refused("No such channel");
        MixMonitorMuteAction(NOBODY, MixMonitorDirection::Both, true) => Refused("No such channel");
        MonitorAction(NOBODY) => Done;
        ChangeMonitorAction(NOBODY, "x") => Done;
        PauseMonitorAction(NOBODY) => Done;
        UnpauseMonitorAction(NOBODY) => Done;
        StopMonitorAction(NOBODY) => Done;
        RedirectAction(NOBODY, "test", "answer", 1) => Refused("Channel does not exist: ");
        AtxferAction(NOBODY, "answer").context("test") => Refused("Channel specified does not exist");
        CancelAtxferAction(NOBODY) => Refused("Channel specified does not exist");
        BlindTransferAction(NOBODY, "answer") => Refused("Channel specified does not exist");
        ParkAction(NOBODY) => Refused("Channel does not exist");
        ConfbridgeKickAction("nothing", "all") => NO_CONFERENCE;
        ConfbridgeMuteAction("nothing", "all") => NO_CONFERENCE;
        ConfbridgeUnmuteAction("nothing", "all") => NO_CONFERENCE;
        ConfbridgeLockAction("nothing") => NO_CONFERENCE;
        ConfbridgeUnlockAction("nothing") => NO_CONFERENCE;
        ConfbridgeStartRecordAction("nothing") => NO_CONFERENCE;
        ConfbridgeStopRecordAction("nothing") => NO_CONFERENCE;
        ConfbridgeSetSingleVideoSrcAction("nothing", "x") => NO_CONFERENCE;
        MeetmeMuteAction("nothing", 1) => Done;
        MeetmeUnmuteAction("nothing", 1) => Done;
        GetConfigAction("queues.conf").category("general") => Done;
        GetConfigJSONAction("queues.conf").category("general") => Done;
        ListCategoriesAction("queues.conf") => Done;
        CreateConfigAction(&file) => Done;
        UpdateConfigAction(&file, &file).change(ConfigChange::new_category("audit")) => Done;
        DBPutAction(&family, "key", "value") => Done;
        DBDelAction(&family, "key") => Done;
        DBDelTreeAction(&family) => Refused("Database entry not found");
        DialplanExtensionAddAction("scratch", "audit", 1, "NoOp").replace(true) => Done;
        DialplanExtensionRemoveAction("scratch", "audit") => Done;
        ExtensionStateAction("203", "hints") => Done;
        PresenceStateAction("CustomPresence:audit") => Done;
        MailboxStatusAction("100@default") => Done;
        MailboxCountAction("100@default") => Done;
        MWIUpdateAction("100@default") => Done;
        MWIDeleteAction("100@default") => Done;
        VoicemailRefreshAction().context("default").mailbox("200") => Done;
        VoicemailForwardAction("default", "nobody", "INBOX", "x", "default", "nobody", "Old") => Refused("Message forward failed");
        VoicemailMoveAction("default", "nobody", "INBOX", "x", "Old") => Refused("Message move failed");
        VoicemailRemoveAction("default", "nobody", "INBOX", "x") => Refused("Message remove failed");
        MessageSendAction().destination("pjsip:carol").to("sip:carol@localhost").from("sip:a@localhost")
            .body("two\nlines") => Done;
        MessageSendAction().to("nothing:nobody").body("text") => Refused("Message technology not found.");
        JabberSendAction("nobody", "x@example.test", "text") => Done;
        ModuleCheckAction("res_pjsip") => Done;
        ModuleLoadAction(ModuleLoadType::Load).module("no_such_module.so")
            => Refused("Module not found.");
        PJSIPSetMaintenanceAction("nobody", false) => Refused("Endpoint 'nobody' not found");
        PJSIPQualifyAction("carol") => Done;
        PJSIPRegisterAction("nobody") => Refused("Unable to retrieve registration entry");
        PJSIPUnregisterAction("nobody") => Refused("Unable to retrieve registration entry");
        PJSIPNotifyAction().endpoint("nobody").variable("Event", "x")
            => Refused("Unable to retrieve endpoint nobody");
        QueueAddAction("nothing", "Local/x@test") => Refused("Unable to add interface to queue");
        QueueRemoveAction("nothing", "Local/x@test") => Refused("Unable to remove interface");
        QueuePauseAction("Local/x@test", true) => Refused("Interface not found");
        QueuePenaltyAction("Local/x@test", 1) => Refused("Invalid interface, queuename or penalty");
        QueueMemberRingInUseAction("Local/x@test", true) => Refused("Invalid interface, queuename");
        QueueRuleAction() => Done;
        QueueChangePriorityCallerAction("nothing", NOBODY, 1)
            => Refused("Unable to change priority caller on queue: No such queue");
        QueueWithdrawCallerAction("nothing", NOBODY)
            => Refused("Unable to request withdraw from queue: No such queue");
        QueueLogAction("nothing", "AUDIT").message("text") => Done;
        QueueReloadAction().queue("nothing") => Done;
        QueueResetAction().queue("nothing") => Done;
        SorceryMemoryCacheExpireAction("nothing") => Refused("The provided cache does not exist");
        SorceryMemoryCacheExpireObjectAction("nothing", "x")
            => Refused("The provided cache does not exist");
        SorceryMemoryCachePopulateAction("nothing") => Refused("The provided cache does not exist");
        SorceryMemoryCacheStaleAction("nothing") => Refused("The provided cache does not exist");
        SorceryMemoryCacheStaleObjectAction("nothing", "x")
            => Refused("The provided cache does not exist");
        DAHDIDNDonAction(1) => Done;
        DAHDIDNDoffAction(1) => Done;
        DAHDIDialOffhookAction(1, "1") => Done;
        DAHDIHangupAction(1) => Done;
        DAHDITransferAction(1) => Done;
        PRIDebugSetAction(1, PriDebugLevel::Off) => Done;
        PRIDebugFileSetAction("/dev/null") => Done;
        PRIDebugFileUnsetAction() => Done;
        SIPqualifypeerAction("x") => Done;
        SIPshowpeerAction("x") => Done;
        SIPnotifyAction("x") => Done;
        SKINNYshowdeviceAction("x") => Done;
        SKINNYshowlineAction("x") => Done;
    }

    let not_run: BTreeSet<&str> = NOT_RUN.iter().map(|(name, _)| *name).collect();
    let mut missing = Vec::new();
    for action in actions().values() {
        for name in action.names.iter().filter(|name| !action.lists.contains(name)) {
            if !runner.run.contains(name.as_str()) && !not_run.contains(name.as_str()) {
                missing.push(name);
            }
        }
    }
    assert!(missing.is_empty(), "actions of the tables that are not run: {missing:?}");
    assert!(runner.faults.is_empty(), "{}", runner.faults.join("\n"));
    assert!(!console("core show version").is_empty(), "the server is still there");
}
