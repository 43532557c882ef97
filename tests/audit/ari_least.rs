//! As little as can be said to each operation of ARI, sent to a fake, against what the running server
//! documents to be required: what is said in any case has to be, and the other way round.

use std::collections::{BTreeMap, BTreeSet};

use asterisk_sync::ari::AriClient;
use asterisk_sync::ari::resources::application::{self, EventFilter};
use asterisk_sync::ari::resources::bridge::{self, AddChannelParams, BridgeParams};
use asterisk_sync::ari::resources::channel::{
    self, ContinueParams, CreateParams, DialParams, DtmfParams, ExternalMediaParams,
    OriginateParams, SnoopParams,
};
use asterisk_sync::ari::resources::endpoint::{self, MessageParams, ReferParams};
use asterisk_sync::ari::resources::event::{self, UserEventParams};
use asterisk_sync::ari::resources::recording::{self, RecordParams};
use asterisk_sync::ari::resources::sound::{self, SoundListParams};
use asterisk_sync::ari::resources::{NewVariables, asterisk, device_state, mailbox};
use asterisk_sync::testing::FakeAri;
use asterisk_sync::types::{DeviceState, PlaybackOperation, TransferProgress};

use crate::ari_docs::{Operation, operation_of, operations};

/// Where the library differs from the documentation, and why.
const EXCEPTIONS: &[(&str, &str, &str)] = &[
    (
        "PUT asterisk/config/dynamic/{configClass}/{objectType}/{id}",
        "fields is always said",
        "is refused without any",
    ),
    ("POST channels/{channelId}/dtmf", "dtmf is always said", "is refused without"),
    ("POST channels/{channelId}/mute", "direction is always said", "is refused without"),
    ("DELETE channels/{channelId}/mute", "direction is always said", "is refused without"),
    ("POST channels/{channelId}/play", "playbackId is always said", MADE_HERE),
    ("POST bridges/{bridgeId}/play", "playbackId is always said", MADE_HERE),
    ("POST channels/{channelId}/snoop", "snoopId is always said", MADE_HERE),
    (
        "POST bridges/{bridgeId}/variable",
        "value is always said",
        "one that is empty is not found, as if it were not there",
    ),
];

const MADE_HERE: &str =
    "the id is made here, so that what happens to it is heard of from the first";

macro_rules! ask {
    ($( $call:expr; )+) => {
        // The fake knows few of them, and what was asked is all that counts.
        $( drop($call); )+
    };
}

