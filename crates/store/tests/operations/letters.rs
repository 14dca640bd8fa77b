//! Dead letters: recorded as such, listed, shown, replayed.

use mailroom_domain::{ErrorCode, EventId, EventKind, Failure, Headers, NewEvent, Payload};
use mailroom_store::event::{self, Recorded};
use mailroom_store::letter::{self, Filter, Stretch};
use mailroom_store::wake;

use crate::stage::{Stage, act, ids};
use crate::talk::{Talk, in_turn};

/// An event that no release so far understands.
fn quarantined(stage: &Stage, id: &str) -> NewEvent {
    let mut event = Talk::number(0).says(stage, id);
    event.kind = EventKind::Quarantined;
    event.payload = Payload::Bytes(b"{broken".to_vec());
    event.headers = Headers::from([("x-github-event".to_owned(), "novelty".to_owned())]);
    event.quarantine = Some(Failure {
        code: ErrorCode::Unsupported,
        cause: "an event type of which this release does not know".to_owned(),
    });
    event
}

async fn listed(stage: &Stage, filter: &Filter) -> Vec<EventId> {
    let page = letter::list(&stage.pool, filter, Stretch::default(), 100)
        .await
        .unwrap();
    page.rows.iter().map(|letter| letter.id).collect()
}

#[tokio::test]
async fn what_is_quarantined_is_a_dead_letter_from_the_beginning_and_once() {
    let stage = Stage::new().await;
    let worker = stage.owner().await;
    let event = quarantined(&stage, "a");
    let id = stage.record(&[event, Talk::number(0).says(&stage, "b")]).await[0];
    let lying = stage.lying(id).await;
    assert!(lying.is("dead_letter", 0), "{lying:?}");
    assert_eq!(lying.error_code.as_deref(), Some("unsupported"));
    let again = event::record(&mut stage.connection().await, &[quarantined(&stage, "a")])
        .await
        .unwrap();
    assert!(matches!(again[0], Ok(Recorded::AlreadyRecorded(first)) if first == id));
    let (_, events) = stage.claim(worker, 9).await;
    assert_eq!(events.len(), 1, "it holds nothing up, and nobody tries it");
    assert_ne!(events[0].id, id);
}

#[tokio::test]
async fn a_long_cause_does_not_lose_the_event() {
    let stage = Stage::new().await;
    let mut event = quarantined(&stage, "a");
    event.quarantine.as_mut().unwrap().cause = "\u{1f4ee}".repeat(3_000);
    let id = stage.record(&[event]).await[0];
    assert_eq!(stage.lying(id).await.error_message.unwrap().chars().count(), 512);
}

#[tokio::test]
async fn one_is_shown_with_all_that_was_received() {
    let stage = Stage::new().await;
    let mut event = quarantined(&stage, "a");
    event.trace_context = Some("00-trace".to_owned());
    let id = stage.record(std::slice::from_ref(&event)).await[0];
    let content = letter::show(&stage.pool, id).await.unwrap().unwrap();
    assert_eq!(
        (&content.payload, &content.headers, &content.trace_context),
        (&event.payload, &event.headers, &event.trace_context)
    );
    assert_eq!(content.conversation_key, event.conversation_key.as_str());
    assert_eq!(
        (content.sender, content.recipient),
        (event.sender, event.recipient)
    );
    let letter = content.letter;
    assert_eq!(
        (letter.id, letter.kind, letter.attempts),
        (id, EventKind::Quarantined, 0)
    );
    assert_eq!(letter.code, "unsupported");
    assert_eq!(letter.cause.unwrap(), event.quarantine.unwrap().cause);
    let alive = stage.record(&[Talk::number(0).says(&stage, "b")]).await[0];
    assert!(letter::show(&stage.pool, alive).await.unwrap().is_none());
}

#[tokio::test]
async fn pages_go_by_arrival_over_all_lanes() {
    let stage = Stage::new().await;
    let talks: Vec<_> = (0..7).map(Talk::number).collect();
    let given = stage.record(&in_turn(&stage, &talks, 25)).await;
    stage
        .execute("update messaging.inbound_events set status = 'dead_letter', error_code = 'unreadable'")
        .await;
    stage.record(&[Talk::number(0).says(&stage, "alive")]).await;
    let (mut stretch, mut found) = (Stretch::default(), Vec::new());
    for pages in 1.. {
        let page = letter::list(&stage.pool, &Filter::default(), stretch, 10)
            .await
            .unwrap();
        stretch.after = page.rows.last().map(|letter| letter.arrival);
        found.extend(page.rows.iter().map(|letter| letter.id));
        if !page.more {
            assert_eq!(pages, 3);
            break;
        }
    }
    assert_eq!(found, given);
}

