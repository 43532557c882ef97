//! What the tests of ARI share: a fake server on every way there is.

use asterisk_sync::EventSubscription;
use asterisk_sync::ari::{AriClient, AriConfig, AriMessage, TransportKind};
use asterisk_sync::testing::{FakeAri, FakeAriBuilder};

use super::{LONG, guarded};

/// The application of all tests.
pub(crate) const APP: &str = "demo";

/// Runs a test with a connected client, over plain TCP and over TLS, with requests over HTTP and over
/// the event socket.
pub(crate) fn everywhere(test: impl Fn(&FakeAri, &AriClient) + Send + Copy + 'static) {
    configured(|config| config, test);
}

/// The same with settings of the client's.
pub(crate) fn configured(
    settings: impl Fn(AriConfig) -> AriConfig + Send + Copy + 'static,
    test: impl Fn(&FakeAri, &AriClient) + Send + Copy + 'static,
) {
    for kind in [TransportKind::Http, TransportKind::WebSocket] {
        servers(move |fake| {
            eprintln!("requests over {kind:?}");
            let config = settings(fake.config(APP)).transport(kind);
            test(fake, &AriClient::connect(config).expect("a connection"));
        });
    }
}

/// Runs a test with a server, over plain TCP and over TLS.
pub(crate) fn servers(test: impl Fn(&FakeAri) + Send + Copy + 'static) {
    servers_with(|settings| settings, test);
}

/// The same with settings of the server's.
pub(crate) fn servers_with(
    settings: impl Fn(FakeAriBuilder) -> FakeAriBuilder + Send + Copy + 'static,
    test: impl Fn(&FakeAri) + Send + Copy + 'static,
) {
    guarded(move || test(&settings(FakeAri::builder()).start().expect("a free port")));
    #[cfg(feature = "tls")]
    guarded(move || {
        eprintln!("over TLS");
        test(&settings(FakeAri::builder()).tls().start().expect("a free port"));
    });
}

/// The next message, which has to come.
pub(crate) fn next_message(events: &EventSubscription<AriMessage>) -> AriMessage {
    events.recv_timeout(LONG).expect("a message in time").expect("no end")
}

/// The types of the messages up to and with the first of type `last`.
pub(crate) fn types_until(events: &EventSubscription<AriMessage>, last: &str) -> Vec<String> {
    let mut types = Vec::new();
    while types.last().is_none_or(|name| name != last) {
        types.push(next_message(events).event.event_name().to_owned());
    }
    types
}
