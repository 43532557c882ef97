//! Subscriptions to one type of event.

use super::event::AriEvent;
use super::message::{AriMessage, TypedEvent};
use crate::OneOf;

/// Events of one type, typed; see [`TypedSubscription`](crate::TypedSubscription).
pub type TypedSubscription<E> = crate::TypedSubscription<AriMessage, E>;

impl<E: TypedEvent> OneOf<AriMessage> for E {
    const KIND: &'static str = E::NAME;

    fn one_of(message: &AriMessage) -> Option<Self> {
        message.as_event().cloned()
    }

    fn gap(message: &AriMessage) -> Option<(u64, bool)> {
        match &message.event {
            AriEvent::Gap(gap) => Some((gap.missed(), gap.reconnected())),
            _ => None,
        }
    }
}
