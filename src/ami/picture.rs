//! The state of a server, live: [`LivePicture`].
//!
//! Channels, bridges, queues with members and callers, devices, extensions and presence: taken from
//! the server's lists, and kept current by its events without a hole between the two. A
//! [`Snapshot`] of it is an `Arc` and costs nothing, so a window can take one for every frame;
//! [`changes`](LivePicture::changes) tell what became of what, and
//! [`on_change`](LivePicture::on_change) wakes whoever draws.
//!
//! ```no_run
//! # fn main() -> asterisk_sync::Result<()> {
//! let ami = asterisk_sync::ami::AmiClient::from_env()?;
//! let picture = ami.live_picture()?;
//! let now = picture.snapshot();
//! for queue in now.queues() {
//!     println!("{}: {} wait, {} are free", queue.queue, queue.callers.len(), queue.free_members());
//! }
//! # Ok(()) }
//! ```
//!
//! # How current it is
//!
//! After a lost connection, or if the picture itself did not keep up, all lists are asked for anew:
//! meanwhile it shows what it knew last, and [`is_current`](LivePicture::is_current) is false. The
//! same after `FullyBooted`, and when a module was loaded, unloaded or reloaded, as queues or hints
//! may be others then. Numbers of a queue that no event tells, such as its average hold time, are
//! asked for when a call has left the queue or was answered there, at most once a second.
//!
//! A part that the server will not list, for want of a privilege or of the module, is empty and says
//! why ([`Snapshot::unavailable`]); the rest works. Needs the event classes `call`, `dialplan` (where
//! a channel is in the dialplan), `agent` (queues) and `system`; to ask, `system` or `reporting` for bridges, `call` or `reporting` for devices,
//! extensions and presence. Events that the client's event mask or a filter of the server's hold
//! back do not arrive here either.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};

use super::action::{
    BridgeListAction, DeviceStateListAction, ExtensionStateListAction, PresenceStateListAction,
    QueueStatusAction,
};
use super::event::{AmiEvent, Gap};
use super::follow::{Follow, Follower, Late, channels, unless_refused};
use super::track::Moment;
use super::track::picture::{List, Picture, events_of};
pub use super::track::snapshot::{
    BridgeInfo, Change, ChannelInfo, DeviceInfo, ExtensionInfo, Item, Part, PresenceInfo,
    QueueCallerInfo, QueueInfo, QueueMemberInfo, Snapshot,
};
use super::{AmiClient, Filter};
use crate::error::TimeoutError;
use crate::sync::bus::{EventBus, Source};
use crate::{Error, EventHandler, EventSubscription, Result, Subscribe};

/// How often, at most, a queue is asked for what events do not tell.
const REFRESH: Duration = Duration::from_secs(1);

/// What a [`LivePicture`] shows.
///
/// ```
/// use asterisk_sync::ami::picture::{LivePictureOptions, Part};
/// let queues = LivePictureOptions::only([Part::Queues, Part::Channels]);
/// let no_hints = LivePictureOptions::default().without(Part::Extensions);
/// # let _ = (queues, no_hints);
/// ```
#[derive(Debug, Clone)]
pub struct LivePictureOptions {
    parts: BTreeSet<Part>,
    bounds: Option<Subscribe>,
}

impl Default for LivePictureOptions {
    /// Everything.
    fn default() -> Self {
        Self::only(Part::ALL.iter().copied())
    }
}

impl LivePictureOptions {
    /// Only these parts. Nothing is asked for the others, and their events are not queued.
    pub fn only(parts: impl IntoIterator<Item = Part>) -> Self {
        Self { parts: parts.into_iter().collect(), bounds: None }
    }

    /// Without this part.
    #[must_use]
    pub fn without(mut self, part: Part) -> Self {
        self.parts.remove(&part);
        self
    }

    /// How many events may wait for the picture itself; the client's setting if not given.
    #[must_use]
    pub fn bounds(mut self, bounds: Subscribe) -> Self {
        self.bounds = Some(bounds);
        self
    }
}

/// The state of a server, kept current on a thread of its own, `ami-picture`.
///
/// The thread is joined when this is dropped; that takes no longer than an answer of the server's
/// that it may be waiting for. It ends with the client, or with its last handle; what the picture
/// shows then stays, and is not current.
pub struct LivePicture {
    shared: Arc<Shared>,
    client: AmiClient,
    _follower: Follower,
}

