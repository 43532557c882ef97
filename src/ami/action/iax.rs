//! IAX2.

use super::macros::actions;
use crate::ami::event;
use crate::ami::response::Response;

actions! {
    /// Lists the peers. Needs `system` or `reporting`.
    IAXpeerlistAction = "IAXpeerlist" () -> Response [event::PeerEntry, PeerlistComplete] {}

    /// Lists the peers; the older form of the same, with the address in other headers. Needs `system` or `reporting`.
    IAXpeersAction = "IAXpeers" ()
        -> Response [event::PeerEntry, PeerlistComplete, unmarked] {}

    /// Lists the registrations of this server with others. Needs `system` or `reporting`.
    IAXregistryAction = "IAXregistry" ()
        -> Response [event::RegistryEntry, RegistrationsComplete] {}
}