/// Every operation that has a parameter, with as few as can be.
fn ask_with_as_little_as_can_be(ari: &AriClient) {
    const NO_FIELDS: [(&str, &str); 0] = [];
    let (channel, bridge) = (ari.channel("x"), ari.bridge("x"));
    let record = RecordParams::new("wav");
    ask! {
        asterisk::update_config(ari, "class", "type", "id", NO_FIELDS);
        asterisk::info(ari, []);
        asterisk::add_log_channel(ari, "x", "notice");
        asterisk::get_variable(ari, "NAME");
        asterisk::set_variable(ari, "NAME", "value");
        asterisk::unset_variable(ari, "NAME");

        endpoint::send_message(ari, "to", &MessageParams::new("from"));
        endpoint::send_message_to_endpoint(ari, "PJSIP", "x", &MessageParams::new("from"));
        endpoint::refer(ari, "to", &ReferParams::new("from", "other"));
        endpoint::refer_to_endpoint(ari, "PJSIP", "x", &ReferParams::new("from", "other"));

        channel::originate(ari, &OriginateParams::to("endpoint"));
        channel::originate_with_id(ari, "x", &OriginateParams::to("endpoint"));
        channel::create(ari, &CreateParams::to("endpoint", "app"));
        channel::external_media(ari, &ExternalMediaParams::new("app", "ulaw"));
        channel.hangup(None);
        channel.continue_in_dialplan(&ContinueParams::default());
        channel.move_to("app", None);
        channel.redirect("endpoint");
        channel.send_dtmf("1", &DtmfParams::default());
        channel.mute(None);
        channel.unmute(None);
        channel.start_moh(None);
        channel.play("sound:beep");
        channel.play_with_id("y", "sound:beep");
        channel.record("name", &record);
        channel.get_variable("NAME");
        channel.set_variable("NAME", "value");
        channel.unset_variable("NAME");
        channel.get_variables(&["NAME"]);
        channel.set_variables(NewVariables::new());
        channel.snoop(&SnoopParams::new("app"));
        channel.snoop_with_id("y", &SnoopParams::new("app"));
        channel.dial(&DialParams::default());
        channel.transfer_progress(TransferProgress::Progress);

        bridge::create(ari, &BridgeParams::default());
        bridge::create_with_id(ari, "x", &BridgeParams::default());
        bridge.get_variable("NAME");
        bridge.set_variable("NAME", "value");
        bridge.get_variables(&["NAME"]);
        bridge.set_variables(NewVariables::new());
        bridge.add_channels(&["y"], &AddChannelParams::default());
        bridge.remove_channels(&["y"]);
        bridge.start_moh(None);
        bridge.play("sound:beep");
        bridge.play_with_id("y", "sound:beep");
        bridge.record("name", &record);

        recording::copy_stored(ari, "x", "y");
        sound::list(ari, &SoundListParams::default());
        ari.playback("x").control(PlaybackOperation::Pause);
        device_state::update(ari, "Stasis:x", DeviceState::Busy);
        mailbox::update(ari, "x", 0, 0);
        event::user_event(ari, "name", "app", &UserEventParams::default());
        event::claim_channel(ari, "x", "app");
        application::subscribe(ari, "app", &["channel:x"]);
        application::unsubscribe(ari, "app", &["channel:x"]);
        application::set_event_filter(ari, "app", &EventFilter::new());
    }
}

/// The names of the parameters of each request, by operation.
fn asked(operations: &[Operation]) -> BTreeMap<String, Vec<BTreeSet<String>>> {
    let fake = FakeAri::start().unwrap();
    let ari = AriClient::connect(fake.config("app")).unwrap();
    ask_with_as_little_as_can_be(&ari);
    let mut asked = BTreeMap::<_, Vec<_>>::new();
    for request in fake.requests() {
        let operation = operation_of(&request.method, &request.path, operations);
        let operation = operation.unwrap_or_else(|| panic!("no operation is {request:?}"));
        let query = request.query.iter().map(|(name, _)| name.clone());
        let body = request.body.as_object().into_iter().flat_map(|body| body.keys().cloned());
        asked.entry(place(operation)).or_default().push(query.chain(body).collect());
    }
    asked
}

fn place(operation: &Operation) -> String {
    format!("{} {}", operation.method, operation.path)
}

#[test]
fn what_the_server_does_not_require_can_be_left_out() {
    let operations = operations();
    let asked = asked(&operations);
    let mut found = BTreeSet::new();
    for operation in operations.iter().filter(|it| !it.parameters.is_empty()) {
        let at = place(operation);
        let Some(requests) = asked.get(&at) else {
            found.insert((at, "has no request here".to_owned()));
            continue;
        };
        for parameter in &operation.parameters {
            let name = &parameter.name;
            let what = match requests.iter().all(|names| names.contains(name)) {
                true if !parameter.required => format!("{name} is always said"),
                false if parameter.required => format!("{name} can be left out"),
                _ => continue,
            };
            found.insert((at.clone(), what));
        }
    }
    let expected = EXCEPTIONS.iter().map(|(at, what, why)| {
        assert!(!why.is_empty());
        ((*at).to_owned(), (*what).to_owned())
    });
    let expected = expected.collect();
    let new: Vec<_> = found.difference(&expected).collect();
    let old: Vec<_> = expected.difference(&found).collect();
    assert!(new.is_empty(), "what the server requires and what is said differ: {new:#?}");
    assert!(old.is_empty(), "what needs no exception any more: {old:#?}");
}
