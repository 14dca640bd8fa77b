//! A database that is not there, or says nothing: the gateway lives, says so, and asks for patience.

use std::time::{Duration, Instant};

use mailroom_test_support::{RunningProgram, TestProgram};
use tokio::net::{TcpListener, TcpSocket};

use crate::answer::Answer;
use crate::house::client;
use crate::talk::{CONVERSATIONS, SMS, sms};

const PASSWORD: &str = "geheim";

/// Starts a gateway whose database is said to be at this port.
fn gateway(port: u16) -> RunningProgram {
    TestProgram::gateway(&format!(
        "postgres://mailroom:{PASSWORD}@127.0.0.1:{port}/mailroom"
    ))
    .env("MAILROOM__PROFILE", "development")
    .spawn()
}

async fn ask(gateway: &RunningProgram) {
    let (public, admin) = (gateway.base_url().await, gateway.admin_url().await);
    let client = client();
    let get = async |url: String| Answer::of(client.get(url).send().await.unwrap()).await;
    assert_eq!(get(format!("{admin}/livez")).await.status, 200);
    assert_eq!(get(format!("{public}/healthz")).await.status, 200);
    let ready = get(format!("{admin}/readyz")).await;
    assert_eq!(ready.status, 503);
    assert!(ready.json()["failing"]["database"].is_string(), "{ready:?}");

    let mut quickest = Duration::MAX;
    for n in 0..3 {
        let begun = Instant::now();
        let answer = client
            .post(format!("{public}{SMS}"))
            .json(&sms(&n.to_string()))
            .send()
            .await
            .unwrap();
        quickest = quickest.min(begun.elapsed());
        let answer = Answer::of(answer).await;
        answer.assert_try_again();
        assert_eq!(answer.json()["code"], "unavailable");
        assert!(answer.json()["request_id"].is_string());
    }
    assert!(quickest < Duration::from_millis(1_500), "{quickest:?}");
    get(format!("{public}{CONVERSATIONS}")).await.assert_try_again();
    // A request that waits for the database holds up nobody who does not.
    let begun = Instant::now();
    let (answer, live) = tokio::join!(
        client.post(format!("{public}{SMS}")).json(&sms("last")).send(),
        get(format!("{public}/healthz")),
    );
    assert_eq!((answer.unwrap().status().as_u16(), live.status), (503, 200));
    assert!(begun.elapsed() < Duration::from_secs(5));
    assert!(gateway.ended().is_none());
    let log = gateway.stderr_lines().join("\n");
    assert!(!log.contains(PASSWORD) && !log.contains("+1555"), "{log}");
    gateway.terminate();
    assert!(
        gateway.wait_exit(Duration::from_secs(10)).await.success(),
        "it stops all the same"
    );
}

#[tokio::test]
async fn nobody_listens() {
    // Bound and not listened at: nobody else gets it, and every connection is refused.
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    ask(&gateway(socket.local_addr().unwrap().port())).await;
}

#[tokio::test]
async fn nobody_answers() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    ask(&gateway(listener.local_addr().unwrap().port())).await;
}
