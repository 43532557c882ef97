//! The REST Interface: its load, its server, and what it costs where no library is at it.

pub mod bare;
pub mod load;
pub mod session;
