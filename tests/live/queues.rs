//! Queues: members and callers.

use asterisk_sync::Error;
use asterisk_sync::ami::AmiClient;
use asterisk_sync::ami::action::{
    QueueAddAction, QueueMemberRingInUseAction, QueuePauseAction, QueuePenaltyAction,
    QueueRemoveAction, QueueStatusAction, QueueStatusItem, QueueSummaryAction,
    QueueWithdrawCallerAction,
};
use asterisk_sync::ami::event::{
    QueueCallerAbandon, QueueCallerJoin, QueueCallerLeave, QueueMember, QueueMemberAdded,
    QueueMemberPause, QueueMemberPenalty, QueueMemberRemoved, UserEvent,
};
use asterisk_sync::types::{QueueMembership, QueueStrategy};

use crate::support::{Call, await_event, client, console, unique};

const QUEUE: &str = "lobby";

/// A member of the queue, who is removed at the end of the test.
struct Member {
    ami: AmiClient,
    interface: String,
}

impl Member {
    /// Names one who is still to be added: an agent who answers.
    fn new(ami: &AmiClient) -> Self {
        // Local ends the extension at the slash and takes the rest as options.
        Self { ami: ami.clone(), interface: format!("Local/agent@test/{}", unique("n")) }
    }

    fn find(&self) -> Option<QueueMember> {
        let items = self.ami.list(&QueueStatusAction::new().queue(QUEUE)).expect("a status");
        items.into_iter().find_map(|item| match item {
            QueueStatusItem::Member(member) if member.location() == self.interface => Some(member),
            _ => None,
        })
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        let _ = self.ami.send_action(&QueueRemoveAction::new(QUEUE, &self.interface));
    }
}

#[test]
fn a_member_is_added_paused_and_removed_and_each_step_is_an_event() {
    let ami = client();
    let member = Member::new(&ami);
    let is_mine = |interface: &str| interface == member.interface;
    let added = ami.subscribe_to::<QueueMemberAdded>();
    let pauses = ami.subscribe_to::<QueueMemberPause>();
    let removed = ami.subscribe_to::<QueueMemberRemoved>();

    // A member who pauses gets no calls, of other tests' callers neither.
    let add = QueueAddAction::new(QUEUE, &member.interface)
        .penalty(3)
        .paused(true)
        .reason("Mittagspause – 昼")
        .member_name("Zoë \"Z\" Łuka");
    assert_eq!(ami.send_action(&add).unwrap().text(), "Added interface to queue");
    let event = await_event(&added, |it| is_mine(it.interface()));
    assert_eq!(event.queue(), QUEUE);
    assert_eq!(event.member_name(), "Zoë \"Z\" Łuka");
    assert_eq!(event.penalty(), Some(3));
    assert_eq!(event.membership(), Some(QueueMembership::Dynamic));
    assert_eq!(event.paused(), Some(true));
    assert_eq!(event.calls_taken(), Some(0));

    let shown = member.find().unwrap();
    assert_eq!((shown.name(), shown.penalty()), ("Zoë \"Z\" Łuka", Some(3)));
    assert_eq!((shown.paused(), shown.paused_reason()), (Some(true), Some("Mittagspause – 昼")));

    let resume = QueuePauseAction::new(&member.interface, false).queue(QUEUE);
    assert_eq!(ami.send_action(&resume).unwrap().text(), "Interface unpaused successfully");
    let event = await_event(&pauses, |it| is_mine(it.interface()) && it.paused() == Some(false));
    assert_eq!(event.queue(), QUEUE);

    let pause = QueuePauseAction::new(&member.interface, true).reason("Grüße");
    assert_eq!(ami.send_action(&pause).unwrap().text(), "Interface paused successfully");
    let event = await_event(&pauses, |it| is_mine(it.interface()) && it.paused() == Some(true));
    assert_eq!(event.paused_reason(), Some("Grüße"));
    assert!(event.last_pause().is_some());

    let remove = QueueRemoveAction::new(QUEUE, &member.interface);
    assert_eq!(ami.send_action(&remove).unwrap().text(), "Removed interface from queue");
    let event = await_event(&removed, |it| is_mine(it.interface()));
    assert_eq!((event.queue(), event.member_name()), (QUEUE, "Zoë \"Z\" Łuka"));
    assert!(member.find().is_none());
}

#[test]
fn a_members_penalty_and_ring_in_use_change() {
    let ami = client();
    let member = Member::new(&ami);
    ami.send_action(&QueueAddAction::new(QUEUE, &member.interface).paused(true)).unwrap();
    let events = ami.subscribe_to::<QueueMemberPenalty>();
    ami.send_action(&QueuePenaltyAction::new(&member.interface, 7).queue(QUEUE)).unwrap();
    let event = await_event(&events, |it| it.interface() == member.interface);
    assert_eq!(event.penalty(), Some(7));
    assert_eq!(member.find().unwrap().penalty(), Some(7));
    let action = QueueMemberRingInUseAction::new(&member.interface, true).queue(QUEUE);
    ami.send_action(&action).unwrap();
}

