//! What must be true at the end of any history.

use crate::stage::Stage;

/// Of each conversation, what became messages did so in the order of arrival.
///
/// An event is claimed after every earlier one of its conversation was finished or together with it, so the
/// starts of the finishing statements, by the database's clock, never run against the order of arrival.
pub(crate) async fn assert_in_order(stage: &Stage) {
    let passed: Vec<(String, i64)> = stage
        .rows(
            "select conversation_key, arrival from (
                select conversation_key, arrival, processed_at,
                       max(processed_at) over (partition by conversation_key order by arrival
                                               rows between unbounded preceding and 1 preceding) as before
                from messaging.inbound_events where status = 'processed') line
             where processed_at < before",
        )
        .await;
    assert!(passed.is_empty(), "these passed an earlier one: {passed:?}");
}

/// Every finished event is one message or one line of a history, each of those is of a finished event, and
/// conversations count right.
pub(crate) async fn assert_exactly_once(stage: &Stage) {
    let wrong = stage
        .number(
            "select count(*)
             from (select * from messaging.inbound_events where kind = 'message') e
             full join messaging.messages m on m.lane = e.lane and m.event_id = e.id
             where (e.status is not distinct from 'processed') <> (m.id is not null)
                or m.arrival <> e.arrival",
        )
        .await;
    assert_eq!(wrong, 0, "events and messages do not agree");
    let wrong = stage
        .number(
            "select count(*)
             from (select * from messaging.inbound_events where kind = 'status') e
             full join messaging.message_status_history h on h.lane = e.lane and h.event_id = e.id
             where (e.status is not distinct from 'processed') <> (h.event_id is not null)
                or h.arrival <> e.arrival or h.status <> e.payload ->> 'status'",
        )
        .await;
    assert_eq!(wrong, 0, "events and what was told of messages do not agree");
    let miscounted: Vec<(String, i64, i64)> = stage
        .rows(
            "select c.key, c.message_count, count(m.id) from messaging.conversations c
             left join messaging.messages m on m.lane = c.lane and m.conversation_id = c.id
             group by c.lane, c.id
             having c.message_count <> count(m.id) or c.last_activity_at <> max(m.timestamp)",
        )
        .await;
    assert!(miscounted.is_empty(), "{miscounted:?}");
    let orphans = stage
        .number(
            "select count(*) from messaging.messages m
             left join messaging.conversations c on c.lane = m.lane and c.id = m.conversation_id
             where c.id is null",
        )
        .await;
    assert_eq!(orphans, 0, "messages without their conversation");
    let counted: Vec<(i16, i64)> = stage
        .rows("select lane, conversations from messaging.conversation_counts order by lane")
        .await;
    let there: Vec<(i16, i64)> = stage
        .rows("select lane, count(*) from messaging.conversations group by lane order by lane")
        .await;
    assert_eq!(counted, there, "conversations by lane");
}
