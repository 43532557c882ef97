//! The server itself: what it is, what it prints, what it is told.

use std::time::{SystemTime, UNIX_EPOCH};

use super::{Model, Turn};
use crate::testing::ami::frame::News;

const VERSION: &str = "22.10.1";

/// A moment, as seconds since 1970.
#[derive(Debug, Clone, Copy)]
pub(super) struct Clock(u64, u32);

impl Clock {
    pub(super) fn now() -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self(since.as_secs(), since.subsec_micros())
    }

    pub(super) fn seconds(self) -> u64 {
        self.0
    }

    /// The date and the time of day, in UTC.
    fn date_and_time(self) -> (String, String) {
        // Days are counted from the 1st of March of the year 0, so that leap days end years.
        let days = self.0 / 86400 + 719_468;
        let (era, day) = (days / 146_097, days % 146_097);
        let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
        let day = day - (365 * year + year / 4 - year / 100);
        let month = (5 * day + 2) / 153;
        let (day, month) = (day - (153 * month + 2) / 5 + 1, (month + 2) % 12 + 1);
        let year = era * 400 + year + u64::from(month <= 2);
        let (hours, minutes, seconds) = (self.0 / 3600 % 24, self.0 / 60 % 60, self.0 % 60);
        (format!("{year}-{month:02}-{day:02}"), format!("{hours:02}:{minutes:02}:{seconds:02}"))
    }
}

impl Model {
    #[expect(clippy::unused_self, reason = "an entry of the table of actions")]
    pub(super) fn ping(&mut self, turn: &mut Turn<'_>) {
        let Clock(seconds, micros) = Clock::now();
        turn.success(&[("Ping", "Pong"), ("Timestamp", &format!("{seconds}.{micros:06}"))]);
    }

    pub(super) fn core_status(&mut self, turn: &mut Turn<'_>) {
        let (date, time) = self.started_at.date_and_time();
        let calls = self.calls().to_string();
        turn.success(&[
            ("CoreStartupDate", &date),
            ("CoreStartupTime", &time),
            ("CoreReloadDate", &date),
            ("CoreReloadTime", &time),
            ("CoreCurrentCalls", &calls),
            ("CoreProcessedCalls", &self.calls_processed.to_string()),
        ]);
    }

    #[expect(clippy::unused_self, reason = "an entry of the table of actions")]
    pub(super) fn core_settings(&mut self, turn: &mut Turn<'_>) {
        turn.success(&[
            ("AMIversion", "11.0.0"),
            ("AsteriskVersion", VERSION),
            ("SystemName", ""),
            ("CoreMaxCalls", "0"),
            ("CoreMaxLoadAvg", "0.000000"),
            ("CoreRunUser", ""),
            ("CoreRunGroup", ""),
            ("CoreMaxFilehandles", "0"),
            ("CoreRealTimeEnabled", "No"),
            ("CoreCDRenabled", "No"),
            ("CoreHTTPenabled", "No"),
            ("SoundsSearchCustomDir", "No"),
        ]);
    }

    pub(super) fn command(&mut self, turn: &mut Turn<'_>) {
        let Some(command) = turn.get("Command") else { return turn.error("No command provided") };
        let refused = ["module load", "module unload", "restart gracefully"];
        if refused.iter().any(|refused| command.starts_with(refused)) {
            return turn.error("Command blacklisted");
        }
        if let Some(lines) = self.output.get(command) {
            return turn.output("Success", lines);
        }
        match command {
            "core show version" => turn.output(
                "Success",
                &[format!("Asterisk {VERSION}, played by a FakeAmi, which is no Asterisk at all")],
            ),
            "core show uptime seconds" => {
                let seconds = self.uptime().as_secs();
                let lines = ["System uptime", "Last reload"].map(|at| format!("{at}: {seconds}"));
                turn.output("Success", &lines);
            }
            "core show channels count" => {
                let (channels, calls, done) =
                    (self.channels.len(), self.calls(), self.calls_processed);
                let s = |n: usize| if n == 1 { "" } else { "s" };
                turn.output(
                    "Success",
                    &[
                        format!("{channels} active channel{}", s(channels)),
                        format!("{calls} active call{}", s(calls)),
                        format!("{done} call{} processed", s(done as usize)),
                    ],
                );
            }
            _ => {
                let words: Vec<&str> = command.split(' ').collect();
                let others = words[..words.len().saturating_sub(1).max(1)].join(" ");
                turn.output(
                    "Error",
                    &[format!(
                        "No such command '{command}' (type 'core show help {others}' for other \
                     possible commands)"
                    )],
                );
            }
        }
    }

    #[expect(clippy::unused_self, reason = "an entry of the table of actions")]
    pub(super) fn reload(&mut self, turn: &mut Turn<'_>) {
        turn.ack("Module Reloaded");
        let module = turn.get("Module").unwrap_or("All").to_owned();
        turn.tell(News::new("system", "Reload", |frame| {
            frame.lines(&[("Module", &module), ("Status", "0")])
        }));
    }

    #[expect(clippy::unused_self, reason = "an entry of the table of actions")]
    pub(super) fn user_event(&mut self, turn: &mut Turn<'_>) {
        turn.ack("Event Sent");
        let request = turn.request();
        turn.tell(News::new("user", "UserEvent", |frame| {
            let frame = frame.line("UserEvent", request.get("UserEvent").unwrap_or(""));
            let own = |name: &str| {
                ["Action", "UserEvent"].iter().any(|own| name.eq_ignore_ascii_case(own))
            };
            let rest = request.iter().filter(|(name, _)| !own(name));
            rest.fold(frame, |frame, (name, value)| frame.line(name, value))
        }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_the_calendar() {
        let date = |seconds| Clock(seconds, 0).date_and_time();
        assert_eq!(date(0), ("1970-01-01".into(), "00:00:00".into()));
        assert_eq!(date(951_827_696), ("2000-02-29".into(), "12:34:56".into()));
        assert_eq!(date(1_798_761_599), ("2026-12-31".into(), "23:59:59".into()));
    }
}