#[test]
fn a_member_who_is_there_already_is_refused() {
    let ami = client();
    let member = Member::new(&ami);
    let add = QueueAddAction::new(QUEUE, &member.interface).paused(true);
    ami.send_action(&add).unwrap();
    let error = ami.send_action(&add).unwrap_err();
    let Error::Refused { message, .. } = &error else { panic!("{error:?}") };
    assert_eq!(&**message, "Unable to add interface: Already there");
}

#[test]
fn unknown_queues_and_members_are_refused_or_an_empty_list() {
    let ami = client();
    let nobody = unique("Local/nobody");
    for error in [
        ami.send_action(&QueueAddAction::new("no-such-queue", &nobody)).unwrap_err(),
        ami.send_action(&QueueRemoveAction::new(QUEUE, &nobody)).unwrap_err(),
        ami.send_action(&QueuePauseAction::new(&nobody, true)).unwrap_err(),
    ] {
        assert!(matches!(error, Error::Refused { .. }), "{error:?}");
    }
    assert_eq!(ami.list(&QueueStatusAction::new().queue("no-such-queue")).unwrap(), []);
    assert_eq!(ami.list(&QueueSummaryAction::new().queue("no-such-queue")).unwrap(), []);
}

#[test]
fn the_status_of_a_queue_is_its_configuration() {
    let ami = client();
    let items = ami.list(&QueueStatusAction::new().queue("sales")).unwrap();
    let Some(QueueStatusItem::Params(queue)) = items.first() else { panic!("{items:?}") };
    assert_eq!((queue.queue(), queue.strategy()), ("sales", Some(QueueStrategy::RingAll)));
    assert_eq!(queue.weight(), Some(1));
    assert_eq!(queue.service_level(), Some(std::time::Duration::from_secs(20)));
    let members: Vec<_> = items
        .iter()
        .filter_map(|item| match item {
            QueueStatusItem::Member(member) => Some((member.name(), member.location())),
            _ => None,
        })
        .collect();
    assert_eq!(
        members,
        [("Agent One", "Local/agent1@test/n"), ("Agent Two", "Local/agent2@test/n")]
    );
    let shown = console("queue show sales");
    assert!(members.iter().all(|(name, _)| shown.contains(name)), "{shown}");

    let one = QueueStatusAction::new().queue("sales").member("Local/agent2@test/n");
    let items = ami.list(&one).unwrap();
    assert_eq!(items.len(), 2, "{items:?}");
}

#[test]
fn a_caller_joins_waits_in_the_list_and_abandons() {
    let ami = client();
    let joins = ami.subscribe_to::<QueueCallerJoin>();
    let abandons = ami.subscribe_to::<QueueCallerAbandon>();
    let leaves = ami.subscribe_to::<QueueCallerLeave>();
    let call = Call::new(&ami);
    let action = call.action("queue").variable("__QUEUE", QUEUE);
    ami.send_action(&action.caller_id("\"Ünï Caller\" <4711>")).unwrap();
    let join = await_event(&joins, |it| it.channel().unique_id() == call.other);
    assert_eq!(join.queue(), QUEUE);
    assert!(join.position() >= Some(1) && join.count() >= Some(1));

    let items = ami.list(&QueueStatusAction::new().queue(QUEUE)).unwrap();
    let entry = items
        .iter()
        .find_map(|item| match item {
            QueueStatusItem::Entry(it) if it.channel().unique_id() == call.other => Some(it),
            _ => None,
        })
        .unwrap();
    assert_eq!(entry.channel().channel(), call.other_name());
    assert!(entry.position() >= Some(1) && entry.wait().is_some());
    let summary = ami.list(&QueueSummaryAction::new().queue(QUEUE)).unwrap();
    assert!(summary[0].callers() >= Some(1), "{summary:?}");

    let other = call.other.clone();
    drop(call);
    let abandon = await_event(&abandons, |it| it.channel().unique_id() == other);
    assert!(abandon.original_position() >= Some(1) && abandon.hold_time().is_some());
    await_event(&leaves, |it| it.channel().unique_id() == other);
}

#[test]
fn a_caller_is_withdrawn_and_the_dialplan_goes_on() {
    let ami = client();
    let joins = ami.subscribe_to::<QueueCallerJoin>();
    let events = ami.subscribe_to::<UserEvent>();
    let call = Call::new(&ami);
    ami.send_action(&call.action("queue").variable("__QUEUE", QUEUE)).unwrap();
    await_event(&joins, |it| it.channel().unique_id() == call.other);
    ami.send_action(&QueueWithdrawCallerAction::new(QUEUE, call.other_name())).unwrap();
    let event = await_event(&events, |it| {
        it.user_event() == "QueueEnded" && it.channel().unique_id() == call.other
    });
    assert_eq!(event.message().get("QueueStatus"), Some("WITHDRAW"));
}
