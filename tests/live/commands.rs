//! What console commands print.

use asterisk_sync::Error;

use crate::support::{Global, client, console};

/// Commands whose output does not change while other tests run.
const STEADY: [&str; 9] = [
    "core show applications",
    "core show functions",
    "core show application Dial",
    "core show help",
    "core show version",
    "core show codecs",
    "manager show commands",
    "manager show settings",
    "dialplan show test",
];

#[test]
fn a_commands_output_is_what_the_console_prints() {
    let ami = client();
    for command in STEADY {
        let shown = console(command);
        let output = ami.command(command).unwrap();
        let lines: Vec<&str> = output.lines().collect();
        assert_eq!(lines, shown.lines().collect::<Vec<_>>(), "{command}");
        assert_eq!(output.text(), shown, "{command}");
    }
}

#[test]
fn the_list_of_applications_is_complete() {
    let output = client().command("core show applications").unwrap();
    let last = output.lines().last().unwrap();
    let count: usize =
        last.trim().trim_start_matches("-= ").split(' ').next().unwrap().parse().unwrap();
    // The others are the first line and this last one.
    assert_eq!(output.lines().filter(|line| line.contains(": ")).count(), count, "{last}");
}

#[test]
fn blank_lines_and_leading_blanks_are_kept() {
    let output = client().command("core show application Dial").unwrap();
    assert!(output.lines().any(str::is_empty));
    assert!(output.lines().any(|line| line.starts_with("    ")));
}

#[test]
fn an_unknown_command_is_refused_with_what_the_console_would_print() {
    let ami = client();
    let error = ami.command("live bogus").unwrap_err();
    let Error::Refused { action, message } = &error else { panic!("{error:?}") };
    assert_eq!(&**action, "Command");
    assert_eq!(message.trim_end(), console("live bogus").trim_end());
    assert!(message.starts_with("No such command 'live bogus'"), "{message}");
}

#[test]
fn a_command_that_is_not_for_amis_ears_is_refused() {
    let error = client().command("module load app_dial.so").unwrap_err();
    assert!(
        matches!(&error, Error::Refused { message, .. } if &**message == "Command blacklisted"),
        "{error:?}"
    );
}

#[test]
fn a_command_takes_and_gives_utf8_quotes_and_backslashes() {
    let ami = client();
    let global = Global::new(&ami);
    let value = r#"Grüße, 世界 "so" C:\dir"#;
    let quoted = value.replace('\\', r"\\").replace('"', "\\\"");
    let set = format!("dialplan set global {} \"{quoted}\"", global.name);
    let output = ami.command(set).unwrap();
    assert!(output.text().contains(value), "{}", output.text());
    let shown = ami.command("dialplan show globals").unwrap();
    let line = format!("{}={value}", global.name);
    assert!(shown.lines().any(|it| it.trim() == line), "{}", shown.text());
}

#[test]
fn a_command_with_a_line_break_never_leaves_the_client() {
    let error = client().command("core show version\r\nAction: Logoff").unwrap_err();
    assert!(matches!(error, Error::Invalid(_)), "{error:?}");
    assert!(!error.may_have_run());
}
