//! `/metrics`: every series stands from the first scrape, and moves.

use crate::house::House;
use crate::talk::{CONVERSATIONS, SMS, email, sms};

/// The value of a series; its labels in any order.
fn value(metrics: &str, name: &str, labels: &[(&str, &str)]) -> Option<f64> {
    metrics.lines().find_map(|line| {
        let (series, value) = line.rsplit_once(' ')?;
        let (found, found_labels) = series.split_once('{').unwrap_or((series, ""));
        let fits = found == name
            && labels
                .iter()
                .all(|(label, value)| found_labels.contains(&format!("{label}=\"{value}\"")));
        fits.then(|| value.parse().unwrap())
    })
}

#[tokio::test]
async fn every_series_stands_from_the_first_scrape() {
    let house = House::with(&crate::twilio_signing::SETTINGS).await;
    let answer = house.get_admin("/metrics").await;
    assert_eq!(answer.status, 200);
    assert!(
        answer
            .header("content-type")
            .unwrap()
            .starts_with("text/plain; version=0.0.4")
    );
    let metrics = answer.body;
    let at_zero = |name: &str, labels: &[(&str, &str)]| {
        assert_eq!(
            value(&metrics, name, labels),
            Some(0.0),
            "{name} {labels:?} in\n{metrics}"
        );
    };
    for name in [
        "mailroom_events_recorded_total",
        "mailroom_events_duplicate_total",
        "mailroom_events_conflicting_total",
        "mailroom_events_quarantined_total",
    ] {
        for (provider, channel) in [
            ("direct", "sms"),
            ("direct", "mms"),
            ("direct", "email"),
            ("twilio", "sms"),
            ("twilio", "mms"),
        ] {
            at_zero(name, &[("provider", provider), ("channel", channel)]);
        }
    }
    for reason in ["busy", "unavailable", "refused"] {
        at_zero("mailroom_events_not_recorded_total", &[("reason", reason)]);
    }
    at_zero("mailroom_recording_sets_total", &[]);
    at_zero("mailroom_recording_set_events_count", &[]);
    for route in [
        SMS,
        "/api/webhooks/email",
        "/webhooks/{provider}/{endpoint}",
        CONVERSATIONS,
        "/api/conversations/{id}/messages",
        "/healthz",
        "/openapi.json",
    ] {
        at_zero("mailroom_requests_total", &[("route", route), ("outcome", "ok")]);
        at_zero("mailroom_request_duration_seconds_count", &[("route", route)]);
    }
    at_zero("panics_total", &[]);
    for pool in ["recording", "reads"] {
        for state in ["idle", "used"] {
            let labels = [("pool", pool), ("state", state)];
            let there = value(&metrics, "mailroom_pool_connections", &labels).is_some();
            assert!(there, "{labels:?} in\n{metrics}");
        }
        let limit = value(&metrics, "mailroom_pool_connections_limit", &[("pool", pool)]);
        assert!(limit > Some(0.0), "{pool} in\n{metrics}");
    }
    let types: Vec<_> = metrics
        .lines()
        .filter_map(|line| line.strip_prefix("# TYPE "))
        .collect();
    let helps = metrics.lines().filter(|line| line.starts_with("# HELP ")).count();
    assert_eq!(helps, types.len(), "each is explained:\n{metrics}");
    assert!(
        types.contains(&"mailroom_request_duration_seconds histogram"),
        "{types:?}"
    );
}

#[tokio::test]
async fn what_happens_is_counted() {
    let house = House::open().await;
    house.accept(SMS, &sms("1")).await;
    house.accept(SMS, &sms("1")).await;
    house.accept("/api/webhooks/email", &email("1")).await;
    assert_eq!(house.post(SMS, &serde_json::json!({})).await.status, 400);
    assert_eq!(house.get("/no/such/path").await.status, 404);
    let metrics = house.get_admin("/metrics").await.body;
    for (name, labels, expected) in [
        (
            "mailroom_events_recorded_total",
            &[("provider", "direct"), ("channel", "sms")][..],
            1.0,
        ),
        (
            "mailroom_events_duplicate_total",
            &[("provider", "direct"), ("channel", "sms")],
            1.0,
        ),
        (
            "mailroom_events_recorded_total",
            &[("provider", "direct"), ("channel", "email")],
            1.0,
        ),
        (
            "mailroom_events_recorded_total",
            &[("provider", "direct"), ("channel", "mms")],
            0.0,
        ),
        ("mailroom_recording_sets_total", &[], 3.0),
        ("mailroom_recording_set_events_count", &[], 3.0),
        (
            "mailroom_requests_total",
            &[("route", SMS), ("outcome", "ok")],
            2.0,
        ),
        (
            "mailroom_requests_total",
            &[("route", SMS), ("outcome", "invalid")],
            1.0,
        ),
        (
            "mailroom_requests_total",
            &[("route", "none"), ("outcome", "not_found")],
            1.0,
        ),
        ("mailroom_request_duration_seconds_count", &[("route", SMS)], 3.0),
    ] {
        assert_eq!(
            value(&metrics, name, labels),
            Some(expected),
            "{name} {labels:?} in\n{metrics}"
        );
    }
    assert!(
        !metrics.contains("no/such"),
        "a path that anybody can make up is no label"
    );
}
