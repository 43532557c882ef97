//! What goes over the wire, byte for byte, and what does not go at all.

use crate::ami::codec::made_up;
use std::time::Duration;

use serde::Serialize;

use super::*;
use crate::ami::EventMask;
use crate::ami::calls::ActionId;
use crate::ami::response::{Reply, Response};
use crate::types::{
    AocChargeType, AocChargedItem, AocMessageType, AocRateType, BridgeTone, EventClass,
    FilterMethod, HangupCause, MixMonitorDirection,
};
use crate::{Credentials, Error, Result};

fn encode(action: &impl Action) -> Result<String> {
    let mut headers = Headers::new(action.name(), Some(ActionId { prefix: "", number: 1 }));
    action.write(&mut headers);
    Ok(String::from_utf8_lossy(&headers.finish()?).into_owned())
}

/// The headers behind `Action` and `ActionID`.
#[track_caller]
fn says(action: &impl Action, lines: &[&str]) {
    let text = encode(action).expect("an action that can be sent");
    let body = format!("Action: {}\r\nActionID: 1\r\n", action.name());
    let body = text.strip_prefix(&body).expect("the head").strip_suffix("\r\n").expect("the end");
    assert_eq!(body.split_terminator("\r\n").collect::<Vec<_>>(), lines);
}

#[track_caller]
fn refused(action: &impl Action, why: &str) {
    match encode(action) {
        Err(Error::Invalid(message)) => assert!(message.contains(why), "{message}"),
        other => panic!("{other:?}"),
    }
}

fn json(action: &impl Serialize) -> String {
    serde_json::to_string(action).expect("JSON")
}

#[test]
fn a_whole_message_is_exactly_this() {
    assert_eq!(
        encode(&PingAction::new()).ok().as_deref(),
        Some("Action: Ping\r\nActionID: 1\r\n\r\n")
    );
}

