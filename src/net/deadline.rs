//! A point in time that remembers how far away it was.

use std::time::{Duration, Instant};

use crate::{Error, TimeoutError};

/// One deadline over everything it takes to be connected. Keeps the duration it was made from,
/// because that is what the user configured and what an error has to name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline {
    /// `None` is so far away that no clock reaches it.
    at: Option<Instant>,
    after: Duration,
}

impl Deadline {
    pub(crate) fn after(after: Duration) -> Self {
        Self { at: Instant::now().checked_add(after), after }
    }

    /// The time left, or the error that says there is none. Never zero: a zero timeout means "no
    /// timeout" to sockets.
    pub(crate) fn left(&self) -> Result<Duration, TimeoutError> {
        let left = self.at.map_or(Duration::MAX, |at| at.saturating_duration_since(Instant::now()));
        if left.is_zero() { Err(TimeoutError::Connect { after: self.after }) } else { Ok(left) }
    }

    pub(crate) fn has_passed(&self) -> bool {
        self.left().is_err()
    }

    pub(crate) fn error(&self) -> Error {
        Error::Timeout(TimeoutError::Connect { after: self.after })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endless_deadline_never_passes() {
        assert!(Deadline::after(Duration::MAX).left().unwrap() > Duration::from_secs(1 << 40));
    }

    #[test]
    fn a_passed_deadline_names_what_was_configured() {
        let e = Deadline::after(Duration::ZERO).left().unwrap_err();
        assert!(matches!(e, TimeoutError::Connect { after: Duration::ZERO }));
    }
}
