//! Where the scenes are played: one client for all of them, over a wire that keeps what passes.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::time::Instant;

use asterisk_sync::EventSubscription;
use asterisk_sync::ari::model::{Bridge, Channel};
use asterisk_sync::ari::resources::{bridge, channel};
use asterisk_sync::ari::{
    AriClient, AriConfig, AriEvent, AriMessage, ChannelHandle, OriginateParams, TransportKind,
};

use super::wiretap::{Recording, Wiretap};
use crate::support::{PATIENCE, setting, unique};

/// What happens to a thing, as its scene hears of it.
pub(super) type Events = EventSubscription<AriMessage>;

pub(super) struct Stage {
    pub(super) ari: AriClient,
    pub(super) app: String,
    kind: TransportKind,
    wire: Wiretap,
    /// Everything that any client has heard.
    heard: Mutex<Vec<Events>>,
    /// The ids of what others have left: places to park in stay, once somebody was there.
    standing: BTreeSet<String>,
}

/// A client of this application. It hears of everything, or only of what is its own.
fn connect(wire: &Wiretap, app: &str, kind: TransportKind, of_everything: bool) -> AriClient {
    let (user, password) = (setting("ASTERISK_ARI_USER"), setting("ASTERISK_ARI_PASSWORD"));
    let config = AriConfig::new(format!("http://{}", wire.address()), user, password, app)
        .transport(kind)
        .subscribe_all(of_everything)
        .event_memory(usize::MAX)
        .timeout(PATIENCE)
        .connect_timeout(PATIENCE);
    AriClient::connect(config).expect("a connection")
}

impl Stage {
    pub(super) fn new(kind: TransportKind) -> Self {
        let url = setting("ASTERISK_ARI_URL");
        let server = url.strip_prefix("http://").and_then(|rest| rest.split('/').next());
        let wire = Wiretap::new(server.expect("a plain URL"));
        let app = unique("exercise");
        let ari = connect(&wire, &app, kind, true);
        let heard = Mutex::new(vec![ari.subscribe()]);
        let mut stage = Self { ari, app, kind, wire, heard, standing: BTreeSet::new() };
        let (channels, bridges) = stage.left();
        let ids = channels.into_iter().map(|it| it.id);
        stage.standing = ids.chain(bridges.into_iter().map(|it| it.id)).collect();
        stage
    }

    /// What there is that was not there at the beginning.
    pub(super) fn left(&self) -> (Vec<Channel>, Vec<Bridge>) {
        let mut channels = channel::list(&self.ari).expect("the channels");
        let mut bridges = bridge::list(&self.ari).expect("the bridges");
        // The server has one that carries messages, once there was a message.
        let is_ours = |it: &Channel| !it.name.starts_with("Message/");
        channels.retain(|it| is_ours(it) && !self.standing.contains(&it.id));
        bridges.retain(|it| !self.standing.contains(&it.id));
        (channels, bridges)
    }

    /// Ends what is left of scenes that failed.
    pub(super) fn sweep(&self) {
        let (channels, bridges) = self.left();
        for channel in channels {
            // It may be in no application, and gone with another one.
            let _ = self.ari.channel(channel.id).hangup(None);
        }
        for bridge in bridges {
            let _ = self.ari.bridge(bridge.id).destroy();
        }
    }

    /// Which way requests go.
    pub(super) fn kind(&self) -> TransportKind {
        self.kind
    }

    /// One more client, of another application.
    pub(super) fn another(&self, app: &str) -> AriClient {
        let ari = connect(&self.wire, app, self.kind, false);
        self.heard.lock().unwrap().push(ari.subscribe());
        ari
    }

    /// A channel to this place that is in the application, and answered.
    pub(super) fn call(&self, place: &str) -> (ChannelHandle, Events) {
        self.originate(&self.to(place))
    }

    /// Parameters for such a call.
    pub(super) fn to(&self, place: &str) -> OriginateParams {
        OriginateParams::to(place).app(&*self.app)
    }

    pub(super) fn originate(&self, params: &OriginateParams) -> (ChannelHandle, Events) {
        let (leg, events) = self.ari.pending_channel().originate(params).expect("a channel");
        leg.wait_for_stasis_start(PATIENCE).expect("it enters the application");
        leg.wait_for_up(PATIENCE).expect("it is answered");
        (leg, events)
    }

    /// Ends a call with everybody whom it has brought together: a transfer leaves people talking.
    pub(super) fn end(&self, leg: &ChannelHandle) {
        for channel in channel::list(&self.ari).expect("the channels") {
            let channel = self.ari.channel(channel.id);
            // One that is gone meanwhile is in no call any more.
            if channel.get_variable("CHANNEL(linkedid)").is_ok_and(|id| id == leg.id()) {
                channel.hangup(None).expect("a hangup");
            }
        }
    }

    /// Ends the play: what was heard, and what passed on the wire.
    pub(super) fn finish(self) -> (Vec<AriMessage>, Recording) {
        self.ari.disconnect();
        let heard = self.heard.into_inner().unwrap();
        let messages = heard.iter().flatten().collect();
        drop((self.ari, heard));
        (messages, self.wire.finish())
    }
}

/// The next message of this type.
#[track_caller]
pub(super) fn expect(events: &Events, name: &str) -> AriMessage {
    expect_where(events, name, |_| true)
}

/// The next message of this type of which more is true.
#[track_caller]
pub(super) fn expect_where(
    events: &Events,
    name: &str,
    wanted: impl Fn(&AriEvent) -> bool,
) -> AriMessage {
    let deadline = Instant::now() + PATIENCE;
    let mut passed = Vec::new();
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        match events.recv_timeout(left) {
            Ok(Some(message)) if message.event.event_name() == name && wanted(&message.event) => {
                return message;
            }
            Ok(Some(message)) => passed.push(message.event.event_name().to_owned()),
            Ok(None) => panic!("the subscription ended before {name} came"),
            Err(e) => panic!("no {name}: {e}; what came: {passed:?}"),
        }
    }
}

/// Evaluates to the event in a message, if it is of this type; otherwise it panics.
macro_rules! the {
    ($kind:ident in $message:expr) => {
        match &$message.event {
            asterisk_sync::ari::AriEvent::$kind(event) => event,
            other => panic!("{other:?}"),
        }
    };
}

pub(super) use the;
