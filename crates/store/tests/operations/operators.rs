//! What operators do: sweeps over dead letters, discards, pauses, and the account of all of it.

use mailroom_domain::EventId;
use mailroom_store::letter::{self, Filter, Sweep};
use mailroom_store::pause::{self, Scope};
use mailroom_store::{StoreError, action};

use crate::stage::{Stage, act};
use crate::talk::{Talk, in_turn};

async fn dead(count: usize) -> (Stage, Vec<EventId>) {
    let stage = Stage::new().await;
    let talks: Vec<_> = (0..7).map(Talk::number).collect();
    let given = stage.record(&in_turn(&stage, &talks, count)).await;
    stage
        .execute("update messaging.inbound_events set status = 'dead_letter', error_code = 'unavailable'")
        .await;
    (stage, given)
}

#[tokio::test]
async fn a_sweep_goes_once_over_what_there_was_oldest_first() {
    let (stage, given) = dead(25).await;
    let (_, counted) = Sweep::begin(&stage.pool, Filter::default(), Some(22))
        .await
        .unwrap();
    assert_eq!((counted.len(), counted[0].letters), (1, 22));
    let (mut sweep, _) = Sweep::begin(&stage.pool, Filter::default(), None).await.unwrap();
    // Somebody else takes two of them.
    letter::discard(&stage.pool, &given[15..17], &act(&stage))
        .await
        .unwrap();
    let mut swept = Vec::new();
    loop {
        let batch = sweep.next(&stage.pool, 10).await.unwrap();
        if batch.is_empty() {
            break;
        }
        let replayed = letter::replay(&stage.pool, &batch, &act(&stage)).await.unwrap();
        assert_eq!(replayed.len(), batch.len());
        swept.extend(batch);
        // They die again at once, and others with them, which were not there when it began.
        stage
            .record(&[Talk::number(0).says(&stage, &format!("late {}", swept.len()))])
            .await;
        stage
            .execute("update messaging.inbound_events set status = 'dead_letter', error_code = 'unavailable'")
            .await;
    }
    assert_eq!(swept, [&given[..15], &given[17..]].concat());
}

#[tokio::test]
async fn a_sweep_that_begins_again_finds_what_is_left() {
    let (stage, given) = dead(25).await;
    let (mut sweep, _) = Sweep::begin(&stage.pool, Filter::default(), None).await.unwrap();
    let batch = sweep.next(&stage.pool, 10).await.unwrap();
    letter::replay(&stage.pool, &batch, &act(&stage)).await.unwrap();
    drop(sweep);
    let (mut sweep, counted) = Sweep::begin(&stage.pool, Filter::default(), None).await.unwrap();
    assert_eq!(counted[0].letters, 15);
    assert_eq!(sweep.next(&stage.pool, 100).await.unwrap(), given[10..]);
    assert!(sweep.next(&stage.pool, 100).await.unwrap().is_empty());
}

#[tokio::test]
async fn what_is_discarded_is_kept_apart_and_explained() {
    let (stage, given) = dead(5).await;
    let discarded = letter::discard(&stage.pool, &given[1..3], &act(&stage))
        .await
        .unwrap();
    assert_eq!(discarded, given[1..3]);
    assert!(
        letter::discard(&stage.pool, &given[1..3], &act(&stage))
            .await
            .unwrap()
            .is_empty()
    );
    let only = Filter {
        discarded: true,
        ..Filter::default()
    };
    let listed = letter::list(&stage.pool, &only, letter::Stretch::default(), 9)
        .await
        .unwrap();
    let reasons: Vec<_> = listed
        .rows
        .iter()
        .map(|letter| letter.discarded.as_ref().unwrap().1.as_str())
        .collect();
    assert_eq!(reasons, ["a test", "a test"]);
    assert_eq!(
        letter::count(&stage.pool, &Filter::default(), None)
            .await
            .unwrap()[0]
            .letters,
        3
    );
    let mut unexplained = act(&stage);
    unexplained.reason = None;
    let refused = letter::discard(&stage.pool, &given[..1], &unexplained).await;
    assert!(matches!(refused, Err(StoreError::Refused { .. })), "{refused:?}");
    // By its id it can still be replayed.
    assert_eq!(
        letter::replay(&stage.pool, &given[1..2], &act(&stage))
            .await
            .unwrap()
            .len(),
        1
    );
    let left = "select count(*) from messaging.inbound_events where discarded_at is not null";
    assert_eq!(stage.number(left).await, 1);
}

#[tokio::test]
async fn the_account_is_of_what_was_done_in_the_same_transaction() {
    let (stage, given) = dead(5).await;
    // A deed that can not be accounted for is not done.
    let mut nameless = act(&stage);
    nameless.actor = String::new();
    for refused in [
        letter::replay(&stage.pool, &given, &nameless).await.err(),
        letter::discard(&stage.pool, &given, &nameless).await.err(),
        pause::pause(&stage.pool, &Scope::Everything, &nameless)
            .await
            .err(),
    ] {
        assert!(matches!(refused, Some(StoreError::Refused { .. })), "{refused:?}");
    }
    assert_eq!(
        letter::count(&stage.pool, &Filter::default(), None)
            .await
            .unwrap()[0]
            .letters,
        5
    );
    let batches = act(&stage);
    for batch in given.chunks(2) {
        letter::replay(&stage.pool, batch, &batches).await.unwrap();
    }
    let actions = action::list(&stage.pool, 9).await.unwrap();
    assert_eq!(
        (actions.len(), actions[0].count, actions[0].command),
        (1, 5, batches.command)
    );
    let rows = "select count(*) from messaging.operator_actions";
    assert_eq!(stage.number(rows).await, 3);
}

#[tokio::test]
async fn a_pause_holds_once_until_it_is_ended() {
    let stage = Stage::new().await;
    let slack = Scope::Provider("slack".to_owned());
    for (scope, changed) in [(&slack, true), (&Scope::Everything, true), (&slack, false)] {
        assert_eq!(
            pause::pause(&stage.pool, scope, &act(&stage)).await.unwrap(),
            changed
        );
    }
    let held: Vec<_> = pause::list(&stage.pool)
        .await
        .unwrap()
        .into_iter()
        .map(|it| it.scope)
        .collect();
    assert_eq!(held, [Scope::Everything, slack.clone()]);
    for changed in [true, false] {
        assert_eq!(
            pause::resume(&stage.pool, &slack, &act(&stage)).await.unwrap(),
            changed
        );
    }
    assert_eq!(pause::list(&stage.pool).await.unwrap().len(), 1);
    assert_eq!(action::list(&stage.pool, 9).await.unwrap().len(), 3);
}
