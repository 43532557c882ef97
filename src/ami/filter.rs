//! Filters that the reader applies before events are queued.

use std::sync::Arc;

use super::event::{self, AmiEvent};
use super::message::{Block, Frame, Message};
use crate::sync::bus::{Lens, Source};

/// Which events a subscription gets: by name, by channel, by unique id, by call. Conditions of
/// different kinds must all hold; of several of one kind, one is enough.
///
/// It is applied by the reading thread, so that what is not wanted costs no queue space. Gaps
/// always pass.
///
/// ```
/// use asterisk_sync::ami::Filter;
/// let filter = Filter::names(["Hangup", "Newchannel"]).channel("PJSIP/alice");
/// # let _ = filter;
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Whether only events of some names pass; of none, if there are none.
    by_name: bool,
    names: Vec<Box<str>>,
    channels: Vec<Box<str>>,
    unique_ids: Vec<Box<str>>,
    linked_ids: Vec<Box<str>>,
    /// One condition: the call of any of these ids, unique or linked.
    calls: Vec<Box<str>>,
    /// Another way to fulfil `unique_ids` and `calls`: what this action led to.
    action_id: Option<Box<str>>,
    /// The typed ones of `names`.
    ids: Vec<u16>,
    /// The others.
    unknown: Vec<Box<str>>,
}

impl Filter {
    /// Everything.
    pub fn all() -> Self {
        Self::default()
    }

    /// Events of these names, compared without regard to case. Of no names there are no events.
    pub fn names<N: AsRef<str>>(names: impl IntoIterator<Item = N>) -> Self {
        names.into_iter().fold(Self { by_name: true, ..Self::default() }, Self::name)
    }

    /// Also events of this name.
    #[must_use]
    pub fn name(mut self, name: impl AsRef<str>) -> Self {
        let name = name.as_ref();
        self.by_name = true;
        self.names.push(name.into());
        match event::id_of(name) {
            0 => self.unknown.push(name.into()),
            id => self.ids.push(id),
        }
        self
    }

    /// Events about this channel in any of their roles. `PJSIP/alice` is every channel of that
    /// endpoint, `PJSIP/alice-00000001` just this one.
    #[must_use]
    pub fn channel(mut self, channel: impl Into<String>) -> Self {
        self.channels.push(channel.into().into());
        self
    }

    /// Events about the channel with this unique id, in any of its roles: `Uniqueid`,
    /// `DestUniqueid`, `LocalOneUniqueid` and so on.
    #[must_use]
    pub fn unique_id(mut self, id: impl Into<String>) -> Self {
        self.unique_ids.push(id.into().into());
        self
    }

    /// Events about the channels of this call.
    #[must_use]
    pub fn linked_id(mut self, id: impl Into<String>) -> Self {
        self.linked_ids.push(id.into().into());
        self
    }

    /// Events about the channel with this unique id, and about the channels of the call that began
    /// with it.
    pub(super) fn call(mut self, id: impl Into<Box<str>>) -> Self {
        self.calls.push(id.into());
        self
    }

    /// Where an id is a condition, also events that bear this `ActionID`.
    pub(super) fn or_action_id(mut self, id: impl Into<Box<str>>) -> Self {
        self.action_id = Some(id.into());
        self
    }

    fn matches_ids(&self, block: &Block, frame: &Frame) -> bool {
        let any = |suffix, ids: &[Box<str>]| {
            block.any_value(frame, suffix, |value| ids.iter().any(|id| **id == *value))
        };
        let matches = (self.unique_ids.is_empty() || any("Uniqueid", &self.unique_ids))
            && (self.calls.is_empty()
                || any("Linkedid", &self.calls)
                || any("Uniqueid", &self.calls));
        matches
            || (self.action_id.is_some()
                && block.get(frame, "ActionID") == self.action_id.as_deref())
    }

    fn matches(&self, block: &Block, frame: &Frame) -> bool {
        if frame.oversized {
            // What is left of it need not have the channel: whoever may have wanted it is told.
            return self.matches_name(block, frame);
        }
        self.matches_name(block, frame)
            && self.matches_ids(block, frame)
            && (self.channels.is_empty()
                || block.any_value(frame, "Channel", |value| {
                    self.channels.iter().any(|wanted| is_of(value, wanted))
                }))
            && (self.linked_ids.is_empty()
                || block.any_value(frame, "Linkedid", |value| {
                    self.linked_ids.iter().any(|wanted| **wanted == *value)
                }))
    }

