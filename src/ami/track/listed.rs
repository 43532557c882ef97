//! A channel as a list shows it: the two actions that list channels say nearly the same.

use std::time::Duration;

use crate::ami::event::{ChannelView, CoreShowChannel, Status};

/// One channel of a list.
#[derive(Debug)]
pub(in crate::ami) enum ListedChannel {
    Core(CoreShowChannel),
    Status(Status),
}

impl ListedChannel {
    pub(in crate::ami) fn channel(&self) -> ChannelView<'_> {
        match self {
            Self::Core(item) => item.channel(),
            Self::Status(item) => item.channel(),
        }
    }

    /// The unique id of its bridge.
    pub(in crate::ami) fn bridge_id(&self) -> Option<&str> {
        let id = match self {
            Self::Core(item) => item.bridge_id(),
            Self::Status(item) => item.bridge_id(),
        };
        Some(id).filter(|id| !id.is_empty())
    }

    /// The application that it runs, and what that was given.
    pub(in crate::ami) fn application(&self) -> (&str, &str) {
        match self {
            Self::Core(item) => (item.application(), item.application_data()),
            Self::Status(item) => (item.application(), item.data()),
        }
    }

    /// How long it has been there, in whole seconds.
    pub(in crate::ami) fn age(&self) -> Duration {
        match self {
            Self::Core(item) => item.duration().unwrap_or_default(),
            Self::Status(item) => item.seconds().unwrap_or_default(),
        }
    }
}
