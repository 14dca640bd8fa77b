//! `healthcheck`, called beside a process that runs.

use std::net::TcpListener;
use std::process::Output;
use std::thread::sleep;
use std::time::Duration;

use rustix::process::Signal;

use crate::running::{Running, idle, stderr};

fn healthcheck(listen: &str, settings: &[(&str, &str)]) -> Output {
    let mut command = idle(settings);
    command.env("MAILROOM__ADMIN__LISTEN", listen).arg("healthcheck");
    command.output().unwrap()
}

#[test]
fn it_is_ready_until_it_drains_and_then_gone() {
    let running = Running::start(&[("MAILROOM__SHUTDOWN__DRAIN_DELAY_MS", "3000")]);
    let port = running.admin().port();
    for listen in [running.admin().to_string(), format!("0.0.0.0:{port}")] {
        let output = healthcheck(&listen, &[]);
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        assert!(output.stdout.is_empty() && output.stderr.is_empty(), "{output:?}");
    }
    running.signal(Signal::TERM);
    let listen = running.admin().to_string();
    let mut output = healthcheck(&listen, &[]);
    for _ in 0..100 {
        if output.status.code() != Some(0) {
            break;
        }
        sleep(Duration::from_millis(20));
        output = healthcheck(&listen, &[]);
    }
    assert_eq!(
        (output.status.code(), stderr(&output)),
        (Some(1), "idle: not ready: draining\n")
    );
    running.end();
    let output = healthcheck(&listen, &[]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("the program does not run"), "{output:?}");
    assert_eq!(stderr(&output).lines().count(), 1, "{output:?}");
}

#[test]
fn nothing_but_the_address_matters_to_it() {
    let running = Running::start(&[]);
    let listen = running.admin().to_string();
    let wrong = [
        ("DATABASE_URL_FILE", "/nowhere"),
        ("MAILROOM__IDLE__LINES", "many"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "nonsense"),
        ("RUST_LOG", "a=b=c"),
    ];
    assert_eq!(healthcheck(&listen, &wrong).status.code(), Some(0));
}

#[test]
fn an_address_that_names_no_port_and_wrong_arguments_say_so() {
    let output = healthcheck("127.0.0.1:0", &[]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        stderr(&output).contains("set MAILROOM__ADMIN__LISTEN"),
        "{output:?}"
    );
    let output = idle(&[]).args(["healthcheck", "--now"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn a_frozen_one_is_not_waited_for() {
    let mute = TcpListener::bind("127.0.0.1:0").unwrap();
    let output = healthcheck(&mute.local_addr().unwrap().to_string(), &[]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        stderr(&output).contains("does not answer within 2 s"),
        "{output:?}"
    );
}
