//! Where calls are received, told what happens to them, and handed to workers.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender};
use parking_lot::{Condvar, Mutex};

use super::builder::{Departure, StasisAppBuilder};
use super::call::{StasisCall, StasisHandler};
use super::door::Errand;
use super::line::{End, Line};
use super::stats::StasisAppStats;
use super::stays::{Stay, Stays, Work};
use crate::EventSubscription;
use crate::ari::client::AriClient;
use crate::ari::event::{AriEvent, StasisStart};
use crate::ari::lenient::About;
use crate::ari::message::AriMessage;
use crate::error::Error;
use crate::sync::bus::Gap;
use crate::sync::crew::Crew;
use crate::sync::pool::{Failure, Pool, Turn};
use crate::sync::shutdown::Closes;

/// What the threads of an app share.
///
/// Locks: `stays` is never held while anything is sent or waited for. The pool's and those of the
/// lines are taken under it, never the other way round. `signal` is taken alone.
pub(super) struct Desk {
    pub(super) ari: AriClient,
    pub(super) settings: StasisAppBuilder,
    pub(super) on_failure: Departure,
    handler: Arc<dyn StasisHandler>,
    pool: Pool<Job>,
    pub(super) crew: Crew,
    pub(super) stays: Mutex<Stays>,
    pub(super) born: AtomicU64,
    errands: Sender<Errand>,
    abandoned: AtomicU64,
    passed_over: AtomicU64,
    signal: Mutex<bool>,
    signalled: Condvar,
}

/// A call that waits for a worker.
struct Job {
    number: u64,
    call: StasisCall,
}

/// When there is nothing more to hear, nobody may wait for it.
struct OverAtTheEnd<'a>(&'a Desk);

impl Drop for OverAtTheEnd<'_> {
    fn drop(&mut self) {
        let lines: Vec<Arc<Line>> = {
            let mut stays = self.0.stays.lock();
            stays.is_over = true;
            let all = stays.open.values().flat_map(HashMap::values);
            all.map(|stay| Arc::clone(&stay.line)).collect()
        };
        for line in lines {
            line.end(End::Over);
        }
        self.0.close();
    }
}

impl Desk {
    pub(super) fn new(
        settings: StasisAppBuilder,
        handler: Arc<dyn StasisHandler>,
        applications: &[String],
        errands: Sender<Errand>,
    ) -> Self {
        Self {
            ari: settings.ari.clone(),
            on_failure: settings.on_failure_or_default(),
            handler,
            pool: Pool::new(settings.workers, settings.queue),
            crew: Crew::new("stasis", settings.stack, settings.workers),
            stays: Mutex::new(Stays::new(applications)),
            born: AtomicU64::new(1),
            errands,
            abandoned: AtomicU64::new(0),
            passed_over: AtomicU64::new(0),
            signal: Mutex::new(false),
            signalled: Condvar::new(),
            settings,
        }
    }

    /// The thread that hears of everything, until that is over or it is told to stop. It waits for
    /// nothing else.
    pub(super) fn listen(
        self: &Arc<Self>,
        events: &EventSubscription<AriMessage>,
        stopped: &Receiver<()>,
    ) {
        let _guard = OverAtTheEnd(self);
        while let Some((message, _)) = events.next_unless(stopped) {
            self.hear(&message);
        }
    }

    fn hear(self: &Arc<Self>, message: &AriMessage) {
        self.watch_work(message);
        match &message.event {
            AriEvent::Gap(gap) => self.miss(gap.0),
            AriEvent::StasisStart(start) => self.enters(message, start),
            AriEvent::ApplicationRegistered(_) => {
                // Who is in it already is looked for, as at the start.
                if self.admit_applications() {
                    self.ask_for(Errand::Look);
                }
            }
            AriEvent::StasisEnd(end) => {
                self.tell(message, None);
                self.leaves(&message.application, &end.channel.id);
            }
            AriEvent::ChannelDestroyed(end) => {
                self.tell(message, None);
                self.leaves(&message.application, &end.channel.id);
            }
            _ => self.tell(message, None),
        }
    }

    /// Keeps in mind what the channels play and record.
    fn watch_work(&self, message: &AriMessage) {
        let playback = |id: &String| Work::Playback(id.as_str().into());
        let recording = |name: &String| Work::Recording(name.as_str().into());
        let (target, work, begins) = match &message.event {
            AriEvent::PlaybackStarted(e) => {
                (&e.playback.target_uri, playback(&e.playback.id), true)
            }
            AriEvent::PlaybackFinished(e) => {
                (&e.playback.target_uri, playback(&e.playback.id), false)
            }
            AriEvent::RecordingStarted(e) => {
                (&e.recording.target_uri, recording(&e.recording.name), true)
            }
            AriEvent::RecordingFinished(e) => {
                (&e.recording.target_uri, recording(&e.recording.name), false)
            }
            AriEvent::RecordingFailed(e) => {
                (&e.recording.target_uri, recording(&e.recording.name), false)
            }
            _ => return,
        };
        let Some(id) = target.strip_prefix("channel:") else { return };
        let mut stays = self.stays.lock();
        let stay = stays.open.get_mut(&*message.application).and_then(|open| open.get_mut(id));
        let Some(stay) = stay else { return };
        stay.at_work.retain(|known| *known != work);
        if begins && stay.is_hurried {
            // It was still to come when the others were stopped.
            self.ask_for(Errand::Stop(work));
        } else if begins {
            stay.at_work.push(work);
        }
    }

