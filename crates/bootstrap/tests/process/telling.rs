//! What it tells of itself, and that nobody who does not listen can hold it up.

use std::io::Read;
use std::net::TcpListener;
use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::running::Running;

#[test]
fn a_panic_is_one_line_without_its_message() {
    let running = Running::start(&[("MAILROOM__IDLE__PANIC", "hush")]);
    assert!(running.get("/metrics").unwrap().1.contains("\npanics_total 1\n"));
    running.signal(Signal::TERM);
    let (code, log, _) = running.end();
    assert_eq!(code, Some(0));
    let panics: Vec<_> = log.iter().filter(|line| line["message"] == "panicked").collect();
    assert_eq!(panics.len(), 1);
    assert!(
        panics[0]["location"].as_str().unwrap().contains("idle.rs"),
        "{panics:?}"
    );
}

#[test]
fn a_reader_who_does_not_read_the_log_holds_nothing_up() {
    let mut running = Running::start(&[("MAILROOM__IDLE__LINES", "20000")]); // ready only once all were written
    let metrics = running.get("/metrics").unwrap().1;
    let dropped = metrics
        .lines()
        .find_map(|line| line.strip_prefix("log_lines_dropped_total "))
        .unwrap();
    assert!(dropped.parse::<u64>().unwrap() > 1_000, "{dropped}");
    running.signal(Signal::TERM);
    let begun = Instant::now();
    let code = loop {
        if let Some(status) = running.child.try_wait().unwrap() {
            break status.code();
        }
        assert!(begun.elapsed() < Duration::from_secs(8), "still there");
        sleep(Duration::from_millis(20));
    };
    assert_eq!(code, Some(0));
}

#[test]
fn spans_go_to_the_collector() {
    let collector = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", collector.local_addr().unwrap());
    let running = Running::start(&[("OTEL_EXPORTER_OTLP_ENDPOINT", &endpoint)]);
    let reader = std::thread::spawn(move || {
        let (mut stream, _) = collector.accept().unwrap();
        let mut preface = [0; 24];
        stream.read_exact(&mut preface).unwrap();
        (preface, stream) // keeps the connection open and never answers
    });
    running.signal(Signal::TERM);
    let (code, log, took) = running.end();
    assert_eq!(code, Some(0), "{log:?}");
    assert!(
        took < Duration::from_secs(4),
        "a collector that never answers held the stop up: {took:?}"
    );
    assert_eq!(&reader.join().unwrap().0, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
}

#[test]
fn a_collector_that_is_down_is_told_of_once() {
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let settings = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", &*format!("http://{nobody}")),
        ("OTEL_BSP_SCHEDULE_DELAY", "20"),
    ];
    let running = Running::start(&settings);
    let begun = Instant::now();
    while running
        .get("/metrics")
        .unwrap()
        .1
        .contains("trace_spans_lost_total 0")
    {
        assert!(
            begun.elapsed() < Duration::from_secs(10),
            "no export was given up"
        ); // after a few retries
        sleep(Duration::from_millis(50));
    }
    running.signal(Signal::TERM);
    let (code, log, took) = running.end();
    assert_eq!(code, Some(0), "{log:?}");
    assert!(took < Duration::from_secs(4), "{took:?}");
    let told = log
        .iter()
        .filter(|line| line["message"] == "the trace collector does not take our spans")
        .count();
    assert!(told == 1, "{log:?}");
}
