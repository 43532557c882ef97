//! What the tests of the manager share: a fake server over plain TCP and over TLS.

use asterisk_sync::EventSubscription;
use asterisk_sync::ami::action::CustomAction;
use asterisk_sync::ami::{AmiClient, AmiClientBuilder, AmiEvent};
use asterisk_sync::testing::{FakeAmi, FakeAmiBuilder};

use super::{LONG, SHORT, guarded};

/// Runs a test with a connected client, over plain TCP and over TLS.
pub(crate) fn both(test: impl Fn(&FakeAmi, &AmiClient) + Send + Copy + 'static) {
    servers(move |fake| test(fake, &settled(fake.client())));
}

/// Connects, and lets pass what the server says of itself after a login.
pub(crate) fn settled(settings: AmiClientBuilder) -> AmiClient {
    let ami = settings.connect().expect("a login");
    ami.ping().expect("an answer");
    ami
}

/// A client that does not wait long for an answer. With the timeout that is the client's own, whoever
/// calls sends by himself, so an action is sent however short the time is.
pub(crate) fn hasty(fake: &FakeAmi) -> AmiClient {
    let hasty = fake.client().timeout(SHORT * 10).connect().expect("a login");
    hasty.with_timeout(LONG).ping().expect("an answer");
    hasty
}

/// Runs a test with a server, over plain TCP and over TLS.
pub(crate) fn servers(test: impl Fn(&FakeAmi) + Send + Copy + 'static) {
    servers_with(|settings| settings, test);
}

/// The same with settings of the server's.
pub(crate) fn servers_with(
    settings: impl Fn(FakeAmiBuilder) -> FakeAmiBuilder + Send + Copy + 'static,
    test: impl Fn(&FakeAmi) + Send + Copy + 'static,
) {
    guarded(move || test(&settings(FakeAmi::builder()).start().expect("a free port")));
    #[cfg(feature = "tls")]
    guarded(move || {
        eprintln!("over TLS");
        test(&settings(FakeAmi::builder()).tls().start().expect("a free port"));
    });
}

/// An action that has nothing but a name.
pub(crate) fn bare(name: &str) -> CustomAction {
    CustomAction::new(name)
}

/// The names of the events up to and with the first one named `last`.
pub(crate) fn names_until(events: &EventSubscription<AmiEvent>, last: &str) -> Vec<String> {
    let mut names = Vec::new();
    while names.last().is_none_or(|name| name != last) {
        let event = events.recv_timeout(LONG).expect("the last one in time").expect("no end");
        names.push(event.event_name().to_owned());
    }
    names
}

/// The next event, which has to come.
pub(crate) fn next(events: &EventSubscription<AmiEvent>) -> AmiEvent {
    events.recv_timeout(LONG).expect("an event in time").expect("no end")
}

/// The next event, which has to be a gap: how many events it stands for, and whether for a
/// reconnect.
pub(crate) fn next_gap(events: &EventSubscription<AmiEvent>) -> (u64, bool) {
    match next(events) {
        AmiEvent::Gap(gap) => (gap.missed(), gap.reconnected()),
        other => panic!("not a gap: {other:?}"),
    }
}

/// The value of a header, which has to be there.
pub(crate) fn header(event: &AmiEvent, name: &str) -> String {
    event.message().get(name).unwrap_or_else(|| panic!("no {name} in {event:?}")).to_owned()
}
