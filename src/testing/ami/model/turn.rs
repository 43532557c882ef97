//! One action and what it leads to: the answer first, then what everybody hears.

use super::{ACTIONS, Entry};
use crate::ami::Message;
use crate::testing::ami::classes::Classes;
use crate::testing::ami::frame::{Frame, News};
use crate::testing::ami::script::action_of;
use crate::testing::ami::session::Session;

/// An action while it is answered.
#[derive(Debug)]
pub(in crate::testing::ami) struct Turn<'a> {
    request: &'a Message,
    answer: Vec<u8>,
    items: usize,
    news: Vec<News>,
    ends_session: bool,
}

impl<'a> Turn<'a> {
    pub(in crate::testing::ami) fn new(request: &'a Message) -> Self {
        Self { request, answer: Vec::new(), items: 0, news: Vec::new(), ends_session: false }
    }

    pub(in crate::testing::ami) fn request(&self) -> &'a Message {
        self.request
    }

    /// A header with something in it.
    pub(in crate::testing::ami) fn get(&self, header: &str) -> Option<&'a str> {
        self.request.get(header).filter(|value| !value.is_empty())
    }

    pub(super) fn is_true(&self, header: &str) -> bool {
        let words = ["yes", "true", "y", "t", "1", "on"];
        self.get(header).is_some_and(|value| words.iter().any(|w| value.eq_ignore_ascii_case(w)))
    }

    pub(super) fn id(&self) -> &'a str {
        self.request.get("ActionID").unwrap_or("")
    }

    fn add(&mut self, frame: Frame) {
        self.answer.extend(frame.end());
    }

    pub(in crate::testing::ami) fn success(&mut self, headers: &[(&str, &str)]) {
        self.add(Frame::response("Success", self.id()).lines(headers));
    }

    pub(in crate::testing::ami) fn ack(&mut self, message: &str) {
        self.success(&[("Message", message)]);
    }

    pub(in crate::testing::ami) fn error(&mut self, message: &str) {
        self.add(Frame::response("Error", self.id()).line("Message", message));
    }

    /// A success with one line that is no header.
    pub(super) fn nothing(&mut self, line: &str) {
        self.add(Frame::response("Success", self.id()).bare(line));
    }

    pub(in crate::testing::ami) fn unknown_action(&mut self) {
        self.error(&format!(
            "Invalid/unknown command: {}. Use Action: ListCommands to show available commands.",
            action_of(self.request)
        ));
    }

    pub(super) fn output<L: AsRef<str>>(&mut self, word: &str, lines: &[L]) {
        let frame = Frame::response(word, self.id()).line("Message", "Command output follows");
        self.add(lines.iter().fold(frame, |frame, line| frame.line("Output", line.as_ref())));
    }

    pub(super) fn list(&mut self, message: &str) {
        self.success(&[("EventList", "start"), ("Message", message)]);
    }

    /// An item of a list, as `write` has it; where its `ActionID` stands differs.
    pub(super) fn item(&mut self, name: &str, write: impl FnOnce(Frame, &str) -> Frame) {
        self.items += 1;
        self.add(write(Frame::event(name), self.id()));
    }

    pub(super) fn complete(&mut self, name: &str) {
        self.complete_with(name, |frame, _| frame);
    }

    pub(super) fn complete_with(&mut self, name: &str, write: impl FnOnce(Frame, usize) -> Frame) {
        let items = self.items;
        let end = Frame::event(name).action_id(self.id()).line("EventList", "Complete");
        self.add(write(end.line("ListItems", items), items));
    }

    /// Every action that a user with these privileges may send.
    pub(in crate::testing::ami) fn list_commands(&mut self, write: Classes) {
        let may = |entry: &&Entry| {
            entry.privilege() == Classes::NONE || write.overlaps(entry.privilege())
        };
        let frame = Frame::response("Success", self.id());
        self.add(ACTIONS.iter().filter(may).fold(frame, |frame, entry| {
            let privilege = match entry.privilege {
                "" => "<none>".to_owned(),
                classes => format!("{classes},all"),
            };
            frame.line(entry.name, format_args!("{}  (Priv: {privilege})", entry.synopsis))
        }));
    }

    pub(in crate::testing::ami) fn goodbye(&mut self) {
        let goodbye = Frame::response("Goodbye", self.id());
        self.add(goodbye.line("Message", "Thanks for all the fish."));
        self.end_session();
    }

    /// Nobody else hears this.
    pub(in crate::testing::ami) fn append(&mut self, frame: &[u8]) {
        self.answer.extend_from_slice(frame);
    }

    /// Everybody hears this after the answer.
    pub(super) fn tell(&mut self, news: News) {
        self.news.push(news);
    }

    pub(in crate::testing::ami) fn end_session(&mut self) {
        self.ends_session = true;
    }

    pub(in crate::testing::ami) fn has_ended_session(&self) -> bool {
        self.ends_session
    }

    pub(in crate::testing::ami) fn deliver(
        &mut self,
        session: &Session,
        mut broadcast: impl FnMut(&News),
    ) {
        session.send(std::mem::take(&mut self.answer));
        self.news.drain(..).for_each(|news| broadcast(&news));
    }
}
