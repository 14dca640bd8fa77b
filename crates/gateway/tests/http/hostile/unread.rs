//! A client that asks and asks and never reads.

use super::MOST_MEMORY;
use super::process::memory;
use crate::house::House;
use crate::socket::head;

#[tokio::test]
async fn it_is_cut_off_when_nothing_more_fits_on_the_way() {
    let house = House::with(&[("MAILROOM__SERVER__BODY_TIMEOUT_MS", "1000")]).await;
    let mut sockets = Vec::new();
    for _ in 0..4 {
        let mut socket = house.socket().await;
        // More of answers than the system's buffers take.
        socket
            .send(&head("GET", "/openapi.json", &[]).repeat(1_500))
            .await;
        sockets.push(socket);
    }
    let series = "mailroom_connections_cut_total{cause=\"unread\"} 4";
    house
        .until_metric(|metrics| metrics.contains(series), series)
        .await;
    assert!(memory(&house.gateway).peak < MOST_MEMORY);
    assert_eq!(house.get("/healthz").await.status, 200);
}
