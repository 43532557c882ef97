//! IAX2.

use super::macros::actions;
use crate::ami::event;
use crate::ami::response::Response;

actions! {
    /// Shows how well the calls are carried.
    ///
    /// The server prints bare text that belongs to no answer, so this ends by its deadline. Use
    /// [`CommandAction`](super::CommandAction) with `iax2 show netstats`. Needs `system` or
    /// `reporting`.
    IAXnetstatsAction = "IAXnetstats" () -> Response {}

    /// Lists the peers. Needs `system` or `reporting`.
    IAXpeerlistAction = "IAXpeerlist" () -> Response [event::PeerEntry, "PeerlistComplete"] {}

    /// Lists the peers; the older name of the same. Needs `system` or `reporting`.
    IAXpeersAction = "IAXpeers" () -> Response [event::PeerEntry, "PeerlistComplete"] {}

    /// Lists the registrations of this server with others. Needs `system` or `reporting`.
    IAXregistryAction = "IAXregistry" ()
        -> Response [event::RegistryEntry, "RegistrationsComplete"] {}
}
