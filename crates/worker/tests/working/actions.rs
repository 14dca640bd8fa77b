//! `actions`: the account of what operators did.

use serde_json::json;

use crate::letters::letters;
use crate::mailroom::Mailroom;
use crate::tool::{ask, call};

#[tokio::test]
async fn every_change_leaves_a_line_and_every_miss_leaves_none() {
    let mut mailroom = Mailroom::new().await;
    assert_eq!(call(&mailroom, &["actions"]).await.said, "nobody did anything\n");
    let letters = letters(&mut mailroom.chance, 2, 4);
    mailroom.record(&letters).await;
    mailroom
        .execute("update messaging.inbound_events set status = 'dead_letter', error_code = 'unavailable'")
        .await;
    let id = letters[0].id.to_string();
    let as_anna = ["--actor", "anna", "--reason", "a drill"];
    for (arguments, code) in [
        (vec!["dead-letters", "replay", &id], 0),
        (vec!["dead-letters", "replay", &id], 3),
        (
            vec!["dead-letters", "discard", "--code", "unavailable", "--yes"],
            0,
        ),
        (vec!["pause", "--provider", "slack"], 0),
        (vec!["pause", "--provider", "slack"], 0),
        (vec!["resume", "--provider", "slack"], 0),
        (vec!["resume", "--all"], 3),
    ] {
        let called = call(&mailroom, &[arguments.as_slice(), &as_anna].concat()).await;
        assert_eq!(called.code, Some(code), "{arguments:?}: {called:?}");
        let changed = code == 0 && !called.said.contains("already");
        assert_eq!(
            called.complained.contains("by an operator"),
            changed,
            "{called:?}"
        );
        assert!(!called.complained.contains("anna"), "ids only: {called:?}");
    }
    let actions = ask(&mailroom, &["actions"]).await;
    let told: Vec<_> = actions["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| json!([it["action"], it["count"], it["actor"], it["reason"], it["filter"]]))
        .collect();
    assert_eq!(
        told,
        [
            json!(["resume", 1, "anna", "a drill", {"provider": "slack"}]),
            json!(["pause", 1, "anna", "a drill", {"provider": "slack"}]),
            json!(["discard", 3, "anna", "a drill", {"code": "unavailable"}]),
            json!(["replay", 1, "anna", "a drill", {"ids": [id]}]),
        ]
    );
    // Without --actor it is the user of the process.
    ask(&mailroom, &["pause", "--all", "--reason", "a drill"]).await;
    let last = ask(&mailroom, &["actions", "--limit", "1"]).await;
    assert!(!last["items"][0]["actor"].as_str().unwrap().is_empty());
    assert_eq!(last["items"][0]["filter"], json!({"all": true}));
    // A reason or a name of two lines is no second entry.
    let forged = "well\n2026-01-01T00:00:00Z  replay";
    ask(
        &mailroom,
        &["resume", "--all", "--reason", forged, "--actor", forged],
    )
    .await;
    let line = call(&mailroom, &["actions", "--limit", "1"]).await.said;
    assert_eq!(line.lines().count(), 1, "{line}");
    assert_eq!(line.matches("well\\n2026").count(), 2, "{line}");
}
