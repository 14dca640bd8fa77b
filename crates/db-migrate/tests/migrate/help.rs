//! What a person finds who asks.

use crate::command::{Said, program};

fn asked(args: &[&str]) -> String {
    Said::from(program(args).output().unwrap()).exits(0).stdout
}

#[test]
fn help_has_examples_exit_codes_and_where_the_database_comes_from() {
    let help = asked(&["--help"]);
    let expected = [
        "db-migrate up --wait-for-db 60s",
        "db-migrate status --check",
        "MAILROOM_DIRECT_DATABASE_URL, DATABASE_URL",
        "_FILE",
        "pooler",
        "  3  `status --check`: migrations are pending",
        "  5  a lock or a wait timed out",
        "  6  cannot connect",
    ];
    for words in expected {
        assert!(help.contains(words), "no {words:?} in:\n{help}");
    }
    for (command, option) in [
        ("up", "--lock-timeout"),
        ("down", "--yes"),
        ("status", "--check"),
        ("wait", "--timeout"),
    ] {
        assert!(asked(&[command, "--help"]).contains(option), "{command} {option}");
    }
}

#[test]
fn help_does_not_show_the_url_of_the_environment() {
    let output = program(&["up", "--help"])
        .env("DATABASE_URL", "postgres://anna:s3cret@db/mail")
        .output()
        .unwrap();
    assert!(!Said::from(output).exits(0).stdout.contains("s3cret"));
}

#[test]
fn the_version_is_that_of_the_release() {
    assert_eq!(
        asked(&["--version"]).trim(),
        format!("db-migrate {}", env!("CARGO_PKG_VERSION"))
    );
}
