//! The server itself, the states of things, and those who want to get in.

use asterisk_sync::ami::AuthMethod;
use asterisk_sync::ami::action::{CustomAction, OriginateAction, SetVarAction};

use super::lists::ask;
use super::phone::Phone;
use super::stage::Stage;
use crate::support::{builder, unique, user, with_credentials};

pub(super) fn states() {
    let stage = Stage::new();
    let set = |name: &str, value: &str| stage.act(&SetVarAction::new(name, value));
    set("DEVICE_STATE(Custom:desk202)", "INUSE");
    stage.expect("DeviceStateChange", &[("Device", "Custom:desk202"), ("State", "INUSE")]);
    stage.expect("ExtensionStatus", &[("Exten", "202"), ("Status", "1")]);
    set("PRESENCE_STATE(CustomPresence:desk202)", "away,desk,lunch");
    stage.expect("PresenceStateChange", &[("Status", "away")]);
    stage.expect("PresenceStatus", &[("Exten", "202"), ("Status", "away")]);
    ask(&[("DeviceStateList", &[]), ("PresenceStateList", &[]), ("ExtensionStateList", &[])]);
    set("PRESENCE_STATE(CustomPresence:desk202)", "not_set,,");
    set("DEVICE_STATE(Custom:desk202)", "NOT_INUSE");
    stage.expect("ExtensionStatus", &[("Exten", "202"), ("Status", "0")]);
}

pub(super) fn modules() {
    let stage = Stage::new();
    stage.send("Reload", &[("Module", "app_queue.so")]);
    stage.expect("Reload", &[("Module", "app_queue.so")]);
    // One that is needed by nobody.
    let module = ("Module", "app_morsecode.so");
    stage.send("ModuleLoad", &[module, ("LoadType", "unload")]);
    stage.expect("Unload", &[module]);
    stage.send("ModuleLoad", &[module, ("LoadType", "load")]);
    stage.expect("Load", &[module]);
    // A log that takes nothing is given up, until the log is set up again.
    let log = "/dev/full";
    stage.send("Command", &[("Command", &format!("logger add channel {log} notice"))]);
    let call = stage.ring("long-notice", |action| action);
    stage.expect("LogChannel", &[("Channel", log), ("Enabled", "No")]);
    stage.send("Command", &[("Command", "logger reload")]);
    stage.expect("LogChannel", &[("Channel", log), ("Enabled", "Yes")]);
    stage.send("Command", &[("Command", &format!("logger remove channel {log}"))]);
    drop(call);
}

pub(super) fn registrations() {
    let stage = Stage::new();
    let ours = [("Registration", "erin-registers")];
    let at_home = ("Username", "sip:erin@127.0.0.1");
    stage.send("PJSIPUnregister", &ours);
    let is_ours = |event: &asterisk_sync::ami::AmiEvent| {
        event.message().get(at_home.0).is_some_and(|name| name.starts_with(at_home.1))
    };
    stage.expect_where("Registry", &[("Status", "Unregistered")], is_ours);
    stage.send("PJSIPRegister", &ours);
    stage.expect_where("Registry", &[("Status", "Registered")], is_ours);
}

pub(super) fn maintenance() {
    let stage = Stage::new();
    let of = ("Endpoint", "marked");
    stage.send("PJSIPSetMaintenance", &[of, ("State", "on")]);
    stage.expect("PJSIPMaintenanceStatus", &[of, ("Status", "enabled")]);
    ask(&[("PJSIPShowMaintenance", &[])]);
    stage.send("PJSIPSetMaintenance", &[of, ("State", "off")]);
    stage.expect("PJSIPMaintenanceStatus", &[of, ("Status", "disabled")]);
}

/// Those who come over the Manager Interface and are turned away.
pub(super) fn managers() {
    let stage = Stage::new();
    let nobody = unique("nobody");
    for (who, expected, account) in [
        (user("outsider"), "FailedACL", "outsider"),
        (with_credentials(&nobody, "secret").auth(AuthMethod::Plain), "InvalidAccountID", &*nobody),
        (with_credentials("quiet", "wrong").auth(AuthMethod::Plain), "InvalidPassword", "quiet"),
        (
            with_credentials("quiet", "wrong").auth(AuthMethod::Md5),
            "ChallengeResponseFailed",
            // Who it is has not been taken note of yet.
            "",
        ),
    ] {
        assert!(who.connect().is_err(), "{expected}");
        stage.expect(expected, &[("Service", "AMI"), ("AccountID", account)]);
    }
    let single = user("single").connect().unwrap();
    assert!(user("single").connect().is_err());
    stage.expect("SessionLimit", &[("Service", "AMI")]);
    single.disconnect().unwrap();

    let reader = user("reader").connect().unwrap();
    let originate = OriginateAction::to("Local/stay@exercise").application("Wait", "1");
    assert!(reader.send_action(&originate).is_err());
    stage.expect("RequestNotAllowed", &[("AccountID", "reader")]);
    let somebody = builder().connect().unwrap();
    assert!(somebody.send_action(&CustomAction::new("NoSuchAction")).is_err());
    stage.expect("RequestBadFormat", &[("Service", "AMI")]);
}

