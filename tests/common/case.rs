//! Tests of what belongs to a whole process, such as its environment: each case is a process of its own,
//! this very program, told by its environment what it is.

use std::process::{Command, Output};

/// Set in the processes that are the cases.
const CASE: &str = "ASTERISK_SYNC_TEST_CASE";

/// The case that this process is, if it is one.
pub(crate) fn this() -> Option<String> {
    std::env::var(CASE).ok()
}

/// Runs the test `environment::child` in a process with this environment, without anything else that concerns us.
pub(crate) fn run(case: &str, variables: &[(&str, &str)]) -> Output {
    let mut child = Command::new(std::env::current_exe().expect("this program"));
    for (name, _) in std::env::vars_os()
        .filter(|(name, _)| name.to_str().is_some_and(|name| name.starts_with("ASTERISK_")))
    {
        child.env_remove(name);
    }
    child
        .args(["environment::child", "--exact", "--nocapture"])
        .env(CASE, case)
        .envs(variables.iter().copied())
        .output()
        .expect("a process")
}

/// The same, which has to pass.
pub(crate) fn assert_passes(case: &str, variables: &[(&str, &str)]) {
    let output = run(case, variables);
    let text = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && text.contains("1 passed"), "{case}\n{text}\n{errors}");
}
