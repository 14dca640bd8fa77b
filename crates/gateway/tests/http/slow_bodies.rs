//! Bodies that do not come, or not whole.

use std::time::{Duration, Instant};

use tokio::time::sleep;

use crate::house::House;
use crate::socket::{head, request};
use crate::talk::{SMS, sms};

const JSON: (&str, &str) = ("content-type", "application/json");

#[tokio::test]
async fn a_body_that_does_not_come_is_not_waited_for() {
    let house = House::with(&[("MAILROOM__SERVER__BODY_TIMEOUT_MS", "400")]).await;
    let begun = Instant::now();
    let mut socket = house.socket().await;
    socket
        .send(&head("POST", SMS, &[JSON, ("content-length", "200")]))
        .await;
    // A drop now and then does not buy more time.
    for _ in 0..6 {
        socket.send(b" ").await;
        sleep(Duration::from_millis(100)).await;
    }
    let answer = socket.answer().await.unwrap();
    assert_eq!(answer.status, 408, "{answer:?}");
    assert_eq!(answer.json()["code"], "timeout");
    assert_eq!(answer.header("connection"), Some("close"));
    assert!(begun.elapsed() >= Duration::from_millis(400));
    assert_eq!(house.events().await, 0);
}

#[tokio::test]
async fn half_a_body_is_no_event() {
    let house = House::open().await;
    let whole = request("POST", SMS, &[JSON], sms("1").to_string().as_bytes());
    for missing in 1..=40 {
        let mut socket = house.socket().await;
        socket.send(&whole[..whole.len() - missing]).await;
        if missing % 2 == 0 {
            socket.hang_up();
        } else {
            socket.reset();
        }
    }
    house.post(SMS, &sms("2")).await;
    assert_eq!(
        house
            .texts("select provider_message_id from messaging.inbound_events")
            .await,
        ["2"]
    );
}
