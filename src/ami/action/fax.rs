//! Faxes.

use super::macros::actions;
use crate::ami::event;
use crate::ami::response::Response;

actions! {
    /// Lists one fax session in detail; the list has one item. Refused if there is no such session.
    /// Needs `call`.
    FAXSessionAction = "FAXSession" (
        /// the session, by its number.
        session_number: u32 = "SessionNumber",
    ) -> Response [event::FAXSession, FAXSession, unannounced] {}

    /// Lists the fax sessions there are. Needs `call`.
    FAXSessionsAction = "FAXSessions" ()
        -> Response [event::FAXSessionsEntry, FAXSessionsComplete] {}

    /// Counts faxes; the list has one item. Needs `reporting`.
    FAXStatsAction = "FAXStats" () -> Response [event::FAXStats, FAXStats, unannounced] {}
}
