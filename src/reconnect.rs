//! When to try again, and where a connection stands.

use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

/// What to do when the connection is lost.
///
/// The default is [`exponential`](Self::exponential) from one second to thirty, for ever. A policy
/// speaks about a connection that once stood: the first `connect` reports its failure instead of
/// trying again, and a refused password ends the client whatever the policy.
///
/// ```
/// use std::time::Duration;
/// use asterisk_sync::ReconnectPolicy;
/// let policy = ReconnectPolicy::exponential(Duration::from_secs(1), Duration::from_secs(30))
///     .with_max_retries(10);
/// assert_eq!(policy.max_retries(), Some(10));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReconnectPolicy {
    delay: Delay,
    max_retries: Option<u32>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Delay {
    Exponential { initial: Duration, max: Duration },
    Fixed(Duration),
    None,
}

impl ReconnectPolicy {
    /// Waits `initial`, then twice as long each time, at most `max`. Each wait is shortened by a
    /// random part of up to half of it, so that many clients do not come back in one moment.
    ///
    /// A client refuses a policy whose `initial` is zero or greater than `max`.
    pub fn exponential(initial: Duration, max: Duration) -> Self {
        Self { delay: Delay::Exponential { initial, max }, max_retries: None }
    }

    /// Waits the same time before each attempt. A client refuses zero.
    pub fn fixed(interval: Duration) -> Self {
        Self { delay: Delay::Fixed(interval), max_retries: None }
    }

    /// The first loss of the connection is the end of the client.
    pub fn none() -> Self {
        Self { delay: Delay::None, max_retries: None }
    }

    /// Gives up after this many attempts in a row. A connection that stood begins the count anew.
    #[must_use]
    pub fn with_max_retries(mut self, retries: u32) -> Self {
        self.max_retries = Some(retries);
        self
    }

    /// After how many attempts in a row it gives up; `None` is never.
    pub fn max_retries(&self) -> Option<u32> {
        self.max_retries
    }

    /// How long to wait before attempt `attempt`, which counts from 0 and begins anew with each
    /// lost connection. `None` is: give up.
    pub fn delay(&self, attempt: u32) -> Option<Duration> {
        if self.max_retries.is_some_and(|max| attempt >= max) {
            return None;
        }
        match self.delay {
            Delay::None => None,
            Delay::Fixed(interval) => Some(interval),
            Delay::Exponential { initial, max } => {
                let full = initial.saturating_mul(2_u32.saturating_pow(attempt)).min(max);
                // A hasher's random keys are all the randomness that spreading retries needs.
                let spread = (RandomState::new().hash_one(attempt) % 512) as u32;
                Some(full.saturating_sub(full / 1024 * spread))
            }
        }
    }

    /// Says what is wrong with the policy, if anything is.
    pub(crate) fn validate(&self) -> Result<(), &'static str> {
        match self.delay {
            Delay::Exponential { initial, .. } if initial.is_zero() => {
                Err("the reconnect policy's initial delay is zero")
            }
            Delay::Exponential { initial, max } if initial > max => {
                Err("the reconnect policy's initial delay is greater than its maximum")
            }
            Delay::Fixed(interval) if interval.is_zero() => {
                Err("the reconnect policy's interval is zero")
            }
            _ => Ok(()),
        }
    }
}

impl Default for ReconnectPolicy {
    fn default() -> Self {
        Self::exponential(Duration::from_secs(1), Duration::from_secs(30))
    }
}

/// Where a connection stands.
///
/// It begins with `Connecting`; a loss leads to `Reconnecting` and from there back to `Connected`,
/// or, where the policy gives up or the client is closed, to `Disconnected`, which is final.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ConnectionState {
    /// There is no connection, and there will be none. A client of ARI ends here, too, when another client
    /// has taken over all of its applications; its calls say so, with
    /// [`Error::Replaced`](crate::Error::Replaced).
    Disconnected,
    /// The first connection is being made.
    Connecting,
    /// Logged in.
    Connected,
    /// The connection was lost; the next attempt is under way or waited for.
    Reconnecting,
}

impl fmt::Display for ConnectionState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Disconnected => "disconnected",
            Self::Connecting => "connecting",
            Self::Connected => "connected",
            Self::Reconnecting => "reconnecting",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEC: Duration = Duration::from_secs(1);

    #[test]
    fn exponential_doubles_up_to_its_maximum_and_never_falls_below_half() {
        let policy = ReconnectPolicy::exponential(SEC, SEC * 30);
        for (attempt, full) in [(0, 1), (1, 2), (2, 4), (4, 16), (5, 30), (40, 30), (u32::MAX, 30)]
        {
            for _ in 0..50 {
                let delay = policy.delay(attempt).unwrap();
                assert!(delay <= SEC * full && delay >= SEC * full / 2, "{attempt}: {delay:?}");
            }
        }
    }

    #[test]
    fn retries_end_where_the_policy_says() {
        assert_eq!(ReconnectPolicy::none().delay(0), None);
        let policy = ReconnectPolicy::fixed(SEC).with_max_retries(2);
        assert_eq!(
            (policy.delay(0), policy.delay(1), policy.delay(2)),
            (Some(SEC), Some(SEC), None)
        );
    }

    #[test]
    fn senseless_policies_are_refused() {
        assert!(ReconnectPolicy::fixed(Duration::ZERO).validate().is_err());
        assert!(ReconnectPolicy::exponential(Duration::ZERO, SEC).validate().is_err());
        assert!(ReconnectPolicy::exponential(SEC * 2, SEC).validate().is_err());
        assert!(ReconnectPolicy::default().validate().is_ok());
    }
}
