//! `cargo dev --once` on a server that is given: all that was sent is there, once, also the second time.

use std::collections::BTreeMap;
use std::process::Command;

use mailroom_test_support::{TestDatabase, server_url};
use serde_json::Value;

/// Runs it in the database of this URL, and gives back its summary.
fn once(url: &str) -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_mailroom-dev"))
        .args(["--once", "--output", "json"])
        .env("DATABASE_URL", url)
        .output()
        .expect("the program was built for this test");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("no summary; {said}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_second_run_in_a_row_finds_everything_there() {
    // It only lends its name: the database itself is made by the first run.
    let name = format!("{}_once", TestDatabase::create_empty().await.name());
    let server = server_url();
    let (server, _) = server.rsplit_once('/').unwrap();
    let url = format!("{server}/{name}");
    let (first, second) = (once(&url), once(&url));
    let (totals, conversations) = expected();
    for run in [&first, &second] {
        assert_eq!(run["report"]["sent"], totals["requests"]);
        assert_eq!(run["report"]["refused"], totals["refused"]);
        assert_eq!(run["report"]["messages"], totals["messages"]);
        assert_eq!(
            run["report"]["conversations"].as_array().unwrap().len(),
            conversations
        );
    }
    let (events, duplicates) = (totals["events"], totals["duplicates"]);
    let counted = |run: &Value| {
        [&run["report"]["recorded"], &run["report"]["duplicate"]].map(|it| it.as_u64().unwrap())
    };
    assert_eq!(counted(&first), [events, duplicates]);
    assert_eq!(counted(&second), [0, events + duplicates]);
}

/// The sums of what has to come of the recording, and how many conversations.
#[expect(clippy::unwrap_used, reason = "the files are part of the test")]
fn expected() -> (BTreeMap<String, u64>, usize) {
    let (mut totals, mut conversations) = (BTreeMap::new(), 0);
    for file in [
        include_str!("../traffic/expected.json"),
        include_str!("../traffic/expected-providers.json"),
    ] {
        let expected: Value = serde_json::from_str(file).unwrap();
        for (name, count) in expected["totals"].as_object().unwrap() {
            *totals.entry(name.clone()).or_default() += count.as_u64().unwrap();
        }
        conversations += expected["conversations"].as_array().unwrap().len();
    }
    (totals, conversations)
}
