//! Which pages can be asked for, and what is refused.

use serde_json::{Value, json};

use crate::house::House;
use crate::refusals::{CANARY, Refused, all_are_refused};
use crate::talk::{CONVERSATIONS, SMS, sms, with};

const NOWHERE: &str = "/api/conversations/00000000-0000-4000-8000-000000000000/messages";

#[tokio::test]
async fn page_sizes_have_a_default_and_a_limit() {
    let house = House::open().await;
    for (query, page, size) in [
        ("", 1, 50),
        ("?pageSize=0", 1, 50),
        ("?pageSize=1", 1, 1),
        ("?pageSize=200", 1, 200),
        ("?pageSize=201", 1, 200),
        ("?pageSize=4294967295", 1, 200),
        ("?page=7", 7, 50),
        ("?page=4294967295&pageSize=200", 4_294_967_295_u32, 200),
        ("?PAGE=9&other=x", 1, 50),
    ] {
        let listed = house.get(&format!("{CONVERSATIONS}{query}")).await;
        assert_eq!(listed.status, 200, "{query}");
        assert_eq!(
            listed.json()["meta"],
            json!({"page": page, "page_size": size, "total": 0, "next_cursor": null}),
            "{query}"
        );
    }
}

#[tokio::test]
async fn what_is_no_page_is_refused() {
    let house = House::open().await;
    let mut refused = Vec::new();
    for (query, says) in [
        ("page=0", "`page`"),
        ("page=-1", "`page`"),
        ("page=", "`page`"),
        (&format!("page={CANARY}"), "`page`"),
        ("page=4294967296", "`page`"),
        ("page=1.0", "`page`"),
        ("pageSize=-1", "`pageSize`"),
        ("pageSize=", "`pageSize`"),
        (&format!("pageSize={CANARY}"), "`pageSize`"),
        ("pageSize=4294967296", "`pageSize`"),
        ("cursor=", "`cursor`"),
        (&format!("cursor={CANARY}"), "`cursor`"),
    ] {
        let target = format!("{CONVERSATIONS}?{query}");
        refused.push(Refused::new(query, "GET", &target, 400, "invalid").says(says));
    }
    for target in [
        NOWHERE,
        &format!("{CONVERSATIONS}/{CANARY}/messages"),
        &format!("{CONVERSATIONS}/%00%ff/messages"),
        &format!("{CONVERSATIONS}/1%27%20or%201=1/messages"),
    ] {
        refused.push(Refused::new(target, "GET", target, 404, "not_found").says("no such conversation"));
    }
    all_are_refused(&house, &refused).await;
}

#[tokio::test]
async fn a_cursor_that_was_altered_or_is_of_another_list_is_refused() {
    let house = House::staffed().await;
    for n in 0..3 {
        let body = with(sms(&n.to_string()), &json!({"from": format!("+1555020000{n}")}));
        house.accept(SMS, &body).await;
    }
    house.until_messages(3).await;
    let listed = house.get(&format!("{CONVERSATIONS}?pageSize=1")).await.json();
    let Value::String(cursor) = &listed["meta"]["next_cursor"] else {
        panic!("there is a next page: {listed}");
    };
    let follow = async |cursor: &str| {
        house
            .get(&format!("{CONVERSATIONS}?pageSize=1&cursor={cursor}"))
            .await
    };
    assert_eq!(follow(cursor).await.status, 200);
    for at in 0..cursor.len() {
        let mut altered = cursor.clone().into_bytes();
        altered[at] = if altered[at] == b'A' { b'Q' } else { b'A' };
        let altered = String::from_utf8(altered).unwrap();
        let answer = follow(&altered).await;
        assert_eq!(
            (answer.status, &answer.json()["code"]),
            (400, &json!("invalid")),
            "{at} of {cursor}"
        );
    }
    for altered in [
        &cursor[1..],
        &cursor[..cursor.len() - 1],
        &format!("{cursor}A"),
        &format!("{cursor}="),
    ] {
        assert_eq!(follow(altered).await.status, 400, "{altered}");
    }
    let conversation = listed["items"][0]["id"].as_str().unwrap();
    let elsewhere = house
        .get(&format!(
            "{CONVERSATIONS}/{conversation}/messages?cursor={cursor}"
        ))
        .await;
    assert_eq!(
        (elsewhere.status, &elsewhere.json()["code"]),
        (400, &json!("invalid"))
    );
    let both = house
        .get(&format!("{CONVERSATIONS}?page=2&cursor={cursor}"))
        .await;
    assert_eq!(both.status, 400);
}