#[tokio::test]
async fn filters_hold_together() {
    let stage = Stage::new().await;
    let mut events: Vec<_> = ["a", "b", "c", "d"].map(|id| quarantined(&stage, id)).into();
    events[0].provider = "github".to_owned();
    events[1].endpoint = "other".to_owned();
    events[2].kind = EventKind::Message;
    events[3].quarantine.as_mut().unwrap().code = ErrorCode::Unreadable;
    let given = stage.record(&events).await;
    let filters = [
        (
            Filter {
                provider: Some("github".to_owned()),
                ..Filter::default()
            },
            vec![given[0]],
        ),
        (
            Filter {
                endpoint: Some("other".to_owned()),
                ..Filter::default()
            },
            vec![given[1]],
        ),
        (
            Filter {
                kind: Some(EventKind::Message),
                ..Filter::default()
            },
            vec![given[2]],
        ),
        (
            Filter {
                code: Some(ErrorCode::Unreadable),
                ..Filter::default()
            },
            vec![given[3]],
        ),
        (
            Filter {
                code: Some(ErrorCode::Unsupported),
                provider: Some("direct".to_owned()),
                ..Filter::default()
            },
            vec![given[1], given[2]],
        ),
        (Filter::default(), given.clone()),
    ];
    for (filter, expected) in filters {
        assert_eq!(listed(&stage, &filter).await, expected, "{filter:?}");
    }
}

#[tokio::test]
async fn a_replayed_letter_stands_in_line_at_its_own_place_as_if_never_tried() {
    let stage = Stage::new().await;
    let worker = stage.owner().await;
    let talk = Talk::number(0);
    let dead = stage
        .record(&[quarantined(&stage, "a"), quarantined(&stage, "b")])
        .await;
    let waiting = stage.record(&[talk.says(&stage, "c")]).await;
    stage
        .execute("update messaging.inbound_events set attempt_count = 6 where status = 'dead_letter'")
        .await;
    let asked = [dead[1], waiting[0], dead[0], dead[1]];
    let replayed = letter::replay(&stage.pool, &asked, &act(&stage)).await.unwrap();
    let events: Vec<_> = replayed.iter().map(|replayed| replayed.event).collect();
    assert_eq!(events, dead, "what is no dead letter is left alone");
    let lying = stage.lying(dead[0]).await;
    assert!(lying.is("received", 0) && lying.error_code.is_none(), "{lying:?}");
    assert!(lying.error_message.is_none());
    assert!(
        letter::replay(&stage.pool, &asked, &act(&stage))
            .await
            .unwrap()
            .is_empty()
    );
    assert!(listed(&stage, &Filter::default()).await.is_empty());
    let (_, claimed) = stage.claim(worker, 9).await;
    assert_eq!(ids(&claimed), [dead[0], dead[1], waiting[0]]);
    let first = &claimed[0];
    assert_eq!((first.attempt, first.kind), (1, EventKind::Quarantined));
    assert_eq!(
        (first.endpoint.as_str(), first.headers["x-github-event"].as_str()),
        ("direct", "novelty")
    );
    assert_eq!(replayed[0].arrival, first.arrival);
    assert!(claimed[2].headers.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn operators_who_replay_the_same_bring_each_back_once() {
    let stage = Stage::new().await;
    let talks: Vec<_> = (0..50).map(Talk::number).collect();
    let given = stage.record(&in_turn(&stage, &talks, 200)).await;
    stage
        .execute("update messaging.inbound_events set status = 'dead_letter', error_code = 'unreadable'")
        .await;
    let mut operators = tokio::task::JoinSet::new();
    for operator in 0..4 {
        let (pool, mut letters, act) = (stage.pool.clone(), given.clone(), act(&stage));
        if operator % 2 == 1 {
            letters.reverse();
        }
        operators.spawn(async move { letter::replay(&pool, &letters, &act).await });
    }
    let all = operators.join_all().await;
    let replayed: usize = all
        .into_iter()
        .map(|replayed| replayed.expect("a deadlock").len())
        .sum();
    assert_eq!(replayed, given.len());
}

#[tokio::test]
async fn workers_hear_how_far_back_a_replay_goes() {
    let stage = Stage::new().await;
    let given = stage
        .record(&["a", "b", "c"].map(|id| quarantined(&stage, id)))
        .await;
    let mut wakes = stage.wakes().await;
    let replayed = letter::replay(&stage.pool, &given[1..], &act(&stage))
        .await
        .unwrap();
    let hint = tokio::time::timeout(std::time::Duration::from_secs(10), wakes.next()).await;
    assert_eq!(
        hint.unwrap().unwrap(),
        wake::Hint::Behind(vec![(given[1].lane(), replayed[0].arrival)])
    );
}
