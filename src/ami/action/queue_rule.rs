//! Rules of queues, read.

use std::time::Duration;

use serde::Serialize;

use super::QueueRuleResponse;

/// A list of rules of `queuerules.conf`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct QueueRuleList<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its rules, in order.
    pub rules: Vec<QueueRule>,
}

/// How penalties change once a caller has waited so long. What becomes of `QUEUE_RAISE_PENALTY`
/// Asterisk does not tell here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct QueueRule {
    /// How long the caller has waited then.
    pub after: Duration,
    /// What becomes of the highest penalty of members who are called, `QUEUE_MAX_PENALTY`.
    pub max_penalty: QueuePenaltyChange,
    /// What becomes of the lowest one, `QUEUE_MIN_PENALTY`.
    pub min_penalty: QueuePenaltyChange,
}

/// What becomes of a bound of penalties.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum QueuePenaltyChange {
    /// It is set to this.
    To(i32),
    /// It grows by this, or becomes less if this is negative.
    By(i32),
}

impl QueueRuleResponse {
    /// Each list with its rules. A rule that cannot be read is left out, and is in
    /// [`rules`](Self::rules) only.
    pub fn lists(&self) -> Vec<QueueRuleList<'_>> {
        let mut lists: Vec<QueueRuleList<'_>> = Vec::new();
        for (header, value) in self.message().iter() {
            if header.eq_ignore_ascii_case("RuleList") {
                lists.push(QueueRuleList { name: value, rules: Vec::new() });
            } else if header.eq_ignore_ascii_case("Rule") {
                if let (Some(list), Some(rule)) = (lists.last_mut(), rule(value)) {
                    list.rules.push(rule);
                }
            }
        }
        lists
    }
}

/// A rule as `30,+3,5`.
fn rule(text: &str) -> Option<QueueRule> {
    let mut parts = text.split(',');
    let after = Duration::from_secs(parts.next()?.trim().parse().ok()?);
    let (max_penalty, min_penalty) = (change(parts.next()?)?, change(parts.next()?)?);
    Some(QueueRule { after, max_penalty, min_penalty })
}

/// What has a sign is a step.
fn change(text: &str) -> Option<QueuePenaltyChange> {
    let number = text.trim().parse().ok()?;
    let is_step = text.trim().starts_with(['+', '-']);
    Some(if is_step { QueuePenaltyChange::By(number) } else { QueuePenaltyChange::To(number) })
}
