//! `cargo dev --once` on a server that is given: all that was sent is there, once, also the second time.

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
    for run in [&first, &second] {
        assert_eq!(run["report"]["sent"].as_u64().unwrap(), 290);
        assert_eq!(run["report"]["refused"].as_u64().unwrap(), 20);
        assert_eq!(run["report"]["messages"].as_u64().unwrap(), 235);
        assert_eq!(run["report"]["conversations"].as_array().unwrap().len(), 55);
    }
    assert_eq!(
        (
            first["report"]["recorded"].as_u64(),
            first["report"]["duplicate"].as_u64()
        ),
        (Some(235), Some(35))
    );
    assert_eq!(
        (
            second["report"]["recorded"].as_u64(),
            second["report"]["duplicate"].as_u64()
        ),
        (Some(0), Some(270))
    );
}
