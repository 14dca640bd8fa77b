//! Bodies that are held at once, beyond what may be: they are refused for the moment, and room is had again.

use super::case::JSON;
use crate::house::House;
use crate::socket::head;
use crate::talk::{SMS, sms};

#[tokio::test]
async fn what_arrived_counts_and_what_was_announced_does_not() {
    let house = House::with(&[("MAILROOM__SERVER__MAX_BYTES_IN_FLIGHT", "300000")]).await;
    let announced = head("POST", SMS, &[JSON, ("content-length", "262144")]);
    let mut announcing = Vec::new();
    for _ in 0..20 {
        let mut socket = house.socket().await;
        socket.send(&announced).await;
        announcing.push(socket);
    }
    house.accept(SMS, &sms("1")).await;

    let mut holding = house.socket().await;
    holding.send(&announced).await;
    holding.send(&vec![b' '; 200_000]).await;
    until_held(&house, 200_000).await;
    let mut refused = house.socket().await;
    refused.send(&announced).await;
    refused.send(&vec![b' '; 200_000]).await;
    let answer = refused.answer().await.unwrap();
    answer.assert_try_again();
    assert_eq!(answer.json()["code"], "overloaded");
    assert_eq!(answer.header("connection"), Some("close"));
    house.accept(SMS, &sms("2")).await;

    holding.reset();
    until_held(&house, 0).await;
    let mut again = house.socket().await;
    again.send(&announced).await;
    again.send(&vec![b' '; 262_144]).await;
    assert_eq!(
        again.answer().await.unwrap().status,
        400,
        "white space is no SMS, but it was read"
    );
    assert_eq!(house.events().await, 2);
}

/// Waits until so many bytes are held.
async fn until_held(house: &House, bytes: u32) {
    let series = format!("mailroom_bytes_in_flight {bytes}");
    house
        .until_metric(|metrics| metrics.lines().any(|line| line == series), &series)
        .await;
}