/// A phone that registers, watches, calls, and holds; and some that may not.
pub(super) fn phones() {
    let stage = Stage::new();
    let phone = Phone::new("phone", "phone-secret");
    let mut home = phone.dialog("phone");
    let answer = phone.request(&mut home, "REGISTER", &[("Expires", "60")], "");
    assert_eq!(answer.status, 200, "{}", answer.text);
    stage.expect("ChallengeSent", &[("AccountID", "phone")]);
    stage.expect("SuccessfulAuth", &[("AccountID", "phone")]);
    stage.expect("ContactStatus", &[("EndpointName", "phone")]);
    stage.expect("PeerStatus", &[("Peer", "PJSIP/phone"), ("PeerStatus", "Reachable")]);

    let mut watch = phone.dialog("202");
    let (event, accept) = (("Event", "presence"), ("Accept", "application/pidf+xml"));
    let answer = phone.request(&mut watch, "SUBSCRIBE", &[event, accept, ("Expires", "60")], "");
    assert_eq!(answer.status, 200, "{}", answer.text);
    let mut messages = phone.dialog("phone");
    let (mwi, summary) =
        (("Event", "message-summary"), ("Accept", "application/simple-message-summary"));
    let answer = phone.request(&mut messages, "SUBSCRIBE", &[mwi, summary, ("Expires", "60")], "");
    assert_eq!(answer.status, 200, "{}", answer.text);
    ask(&[
        ("PJSIPShowSubscriptionsInbound", &[]),
        ("PJSIPShowRegistrationsInbound", &[]),
        ("PJSIPShowRegistrationInboundContactStatuses", &[]),
        ("PJSIPShowContacts", &[]),
        ("PJSIPShowEndpoint", &[("Endpoint", "phone")]),
    ]);
    for (dialog, event, accept) in [(&mut watch, event, accept), (&mut messages, mwi, summary)] {
        let answer = phone.request(dialog, "SUBSCRIBE", &[event, accept, ("Expires", "0")], "");
        assert_eq!(answer.status, 200, "{}", answer.text);
    }

    let mut call = phone.dialog("echo");
    let answer = phone.request(&mut call, "INVITE", &[], &Phone::sdp("sendrecv"));
    assert_eq!(answer.status, 200, "{}", answer.text);
    for (direction, event) in [("sendonly", "Hold"), ("sendrecv", "Unhold")] {
        let answer = phone.request(&mut call, "INVITE", &[], &Phone::sdp(direction));
        assert_eq!(answer.status, 200, "{}", answer.text);
        stage.expect_where(event, &[], |event| {
            event.channel().is_some_and(|channel| channel.starts_with("PJSIP/phone-"))
        });
    }
    assert_eq!(phone.request(&mut call, "BYE", &[], "").status, 200);

    // Registered is what one is oneself, and nobody else.
    let mut other = phone.dialog("no-such-aor");
    assert_eq!(phone.request(&mut other, "REGISTER", &[("Expires", "60")], "").status, 404);
    stage.expect("RequestNotSupported", &[("AccountID", "phone")]);
    assert_eq!(phone.request(&mut home, "REGISTER", &[("Expires", "0")], "").status, 200);
    stage.expect("PeerStatus", &[("Peer", "PJSIP/phone"), ("PeerStatus", "Unreachable")]);

    for (who, secret, expected) in [
        ("phone", "wrong", "ChallengeResponseFailed"),
        ("fenced", "none", "FailedACL"),
        ("nobody", "none", "InvalidAccountID"),
    ] {
        let phone = Phone::new(who, secret);
        let answer = phone.request(&mut phone.dialog(who), "REGISTER", &[("Expires", "60")], "");
        assert!(answer.status >= 400, "{who}: {}", answer.status);
        stage.expect(expected, &[("Service", "PJSIP"), ("AccountID", who)]);
    }
}
