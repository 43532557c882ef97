//! Variables, of channels and global.

use super::{Model, Turn};
use crate::testing::ami::frame::News;

impl Model {
    pub(super) fn getvar(&mut self, turn: &mut Turn<'_>) {
        let Some(variable) = turn.get("Variable") else {
            return turn.error("No variable specified");
        };
        let value = match turn.get("Channel") {
            None => self.globals.get(variable).cloned().unwrap_or_default(),
            Some(name) => match self.channel(name) {
                Some(channel) => channel.function(variable),
                None => return turn.error("No such channel"),
            },
        };
        turn.success(&[("Variable", variable), ("Value", &value)]);
    }

    pub(super) fn setvar(&mut self, turn: &mut Turn<'_>) {
        let Some(variable) = turn.get("Variable") else {
            return turn.error("No variable specified");
        };
        let value = turn.get("Value").unwrap_or("");
        let news = match turn.get("Channel") {
            None => {
                self.globals.insert(variable.to_owned(), value.to_owned());
                News::new("dialplan", "VarSet", |frame| {
                    frame
                        .lines(&[("Channel", "none"), ("Uniqueid", "none")])
                        .lines(&[("Variable", variable), ("Value", value)])
                })
            }
            Some(name) => {
                let Some(channel) = self.channel(name) else {
                    return turn.error("No such channel");
                };
                channel.variables.insert(variable.to_owned(), value.to_owned());
                News::new("dialplan", "VarSet", |frame| {
                    channel.snapshot(frame, "").lines(&[("Variable", variable), ("Value", value)])
                })
            }
        };
        turn.ack("Variable Set");
        turn.tell(news);
    }
}
