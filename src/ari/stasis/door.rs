//! Who waits for answers of the server, so that the thread that hears need not: sends channels away,
//! and looks who is here when that may not have been heard.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError};

use super::builder::Departure;
use super::desk::Desk;
use super::stays::Work;
use crate::ari::census::Census;
use crate::ari::event::StasisStart;
use crate::ari::resources::channel::ContinueParams;
use crate::ari::resources::{application, channel};
use crate::sync::shutdown::Closes;
use crate::{ConnectionState, Result};

/// How long after a failure it is looked again; twice that after the next.
const AGAIN: Duration = Duration::from_millis(500);

/// The longest that becomes.
const RARELY: Duration = Duration::from_secs(30);

/// What there is to do at the door.
#[derive(Debug, Clone)]
pub(super) enum Errand {
    /// Send a channel away, as its stay says, if that still lasts.
    SendOff { application: Box<str>, id: Box<str>, number: u64 },
    /// The same with one whose call had to be ended.
    End { application: Box<str>, id: Box<str>, number: u64 },
    /// Stop what would keep a channel from leaving.
    Stop(Work),
    /// Look who is here, now.
    Look,
    /// The same where it may not have been heard who has gone.
    LookAnew,
    /// Look after a while: something could not be done.
    LookLater,
    /// All is over.
    Leave,
}

