//! The program's own subcommands, as an operator calls them.

use std::process::Output;

use mailroom_test_support::TestProgram;
use serde_json::Value;

use crate::mailroom::Mailroom;

/// How a call ended and what it said.
#[derive(Debug)]
pub(crate) struct Called {
    pub(crate) code: Option<i32>,
    pub(crate) said: String,
    pub(crate) complained: String,
}

impl Called {
    /// How a program ended.
    pub(crate) fn of(output: Output) -> Self {
        Self {
            code: output.status.code(),
            said: String::from_utf8(output.stdout).unwrap(),
            complained: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// The program with these arguments, to be started in any way.
pub(crate) fn program(mailroom: &Mailroom, arguments: &[&str]) -> TestProgram {
    let program = TestProgram::worker(mailroom.url());
    arguments
        .iter()
        .fold(program, |program, argument| program.arg(*argument))
}

/// Calls it and waits for its end.
pub(crate) async fn call(mailroom: &Mailroom, arguments: &[&str]) -> Called {
    Called::of(program(mailroom, arguments).output().await)
}

/// What it says as JSON, when it ends well.
pub(crate) async fn ask(mailroom: &Mailroom, arguments: &[&str]) -> Value {
    let called = call(mailroom, &[arguments, &["--output", "json"]].concat()).await;
    assert_eq!(called.code, Some(0), "{arguments:?}: {called:?}");
    serde_json::from_str(&called.said).unwrap()
}
