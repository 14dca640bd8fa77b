//! One trace from the provider's request to the processing of its event, across two real processes.

use std::time::Duration;

use mailroom_test_support::{TestDatabase, TestProgram};
use serde_json::Value;

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";

/// Base64 HMAC-SHA1 of `https://mailroom.example/webhooks/twilio/demoUnknown1` with the token `12345`.
const SIGNATURE: &str = "EVCQwkuklwCgpsakJfd0lcVyoc8=";

#[tokio::test(flavor = "multi_thread")]
async fn the_worker_goes_on_with_the_trace_of_the_request() {
    let database = TestDatabase::create().await;
    let endpoint = "MAILROOM__ENDPOINTS__DEMO";
    let gateway = TestProgram::gateway(database.url())
        .env(&format!("{endpoint}__PROVIDER"), "twilio")
        .env(
            &format!("{endpoint}__PUBLIC_URLS"),
            "https://mailroom.example/webhooks/twilio/demo",
        )
        .env(&format!("{endpoint}__SECRET"), "12345")
        .start()
        .await;
    let worker = TestProgram::worker(database.url()).start().await;
    // Signed, and no message: the gateway puts it aside.
    let answer = reqwest::Client::new()
        .post(format!("{}/webhooks/twilio/demo", gateway.base_url().await))
        .header("content-type", "application/x-www-form-urlencoded")
        .header("x-twilio-signature", SIGNATURE)
        .header("traceparent", format!("00-{TRACE}-b7ad6b7169203331-01"))
        .body("Unknown=1")
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 200);
    // Replayed, it is as unreadable to the worker, which says so in its log.
    let tool = |arguments: &[&str]| {
        let program = TestProgram::worker(database.url()).arg("dead-letters");
        arguments
            .iter()
            .fold(program, |program, argument| program.arg(*argument))
    };
    let listed = tool(&["list", "--output", "json"]).output().await;
    let listed: Value = serde_json::from_slice(&listed.stdout).unwrap();
    let id = listed["items"][0]["id"].as_str().unwrap();
    assert!(tool(&["replay", id]).output().await.status.success());
    for _ in 0..200 {
        let lines = worker.stderr_lines();
        let told = lines
            .iter()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok());
        if let Some(line) = told
            .into_iter()
            .find(|line| line["message"] == "event cannot be processed")
        {
            assert_eq!(line["trace_id"], TRACE, "{line}");
            assert_eq!(line["code"], "unreadable");
            assert!(line["event_id"].is_string());
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the worker never told of the event: {:?}", worker.stderr_lines());
}
