//! An event that is committed late, behind the place from which a worker claims.

use std::time::Duration;

use mailroom_domain::{ClaimToken, Lane, NewEvent, Place, WorkerId};
use mailroom_store::event::{self, Claim};
use sqlx::{Connection, PgConnection};

use crate::stage::{Stage, ids};
use crate::talk::{Talk, in_turn};

/// Draws an arrival for an event and writes it down, as a gateway does; it is committed by whoever opened the transaction.
async fn write(transaction: &mut PgConnection, event: &NewEvent) {
    sqlx::query(
        "insert into messaging.inbound_events (lane, id, arrival, channel, provider, endpoint, kind, sender, recipient,
            conversation_key, provider_message_id, payload, body_hash)
         values ($1, $2, nextval('messaging.arrivals'), 'sms', 'direct', 'direct', 'message', '', '', $3, $4, '{}', $5)",
    )
    .bind(i16::from(event.id.lane()))
    .bind(event.id.uuid())
    .bind(event.conversation_key.as_str())
    .bind(&event.provider_message_id)
    .bind(event.body_hash.as_slice())
    .execute(transaction)
    .await
    .unwrap();
}

/// A worker that goes through a lane.
struct Walk<'a> {
    stage: &'a Stage,
    worker: WorkerId,
    lane: Lane,
    place: Place,
}

impl<'a> Walk<'a> {
    async fn new(stage: &'a Stage, lane: Lane) -> Self {
        Self {
            stage,
            worker: stage.owner().await,
            lane,
            place: Place::default(),
        }
    }

    /// Claims from its place on.
    async fn claim(&self, depth: u32) -> (ClaimToken, Claim) {
        let token = ClaimToken::new(self.stage.random());
        let mut connection = self.stage.connection().await;
        let lanes = [(self.lane, self.place.after())];
        let claim = event::claim(&mut connection, self.worker, &lanes, depth, token, &[]).await;
        (token, claim.unwrap())
    }

    /// Goes on as far as a claim allows.
    fn saw(&mut self, claim: &Claim) {
        if let Some(reach) = claim.reached.first() {
            self.place.saw(reach.up_to, claim.horizon);
        }
    }
}