    /// Hands an event to the calls that it is about, but for one.
    fn tell(&self, message: &AriMessage, except: Option<&str>) {
        let stays = self.stays.lock();
        let Some(open) = stays.open.get(&*message.application) else { return };
        if open.is_empty() {
            return;
        }
        // One that is named twice is told once.
        let mut told = Vec::new();
        message.about(&mut |about| {
            let About::Channel([id, ..]) = about else { return };
            let stay = open.get(*id).filter(|stay| !told.contains(&stay.number));
            if let Some(stay) = stay.filter(|_| except != Some(*id)) {
                stay.line.tell(message);
                told.push(stay.number);
            }
        });
    }

    fn miss(&self, gap: Gap) {
        log::warn!("Stasis: {} events lost, reconnected: {}", gap.missed(), gap.reconnected());
        let stays = self.stays.lock();
        for stay in stays.open.values().flat_map(HashMap::values) {
            stay.line.miss(gap);
        }
        drop(stays);
        self.ask_for(Errand::LookAnew);
    }

    /// Serves the applications that the client has got since, where all are served. Whether there are
    /// such.
    pub(super) fn admit_applications(&self) -> bool {
        if !self.settings.serves_all() {
            return false;
        }
        let all = self.ari.applications();
        let mut stays = self.stays.lock();
        let before = stays.open.len();
        for name in all {
            stays.open.entry(name.into()).or_default();
        }
        stays.open.len() > before
    }

    fn enters(self: &Arc<Self>, message: &AriMessage, start: &StasisStart) {
        let (application, id) = (&*message.application, &*start.channel.id);
        let mut stays = self.stays.lock();
        stays.note(application, id);
        let known = stays.open.get_mut(application).and_then(|open| open.get_mut(id));
        // One that was found is told of now; any other has left unheard, and is back.
        let is_known = known.is_some_and(|stay| std::mem::take(&mut stay.was_found));
        let before = if is_known { None } else { stays.take(application, id) };
        drop(stays);
        if let Some(stay) = before {
            self.end(&stay);
        }
        // It may replace a channel that is here.
        self.tell(message, Some(id));
        if !is_known {
            self.receive(application, start.clone(), false);
        }
    }

    fn leaves(&self, application: &str, id: &str) {
        let stay = {
            let mut stays = self.stays.lock();
            stays.note(application, id);
            stays.take(application, id)
        };
        if let Some(stay) = stay {
            self.end(&stay);
        }
    }

