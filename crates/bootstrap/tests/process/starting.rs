//! How it starts or does not: one line with the remedy, and the right exit code.

use std::net::TcpListener;

use serde_json::Value;

use crate::running::{idle, stderr};

#[test]
fn an_error_of_the_service_is_logged_and_fails_the_process() {
    let output = idle(&[("MAILROOM__IDLE__ERROR", "lost the lanes")])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(
        stderr(&output)
            .lines()
            .any(|line| line.contains("\"error\":\"lost the lanes\"")),
        "{}",
        stderr(&output)
    );
}

#[test]
fn settings_at_fault_are_one_line_with_the_remedy() {
    let output = idle(&[("MAILROOM__SHUTDOWN__DEADLINE_MS", "hush")])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(stderr(&output).lines().count(), 1, "{}", stderr(&output));
    assert!(
        stderr(&output)
            .starts_with("idle: setting `shutdown.deadline_ms` is refused (from MAILROOM__SHUTDOWN__DEA")
    );
    assert!(!stderr(&output).contains("hush"));

    let output = idle(&[]).env_remove("DATABASE_URL").output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(
        stderr(&output).contains("set DATABASE_URL"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn a_taken_admin_port_names_the_variable() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let output = idle(&[("MAILROOM__ADMIN__LISTEN", &address)]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(
        stderr(&output).contains("set MAILROOM__ADMIN__LISTEN"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn arguments_at_fault_exit_2_and_a_filter_at_fault_1() {
    assert_eq!(
        idle(&[]).arg("--nonsense").output().unwrap().status.code(),
        Some(2)
    );
    let output = idle(&[]).args(["--log", "mailroom=loud=er"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("RUST_LOG"), "{}", stderr(&output));
}

#[test]
fn printing_the_settings_needs_no_database_and_tells_no_secret() {
    let output = idle(&[]).arg("--print-config").output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    let printed: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(printed["database"]["url"], "<redacted>");
    assert_eq!(printed["shutdown"]["drain_delay_ms"], 50);
    assert_eq!(
        idle(&[])
            .arg("--print-config")
            .env_remove("DATABASE_URL")
            .output()
            .unwrap()
            .status
            .code(),
        Some(0)
    );
}
