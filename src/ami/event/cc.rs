//! Call completion: calling back when the other side is free.

use super::macros::events;

events! {
    all have {
        /// The number that all events of one call back share.
        core_id: parsed<u32> = "CoreID",
    }

    /// The other side can be asked to call back.
    CCAvailable = "CCAvailable" since "13 or earlier" {
        /// Who was called.
        callee: text = "Callee",
        /// What is offered, such as `CCBS`.
        service: text = "Service",
    }

    /// The caller has some time to ask for it.
    CCOfferTimerStart = "CCOfferTimerStart" since "13 or earlier" {
        /// Who called.
        caller: text = "Caller",
        /// How long.
        expires: seconds = "Expires",
    }

    /// The caller asked for it.
    CCRequested = "CCRequested" since "13 or earlier" {
        /// Who called.
        caller: text = "Caller",
        /// Who was called.
        callee: text = "Callee",
    }

    /// The other side agreed.
    CCRequestAcknowledged = "CCRequestAcknowledged" since "13 or earlier" {
        /// Who called.
        caller: text = "Caller",
    }

    /// The other side is free, but the caller is busy, and watched until free.
    CCCallerStartMonitoring = "CCCallerStartMonitoring" since "13 or earlier" {
        /// Who called.
        caller: text = "Caller",
    }

    /// The caller is free, and no longer watched.
    CCCallerStopMonitoring = "CCCallerStopMonitoring" since "13 or earlier" {
        /// Who called.
        caller: text = "Caller",
    }

    /// The caller is called, to be connected with the other side.
    CCCallerRecalling = "CCCallerRecalling" since "13 or earlier" {
        /// Who called.
        caller: text = "Caller",
    }

    /// They are connected: it is done.
    CCRecallComplete = "CCRecallComplete" since "13 or earlier" {
        /// Who called.
        caller: text = "Caller",
    }

    /// It will not be done.
    CCFailure = "CCFailure" since "13 or earlier" {
        /// Who called.
        caller: text = "Caller",
        /// Why.
        reason: text = "Reason",
    }

    /// The other side can no longer be watched.
    CCMonitorFailed = "CCMonitorFailed" since "13 or earlier" {
        /// Who was called.
        callee: text = "Callee",
    }
}
