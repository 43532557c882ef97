//! Where channels are received, and handed to workers.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use crossbeam_channel::Sender;
use parking_lot::{Condvar, Mutex};

use super::found;
use super::options::{AsyncAgiOptions, AsyncAgiReport, AsyncAgiStats};
use super::session::{Described, Line, News, Session, leave};
use crate::agi::{AgiHandler, open};
use crate::ami::action::StatusAction;
use crate::ami::event::{
    AsyncAGIEnd, AsyncAGIExec, AsyncAGIStart, ChannelView, Hangup, HangupRequest,
    SoftHangupRequest, TypedEvent,
};
use crate::ami::{AmiClient, AmiEvent, Filter};
use crate::sync::pool::{Failure, Gauges, Pool, Turn};
use crate::sync::shutdown::Closes;
use crate::{Error, EventHandler, Result};

/// What the thread that hears of channels and the workers share.
///
/// `sessions` is never held while anything is sent or waited for. It is taken before the pool's
/// lock, never after.
pub(super) struct Desk {
    ami: AmiClient,
    handler: Arc<dyn AgiHandler>,
    options: AsyncAgiOptions,
    pool: Pool<Job>,
    sessions: Mutex<Sessions>,
    /// No more channels are taken; notified with `sessions`.
    over: Condvar,
    /// Begins the ids of all commands: other clients may command channels too.
    prefix: String,
    born: AtomicU64,
}

#[derive(Default)]
struct Sessions {
    /// By the channel's unique id.
    open: HashMap<Box<str>, Entry>,
    /// Those whose channel has left AGI while they are still handled, by their numbers.
    left: HashMap<u64, Left>,
    closed: bool,
}

/// A channel that has left AGI, while its handler is not done.
struct Left {
    unique_id: Box<str>,
    /// Where in the dialplan it was in AGI: if it ends there, it was hung up there.
    place: Place,
    fate: Sender<bool>,
}

/// Context, extension, priority.
type Place = (Box<str>, Box<str>, Option<u32>);

fn place(channel: &ChannelView<'_>) -> Place {
    (channel.context().into(), channel.exten().into(), channel.priority())
}

/// A session from its beginning until Asterisk says that the channel has left: longer than the
/// session itself, so that a channel on its way back to the dialplan is not taken for one that waits.
struct Entry {
    line: Line,
    number: u64,
    /// Whether the channel was found, so that the event of its coming may still be on its way.
    was_found: bool,
    is_handled: bool,
}

/// A channel that waits for a worker.
struct Job {
    session: Session,
    number: u64,
    unique_id: Box<str>,
    name: Box<str>,
    described: Described,
}

/// When there is nothing more to hear, nobody may wait for it.
struct OverAtTheEnd(Arc<Desk>);

impl Drop for OverAtTheEnd {
    fn drop(&mut self) {
        self.0.close();
        let open = std::mem::take(&mut self.0.sessions.lock().open);
        drop(open);
    }
}

impl Desk {
    pub(super) fn new(
        ami: AmiClient,
        handler: Arc<dyn AgiHandler>,
        options: AsyncAgiOptions,
    ) -> Self {
        let pool = Pool::new(options.workers, options.queue);
        let prefix = format!("{:08x}", RandomState::new().hash_one(Instant::now()) >> 32);
        let (sessions, born) = (Mutex::default(), AtomicU64::new(1));
        Self { ami, handler, options, pool, sessions, over: Condvar::new(), prefix, born }
    }

    /// Begins to hear of channels; those that wait already come first.
    ///
    /// # Errors
    ///
    /// If they cannot be looked for, unless that is not allowed.
    pub(super) fn listen(self: &Arc<Self>) -> Result<EventHandler> {
        let names = [
            AsyncAGIStart::NAME,
            AsyncAGIExec::NAME,
            AsyncAGIEnd::NAME,
            HangupRequest::NAME,
            SoftHangupRequest::NAME,
            Hangup::NAME,
        ];
        let events = self.ami.subscribe_with(Filter::names(names));
        self.find()?;
        let guard = OverAtTheEnd(Arc::clone(self));
        events.on_event(move |event| guard.0.hear(&event))
    }

