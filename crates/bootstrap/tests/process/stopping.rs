//! How it stops, and that the exit code tells whether its work was finished.

use std::time::Duration;

use rustix::process::Signal;

use crate::running::{Running, says};

#[test]
fn stops_cleanly_when_asked() {
    for signal in [Signal::TERM, Signal::INT] {
        let running = Running::start(&[]);
        assert_eq!(running.get("/livez").unwrap().0, 200);
        assert!(
            running
                .get("/metrics")
                .unwrap()
                .1
                .contains("build_info{service=\"idle\"")
        );
        running.signal(signal);
        let (code, log, _) = running.end();
        assert_eq!(code, Some(0), "{log:?}");
        assert!(says(&log, "asked to stop") && says(&log, "stopped"), "{log:?}");
    }
}

#[test]
fn serves_as_draining_during_the_drain_delay() {
    let running = Running::start(&[("MAILROOM__SHUTDOWN__DRAIN_DELAY_MS", "700")]);
    running.signal(Signal::TERM);
    assert!(running.until("/readyz", 503).contains("draining"));
    assert_eq!(running.get("/livez").unwrap().0, 200);
    assert_eq!(running.end().0, Some(0));
}

#[test]
fn a_second_signal_cuts_off_and_says_so() {
    let running = Running::start(&[("MAILROOM__IDLE__STUBBORN", "yes")]);
    running.signal(Signal::TERM);
    running.until("/readyz", 503);
    running.signal(Signal::INT);
    let (code, log, _) = running.end();
    assert_eq!(code, Some(1));
    assert!(
        says(&log, "asked again: cutting off") && says(&log, "stopped with work unfinished"),
        "{log:?}"
    );
}

#[test]
fn the_deadline_cuts_off() {
    let running = Running::start(&[
        ("MAILROOM__IDLE__STUBBORN", "1"),
        ("MAILROOM__SHUTDOWN__DEADLINE_MS", "200"),
    ]);
    running.signal(Signal::TERM);
    let (code, log, took) = running.end();
    assert_eq!(code, Some(1), "{log:?}");
    assert!(took < Duration::from_secs(5), "{took:?}");
}
