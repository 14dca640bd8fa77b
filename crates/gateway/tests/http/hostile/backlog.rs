//! More connections at once than the gateway can accept in that moment.

use std::time::Duration;

use futures_util::future::join_all;
use tokio::time::timeout;

use crate::house::House;
use crate::socket::head;

/// More than the 128 that listeners have without being asked.
const CONNECTIONS: usize = 600;

#[tokio::test]
async fn they_wait_for_it() {
    let house = House::open().await;
    house.gateway.pause();
    let connecting = join_all((0..CONNECTIONS).map(|_| house.socket()));
    // Who finds no room is not answered while the gateway does not accept.
    let connected = timeout(Duration::from_secs(10), connecting).await;
    house.gateway.resume();
    for mut socket in connected.expect("there was no room for all") {
        socket.send(&head("GET", "/healthz", &[])).await;
        assert_eq!(socket.answer().await.unwrap().status, 200);
    }
}