#[test]
fn originate_says_all_it_can() {
    says(
        &OriginateAction::to("PJSIP/alice")
            .extension("default", "200", 1)
            .caller_id("Desk <100>")
            .ring_for(Duration::from_secs(30))
            .variable("A", "1")
            .variable("HASH(a,b)", r#"x,"y"\z = (1"#)
            .account("acc")
            .early_media(true)
            .asynchronous(true)
            .codecs(["ulaw", "opus"])
            .channel_id("id-1")
            .other_channel_id("id-2")
            .pre_dial_gosub("sub,s,1"),
        &[
            "Channel: PJSIP/alice",
            "Context: default",
            "Exten: 200",
            "Priority: 1",
            "CallerID: Desk <100>",
            "Timeout: 30000",
            "Variable: A=1",
            r#"Variable: HASH(a\,b)=x\,\"y\"\\z = (1"#,
            "Account: acc",
            "EarlyMedia: true",
            "Async: true",
            "Codecs: ulaw,opus",
            "ChannelId: id-1",
            "OtherChannelId: id-2",
            "PreDialGoSub: sub,s,1",
        ],
    );
    says(
        &OriginateAction::to("Local/1@x").application("Playback", "hello").asynchronous(false),
        &["Channel: Local/1@x", "Application: Playback", "Data: hello", "Async: false"],
    );
}

#[test]
fn a_call_that_goes_nowhere_is_refused() {
    let call = || OriginateAction::to("PJSIP/alice");
    refused(&call(), "needs an extension or an application");
    refused(&call().extension("c", "1", 1).application("Wait", "1"), "not both");
    refused(&call().extension("c", "", 1), "needs a context, a name and a priority");
    refused(&call().application("", ""), "needs a name");
    refused(&OriginateAction::to("").application("Wait", "1"), "needs a channel");
    refused(&call().application("Wait", "1").variable("A=B", "1"), "equals sign");
    refused(&call().application("Wait", "1").variable("", "1"), "has a name");
    refused(&call().application("Wait", "1\r\nAction: Command"), "line breaks");
    says(
        &call().extension("c", "1", "label"),
        &["Channel: PJSIP/alice", "Context: c", "Exten: 1", "Priority: label"],
    );
}

#[test]
fn a_setter_that_is_called_twice_counts_once() {
    says(
        &HangupAction::new("X/1").cause(HangupCause::UserBusy).cause(HangupCause::NormalClearing),
        &["Channel: X/1", "Cause: 16"],
    );
}

#[test]
fn a_hangup_is_of_one_channel_or_of_a_pattern() {
    refused(&HangupAction::new("/X/"), "an action of its own");
    refused(&HangupMatchingAction::new(""), "every channel");
    let many = HangupMatchingAction::new("^PJSIP/alice-");
    says(&many, &["Channel: /^PJSIP/alice-/"]);
    assert_eq!(many.list().map(|list| list.end), Some("ChannelsHungupListComplete"));
    assert_eq!(HangupAction::new("X/1").list(), None);
}

#[test]
fn variables_are_set_as_they_are() {
    says(
        &SetVarAction::new("CALLERID(name)", "a,b \"c\"").channel("X/1"),
        &["Variable: CALLERID(name)", "Value: a,b \"c\"", "Channel: X/1"],
    );
    refused(&SetVarAction::new("A", " b"), "cannot begin with a blank");
}

#[test]
fn redirect_takes_a_second_channel_along() {
    says(
        &RedirectAction::new("X/1", "ctx", "100", 1)
            .extra_channel("X/2")
            .extra_context("ctx2")
            .extra_exten("200")
            .extra_priority("label"),
        &[
            "Channel: X/1",
            "Context: ctx",
            "Exten: 100",
            "Priority: 1",
            "ExtraChannel: X/2",
            "ExtraContext: ctx2",
            "ExtraExten: 200",
            "ExtraPriority: label",
        ],
    );
    refused(&RedirectAction::new("X/1", "c", "1", 1).extra_exten("2"), "second channel");
}

#[test]
fn filters_have_both_syntaxes() {
    says(&FilterAction::include("Event: Hangup"), &["Operation: Add", "Filter: Event: Hangup"]);
    says(&FilterAction::include("!x"), &["Operation: Add", "Filter: [!]x"]);
    says(&FilterAction::exclude("VarSet"), &["Operation: Add", "Filter: !VarSet"]);
    says(
        &FilterAction::matching(
            FilterCriteria::include()
                .name("Hangup")
                .header("Channel")
                .value(FilterMethod::StartsWith, "PJSIP/"),
        ),
        &[
            "Operation: Add",
            "MatchCriteria: action(include),name(Hangup),header(Channel),method(starts_with)",
            "Filter: PJSIP/",
        ],
    );
    says(
        &FilterAction::matching(FilterCriteria::exclude().name("VarSet")),
        &["Operation: Add", "MatchCriteria: action(exclude),name(VarSet)"],
    );
}

#[test]
fn filters_that_asterisk_misreads_are_refused() {
    let matching = FilterAction::matching;
    let include = FilterCriteria::include;
    refused(&FilterAction::exclude(""), "expression");
    refused(&matching(include()), "a name, a header or a value");
    refused(&matching(include().name("User Event")), "blanks");
    refused(&matching(include().header("A),name(B")), "parentheses");
    refused(&matching(include().name("X").value(FilterMethod::Exact, "")), "needs a value");
    refused(&matching(include().name("X").value(FilterMethod::None, "x")), "has no value");
}

#[test]
fn what_the_server_forgets_is_remembered() {
    let mask = EventsAction::new(EventMask::of([EventClass::Call, EventClass::Agent]));
    says(&mask, &["EventMask: call,agent"]);
    assert_eq!(mask.restores(), Some(Restore::Mask("call,agent".to_owned())));
    let filter = FilterAction::exclude("VarSet");
    assert_eq!(filter.restores(), Some(Restore::Filter(filter.clone())));
    assert_eq!(PingAction::new().restores(), None);
}

#[test]
fn truths_are_spelt_as_each_action_wants_them() {
    says(
        &QueueAddAction::new("sales", "PJSIP/alice").penalty(2).paused(false).reason("lunch"),
        &["Queue: sales", "Interface: PJSIP/alice", "Penalty: 2", "Paused: false", "Reason: lunch"],
    );
    says(&QueueReloadAction::new().members(true).rules(false), &["Members: yes", "Rules: no"]);
    says(
        &MixMonitorMuteAction::new("X/1", MixMonitorDirection::Both, true),
        &["Channel: X/1", "Direction: both", "State: 1"],
    );
    says(&PJSIPSetMaintenanceAction::new("all", true), &["Endpoint: all", "State: on"]);
    says(
        &BridgeAction::new("X/1", "X/2").tone(BridgeTone::Both),
        &["Channel1: X/1", "Channel2: X/2", "Tone: Both"],
    );
}

#[test]
fn times_are_whole_ones() {
    let long = Duration::from_millis(1001);
    says(&AbsoluteTimeoutAction::new("X/1", long), &["Channel: X/1", "Timeout: 2"]);
    says(
        &PlayDTMFAction::new("X/1", '#').duration(long).receive(true),
        &["Channel: X/1", "Digit: #", "Duration: 1001", "Receive: true"],
    );
}

#[test]
fn user_events_have_any_headers_but_their_own_name() {
    says(
        &UserEventAction::new("Door").header("A", "1").header("A", "2"),
        &["UserEvent: Door", "A: 1", "A: 2"],
    );
    refused(&UserEventAction::new("Door").header("userevent", "x"), "own name");
    refused(&UserEventAction::new("Door").header("ActionID", "x"), "set by the client");
}

#[test]
fn secrets_are_sent_and_never_shown() {
    let login = LoginAction::new(("admin", "s3cret"));
    says(&login, &["Username: admin", "Secret: s3cret"]);
    assert!(!format!("{login:?}").contains("s3cret"));
    assert_eq!(json(&login), r#"{"Action":"Login","Username":"admin"}"#);

    let md5 = LoginAction::new(Credentials::new("admin", "s3cret"))
        .challenge("111311754")
        .events(EventMask::none());
    let key = "cff6cff7d4f9b6e9f19345765d9f0bda";
    says(&md5, &["Username: admin", "AuthType: MD5", &format!("Key: {key}"), "Events: off"]);
    assert!(!format!("{md5:?}{}", json(&md5)).contains(key));

    let own = CustomAction::new("X").header("Password", "s3cret");
    assert!(!format!("{own:?}{}", json(&own)).contains("s3cret"));
}

#[test]
fn actions_are_shown_and_serialised_header_by_header() {
    let action = OriginateAction::to("X/1").application("Wait", "1").variable("A", "1");
    assert_eq!(
        format!("{action:?}"),
        r#"OriginateAction {"Channel": "X/1", "Application": "Wait", "Data": "1", "Variable": "A=1"}"#
    );
    assert_eq!(
        json(&action.variable("B", "2")),
        r#"{"Action":"Originate","Channel":"X/1","Application":"Wait","Data":"1","Variable":["A=1","B=2"]}"#
    );
}

#[test]
fn an_empty_list_may_come_as_a_refusal() {
    let empty = |action: &dyn Fn() -> Option<ListSpec>| action().map(|list| list.empty);
    assert_eq!(
        empty(&|| PJSIPShowEndpointsAction::new().list()),
        Some(&["No endpoints found"][..])
    );
    assert_eq!(
        empty(&|| DBGetAction::new("a", "b").list()),
        Some(&["Database entry not found"][..])
    );
    assert_eq!(empty(&|| BridgeListAction::new().list()), Some(&[][..]));
}

#[test]
fn several_kinds_of_items_are_told_apart() {
    assert_eq!(QueueStatusItem::NAMES, ["QueueParams", "QueueMember", "QueueEntry"]);
    let event = |name: &str| {
        let text = format!("Event: {name}\r\nQueue: sales\r\n\r\n");
        AmiEvent::from_message(made_up(text.as_bytes()))
    };
    let item = QueueStatusItem::from_event(event("QueueMember"));
    assert!(matches!(item, Some(QueueStatusItem::Member(_))));
    assert_eq!(QueueStatusItem::from_event(event("Hangup")), None);
}

fn answer<R: Reply>(text: &str) -> R {
    let message = made_up(text.replace('\n', "\r\n").as_bytes());
    R::from_response(Response(message)).expect("an answer")
}

#[test]
fn the_servers_actions_are_read_from_headers_named_after_them() {
    let answer: ListCommandsResponse = answer(
        "Response: Success\nActionID: 1\nAGI: Add an AGI command.  (Priv: agi,all)\n\
         Ping: Keepalive command.  (Priv: <none>)\n\n",
    );
    assert_eq!(
        answer.commands().collect::<Vec<_>>(),
        [
            ListedCommand { name: "AGI", synopsis: "Add an AGI command.", privileges: "agi" },
            ListedCommand { name: "Ping", synopsis: "Keepalive command.", privileges: "" },
        ]
    );
}

#[test]
fn the_rules_of_queues_are_read_each_in_its_list() {
    use super::QueuePenaltyChange::{By, To};
    // What Asterisk 22.10 sent of a configuration with these.
    let answer: QueueRuleResponse = answer(
        "Response: Success\nActionID: 1\nRuleList: myrule\nRule: 30,+3,+0\nRule: 60,+0,5\n\
         Rule: 120,10,-2\nRuleList: empty\nRuleList: ends\nRule: 1,2147483647,0\n\n",
    );
    let rule = |after, max_penalty, min_penalty| QueueRule {
        after: Duration::from_secs(after),
        max_penalty,
        min_penalty,
    };
    let lists = answer.lists();
    let names: Vec<_> = lists.iter().map(|list| list.name).collect();
    assert_eq!(names, ["myrule", "empty", "ends"]);
    assert_eq!(
        lists[0].rules,
        [rule(30, By(3), By(0)), rule(60, By(0), To(5)), rule(120, To(10), By(-2))]
    );
    assert!(lists[1].rules.is_empty());
    assert_eq!(lists[2].rules, [rule(1, To(i32::MAX), To(0))]);
}

#[test]
fn a_rule_that_nobody_can_read_is_still_there_as_text() {
    let answer: QueueRuleResponse =
        answer("Response: Success\nRuleList: odd\nRule: x,1\nRule: 5,1,2\n\n");
    assert_eq!((answer.lists()[0].rules.len(), answer.rules().count()), (1, 2));
}

#[test]
fn configuration_is_changed_step_by_step() {
    let update = UpdateConfigAction::new("a.conf", "b.conf")
        .change(ConfigChange::new_category("x").options("template,inherit=\"y,z\""))
        .change(ConfigChange::append("x", "member", "PJSIP/alice").object())
        .change(ConfigChange::update("x", "password", "s3cret").matching("old"))
        .change(ConfigChange::insert("x", 2, "n", "v"))
        .change(ConfigChange::delete("x", "n"))
        .change(ConfigChange::delete_line("x", 3))
        .change(ConfigChange::rename_category("x", "w"))
        .change(ConfigChange::empty_category("w"))
        .change(ConfigChange::delete_category("w"))
        .reload_module("app_queue.so")
        .preserve_effective_context(false);
    says(
        &update,
        &[
            "SrcFilename: a.conf",
            "DstFilename: b.conf",
            "Action-000000: NewCat",
            "Cat-000000: x",
            "Options-000000: template,inherit=\"y,z\"",
            "Action-000001: Append",
            "Cat-000001: x",
            "Var-000001: member",
            "Value-000001: >PJSIP/alice",
            "Action-000002: Update",
            "Cat-000002: x",
            "Var-000002: password",
            "Value-000002: s3cret",
            "Match-000002: old",
            "Action-000003: Insert",
            "Cat-000003: x",
            "Var-000003: n",
            "Value-000003: v",
            "Line-000003: 2",
            "Action-000004: Delete",
            "Cat-000004: x",
            "Var-000004: n",
            "Action-000005: Delete",
            "Cat-000005: x",
            "Line-000005: 3",
            "Action-000006: RenameCat",
            "Cat-000006: x",
            "Value-000006: w",
            "Action-000007: EmptyCat",
            "Cat-000007: w",
            "Action-000008: DelCat",
            "Cat-000008: w",
            "Reload: app_queue.so",
            "PreserveEffectiveContext: false",
        ],
    );
    let shown = format!("{update:?}{}", json(&update));
    assert!(!shown.contains("s3cret") && !shown.contains("old"), "{shown}");
    let wrong = UpdateConfigAction::new("a", "a").change(ConfigChange::append("x", "n", ">v"));
    refused(&wrong, "an object's");
}

#[test]
fn advice_of_charge_has_lists_in_it() {
    says(
        &AOCMessageAction::new(AocMessageType::During)
            .channel("X/1")
            .charge_type(AocChargeType::Unit)
            .unit(5, Some(1))
            .unit(7, None),
        &[
            "MsgType: D",
            "Channel: X/1",
            "ChargeType: Unit",
            "UnitAmount(0): 5",
            "UnitType(0): 1",
            "UnitAmount(1): 7",
        ],
    );
    let rate = |item| AocRate::new(item, AocRateType::Flat).currency_amount(3);
    says(
        &AOCMessageAction::new(AocMessageType::Setup)
            .channel_prefix("X/")
            .rate(rate(AocChargedItem::CallAttempt))
            .rate(rate(AocChargedItem::CallSetup)),
        &[
            "MsgType: S",
            "ChannelPrefix: X/",
            "ChargedItem: CallAttempt",
            "RateType: Flat",
            "CurrencyAmount: 3",
            "ChargedItem: CallSetup",
            "RateType: Flat",
            "CurrencyAmount: 3",
        ],
    );
    refused(&AOCMessageAction::new(AocMessageType::End), "needs a channel");
}

#[test]
fn a_message_has_a_recipient_and_a_notify_one_aim() {
    refused(&MessageSendAction::new().body("x"), "recipient");
    let notify = PJSIPNotifyAction::new;
    says(
        &notify().endpoint("alice").variable("Event", "check-sync").variable("Content", "a,b"),
        &["Endpoint: alice", "Variable: Event=check-sync", r"Variable: Content=a\,b"],
    );
    refused(&notify().option("x"), "one of them only");
    refused(&notify().endpoint("a").uri("sip:b").option("x"), "one of them only");
    refused(&notify().endpoint("a").option("x").variable("Event", "y"), "variables");
}

#[test]
fn a_text_of_several_lines_is_sent_in_base64() {
    let to = || MessageSendAction::new().to("pjsip:alice");
    says(&to().body("one: line"), &["To: pjsip:alice", "Body: one: line"]);
    says(&to().body("two\nlines"), &["To: pjsip:alice", "Base64Body: dHdvCmxpbmVz"]);
    says(&to().body(" blank"), &["To: pjsip:alice", "Base64Body: IGJsYW5r"]);
    says(&to().body("a\nb").body("c"), &["To: pjsip:alice", "Body: c"]);
    refused(&to().body("a\n\0"), "NUL");
    let lines = |n: usize| format!("\n{}", "x".repeat(n - 1));
    assert!(encode(&to().body(lines(756))).is_ok());
    assert!(matches!(encode(&to().body(lines(757))), Err(Error::Limit { .. })));
    assert!(encode(&to().body("x".repeat(1016))).is_ok());
    assert!(matches!(encode(&to().body("x".repeat(1017))), Err(Error::Limit { .. })));
}

#[test]
fn a_configuration_file_is_read_category_by_category() {
    let answer: GetConfigResponse = answer(
        "Response: Success\nCategory-000000: general\nLine-000000-000000: a=1=2\n\
         Category-000001: base\nIsTemplate-000001: 1\nCategory-000002: sales\n\
         Templates-000002: base,more\nLine-000002-000000: member=X\n\
         Line-000002-000001: member=Y\n\n",
    );
    let categories = answer.categories();
    assert_eq!(categories[0].lines, [("a", "1=2")]);
    assert!(categories[1].is_template && !categories[0].is_template);
    assert_eq!(categories[2].name, "sales");
    assert_eq!(categories[2].templates, ["base", "more"]);
    assert_eq!(categories[2].lines, [("member", "X"), ("member", "Y")]);
    let none: GetConfigResponse = self::answer("Response: Success\nNo categories found\n\n");
    assert_eq!(none.categories(), []);
}

#[test]
fn lines_are_cut_into_what_the_server_reads_at_once() {
    let line = |n: usize| format!("{}\r\n", "x".repeat(n - 2));
    for (text, first) in [
        (line(10), 10),
        (line(10) + &line(1014), 1024),
        (line(10) + &line(1015), 10),
        (line(1024) + "\r\n", 1024),
        (line(600) + &line(600) + "\r\n", 600),
    ] {
        assert_eq!(whole_lines(text.as_bytes()), first, "{}", text.len());
    }
}
