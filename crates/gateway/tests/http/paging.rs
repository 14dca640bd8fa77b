//! Walking long lists, by page and by cursor: everything once, in order, also where times are equal.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::house::House;
use crate::talk::{CONVERSATIONS, SMS, sms, with};

/// More than the largest page holds.
const MANY: usize = 230;

/// Seven share each minute.
fn minute(n: usize) -> String {
    let minutes = TimeDelta::minutes(i64::try_from(n / 7).unwrap());
    (DateTime::<Utc>::UNIX_EPOCH + minutes).to_rfc3339()
}

/// The pages of a list, one after the other by number.
async fn by_page(house: &House, path: &str, size: usize) -> Vec<Value> {
    let mut all = Vec::new();
    for page in 1.. {
        let listed = house
            .get(&format!("{path}?page={page}&pageSize={size}"))
            .await
            .json();
        assert_eq!(listed["meta"]["page"], page);
        let items = listed["items"].as_array().unwrap();
        if items.is_empty() {
            assert_eq!(listed["meta"]["next_cursor"], Value::Null);
            break;
        }
        all.extend_from_slice(items);
    }
    all
}

/// The pages of a list, each by the cursor of the one before.
async fn by_cursor(house: &House, path: &str, size: usize, total: usize) -> Vec<Value> {
    let mut all = Vec::new();
    let mut query = String::new();
    for page in 1.. {
        let listed = house.get(&format!("{path}?pageSize={size}{query}")).await.json();
        let meta = &listed["meta"];
        assert_eq!(
            (&meta["page"], &meta["page_size"], &meta["total"]),
            (&json!(page), &json!(size), &json!(total))
        );
        let items = listed["items"].as_array().unwrap();
        all.extend_from_slice(items);
        match meta["next_cursor"].as_str() {
            Some(cursor) => {
                assert_eq!(items.len(), size, "a page that is not the last is full");
                query = format!("&cursor={cursor}");
            }
            None => break,
        }
    }
    all
}

#[tokio::test]
async fn conversations_are_walked_newest_first() {
    let house = House::staffed().await;
    join_all((0..MANY).map(|n| {
        let number = format!("+1555020{n:04}");
        let body = with(
            sms(&n.to_string()),
            &json!({"from": number, "timestamp": minute(n)}),
        );
        let house = &house;
        async move { house.accept(SMS, &body).await }
    }))
    .await;
    house.until_messages(i64::try_from(MANY).unwrap()).await;

    let all = by_page(&house, CONVERSATIONS, 200).await;
    assert_eq!(all.len(), MANY);
    let place = |item: &Value| {
        let at: DateTime<Utc> = item["last_activity_at"].as_str().unwrap().parse().unwrap();
        (std::cmp::Reverse(at), item["id"].as_str().unwrap().to_owned())
    };
    assert!(
        all.is_sorted_by(|a, b| place(a) < place(b)),
        "newest first, then by id"
    );
    let keys: BTreeSet<_> = all.iter().map(|item| item["key"].as_str().unwrap()).collect();
    assert_eq!(keys.len(), MANY, "each conversation once");
    for size in [3, 46, 50, 199] {
        assert_eq!(by_page(&house, CONVERSATIONS, size).await, all, "pages of {size}");
    }
    for size in [3, 46, 50, 200] {
        assert_eq!(
            by_cursor(&house, CONVERSATIONS, size, MANY).await,
            all,
            "cursors, {size} a page"
        );
    }
}

#[tokio::test]
async fn messages_are_walked_oldest_first() {
    let house = House::staffed().await;
    // Later ones arrive first; among those of one minute the arrival decides.
    let mut sent: Vec<usize> = (0..MANY).collect();
    sent.sort_by_key(|n| std::cmp::Reverse(n / 7));
    for n in &sent {
        let body = json!({"body": n.to_string(), "timestamp": minute(*n)});
        house.accept(SMS, &with(sms(&n.to_string()), &body)).await;
    }
    house.until_messages(i64::try_from(MANY).unwrap()).await;

    let listed = house.get(CONVERSATIONS).await.json();
    assert_eq!(listed["items"][0]["message_count"], MANY);
    let path = format!(
        "{CONVERSATIONS}/{}/messages",
        listed["items"][0]["id"].as_str().unwrap()
    );
    let all = by_page(&house, &path, 200).await;
    let bodies: Vec<usize> = all
        .iter()
        .map(|item| item["body"].as_str().unwrap().parse().unwrap())
        .collect();
    assert_eq!(bodies, (0..MANY).collect::<Vec<_>>());
    for size in [3, 46, 50, 199] {
        assert_eq!(by_page(&house, &path, size).await, all, "pages of {size}");
    }
    for size in [3, 46, 50, 200] {
        assert_eq!(
            by_cursor(&house, &path, size, MANY).await,
            all,
            "cursors, {size} a page"
        );
    }
}

/// More than is read and sent at once.
#[tokio::test]
async fn large_messages_are_walked_like_small_ones() {
    const LARGE: usize = 23;
    let house = House::staffed().await;
    let body = |n: usize| {
        // Some are small, one is larger than all others together are wont to be.
        let length = [100_000, 10, 200_000, 70_000][n % 4];
        format!("{n} {}", "\u{1f4e6}".repeat(length / 4))
    };
    for n in 0..LARGE {
        let change = json!({"body": body(n), "timestamp": minute(n)});
        house.accept(SMS, &with(sms(&n.to_string()), &change)).await;
    }
    house.until_messages(i64::try_from(LARGE).unwrap()).await;

    let listed = house.get(CONVERSATIONS).await.json();
    let path = format!(
        "{CONVERSATIONS}/{}/messages",
        listed["items"][0]["id"].as_str().unwrap()
    );
    let whole = house.get(&format!("{path}?pageSize=200")).await.json();
    let meta = json!({"page": 1, "page_size": 200, "total": LARGE, "next_cursor": null});
    assert_eq!(whole["meta"], meta);
    let all = whole["items"].as_array().unwrap();
    assert_eq!(all.len(), LARGE);
    for (n, item) in all.iter().enumerate() {
        assert!(item["body"] == body(n), "message {n}");
    }
    for size in [1, 9, 22, LARGE, 50] {
        assert!(by_page(&house, &path, size).await == *all, "pages of {size}");
        let walked = by_cursor(&house, &path, size, LARGE).await;
        assert!(walked == *all, "cursors, {size} a page");
    }

    // HTTP/1.0 knows no pieces.
    let mut socket = house.socket().await;
    let request = format!("GET {path}?pageSize=200 HTTP/1.0\r\nhost: mailroom\r\n\r\n");
    socket.send(request.as_bytes()).await;
    let answer = socket.answer().await.unwrap();
    assert_eq!(answer.header("transfer-encoding"), None);
    assert!(answer.json()["items"] == whole["items"]);
}
