//! Statuses: in any order, doubled, before and after their message, they come to one state.

use mailroom_domain::{MessageStatus, NewEvent};
use mailroom_store::status;

use crate::history::assert_exactly_once;
use crate::stage::Stage;
use crate::talk::{Talk, named, told};

use MessageStatus::{Delivered, Failed, Pending, Read, Sent};

/// Records events, claims whatever waits, and finishes it in one set.
async fn comes(stage: &Stage, events: &[NewEvent]) {
    let worker = stage.owner().await;
    stage.record(events).await;
    let (token, claimed) = stage.claim(worker, 99).await;
    assert_eq!(stage.finish(token, &claimed).await.len(), events.len());
    stage.all_leases_end().await;
}

/// Every order of `0..size`.
fn orders(size: usize) -> Vec<Vec<usize>> {
    let mut orders = vec![Vec::new()];
    for next in 0..size {
        orders = orders
            .iter()
            .flat_map(|order| (0..=order.len()).map(|at| [&order[..at], &[next], &order[at..]].concat()))
            .collect();
    }
    orders
}

#[tokio::test]
async fn whatever_the_order_they_end_in_one_state() {
    let stage = Stage::new().await;
    let cases = [
        ([Sent, Failed, Sent], Failed),
        ([Failed, Sent, Delivered], Delivered),
        ([Read, Failed, Delivered], Read),
        ([Pending, Pending, Sent], Sent),
    ];
    let orders = orders(4);
    assert_eq!(orders.len(), 24);
    let all = || (0..cases.len()).flat_map(|case| (0..orders.len()).map(move |order| (case, order)));
    let talk = |case, order| Talk::number(u32::try_from(case * 100 + order).unwrap());
    // All orders at once, a turn of each after the other; 3 is the message itself.
    for turn in [0, 1, 2, 3] {
        let events: Vec<_> = all()
            .map(|(case, order)| {
                let id = format!("{case} {order}");
                match orders[order][turn] {
                    3 => talk(case, order).says(&stage, &id),
                    nth => told(&stage, &id, cases[case].0[nth], nth),
                }
            })
            .collect();
        comes(&stage, &events).await;
    }
    assert_exactly_once(&stage).await;
    for (case, order) in all() {
        let listed = stage.messages(&talk(case, order)).await;
        let least = MessageStatus::merge(Delivered, cases[case].1);
        assert_eq!(
            listed[0].status, least,
            "what came in is delivered: {case} {:?}",
            orders[order]
        );
    }
    // What goes out begins with less.
    stage
        .execute("update messaging.messages set status = 'pending', direction = 'outbound'")
        .await;
    for (case, order) in all() {
        let listed = stage.messages(&talk(case, order)).await;
        assert_eq!(
            (listed.len(), listed[0].status),
            (1, cases[case].1),
            "{:?}",
            orders[order]
        );
    }
}

#[tokio::test]
async fn one_claim_may_hold_a_message_and_what_is_told_of_it() {
    let stage = Stage::new().await;
    let talk = Talk::number(0);
    comes(
        &stage,
        &[
            told(&stage, "a", Read, 0),
            talk.says(&stage, "a"),
            told(&stage, "a", Sent, 0),
            talk.says(&stage, "b"),
        ],
    )
    .await;
    let read: Vec<_> = stage.messages(&talk).await.iter().map(|m| m.status).collect();
    assert_eq!(read, [Read, Delivered], "only the one it is told of");
    assert_exactly_once(&stage).await;
}

#[tokio::test]
async fn a_history_is_told_in_the_order_of_arrival() {
    let stage = Stage::new().await;
    let tellings = [Sent, Failed, Sent, Read, Delivered];
    let events: Vec<_> = (0..)
        .zip(tellings)
        .map(|(n, word)| told(&stage, "a", word, n))
        .collect();
    comes(&stage, &events[..3]).await;
    comes(&stage, &events[3..]).await;
    comes(&stage, &[told(&stage, "b", Pending, 0)]).await;
    let history = status::history(&stage.pool, &named("a")).await.unwrap();
    let words: Vec<_> = history.iter().map(|change| change.status).collect();
    assert_eq!(words, tellings);
    assert!(history.iter().all(|change| change.reference == named("a")));
    assert_eq!(
        (history[1].word.as_str(), history[1].error.as_deref()),
        ("FAILED", Some("30005"))
    );
    assert_eq!(
        (history[0].error.as_deref(), history[0].at < history[1].at),
        (None, true)
    );
}

#[tokio::test]
async fn many_are_asked_for_at_once_and_those_without_are_left_out() {
    let stage = Stage::new().await;
    let events: Vec<_> = (0..40)
        .flat_map(|n: usize| {
            let id = n.to_string();
            [
                told(&stage, &id, Sent, 0),
                told(&stage, &id, MessageStatus::ALL[n % 5], 1),
            ]
        })
        .collect();
    comes(&stage, &events).await;
    let mut asked: Vec<_> = (0..50).map(|n| named(&n.to_string())).collect();
    asked.push(named("0"));
    let found = status::of(&mut stage.connection().await, &asked).await.unwrap();
    assert_eq!(found.len(), 40);
    for n in 0..40 {
        assert_eq!(found[&asked[n]], Sent.merge(MessageStatus::ALL[n % 5]), "{n}");
    }
    assert!(
        status::of(&mut stage.connection().await, &[])
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn without_the_claim_nothing_is_told() {
    let stage = Stage::new().await;
    let worker = stage.owner().await;
    stage.record(&[told(&stage, "a", Read, 0)]).await;
    let (token, claimed) = stage.claim(worker, 9).await;
    let forged = mailroom_domain::ClaimToken::new(stage.random());
    assert!(stage.finish(forged, &claimed).await.is_empty());
    assert!(
        status::history(&stage.pool, &named("a"))
            .await
            .unwrap()
            .is_empty()
    );
    assert_eq!(stage.finish(token, &claimed).await.len(), 1);
    assert!(stage.finish(token, &claimed).await.is_empty());
    assert_eq!(status::history(&stage.pool, &named("a")).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_notice_comes_to_nothing_but_its_end() {
    let stage = Stage::new().await;
    let mut notice = Talk::number(0).says(&stage, "a");
    notice.kind = mailroom_domain::EventKind::Notice;
    let id = notice.id;
    comes(&stage, &[notice]).await;
    assert!(stage.lying(id).await.is("processed", 1));
    assert_exactly_once(&stage).await;
}
