//! Queues, their callers and their members; and agents who log in.

use asterisk_sync::ami::action::{HangupAction, QueueRemoveAction};

use super::lists::ask;
use super::stage::Stage;
use crate::support::unique;

const QUEUE: &str = "exercise";

/// A member of the queue, until the end of the scene.
struct Member<'a> {
    stage: &'a Stage,
    interface: String,
}

impl<'a> Member<'a> {
    /// One whose phone is this extension.
    fn new(stage: &'a Stage, extension: &str) -> Self {
        // Local ends the extension at the slash and takes the rest as options.
        let interface = format!("Local/{extension}@exercise/{}", unique("n"));
        stage.send(
            "QueueAdd",
            &[
                ("Queue", QUEUE),
                ("Interface", &interface),
                ("MemberName", "Exercise"),
                ("Penalty", "1"),
            ],
        );
        stage.expect("QueueMemberAdded", &[("Interface", &interface)]);
        Self { stage, interface }
    }
}

impl Drop for Member<'_> {
    fn drop(&mut self) {
        let _ = self.stage.ami.send_action(&QueueRemoveAction::new(QUEUE, &self.interface));
    }
}

pub(super) fn callers_and_members() {
    let stage = Stage::new();
    let queue = |announce: &str| {
        let call = stage.ring("queue", |action| {
            action.variable("__QUEUE", QUEUE).variable("__ANNOUNCE", announce)
        });
        stage.expect("QueueCallerJoin", &[("Uniqueid", &call.other)]);
        call
    };

    // Nobody is there.
    let call = queue("");
    ask(&[("QueueStatus", &[("Queue", QUEUE)]), ("QueueSummary", &[("Queue", QUEUE)])]);
    stage.act(&HangupAction::new(&call.id));
    stage.expect("QueueCallerAbandon", &[("Uniqueid", &call.other)]);
    stage.expect("QueueCallerLeave", &[("Uniqueid", &call.other)]);

    // Somebody is, and does not hear; then somebody does.
    let deaf = Member::new(&stage, "member-deaf");
    let call = queue("");
    stage.expect("AgentCalled", &[("Uniqueid", &call.other)]);
    stage.expect("AgentRingNoAnswer", &[("Uniqueid", &call.other)]);
    let interface = deaf.interface.clone();
    drop(deaf);
    stage.expect("QueueMemberRemoved", &[("Interface", &interface)]);
    let agent = Member::new(&stage, "member");
    stage.expect("AgentConnect", &[("Uniqueid", &call.other)]);
    ask(&[("QueueStatus", &[("Queue", QUEUE)])]);
    // A caller who goes before that is not told of.
    stage.expect("BridgeEnter", &[("Linkedid", &call.id), ("BridgeNumChannels", "2")]);
    stage.act(&HangupAction::new(&call.id));
    stage.expect("AgentComplete", &[("Uniqueid", &call.other)]);
    stage.expect("QueueMemberStatus", &[("Interface", &agent.interface)]);

    let of = [("Queue", QUEUE), ("Interface", &*agent.interface)];
    stage.send("QueuePause", &[of[0], of[1], ("Paused", "true"), ("Reason", "lunch")]);
    stage.expect("QueueMemberPause", &of);
    stage.send("QueuePenalty", &[of[0], of[1], ("Penalty", "7")]);
    stage.expect("QueueMemberPenalty", &of);
    stage.send("QueueMemberRingInUse", &[of[0], of[1], ("RingInUse", "yes")]);
    stage.expect("QueueMemberRinginuse", &of);
    drop(agent);

    // Somebody hears who calls, and would rather not.
    let _gone = Member::new(&stage, "member-gone");
    let call = queue("hello-world");
    stage.expect("AgentDump", &[("Uniqueid", &call.other)]);
    stage.act(&HangupAction::new(&call.id));
}

pub(super) fn agents() {
    let stage = Stage::new();
    let call = stage.ring("pool-agent", |action| action);
    stage.expect("AgentLogin", &[("Uniqueid", &call.other)]);
    ask(&[("Agents", &[])]);
    stage.send("AgentLogoff", &[("Agent", "1002")]);
    stage.expect("AgentLogoff", &[("Uniqueid", &call.other)]);
}