    /// The thread that hears of channels.
    fn hear(&self, event: &AmiEvent) {
        match event {
            AmiEvent::AsyncAGIStart(start) => {
                let unique_id = start.channel().unique_id();
                let is_known = self
                    .sessions
                    .lock()
                    .open
                    .get_mut(unique_id)
                    .is_some_and(|entry| std::mem::take(&mut entry.was_found));
                if !is_known {
                    self.receive(start, Described::Encoded(start.env().into()), false);
                }
            }
            AmiEvent::AsyncAGIExec(exec) => {
                let sessions = self.sessions.lock();
                if let (Some(entry), Some(id)) =
                    (sessions.open.get(exec.channel().unique_id()), exec.command_id())
                {
                    // Somebody else may command the channel too.
                    if entry.line.is_theirs(id) {
                        let (id, encoded) = (id.into(), exec.result().into());
                        entry.line.tell(News::Result { id, encoded });
                    }
                }
            }
            AmiEvent::AsyncAGIEnd(end) => self.has_left(&end.channel()),
            // The end of AGI may have been told in a gap.
            AmiEvent::Hangup(hangup) => self.has_ended(&hangup.channel()),
            // These come before what the hangup does to a command.
            AmiEvent::HangupRequest(request) => self.has_hung_up(request.channel().unique_id()),
            AmiEvent::SoftHangupRequest(request) => self.has_hung_up(request.channel().unique_id()),
            AmiEvent::Gap(gap) => {
                log::warn!(
                    "AsyncAGI: {} events lost, reconnected: {}",
                    gap.missed(),
                    gap.reconnected()
                );
                if let Err(e) = self.find() {
                    log::warn!("AsyncAGI: waiting channels cannot be looked for: {e}");
                }
                for entry in self.sessions.lock().open.values() {
                    entry.line.tell(News::Gap);
                }
            }
            _ => {}
        }
    }

    fn has_hung_up(&self, unique_id: &str) {
        if let Some(entry) = self.sessions.lock().open.get(unique_id) {
            entry.line.has_hung_up();
        }
    }

    fn has_left(&self, channel: &ChannelView<'_>) {
        let entry = {
            let mut sessions = self.sessions.lock();
            let entry = sessions.open.remove(channel.unique_id());
            if let Some(entry) = entry.as_ref().filter(|entry| !entry.is_handled) {
                let (unique_id, place) = (channel.unique_id().into(), place(channel));
                let left = Left { unique_id, place, fate: entry.line.fate() };
                sessions.left.insert(entry.number, left);
            }
            entry
        };
        // Without the lock, since it wakes the session.
        drop(entry);
    }

    fn has_ended(&self, channel: &ChannelView<'_>) {
        self.has_hung_up(channel.unique_id());
        let entry = {
            let mut sessions = self.sessions.lock();
            // No more than there are sessions at work or waiting.
            for left in
                sessions.left.values().filter(|left| *left.unique_id == *channel.unique_id())
            {
                // Of the extension `h` there is no telling; a hangup leads there more often.
                let hung_up = left.place == place(channel) || channel.exten() == "h";
                let _ = left.fate.try_send(hung_up);
            }
            sessions.open.remove(channel.unique_id())
        };
        drop(entry);
    }

    /// After a time in which nobody told: who has come, and who has left.
    fn find(&self) -> Result<()> {
        let channels = match self.ami.list(&StatusAction::new()) {
            Err(e) if e.is_refused() => {
                log::warn!("AsyncAGI: waiting channels cannot be looked for: {e}");
                return Ok(());
            }
            channels => channels?,
        };
        let here: HashSet<&str> = channels.iter().map(|c| c.channel().unique_id()).collect();
        // A channel that is here and in another application may be in one that a command runs.
        self.sessions.lock().open.retain(|id, entry| {
            let is_here = here.contains(&**id);
            if !is_here {
                entry.line.has_hung_up();
            }
            is_here
        });
        for status in channels.iter().filter(|status| found::waits(status)) {
            let unique_id = status.channel().unique_id();
            let is_handled = {
                let sessions = self.sessions.lock();
                sessions.open.get(unique_id).map(|entry| entry.is_handled)
            };
            match (is_handled, found::event(status)) {
                (None, Some(start)) => {
                    let text = found::description(status);
                    self.receive(&start, Described::Plain(text.into()), true);
                }
                // Its handler was done with it, and what told Asterisk so was lost.
                (Some(true), _) => leave(&self.ami, unique_id),
                _ => {}
            }
        }
        Ok(())
    }