/// The thread at the door.
pub(super) fn serve(desk: &Arc<Desk>, errands: &Receiver<Errand>) {
    let mut look_at: Option<Instant> = None;
    let mut anew = false;
    let mut failures = 0;
    let mut gave_up = false;
    loop {
        let errand = match look_at {
            Some(at) => errands.recv_deadline(at),
            None => errands.recv().map_err(|_| RecvTimeoutError::Disconnected),
        };
        match errand {
            Ok(Errand::SendOff { application, id, number }) => {
                let departure = departure_of(desk, &application, &id, number, None);
                // A server that does not answer must not hold up the end.
                if let Some(departure) = departure.filter(|_| !gave_up) {
                    let sent = desk.send_off(&application, &id, number, &departure);
                    gave_up = !sent && desk.is_closed();
                }
            }
            Ok(Errand::End { application, id, number }) => {
                let otherwise = Some(&desk.on_failure);
                let departure = departure_of(desk, &application, &id, number, otherwise);
                if let Some(departure) = departure.filter(|_| !gave_up) {
                    gave_up = !desk.send_off(&application, &id, number, &departure);
                }
            }
            Ok(Errand::Stop(work)) => desk.stop(&work),
            Ok(Errand::Look) => look_at = Some(Instant::now()),
            Ok(Errand::LookAnew) => (look_at, anew) = (Some(Instant::now()), true),
            Ok(Errand::LookLater) => {
                look_at = look_at.or_else(|| Instant::now().checked_add(AGAIN));
            }
            Err(RecvTimeoutError::Timeout) => match desk.look(anew) {
                Ok(()) => (look_at, anew, failures) = (None, false, 0),
                Err(e) => {
                    log::warn!("Stasis: who is there cannot be looked for: {e}");
                    let delay = AGAIN.saturating_mul(1 << failures).min(RARELY);
                    failures = (failures + 1).min(10);
                    look_at = Instant::now().checked_add(delay);
                }
            },
            Ok(Errand::Leave) | Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

/// How a channel is to leave, if it has not; `otherwise` where nobody has said.
fn departure_of(
    desk: &Desk,
    application: &str,
    id: &str,
    number: u64,
    otherwise: Option<&Departure>,
) -> Option<Departure> {
    let mut stays = desk.stays.lock();
    let stay = stays.find(application, id, number)?;
    if stay.line.has_departed() {
        return None;
    }
    if let Some(otherwise) = otherwise {
        stay.departure.get_or_insert_with(|| otherwise.clone());
        stay.is_hurried = true;
    }
    stay.departure.clone()
}

impl Desk {
    /// Sends a channel away and waits for the answer. False if that came to nothing, and may come to
    /// something later.
    pub(super) fn send_off(
        &self,
        application: &str,
        id: &str,
        number: u64,
        departure: &Departure,
    ) -> bool {
        if self.ari.connection_state() == ConnectionState::Disconnected {
            log::debug!("{id} stays in {application}: the client is over");
            return true;
        }
        let channel = self.ari.channel(id);
        let sent = match departure {
            Departure::Continue => channel.continue_in_dialplan(&ContinueParams::default()),
            Departure::ContinueAt(place) => channel.continue_in_dialplan(place),
            Departure::HangUp(cause) => channel.hangup_with_cause(*cause),
            Departure::Stay => Ok(()),
        };
        match sent {
            Ok(()) => {
                if *departure != Departure::Stay {
                    self.hurry(application, id, number);
                }
                true
            }
            // It has left by itself.
            Err(e) if e.is_not_found() || e.is_conflict() => true,
            Err(e) => {
                log::warn!("{id}: it could not be sent away from {application}: {e}");
                let is_final = e.http_status().is_some_and(|status| status < 500);
                if !is_final {
                    if let Some(stay) = self.stays.lock().find(application, id, number) {
                        stay.is_late = true;
                    }
                    self.ask_for(Errand::LookLater);
                }
                is_final
            }
        }
    }

    /// Stops what keeps a channel from leaving, if that is not to be waited for.
    fn hurry(&self, application: &str, id: &str, number: u64) {
        let at_work = {
            let mut stays = self.stays.lock();
            let stay = stays.find(application, id, number).filter(|stay| stay.is_hurried);
            stay.map(|stay| std::mem::take(&mut stay.at_work))
        };
        at_work.unwrap_or_default().iter().for_each(|work| self.stop(work));
    }

    fn stop(&self, work: &Work) {
        let stopped = match work {
            Work::Playback(id) => self.ari.playback(&**id).stop(),
            Work::Recording(name) => self.ari.recording(&**name).stop(),
        };
        match stopped {
            // It is over by itself.
            Err(e) if !e.is_not_found() && !e.is_conflict() => {
                log::warn!("{work:?} could not be stopped: {e}");
            }
            _ => {}
        }
    }

    /// Finds out who is here: sends away who should have left, and serves who has come unheard. If it is
    /// looked `anew`, since something was not heard, ends the calls of who has gone.
    fn look(self: &Arc<Self>, anew: bool) -> Result<()> {
        let until = {
            let mut stays = self.stays.lock();
            stays.heard = Some(HashSet::new());
            self.born.load(Ordering::Relaxed)
        };
        let census = application::list(&self.ari)
            .and_then(|applications| Ok(Census::new(applications, channel::list(&self.ari)?)));
        let outcome = census.map(|census| {
            self.compare(&census, until, anew);
            if self.settings.adopts {
                for (application, start) in self.strangers(&census) {
                    log::info!("{:?} is found in {application}", start.channel.name);
                    self.receive(&application, start, true);
                }
            }
        });
        self.stays.lock().heard = None;
        outcome
    }

    /// Compares who is here with who was before the look.
    fn compare(&self, census: &Census, until: u64, anew: bool) {
        let mut gone = Vec::new();
        let mut stays = self.stays.lock();
        for (application, open) in &mut stays.open {
            for (id, mut stay) in std::mem::take(open) {
                let is_here = stay.number >= until || census.is_in(application, &id);
                if !is_here && anew {
                    gone.push(stay);
                    continue;
                }
                if std::mem::take(&mut stay.is_late) && is_here {
                    let (application, id) = (application.clone(), id.clone());
                    self.ask_for(Errand::SendOff { application, id, number: stay.number });
                }
                open.insert(id, stay);
            }
        }
        drop(stays);
        for stay in gone {
            self.end(&stay);
        }
    }

    /// Who is here and has not been heard of.
    fn strangers(&self, census: &Census) -> Vec<(Box<str>, StasisStart)> {
        let stays = self.stays.lock();
        let mut strangers = Vec::new();
        for channel in census.channels.values() {
            let mut open = stays.open.iter();
            let entered = open.find(|(application, _)| census.has_entered(application, channel));
            let Some((application, open)) = entered else { continue };
            if !open.contains_key(&*channel.id) {
                let args = channel.dialplan.app_data.split(',').skip(1);
                let args = args.map(str::to_owned).collect();
                let start = StasisStart { args, channel: channel.clone(), replace_channel: None };
                strangers.push((application.clone(), start));
            }
        }
        strangers
    }
}
