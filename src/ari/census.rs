//! Which channels are in which application, as far as the server tells.

use std::collections::{HashMap, HashSet};

use super::model::{Application, Channel};

/// What the server tells of who is where. Ask for the applications first: who comes in between is taken
/// for somebody who has not come yet, and is heard of by other means.
pub(super) struct Census {
    pub(super) channels: HashMap<String, Channel>,
    /// The channels that each application hears of.
    heard_by: HashMap<String, HashSet<String>>,
}

impl Census {
    pub(super) fn new(applications: Vec<Application>, channels: Vec<Channel>) -> Self {
        let by_id = |channel: Channel| (channel.id.clone(), channel);
        let heard =
            |Application { name, channel_ids, .. }| (name, channel_ids.into_iter().collect());
        Self {
            channels: channels.into_iter().map(by_id).collect(),
            heard_by: applications.into_iter().map(heard).collect(),
        }
    }

    fn hears(&self, application: &str, id: &str) -> bool {
        self.heard_by.get(application).is_some_and(|ids| ids.contains(id))
    }

    /// Whether a channel that was in an application still is, or at least its end will be heard of.
    pub(super) fn is_in(&self, application: &str, id: &str) -> bool {
        self.channels.contains_key(id) && self.hears(application, id)
    }

    /// Whether a channel is in an application. Where it entered Stasis is what the server tells; it may
    /// have been moved since, and then only the one hears of it that it is in.
    pub(super) fn has_entered(&self, application: &str, channel: &Channel) -> bool {
        let first = channel.dialplan.app_data.split(',').next().unwrap_or_default();
        channel.dialplan.app_name == "Stasis"
            && self.hears(application, &channel.id)
            && (first == application || !self.hears(first, &channel.id))
    }
}
