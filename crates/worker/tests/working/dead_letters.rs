//! `dead-letters`: listed, shown, replayed, by the program's own subcommand.

use std::time::{Duration, Instant};

use mailroom_domain::Payload;
use serde_json::Value;

use crate::letters::letters;
use crate::mailroom::Mailroom;
use crate::tool::{ask, call};

/// Exit code and what was said.
async fn tool(mailroom: &Mailroom, arguments: &[&str]) -> (Option<i32>, String) {
    let called = call(mailroom, &[&["dead-letters"], arguments].concat()).await;
    let text = if called.said.is_empty() {
        called.complained
    } else {
        called.said
    };
    (called.code, text)
}

async fn listed(mailroom: &Mailroom, arguments: &[&str]) -> Value {
    ask(mailroom, &[&["dead-letters", "list"], arguments].concat()).await
}

#[tokio::test]
async fn they_are_listed_shown_and_replayed() {
    let mut mailroom = Mailroom::new().await;
    assert_eq!(
        tool(&mailroom, &["list"]).await,
        (Some(0), "no dead letters\n".to_owned())
    );
    let mut letters = letters(&mut mailroom.chance, 3, 9);
    let mended: Vec<Payload> = [1, 4, 7].map(|at| letters[at].payload.clone()).into();
    for at in [1, 4, 7] {
        letters[at].payload = Payload::new(b"{\"from\": 7");
    }
    mailroom.record(&letters).await;
    let _worker = mailroom.worker().start().await;
    mailroom.until_done(Duration::from_secs(20)).await;

    let all = listed(&mailroom, &[]).await;
    let ids: Vec<&str> = all["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["id"].as_str().unwrap())
        .collect();
    assert_eq!(
        ids,
        [1, 4, 7].map(|at| letters[at].id.to_string()),
        "in order of arrival"
    );
    let first = listed(&mailroom, &["--limit", "2"]).await;
    let rest = listed(&mailroom, &["--after", &first["next"].to_string()]).await;
    assert_eq!(
        (first["items"].as_array().unwrap().len(), &rest["items"][0]["id"]),
        (2, &all["items"][2]["id"])
    );
    for (filter, count) in [
        (["--code", "unreadable"], 3),
        (["--code", "reaped"], 0),
        (["--kind", "quarantined"], 0),
        (["--provider", "direct"], 3),
        (["--endpoint", "elsewhere"], 0),
        (["--channel", "sms"], 3),
        (["--channel", "email"], 0),
        (["--conversation", letters[1].conversation_key.as_str()], 3),
        (["--conversation", letters[0].conversation_key.as_str()], 0),
        (["--since", "1h"], 3),
        (["--since", "2099-01-01T00:00:00Z"], 0),
        (["--until", "1h"], 0),
        (["--until", "2099-01-01T00:00:00+01:00"], 3),
    ] {
        let found = listed(&mailroom, &filter).await;
        assert_eq!(found["items"].as_array().unwrap().len(), count, "{filter:?}");
    }
    let (code, shown) = tool(&mailroom, &["show", ids[0]]).await;
    assert_eq!(code, Some(0), "{shown}");
    for told in ["code: unreadable", "payload: {\"from\": 7", "attempts: 1"] {
        assert!(shown.contains(told), "{told}: {shown}");
    }

    // A release that can read them.
    for (at, payload) in [1, 4, 7].into_iter().zip(mended) {
        let text = String::from_utf8(payload.as_bytes().to_vec()).unwrap();
        mailroom
            .execute(&format!(
                "update messaging.inbound_events set payload_bytes = null, payload = '{text}' where id = '{}'",
                letters[at].id
            ))
            .await;
    }
    let begun = Instant::now();
    let (code, said) = tool(&mailroom, &[&["replay"], ids.as_slice()].concat()).await;
    assert_eq!((code, said.as_str()), (Some(0), "3 replayed\n"));
    mailroom
        .until(
            "select count(*) = 9 from messaging.inbound_events where status = 'processed'",
            Duration::from_secs(20),
        )
        .await;
    // Not only when places begin anew, which is once a minute.
    assert!(begun.elapsed() < Duration::from_secs(20));
    let (code, said) = tool(
        &mailroom,
        &["replay", ids[0], "00000000-0000-4000-8000-000000000000"],
    )
    .await;
    assert_eq!(code, Some(3), "{said}");
    assert_eq!(said.matches("is no dead letter").count(), 2, "{said}");
    let (code, said) = tool(&mailroom, &["show", ids[0]]).await;
    assert_eq!(code, Some(3), "{said}");
}

/// By the id that applications and logs have, which tells nobody an address.
#[tokio::test]
async fn those_of_a_conversation_are_found_by_its_id() {
    let mut mailroom = Mailroom::new().await;
    let mut letters = letters(&mut mailroom.chance, 2, 4);
    letters[2].payload = Payload::new(b"{\"from\": 7");
    mailroom.record(&letters).await;
    let _worker = mailroom.worker().start().await;
    mailroom.until_done(Duration::from_secs(20)).await;
    let ids = "select c.id::text from messaging.conversations c
               order by exists (select from messaging.inbound_events e
                                where e.conversation_key = c.key and e.status = 'dead_letter') desc";
    let ids: Vec<(String,)> = mailroom.rows(ids).await;
    assert_eq!(ids.len(), 2);
    for ((id,), found) in ids.iter().zip([1, 0]) {
        let listed = listed(&mailroom, &["--conversation", id]).await;
        assert_eq!(listed["items"].as_array().unwrap().len(), found, "{listed}");
    }
    let nobodys = "00000000-0000-4000-8000-000000000000";
    let (code, said) = tool(&mailroom, &["list", "--conversation", nobodys]).await;
    assert_eq!(code, Some(3), "{said}");
    assert!(
        said.contains(&format!("there is no conversation {nobodys}")),
        "{said}"
    );
}