    /// A channel waits for commands: finds it a worker, or sends it back.
    fn receive(&self, start: &AsyncAGIStart, described: Described, was_found: bool) {
        let is_ours = self.options.claim.as_ref().is_none_or(|claim| {
            // A question that panics has not been answered with yes.
            std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| claim(start))).unwrap_or_else(
                |_| {
                    log::error!("the claim on a channel panicked");
                    false
                },
            )
        });
        if !is_ours {
            return;
        }
        let number = self.born.fetch_add(1, Ordering::Relaxed);
        let unique_id = start.channel().unique_id();
        let prefix = format!("{}-{number}-", self.prefix);
        let (session, line) = Session::new(self.ami.clone(), unique_id, prefix);
        let job = Job {
            session,
            number,
            unique_id: unique_id.into(),
            name: start.channel().channel().into(),
            described,
        };
        let refused = {
            let mut sessions = self.sessions.lock();
            if sessions.closed {
                self.pool.refuse();
                Err(job)
            } else {
                let entry = Entry { line, number, was_found, is_handled: false };
                sessions.open.insert(unique_id.into(), entry);
                self.pool.submit(job)
            }
        };
        if let Err(job) = refused {
            self.pool.tell_refused(format_args!("AsyncAGI: {:?}", job.name));
            let (number, unique_id) = (job.number, job.unique_id);
            // Which sends the channel back.
            drop(job.session);
            self.is_handled(&unique_id, number);
        }
    }

    fn is_handled(&self, unique_id: &str, number: u64) {
        let mut sessions = self.sessions.lock();
        sessions.left.remove(&number);
        if let Some(entry) = sessions.open.get_mut(unique_id) {
            entry.is_handled |= entry.number == number;
        }
    }

    /// What a worker does until serving ends.
    pub(super) fn work(&self) {
        while let Some((turn, job)) = self.pool.take() {
            self.handle(&turn, job);
        }
    }

    fn handle(&self, turn: &Turn<'_, Job>, mut job: Job) {
        let hang_up = job.session.hang_up();
        let mut script = String::new();
        let (name, number, unique_id) = (job.name, job.number, job.unique_id);
        let outcome = turn.run(Arc::new(move || hang_up.now()), || {
            job.session.describe(job.described, self.options.limits.timeout)?;
            let (request, mut channel) = open(Box::new(job.session), &self.options.limits)?;
            channel.set_timeout(self.options.command_timeout);
            script = request.script().into_owned();
            match self.handler.handle(&request, &mut channel) {
                Err(Error::Hangup) => Ok(()),
                other => other,
            }
        });
        match outcome {
            Ok(()) => {}
            Err(Failure::Error(e)) => log::warn!("{name:?}: the script {script:?} failed: {e}"),
            Err(Failure::Panic(words)) => {
                log::error!("{name:?}: the script {script:?} panicked: {words}");
            }
        }
        self.is_handled(&unique_id, number);
    }

    /// Waits until no more channels are taken.
    pub(super) fn wait_closed(&self) {
        let mut sessions = self.sessions.lock();
        while !sessions.closed {
            self.over.wait(&mut sessions);
        }
    }

    /// Takes no more channels; lets calls end, and ends them after the grace. Returns how many had
    /// to be ended.
    pub(super) fn finish(&self) -> u64 {
        self.close();
        if self.pool.drain(Instant::now().checked_add(self.options.grace)) {
            return 0;
        }
        let (waiting, active) = self.pool.end();
        for job in waiting {
            self.pool.refuse();
            drop(job);
        }
        log::warn!("{active} AsyncAGI calls did not end within {:?}", self.options.grace);
        active as u64
    }

    pub(super) fn stats(&self) -> AsyncAgiStats {
        let Gauges { active, queued, done: served, failed, panicked, refused } = self.pool.gauges();
        AsyncAgiStats { active, queued, served, failed, panicked, refused }
    }

    pub(super) fn report(&self, closed: u64) -> AsyncAgiReport {
        let Gauges { done: served, failed, panicked, refused, .. } = self.pool.gauges();
        AsyncAgiReport { served, failed, panicked, refused, closed }
    }
}

impl Closes for Desk {
    fn close(&self) {
        {
            let mut sessions = self.sessions.lock();
            sessions.closed = true;
            // Under the lock, so that whoever is refused because of it is told so.
            self.pool.close();
        }
        self.over.notify_all();
    }

    fn is_closed(&self) -> bool {
        self.sessions.lock().closed
    }
}
