//! Subscriptions to one type of event.

use super::event::{AmiEvent, TypedEvent};
use crate::OneOf;

/// Events of one type, typed; see [`TypedSubscription`](crate::TypedSubscription).
pub type TypedSubscription<E> = crate::TypedSubscription<AmiEvent, E>;

impl<E: TypedEvent> OneOf<AmiEvent> for E {
    const KIND: &'static str = E::NAME;

    fn one_of(event: &AmiEvent) -> Option<Self> {
        event.as_event()
    }

    fn gap(event: &AmiEvent) -> Option<(u64, bool)> {
        match event {
            AmiEvent::Gap(gap) => Some((gap.missed(), gap.reconnected())),
            _ => None,
        }
    }
}
