//! Configuration files as a whole: read, changed, saved, read again.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use asterisk_sync::Error;
use asterisk_sync::ami::AmiClient;
use asterisk_sync::ami::action::{
    ConfigChange, CreateConfigAction, GetConfigJSONAction, UpdateConfigAction,
};
use asterisk_sync::ami::config_file::{Category, NewCategory, Save};
use asterisk_sync::testing::FakeAmi;

use crate::common::{both, guarded};

const PJSIP: &str = "\
[phones](!)
type = endpoint
allow = ulaw
[alice](phones)
callerid = Alice <200>
[alice]
type = aor
contact => sip:alice@a
contact => sip:alice@b
";

fn started(text: &str) -> (FakeAmi, AmiClient) {
    let fake = FakeAmi::start().unwrap();
    fake.set_config_file("pjsip.conf", text);
    let ami = crate::common::settled(fake.client());
    (fake, ami)
}

#[test]
fn a_file_is_what_it_was_said_to_be_after_it_is_saved_and_read_again() {
    both(|fake, ami| {
        fake.set_config_file("pjsip.conf", PJSIP);
        let mut file = ami.config_file("pjsip.conf").unwrap();
        let mut address = file.category_with_mut("alice", "type", "aor").unwrap();
        address.set_line(1, "sip:alice@c").unwrap();
        address.insert(1, "max_contacts", "2").unwrap();
        address.append_object("contact", "\"q\"; x, 'y' äöü").unwrap();
        let mut alice = file.category_with_mut("ALICE", "type", "endpoint").unwrap();
        alice.set("allow", "g722").unwrap();
        let mut desk = file.add(NewCategory::new("desk").inherit("phones")).unwrap();
        desk.append("empty", "").unwrap();
        let address = NewCategory::new("desk").allow_duplicate().line("type", "aor");
        file.add(address.object_line("x", "1")).unwrap().append("x", "2").unwrap();
        file.add(NewCategory::new("öfter").template()).unwrap().append("x", "1").unwrap();
        let before = file.unsaved();
        let bad = NewCategory::new("desk").allow_duplicate().line("x", "1").line("y", " 2");
        assert!(file.add(bad).is_err());
        assert!(file.add(NewCategory::new("DESK")).is_err());
        assert_eq!(file.unsaved(), before);
        let said = file.categories().to_vec();
        let steps = file.unsaved();
        assert_eq!(file.save(ami, &Save::new()).unwrap(), steps);
        assert_eq!(file.categories(), said);
        assert_eq!(ami.config_file("pjsip.conf").unwrap().categories(), said);
        let json =
            ami.send_action(&GetConfigJSONAction::new("pjsip.conf").filter("TEMPLATES=include"));
        assert_eq!(json.unwrap().categories().unwrap(), said);
        let text = fake.config_file_text("pjsip.conf").unwrap();
        assert!(text.contains("contact => sip:alice@c\n"), "{text}");
        assert!(text.contains("contact => \"q\"\\; x, 'y' äöü\n"), "{text}");
    });
}

#[test]
fn hundreds_of_steps_take_several_requests_and_end_as_one_would() {
    guarded(|| {
        let (_fake, ami) = started("[a]\n[b]\nx = 1\n");
        let mut file = ami.config_file("pjsip.conf").unwrap();
        for i in 0..300 {
            file.category_mut("a").unwrap().append(&format!("n{i}"), &i.to_string()).unwrap();
        }
        file.category_mut("a").unwrap().remove("n7").unwrap();
        file.category_mut("b").unwrap().delete().unwrap();
        let said = file.categories().to_vec();
        assert_eq!(file.save(&ami, &Save::new()).unwrap(), 302);
        assert_eq!(ami.config_file("pjsip.conf").unwrap().categories(), said);
    });
}

#[test]
fn a_file_that_somebody_else_has_changed_is_left_alone() {
    guarded(|| {
        let (fake, ami) = started(PJSIP);
        let mut file = ami.config_file("pjsip.conf").unwrap();
        file.category_mut("alice").unwrap().set("x", "1").unwrap();
        let other = UpdateConfigAction::new("pjsip.conf", "pjsip.conf")
            .change(ConfigChange::new_category("bob"));
        ami.send_action(&other).unwrap();
        let theirs = fake.config_file_text("pjsip.conf");
        assert!(matches!(file.save(&ami, &Save::new()), Err(Error::Invalid(_))));
        assert_eq!(fake.config_file_text("pjsip.conf"), theirs);
        assert_eq!(file.unsaved(), 1);
    });
}

