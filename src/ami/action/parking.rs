//! Parking calls.

use super::macros::actions;
use crate::ami::event;
use crate::ami::response::Response;

actions! {
    /// Parks a channel. Needs `call`.
    ParkAction = "Park" (
        /// the channel.
        channel: text = "Channel",
    ) -> Response {
        /// Whom to call back when the time is over. Who is in a call with the channel also hears
        /// where it was parked.
        timeout_channel: text = "TimeoutChannel",
        /// Who hears where it was parked.
        announce_channel: text = "AnnounceChannel",
        /// How long it may stay, in whole seconds; zero is for ever.
        timeout: millis = "Timeout",
        /// The parking lot.
        parking_lot: text = "Parkinglot",
        /// The space in the parking lot.
        parking_space: text = "ParkingSpace",
    }

    /// Lists the calls that are parked. Needs `call`.
    ParkedCallsAction = "ParkedCalls" () -> Response [event::ParkedCall, ParkedCallsComplete] {
        /// Only in this parking lot.
        parking_lot: text = "ParkingLot",
    }

    /// Lists the parking lots there are. Needs `call`.
    ParkinglotsAction = "Parkinglots" () -> Response [event::Parkinglot, ParkinglotsComplete] {}
}
