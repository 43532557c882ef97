//! The Manager Interface: actions, their answers, and events.

pub mod action;
pub mod codec;
pub mod event;
mod mask;
mod message;
pub mod response;
mod value;

pub use event::AmiEvent;
pub use mask::EventMask;
pub use message::{Block, Message, MessageKind};