    fn matches_name(&self, block: &Block, frame: &Frame) -> bool {
        if !self.by_name {
            return true;
        }
        match frame.event {
            0 => {
                let name = block.first_value(frame);
                self.unknown.iter().any(|wanted| wanted.eq_ignore_ascii_case(name))
            }
            id => self.ids.contains(&id),
        }
    }

    /// The filter as the bus applies it.
    pub(crate) fn into_lens(self) -> Option<Lens<AmiEvent>> {
        if self == Self::default() {
            return None;
        }
        Some(Box::new(move |source| {
            let news = source.as_any().downcast_ref::<News>()?;
            let picks: Vec<usize> = news
                .picks
                .iter()
                .copied()
                .filter(|&pick| self.matches(&news.block, news.block.frame(pick)))
                .collect();
            News::new(&news.block, picks).map(|news| Arc::new(news) as Arc<dyn Source<AmiEvent>>)
        }))
    }
}

/// Whether a channel is, or belongs to, what was asked for: behind the name of an endpoint stand a
/// hyphen and what tells its channels apart, which has none itself. So `PJSIP/alice-00000001` is
/// one of `PJSIP/alice`, and `PJSIP/alice-desk-00000002` is not.
fn is_of(channel: &str, wanted: &str) -> bool {
    channel.strip_prefix(wanted).is_some_and(|rest| {
        rest.is_empty() || rest.strip_prefix('-').is_some_and(|unique| !unique.contains('-'))
    })
}

/// Some of a block's frames, as they go to subscribers.
#[derive(Debug)]
pub(crate) struct News {
    block: Arc<Block>,
    picks: Vec<usize>,
    bytes: usize,
}

impl News {
    /// The frames at `picks`. If they are a small part of the block they get one of their own, so
    /// that what waits in a queue does not hold what nobody waits for.
    pub(crate) fn new(block: &Arc<Block>, mut picks: Vec<usize>) -> Option<Self> {
        if picks.is_empty() {
            return None;
        }
        let all = block.bytes();
        let needed: usize = if picks.len() == block.len() {
            all
        } else {
            picks.iter().map(|&pick| block.frame_bytes(pick)).sum()
        };
        let mut block = Arc::clone(block);
        if all > 4 * needed {
            block = Arc::new(block.select(picks.iter().copied()));
            picks = (0..picks.len()).collect();
        }
        let bytes = block.bytes() + size_of_val(&picks[..]);
        Some(Self { block, picks, bytes })
    }
}

impl Source<AmiEvent> for News {
    fn len(&self) -> usize {
        self.picks.len()
    }

    fn bytes(&self) -> usize {
        self.bytes
    }

    fn get(&self, index: usize) -> AmiEvent {
        AmiEvent::from_message(Message::new(Arc::clone(&self.block), self.picks[index]))
    }

    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoints_channels_are_its_own_and_not_its_namesakes() {
        for (channel, wanted, is_its) in [
            ("PJSIP/alice-00000001", "PJSIP/alice", true),
            ("PJSIP/alice-00000001", "PJSIP/alice-00000001", true),
            ("PJSIP/alice-00000001<ZOMBIE>", "PJSIP/alice", true),
            ("PJSIP/alice", "PJSIP/alice", true),
            ("PJSIP/alice-desk-00000002", "PJSIP/alice", false),
            ("PJSIP/alice-desk-00000002", "PJSIP/alice-desk", true),
            ("PJSIP/alice2-00000003", "PJSIP/alice", false),
            ("Local/200@from-internal-00000004;1", "Local/200@from-internal", true),
            ("Local/200@from-internal-00000004;1", "Local/200@from", false),
            ("DAHDI/i1/5551234-1", "DAHDI/i1/5551234", true),
        ] {
            assert_eq!(is_of(channel, wanted), is_its, "{channel} of {wanted}");
        }
    }
}