    /// A channel has left: its call is over, if it had begun.
    pub(super) fn end(&self, stay: &Stay) {
        stay.line.end(End::Left);
        if self.pool.withdraw(|job| job.number == stay.number).is_some() {
            self.abandoned.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// A channel is in an application: if it is a call, finds it a worker, or sends it away.
    pub(super) fn receive(
        self: &Arc<Self>,
        application: &str,
        start: StasisStart,
        was_found: bool,
    ) {
        if !self.stays.lock().open.contains_key(application) {
            return;
        }
        if !self.settings.takes(&start) {
            log::debug!("{:?} is no call for {application}", start.channel.name);
            if !was_found {
                self.passed_over.fetch_add(1, Ordering::Relaxed);
            }
            return;
        }
        let number = self.born.fetch_add(1, Ordering::Relaxed);
        let id: Box<str> = start.channel.id.as_str().into();
        let name = start.channel.name.clone();
        let (line, events) = Line::open(&self.settings.bounds);
        let news = (Arc::clone(&line), events);
        let call = StasisCall::new(self.ari.clone(), application, start, news, was_found);
        let refused = {
            let mut stays = self.stays.lock();
            if was_found && stays.is_old(application, &id) {
                return;
            }
            let is_over = stays.is_over;
            let Some(open) = stays.open.get_mut(application).filter(|_| !is_over) else { return };
            open.insert(id.clone(), Stay::new(line, number, was_found));
            // Under the lock: who hears of its end finds it in the queue, or with a worker.
            self.pool.submit(Job { number, call })
        };
        match refused {
            Ok(()) => self.staff(),
            Err(job) => {
                self.pool.tell_refused(format_args!("{application}: {name:?}"));
                self.refuse(&job);
            }
        }
    }

    /// Sees to it that there is a worker for each call.
    fn staff(self: &Arc<Self>) {
        let gauges = self.pool.gauges();
        if gauges.active + gauges.queued > self.crew.len() {
            if let Err(e) = self.start_worker() {
                // Those there are go on; calls wait a little longer.
                log::warn!("no further thread for Stasis: {e}");
            }
        }
    }

    pub(super) fn start_worker(self: &Arc<Self>) -> std::io::Result<()> {
        let desk = Arc::clone(self);
        self.crew.grow(move || desk.work()).map(drop)
    }

    fn refuse(&self, job: &Job) {
        job.call.line().end(End::Closed);
        let departure = self.settings.overflow.clone();
        self.depart(job.call.application(), job.call.channel().id(), job.number, departure);
    }

    /// Has a channel sent away by somebody who may wait for that.
    fn depart(&self, application: &str, id: &str, number: u64, departure: Departure) {
        let is_here = {
            let mut stays = self.stays.lock();
            let stay = stays.find(application, id, number);
            stay.map(|stay| stay.departure = Some(departure)).is_some()
        };
        if is_here {
            let (application, id) = (application.into(), id.into());
            self.ask_for(Errand::SendOff { application, id, number });
        }
    }

    pub(super) fn ask_for(&self, errand: Errand) {
        // There is nobody at the door only when all is over.
        let _ = self.errands.send(errand);
    }

    /// What a worker does until serving ends.
    fn work(&self) {
        while let Some((turn, job)) = self.pool.take() {
            self.handle(&turn, &job);
        }
    }

    fn handle(&self, turn: &Turn<'_, Job>, job: &Job) {
        let Job { number, call } = job;
        if call.is_over() {
            self.abandoned.fetch_add(1, Ordering::Relaxed);
            return;
        }
        let outcome = turn.run(self.ender(job), || match self.handler.handle(call) {
            Err(Error::Hangup) => Ok(()),
            Err(e) if is_due_to_hangup(call, &e) => Ok(()),
            other => other,
        });
        let (name, application) = (&call.start().channel.name, call.application());
        let departure = match &outcome {
            Ok(()) => &self.settings.on_return,
            Err(Failure::Error(e)) => {
                log::warn!("{name:?}: the handler of {application} failed: {e}");
                &self.on_failure
            }
            Err(Failure::Panic(words)) => {
                log::error!("{name:?}: the handler of {application} panicked: {words}");
                &self.on_failure
            }
        };
        self.conclude(call, *number, departure, outcome.is_err());
    }

    /// What ends a call that is under way, without waiting: it is told so, and sent away, which ends
    /// every wait for something of the channel.
    fn ender(&self, job: &Job) -> Arc<dyn Fn() + Send + Sync> {
        let line = Arc::clone(job.call.line());
        let errands = self.errands.clone();
        let (application, id) = (Box::from(job.call.application()), job.call.channel().id().into());
        let errand = Errand::End { application, id, number: job.number };
        Arc::new(move || {
            line.end(End::Closed);
            let _ = errands.send(errand.clone());
        })
    }

    /// The handler is done with a call, and did not get on with it if it `failed`.
    fn conclude(&self, call: &StasisCall, number: u64, departure: &Departure, failed: bool) {
        let (application, id) = (call.application(), call.channel().id());
        let line = call.line();
        {
            let mut stays = self.stays.lock();
            let Some(stay) = stays.find(application, id, number) else { return };
            if line.has_departed() {
                stay.departure = Some(Departure::Stay);
                return;
            }
            if line.how_it_ended() == Some(End::Closed) {
                // Whoever ended it sends it away.
                return;
            }
            stay.departure = Some(departure.clone());
            stay.is_hurried = failed;
        }
        self.send_off(application, id, number, departure);
    }

    /// Takes no more calls; lets those there are come to an end, and ends them after the grace. Returns
    /// how many had to be.
    pub(super) fn finish(&self, grace: Duration) -> u64 {
        self.pool.close();
        if self.pool.drain(Instant::now().checked_add(grace)) {
            return 0;
        }
        let (waiting, active) = self.pool.end();
        for job in waiting {
            self.pool.refuse();
            self.refuse(&job);
        }
        log::warn!("{active} calls in Stasis did not end within {grace:?} and are ended");
        active as u64
    }

    /// Waits until no more calls are taken.
    pub(super) fn wait_closed(&self) {
        let mut signal = self.signal.lock();
        while !*signal {
            self.signalled.wait(&mut signal);
        }
    }

    pub(super) fn stats(&self) -> StasisAppStats {
        let pool = self.pool.gauges();
        StasisAppStats {
            active: pool.active,
            queued: pool.queued,
            threads: self.crew.len(),
            served: pool.done,
            failed: pool.failed,
            panicked: pool.panicked,
            refused: pool.refused,
            abandoned: self.abandoned.load(Ordering::Relaxed),
            passed_over: self.passed_over.load(Ordering::Relaxed),
        }
    }
}

impl Closes for Desk {
    fn close(&self) {
        *self.signal.lock() = true;
        self.signalled.notify_all();
    }

    fn is_closed(&self) -> bool {
        *self.signal.lock()
    }
}

/// Whether what a handler failed with is that its caller has gone: the server refuses what is asked of a
/// channel that is not there, and tells of its end a moment later.
fn is_due_to_hangup(call: &StasisCall, error: &Error) -> bool {
    let is_refusal = matches!(error.http_status(), Some(404 | 409 | 412));
    is_refusal && (call.is_over() || call.channel().get().is_err_and(|e: Error| e.is_not_found()))
}
