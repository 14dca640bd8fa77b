//! A client that goes away as soon as it has sent: what was received whole is recorded all the same.

use crate::house::House;
use crate::socket::request;
use crate::talk::{EMAIL, email, sms};

const TIMES: i64 = 40;

#[tokio::test]
async fn the_event_is_recorded_once() {
    let house = House::open().await;
    for n in 0..TIMES {
        let body = sms(&n.to_string()).to_string();
        let mut socket = house.socket().await;
        socket
            .send(&request(
                "POST",
                "/api/webhooks/sms",
                &[("content-type", "application/json")],
                body.as_bytes(),
            ))
            .await;
        socket.hang_up();
    }
    house
        .until("select count(*) from messaging.inbound_events", TIMES)
        .await;
    assert_eq!(
        house
            .number("select sum(duplicates) from messaging.inbound_events")
            .await,
        0
    );
}

#[tokio::test]
async fn a_reset_and_a_redelivery_make_one() {
    let house = House::open().await;
    for n in 0..TIMES {
        let body = email(&n.to_string());
        let mut socket = house.socket().await;
        let text = body.to_string();
        socket
            .send(&request(
                "POST",
                EMAIL,
                &[("content-type", "application/json")],
                text.as_bytes(),
            ))
            .await;
        socket.reset(); // what was under way may be lost
        house.accept(EMAIL, &body).await;
    }
    assert_eq!(house.events().await, TIMES);
    let idle =
        "select count(*) from pg_stat_activity where datname = current_database() and state like 'idle in%'";
    assert_eq!(house.number(idle).await, 0, "no transaction is left open");
}
