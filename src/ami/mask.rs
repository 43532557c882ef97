//! Which classes of events the server sends.
use std::fmt;
/// x
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventMask(String);
impl fmt::Display for EventMask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
