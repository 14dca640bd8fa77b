//! The limit of 262,144 bytes: just within, and one too many, however it comes.

use serde_json::{Value, json};

use crate::answer::Answer;
use crate::house::House;
use crate::refusals::{CANARY, Refused, all_are_refused};
use crate::socket::head;
use crate::talk::{EMAIL, SMS, email, sms, with};

const LIMIT: usize = 262_144;
const JSON: (&str, &str) = ("content-type", "application/json");

/// A valid body of exactly so many bytes, filled up with this.
fn of_size(valid: &Value, size: usize, filling: &str) -> String {
    let filling_size = serde_json::to_string(filling).unwrap().len() - 2;
    let empty = with(valid.clone(), &json!({"body": CANARY})).to_string();
    let times = (size - empty.len()) / filling_size;
    let body = with(
        valid.clone(),
        &json!({"body": CANARY.to_owned() + &filling.repeat(times)}),
    )
    .to_string();
    // White space between the fields counts as well.
    " ".repeat(size - body.len()) + &body
}

#[tokio::test]
async fn the_largest_is_taken_whole() {
    let house = House::staffed().await;
    for (path, body) in [
        (SMS, of_size(&sms("1"), LIMIT, "x")),
        (EMAIL, of_size(&email("2"), LIMIT, "\u{1f600}")),
        // Kept as bytes, of which there are as many as received.
        (EMAIL, of_size(&email("3"), LIMIT, "\0")),
    ] {
        assert_eq!(body.len(), LIMIT);
        let request = house.client.post(format!("{}{path}", house.base_url));
        let answer = request.header(JSON.0, JSON.1).body(body).send().await.unwrap();
        let answer = Answer::of(answer).await;
        assert_eq!(answer.status, 202, "{answer:?}");
    }
    house.until_messages(3).await;
    assert_eq!(
        house
            .number("select max(octet_length(payload_bytes))::bigint from messaging.inbound_events")
            .await,
        i64::try_from(LIMIT).unwrap()
    );
}

#[tokio::test]
async fn one_byte_more_is_refused() {
    let house = House::open().await;
    let mut table = Vec::new();
    for (route, valid) in [(SMS, sms(CANARY)), (EMAIL, email(CANARY))] {
        for size in [LIMIT + 1, 2 * LIMIT] {
            let name = format!("{route} {size} bytes");
            let one = Refused::new(name, "POST", route, 413, "too_large").says("262144");
            table.push(one.header(JSON.0, JSON.1).with_body(of_size(&valid, size, "x")));
        }
    }
    all_are_refused(&house, &table).await;
}

#[tokio::test]
async fn what_is_declared_too_large_is_refused_unread() {
    let house = House::open().await;
    for length in ["262145", "1073741824", "18446744073709551615"] {
        let mut socket = house.socket().await;
        socket
            .send(&head("POST", SMS, &[JSON, ("content-length", length)]))
            .await;
        let answer = socket.answer().await.unwrap();
        assert_eq!(
            (answer.status, &answer.json()["code"]),
            (413, &json!("too_large")),
            "{length}"
        );
        assert_eq!(answer.header("connection"), Some("close"), "{length}");
    }
    assert_eq!(house.events().await, 0);
}

#[tokio::test]
async fn a_body_in_chunks_has_the_same_limit() {
    let house = House::open().await;
    for (size, status) in [(LIMIT, 202), (LIMIT + 1, 413), (3 * LIMIT, 413)] {
        let mut socket = house.socket().await;
        socket
            .send(&head("POST", SMS, &[JSON, ("transfer-encoding", "chunked")]))
            .await;
        for chunk in of_size(&sms(&size.to_string()), size, "x")
            .as_bytes()
            .chunks(10_000)
        {
            let chunk = [format!("{:x}\r\n", chunk.len()).as_bytes(), chunk, b"\r\n"].concat();
            socket.send(&chunk).await;
        }
        socket.send(b"0\r\n\r\n").await;
        let answer = socket
            .answer()
            .await
            .unwrap_or_else(|error| panic!("{size}: {error}"));
        assert_eq!(answer.status, status, "{size}: {answer:?}");
    }
    assert_eq!(house.events().await, 1);
}
