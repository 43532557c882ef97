//! Parking: calls that wait at a number until somebody takes them.

use super::macros::events;

events! {
    all have {
        /// The channel that is parked.
        parkee: channel = "Parkee",
        /// What is dialled to give the call back to whoever parked it.
        parker_dial_string: text = "ParkerDialString",
        /// The parking lot.
        parkinglot: text = "Parkinglot",
        /// The number at which the call waits.
        parking_space: parsed<u32> = "ParkingSpace",
        /// How long it may still wait.
        parking_timeout: seconds = "ParkingTimeout",
        /// How long it has waited.
        parking_duration: seconds = "ParkingDuration",
    }

    /// A call was parked. Also one call of the answer to `ParkedCalls`.
    ParkedCall = "ParkedCall" since "12 or earlier" {}

    /// A parked call was taken.
    UnParkedCall = "UnParkedCall" since "12 or earlier" {
        /// The channel that parked it; absent if it is gone.
        parker: channel = "Parker",
        /// The channel that took it.
        retriever: channel = "Retriever",
    }

    /// A parked caller hung up.
    ParkedCallGiveUp = "ParkedCallGiveUp" since "12 or earlier" {
        /// The channel that parked it; absent if it is gone.
        parker: channel = "Parker",
    }

    /// Nobody took a parked call in time.
    ParkedCallTimeOut = "ParkedCallTimeOut" since "12 or earlier" {
        /// The channel that parked it; absent if it is gone.
        parker: channel = "Parker",
    }

    /// Another channel took the place of the parked one, as a transfer does.
    ParkedCallSwap = "ParkedCallSwap" since "13.5" {
        /// The channel that parked it; absent if it is gone.
        parker: channel = "Parker",
    }
}

events! {
    /// One parking lot of the answer to `Parkinglots`.
    Parkinglot = "Parkinglot" since "13 or earlier" {
        /// Its name.
        name: text = "Name",
        /// The first of its numbers.
        start_space: parsed<u32> = "StartSpace",
        /// The last of its numbers.
        stop_space: parsed<u32> = "StopSpace",
        /// How long calls may wait.
        timeout: seconds = "Timeout",
    }
}