/// Two gateways record at the same time: the one that drew the earlier places commits later, after a worker went
/// past them. Its sender has its answer, and sends the next message of the conversation.
#[tokio::test]
async fn a_later_event_does_not_pass_one_that_was_committed_behind_the_place() {
    let stage = Stage::new().await;
    let talks = Talk::in_one_lane(2);
    let mut walk = Walk::new(&stage, talks[0].lane()).await;
    let mut session = stage.session().await;
    let mut slow = session.begin().await.unwrap();
    let early = talks[0].says(&stage, "early");
    write(&mut slow, &early).await;
    let other = stage.record(&in_turn(&stage, &talks[1..], 1)).await;
    let (token, first) = walk.claim(9).await;
    assert_eq!(ids(&first.events), other);
    stage.finish(token, &first.events).await;
    slow.commit().await.unwrap();
    let next = stage.record(&[talks[0].says(&stage, "next")]).await;
    walk.saw(&first);
    let (token, second) = walk.claim(9).await;
    assert_eq!(ids(&second.events), [early.id, next[0]], "both, in line");
    stage.finish(token, &second.events).await;
    // Other tests write on the same server: the place goes on once those who wrote by then are done.
    stage.record(&[talks[0].says(&stage, "third")]).await;
    for _ in 0..500 {
        let (_, again) = walk.claim(9).await;
        walk.saw(&again);
        if walk.place.after() > first.reached[0].up_to {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the place never went on");
}

/// The same, where the one that commits late has the highest number of all transactions: a snapshot's `xmax` is not above
/// it, since it only knows of those that have ended.
#[tokio::test]
async fn nor_one_of_the_latest_transaction_of_all() {
    let stage = Stage::new().await;
    let talks = Talk::in_one_lane(2);
    let mut walk = Walk::new(&stage, talks[0].lane()).await;
    let (mut one, mut another) = (stage.session().await, stage.session().await);
    let (mut fast, mut slow) = (one.begin().await.unwrap(), another.begin().await.unwrap());
    for session in [&mut fast, &mut slow] {
        sqlx::query("select pg_current_xact_id()::text")
            .execute(&mut **session)
            .await
            .unwrap();
    }
    let (early, other) = (talks[0].says(&stage, "early"), talks[1].says(&stage, "other"));
    for (session, event) in [(&mut slow, &early), (&mut fast, &other)] {
        write(session, event).await;
    }
    fast.commit().await.unwrap();
    let mut seen = Vec::new();
    for turn in 0..2 {
        let (token, claim) = walk.claim(9).await;
        walk.saw(&claim);
        seen.extend(ids(&claim.events));
        stage.finish(token, &claim.events).await;
        if turn == 0 {
            stage.record(&[talks[1].says(&stage, "more")]).await;
        }
    }
    assert!(seen.contains(&other.id));
    assert_eq!(
        walk.place.after(),
        0,
        "the place is not past what is still to be committed"
    );
    slow.commit().await.unwrap();
    let (_, last) = walk.claim(9).await;
    assert_eq!(ids(&last.events), [early.id]);
}

/// One that has its place in line and is not written yet: nothing of it can be seen but the number of its transaction.
#[tokio::test]
async fn nor_one_that_drew_its_place_and_waits_to_be_written() {
    let stage = Stage::new().await;
    let talks = Talk::in_one_lane(2);
    let mut walk = Walk::new(&stage, talks[0].lane()).await;
    // Between the two a recording may be kept waiting by the machine; here it is by us.
    let mut owner = stage.session().await;
    sqlx::raw_sql(
        "create function public.wait() returns trigger language plpgsql
             as 'begin perform pg_advisory_xact_lock(7); return new; end';
         create trigger wait before insert on messaging.inbound_events
             for each row when (new.provider_message_id = 'early') execute function public.wait();
         select pg_advisory_lock(7)",
    )
    .execute(&mut owner)
    .await
    .unwrap();
    // The first of 32 places is written to the log, and that numbers a transaction by itself.
    stage.record(&[talks[1].says(&stage, "before")]).await;
    let (token, before) = stage.claim(walk.worker, 9).await;
    stage.finish(token, &before).await;
    let mut early = talks[0].says(&stage, "early");
    "early".clone_into(&mut early.provider_message_id);
    let given = early.id;
    let mut connection = stage.connection().await;
    let recording = tokio::spawn(async move { event::record(&mut connection, &[early]).await });
    let waits = "select count(*) from pg_locks where locktype = 'advisory' and not granted
                 and database = (select oid from pg_database where datname = current_database())";
    while stage.number(waits).await == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    for text in ["other", "more", "and more"] {
        let other = stage.record(&[talks[1].says(&stage, text)]).await;
        let (token, claim) = walk.claim(9).await;
        assert_eq!(ids(&claim.events), other);
        walk.saw(&claim);
        stage.finish(token, &claim.events).await;
    }
    assert_eq!(
        walk.place.after(),
        0,
        "the place is past what has a place and is not written"
    );
    sqlx::raw_sql("select pg_advisory_unlock(7)")
        .execute(&mut owner)
        .await
        .unwrap();
    recording.await.unwrap().unwrap();
    let (_, last) = walk.claim(9).await;
    assert_eq!(ids(&last.events), [given]);
}

/// A set that is committed late and is more than a claim takes at once: what one claim leaves of it, the next must find,
/// although the place was already seen to lie further on.
#[tokio::test]
async fn the_rest_of_a_late_set_is_not_passed() {
    let stage = Stage::new().await;
    let talks = Talk::in_one_lane(2);
    let mut walk = Walk::new(&stage, talks[0].lane()).await;
    let mut session = stage.session().await;
    let mut slow = session.begin().await.unwrap();
    let set: Vec<_> = (0..7)
        .map(|number| talks[0].says(&stage, &format!("late {number}")))
        .collect();
    for event in &set {
        write(&mut slow, event).await;
    }
    let other = stage.record(&in_turn(&stage, &talks[1..], 1)).await;
    let mut claimed = Vec::new();
    let mut slow = Some(slow);
    for turn in 0..12 {
        let (token, claim) = walk.claim(2).await;
        claimed.extend(ids(&claim.events));
        stage.finish(token, &claim.events).await;
        walk.saw(&claim);
        if turn == 0 {
            assert_eq!(claimed, other);
            slow.take().unwrap().commit().await.unwrap();
        }
    }
    let given: Vec<_> = set.iter().map(|event| event.id).collect();
    assert_eq!(claimed[1..], given, "all of them, in line");
}