/// What the picture and its thread share. `state` is held for one event or one list at a time, and
/// taken alone.
struct Shared {
    state: Mutex<State>,
    resynced: Condvar,
    changes: EventBus<Change>,
}

struct State {
    picture: Picture,
    /// The connection of which the picture is known to be right.
    epoch: Option<u64>,
    over: bool,
}

impl AmiClient {
    /// Takes a picture of the whole server and keeps it current; see [`picture`](super::picture).
    ///
    /// Blocks until the server has answered with all lists, at most the client's timeout for each.
    pub fn live_picture(&self) -> Result<LivePicture> {
        self.live_picture_with(LivePictureOptions::default())
    }

    /// The same of some parts.
    pub fn live_picture_with(&self, options: LivePictureOptions) -> Result<LivePicture> {
        let names = options.parts.iter().flat_map(|part| events_of(*part));
        let upheavals = ["FullyBooted", "Reload", "Load", "Unload"];
        let names: BTreeSet<&str> = names.copied().chain(upheavals).collect();
        let filter = Filter::names(names);
        let events = match options.bounds {
            Some(bounds) => self.subscribe_bounded(filter, bounds),
            None => self.subscribe_with(filter),
        };
        let picture = Picture::new(options.parts);
        let shared = Arc::new(Shared {
            state: Mutex::new(State { picture, epoch: None, over: false }),
            resynced: Condvar::new(),
            changes: EventBus::new(),
        });
        let job = Job { shared: Arc::clone(&shared), refreshed: None, is_new: true };
        let follower = Follower::start("ami-picture", self, events, job)?;
        Ok(LivePicture { shared, client: self.onlooker(), _follower: follower })
    }
}

impl LivePicture {
    /// The state as it is now. Cheap: as long as nothing changes it is the same `Arc`, and what
    /// changes is copied once a snapshot, not once an event.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.shared.state.lock().picture.snapshot()
    }

    /// What changes from now on, as a subscription of its own: an iterator, `recv`, `receiver` for
    /// `select!` and the like. It ends with the picture and with the client.
    ///
    /// Take a snapshot after subscribing, and nothing is missed between the two.
    pub fn changes(&self) -> EventSubscription<Change> {
        self.changes_bounded(Subscribe::default().events(100_000))
    }

    /// The same with bounds for what may wait; what is dropped is told as [`Change::Missed`].
    pub fn changes_bounded(&self, bounds: Subscribe) -> EventSubscription<Change> {
        self.shared.changes.subscribe(bounds)
    }

    /// Runs `handle` for every change, in order, on a thread of its own, until the picture or the
    /// client ends or the returned handle is told to stop. For a window that has to be woken.
    pub fn on_change(&self, handle: impl FnMut(Change) + Send + 'static) -> Result<EventHandler> {
        self.changes().on_event(handle)
    }

    /// Whether the picture is known to be right: connected, and all lists taken since whatever was
    /// lost.
    pub fn is_current(&self) -> bool {
        let known = self.shared.state.lock().epoch;
        known.is_some() && known == self.client.epoch()
    }

    /// Waits until the picture is current. [`TimeoutError::State`] if it is not within `timeout`,
    /// [`Error::Closed`] if it never will be.
    pub fn wait_until_current(&self, timeout: Duration) -> Result<()> {
        let deadline = Instant::now().checked_add(timeout);
        let mut state = self.shared.state.lock();
        loop {
            if state.epoch.is_some() && state.epoch == self.client.epoch() {
                return Ok(());
            }
            if state.over {
                return Err(Error::Closed);
            }
            match deadline {
                None => self.shared.resynced.wait(&mut state),
                Some(at) if self.shared.resynced.wait_until(&mut state, at).timed_out() => {
                    return Err(TimeoutError::State { after: timeout }.into());
                }
                Some(_) => {}
            }
        }
    }
}

impl fmt::Debug for LivePicture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LivePicture")
            .field("snapshot", &self.snapshot())
            .field("current", &self.is_current())
            .finish_non_exhaustive()
    }
}

/// What the thread does.
struct Job {
    shared: Arc<Shared>,
    /// When queues were last asked for what events do not tell.
    refreshed: Option<Instant>,
    /// What is there at the beginning is no change.
    is_new: bool,
}

