//! When something happened.

use std::time::{Duration, Instant, SystemTime};

use serde::ser::{Serialize, Serializer};

use crate::ami::AmiEvent;

/// A moment by two clocks: the wall's, for people, and one that never jumps, for lengths of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::ami) struct Moment {
    pub(in crate::ami) wall: SystemTime,
    pub(in crate::ami) steady: Instant,
}

impl Moment {
    pub(in crate::ami) fn now() -> Self {
        Self { wall: SystemTime::now(), steady: Instant::now() }
    }

    /// The moment of an event that is taken in now: when it arrived, and the server's time if it
    /// tells it.
    pub(in crate::ami) fn of(self, event: &AmiEvent) -> Self {
        let arrived = event.message().arrival();
        let arrived = arrived.map_or(self, |(wall, steady)| Self { wall, steady });
        Self { wall: event.timestamp().unwrap_or(arrived.wall), ..arrived }
    }

    /// So long before; as far back as the clocks reach.
    pub(in crate::ami) fn ago(self, age: Duration) -> Self {
        Self {
            wall: self.wall.checked_sub(age).unwrap_or(self.wall),
            steady: self.steady.checked_sub(age).unwrap_or(self.steady),
        }
    }

    /// How much later this is; zero if it is not.
    pub(in crate::ami) fn since(self, earlier: Self) -> Duration {
        self.steady.saturating_duration_since(earlier.steady)
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.wall.serialize(serializer)
    }
}
