//! Callers who wait in queues. Nobody serves them.

use std::time::Instant;

use super::channel::{Channel, State};
use super::core::Clock;
use super::{Model, Turn};
use crate::testing::ami::FakeAmi;
use crate::testing::ami::frame::News;

/// Somebody who waits.
#[derive(Debug)]
pub(super) struct Caller {
    queue: String,
    unique_id: String,
    since: Instant,
}

impl Model {
    /// Who waits in a queue, in order.
    pub(super) fn waiting_in<'a>(&'a self, queue: &'a str) -> impl Iterator<Item = &'a Caller> {
        self.waiting.iter().filter(move |caller| caller.queue == queue)
    }

    pub(super) fn queue_entries(&self, turn: &mut Turn<'_>, queue: &str) {
        for (caller, position) in self.waiting_in(queue).zip(1..) {
            let Some(channel) = self.channels.iter().find(|it| it.unique_id == caller.unique_id)
            else {
                continue;
            };
            let known = |text: &str| if text.is_empty() { "unknown" } else { text }.to_owned();
            turn.item("QueueEntry", |frame, id| {
                frame
                    .line("Queue", queue)
                    .line("Position", position)
                    .line("Channel", &channel.name)
                    .line("Uniqueid", &channel.unique_id)
                    .line("CallerIDNum", known(&channel.caller.0))
                    .line("CallerIDName", known(&channel.caller.1))
                    .lines(&[("ConnectedLineNum", "unknown"), ("ConnectedLineName", "unknown")])
                    .line("Wait", caller.since.elapsed().as_secs())
                    .line("Priority", 0)
                    .action_id(id)
            });
        }
    }

    /// A channel hangs up, and waits no longer.
    pub(super) fn leave_queues(&mut self, channel: &Channel) -> Vec<News> {
        let mut news = Vec::new();
        let is_it = |caller: &Caller| caller.unique_id == channel.unique_id;
        while let Some(at) = self.waiting.iter().position(is_it) {
            let queue = self.waiting[at].queue.clone();
            let place = |caller: &&Caller| is_it(caller);
            let position = self.waiting_in(&queue).take_while(|it| !place(it)).count() + 1;
            let caller = self.waiting.remove(at);
            let left = self.waiting_in(&queue).count();
            news.push(News::new("agent", "QueueCallerAbandon", |frame| {
                channel
                    .snapshot(frame, "")
                    .lines(&[("Queue", &queue)])
                    .line("Position", position)
                    .line("OriginalPosition", position)
                    .line("HoldTime", caller.since.elapsed().as_secs())
            }));
            news.push(News::new("agent", "QueueCallerLeave", |frame| {
                let frame = channel.snapshot(frame, "").line("Queue", &queue);
                frame.line("Position", position).line("Count", left)
            }));
        }
        news
    }

    fn wait(&mut self, queue: &str, number: &str, mut tell: impl FnMut(&News)) -> String {
        let unique_id = format!("{}.{}", Clock::now().seconds(), self.channels_made);
        let channel = Channel {
            name: format!("PJSIP/trunk-{:08x}", self.channels_made),
            state: State::Up,
            caller: (number.to_owned(), String::new()),
            context: "from-trunk".to_owned(),
            exten: queue.to_owned(),
            priority: "1".to_owned(),
            application: ("Queue".to_owned(), queue.to_owned()),
            linked_id: unique_id.clone(),
            unique_id: unique_id.clone(),
            variables: std::collections::BTreeMap::new(),
            born: Instant::now(),
            bridge: String::new(),
        };
        self.channels_made += 1;
        self.calls_processed += 1;
        self.queues.entry(queue.to_owned()).or_default();
        tell(&channel.event("Newchannel"));
        let (queue, since) = (queue.to_owned(), Instant::now());
        self.waiting.push(Caller { queue: queue.clone(), unique_id: unique_id.clone(), since });
        let count = self.waiting_in(&queue).count();
        tell(&News::new("agent", "QueueCallerJoin", |frame| {
            let frame = channel.snapshot(frame, "").line("Queue", &queue);
            frame.line("Position", count).line("Count", count)
        }));
        self.channels.push(channel);
        unique_id
    }
}

impl FakeAmi {
    /// Somebody with this number calls a queue, and waits there until they are hung up. Returns the
    /// unique id of their channel, which `Hangup` takes.
    ///
    /// ```
    /// # use asterisk_sync::testing::FakeAmi;
    /// # use asterisk_sync::ami::action::{HangupAction, QueueSummaryAction};
    /// # fn main() -> asterisk_sync::Result<()> {
    /// let fake = FakeAmi::start()?;
    /// let caller = fake.call_queue("sales", "5551234");
    /// let ami = fake.client().connect()?;
    /// assert_eq!(ami.list(&QueueSummaryAction::new())?[0].callers(), Some(1));
    /// ami.send_action(&HangupAction::new(caller))?;
    /// assert_eq!(ami.list(&QueueSummaryAction::new())?[0].callers(), Some(0));
    /// # Ok(()) }
    /// ```
    pub fn call_queue(&self, queue: &str, number: &str) -> String {
        // The model's lock is held until everybody has heard, so that they hear in order.
        let mut model = self.shared.model.lock();
        model.wait(queue, number, |news| self.shared.broadcast(news))
    }
}