impl Job {
    fn tell(&self, changes: Vec<Change>) {
        if !changes.is_empty() {
            self.shared.changes.publish_all(&(Arc::new(changes) as Arc<dyn Source<Change>>));
        }
    }
}

impl Follow for Job {
    fn resync(&mut self, ami: &AmiClient, late: Late<'_>) -> Result<()> {
        let epoch = ami.epoch().ok_or(Error::Disconnected { sent: false })?;
        let parts = self.shared.state.lock().picture.parts().clone();
        let mut lists = Vec::new();
        for part in &parts {
            lists.push(list(ami, *part)?);
        }
        // The list of bridges does not say who is in them; that of channels does.
        if parts.contains(&Part::Bridges) && !parts.contains(&Part::Channels) {
            lists.extend(channels(ami)?.ok().map(List::Seats));
        }
        let now = Moment::now();
        let mut state = self.shared.state.lock();
        let _ = state.picture.take_doubtful();
        for list in lists {
            state.picture.install(list, now);
        }
        for event in std::iter::from_fn(late) {
            state.picture.apply(&event, now);
        }
        state.epoch = Some(epoch);
        let changes = state.picture.take_changes();
        drop(state);
        self.shared.resynced.notify_all();
        if !std::mem::take(&mut self.is_new) {
            self.tell(changes);
            self.tell(vec![Change::Resynced]);
        }
        Ok(())
    }

    fn apply(&mut self, event: &AmiEvent) {
        self.shared.state.lock().picture.apply(event, Moment::now());
    }

    fn gap(&mut self, gap: &Gap) {
        log::warn!("picture: {} events lost, reconnected: {}", gap.missed(), gap.reconnected());
        let mut state = self.shared.state.lock();
        let was_current = state.epoch.take().is_some();
        if gap.reconnected() {
            state.picture.forget_departed();
        }
        drop(state);
        self.settle();
        if was_current {
            self.tell(vec![Change::Stale]);
        }
    }

    fn settle(&mut self) {
        let changes = self.shared.state.lock().picture.take_changes();
        self.tell(changes);
    }

    fn is_upheaval(&self, event: &AmiEvent) -> bool {
        matches!(
            event,
            AmiEvent::FullyBooted(_)
                | AmiEvent::Reload(_)
                | AmiEvent::Load(_)
                | AmiEvent::Unload(_)
        )
    }

    fn wants(&self) -> Option<Instant> {
        if !self.shared.state.lock().picture.is_doubtful() {
            return None;
        }
        let at = self.refreshed.and_then(|last| last.checked_add(REFRESH));
        Some(at.unwrap_or_else(Instant::now))
    }

    fn refresh(&mut self, ami: &AmiClient) -> Result<()> {
        self.refreshed = Some(Instant::now());
        let queues = self.shared.state.lock().picture.take_doubtful();
        for queue in queues {
            let answer = unless_refused(ami.list(&QueueStatusAction::new().queue(&*queue)))?;
            let list = match answer {
                Ok(items) => List::Queue(queue, items),
                Err(why) => List::Refused(Part::Queues, why),
            };
            self.shared.state.lock().picture.install(list, Moment::now());
        }
        Ok(())
    }
}

impl Drop for Job {
    fn drop(&mut self) {
        let mut state = self.shared.state.lock();
        state.over = true;
        state.epoch = None;
        drop(state);
        self.shared.resynced.notify_all();
        self.shared.changes.close();
    }
}

fn list(ami: &AmiClient, part: Part) -> Result<List> {
    let refused = |why| List::Refused(part, why);
    Ok(match part {
        Part::Channels => channels(ami)?.map_or_else(refused, List::Channels),
        Part::Bridges => {
            unless_refused(ami.list(&BridgeListAction::new()))?.map_or_else(refused, List::Bridges)
        }
        Part::Queues => {
            unless_refused(ami.list(&QueueStatusAction::new()))?.map_or_else(refused, List::Queues)
        }
        Part::Devices => unless_refused(ami.list(&DeviceStateListAction::new()))?
            .map_or_else(refused, List::Devices),
        Part::Extensions => unless_refused(ami.list(&ExtensionStateListAction::new()))?
            .map_or_else(refused, List::Extensions),
        Part::Presence => unless_refused(ami.list(&PresenceStateListAction::new()))?
            .map_or_else(refused, List::Presence),
    })
}