#[test]
fn a_failure_in_between_says_how_many_steps_were_carried_out_and_keeps_the_others() {
    guarded(|| {
        let (fake, ami) = started("[a]\n");
        let mut file = ami.config_file("pjsip.conf").unwrap();
        for i in 0..60 {
            file.category_mut("a").unwrap().append(&format!("n{i}"), "x").unwrap();
        }
        // The second request is refused, the others are carried out.
        let fake = Arc::new(fake);
        let (server, count) = (Arc::downgrade(&fake), AtomicUsize::new(0));
        fake.on("UpdateConfig", move |request| {
            if count.fetch_add(1, Ordering::Relaxed) == 1 {
                return request.error("Save of config failed");
            }
            let server = server.upgrade().unwrap();
            let mut text = server.config_file_text("pjsip.conf").unwrap();
            for (name, value) in request.message().iter() {
                if name.starts_with("Var-") {
                    text += &format!("{value} = x\n");
                }
            }
            server.set_config_file("pjsip.conf", &text);
            request.success(&[]);
        });
        let e = file.save(&ami, &Save::new()).unwrap_err();
        assert!(e.is_refused() && e.may_have_run() && !e.is_retryable(), "{e:?}");
        let Error::Unfinished(work) = e else { panic!("{e:?}") };
        assert!(work.done() > 0 && work.all() == 60, "{work}");
        let now = ami.config_file("pjsip.conf").unwrap();
        assert_eq!(now.categories()[0].lines().len(), work.done());
        assert_eq!(file.unsaved(), 60 - work.done());
        // And goes on from there when asked to.
        assert_eq!(file.save(&ami, &Save::new()).unwrap(), 60 - work.done());
        assert_eq!(file.categories()[0].lines().len(), 60);
    });
}

#[test]
fn what_fails_before_anything_was_carried_out_is_that_failure_alone() {
    guarded(|| {
        let (_fake, ami) = started("[a]\n");
        assert!(matches!(ami.config_file("nope.conf"), Err(Error::Refused { .. })));
        let mut file = ami.config_file("pjsip.conf").unwrap();
        file.category_mut("a").unwrap().append("x", "1").unwrap();
        let e = file.save(&ami, &Save::new().to("nope.conf")).unwrap_err();
        assert!(matches!(e, Error::Refused { .. }), "{e:?}");
        assert_eq!((file.unsaved(), file.filename()), (1, "pjsip.conf"));
    });
}

#[test]
fn a_file_is_written_to_another_and_is_that_one_from_then_on() {
    guarded(|| {
        let (fake, ami) = started("[a]\nx = 1\n");
        ami.send_action(&CreateConfigAction::new("copy.conf")).unwrap();
        let mut file = ami.config_file("pjsip.conf").unwrap();
        assert_eq!(file.save(&ami, &Save::new().to("copy.conf")).unwrap(), 0);
        assert_eq!(file.filename(), "copy.conf");
        file.category_mut("a").unwrap().set("x", "2").unwrap();
        file.save(&ami, &Save::new()).unwrap();
        assert_eq!(fake.config_file_text("copy.conf").unwrap(), "[a]\nx = 2\n");
        assert_eq!(fake.config_file_text("pjsip.conf").unwrap(), "[a]\nx = 1\n");
    });
}

#[test]
fn what_a_template_gains_shows_in_its_heirs_once_it_is_saved() {
    guarded(|| {
        let (_fake, ami) = started(PJSIP);
        let mut file = ami.config_file("pjsip.conf").unwrap();
        file.category_mut("phones").unwrap().append("dtmf_mode", "info").unwrap();
        assert_eq!(file.category("alice").and_then(|alice| alice.get("dtmf_mode")), None);
        file.save(&ami, &Save::new()).unwrap();
        let alice = file.category("alice").unwrap();
        assert_eq!((alice.get("dtmf_mode"), alice.inherited()), (Some("info"), 3));
        let names: Vec<_> = file.categories().iter().map(Category::name).collect();
        assert_eq!(names, ["phones", "alice", "alice"]);
    });
}

#[test]
fn what_a_template_loses_its_heirs_keep_unless_they_are_not_to() {
    guarded(|| {
        for preserve in [true, false] {
            let (_fake, ami) = started(PJSIP);
            let mut file = ami.config_file("pjsip.conf").unwrap();
            file.category_mut("phones").unwrap().remove("allow").unwrap();
            file.save(&ami, &Save::new().preserve_effective_context(preserve)).unwrap();
            let alice = file.category("alice").unwrap();
            assert_eq!(alice.get("allow").is_some(), preserve);
            assert_eq!(alice.inherited(), 1);
        }
    });
}
