//! Asterisk's part in an AGI session, without one.

mod answer;
mod call;
mod caller;
mod model;
mod words;

pub use answer::AgiAnswer;
pub use call::{FakeAgiCall, FakeAgiRecord};
pub use caller::FakeAgiCaller;
