//! The rules that the schema itself keeps, whoever writes.

use sqlx::AssertSqlSafe;

use crate::stage::Stage;
use crate::talk::Talk;

/// The constraint that refuses a statement.
pub(crate) async fn refused(stage: &Stage, sql: &str) -> Option<String> {
    let done = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
        .execute(&stage.pool)
        .await;
    match done {
        Ok(_) => None,
        Err(error) => error
            .as_database_error()
            .and_then(|refusal| refusal.constraint().map(str::to_owned)),
    }
}

#[tokio::test]
async fn no_event_lies_in_a_state_that_contradicts_itself() {
    let stage = Stage::new().await;
    stage.record(&[Talk::number(0).says(&stage, "a")]).await;
    for (change, rule) in [
        (
            "status = 'processing', attempt_count = 1",
            "claimed_iff_processing",
        ),
        ("claim_token = gen_random_uuid()", "claimed_iff_processing"),
        (
            "status = 'processing', attempt_count = 1, claim_token = gen_random_uuid()",
            "claimed_iff_processing",
        ),
        ("processor_id = gen_random_uuid()", "claimed_iff_processing"),
        (
            "status = 'processed', attempt_count = 1",
            "finished_iff_processed",
        ),
        ("processed_at = now()", "finished_iff_processed"),
        (
            "status = 'error', attempt_count = 1, error_code = 'x'",
            "due_iff_error",
        ),
        ("next_attempt_at = now()", "due_iff_error"),
        (
            "status = 'error', attempt_count = 1, next_attempt_at = now()",
            "failed_has_a_cause",
        ),
        ("status = 'dead_letter'", "failed_has_a_cause"),
        (
            "status = 'processed', processed_at = now()",
            "attempts_follow_status",
        ),
        (
            "status = 'gone', attempt_count = 1",
            "inbound_events_status_check",
        ),
        ("attempt_count = -1", "inbound_events_attempt_count_check"),
        ("duplicates = -1", "inbound_events_duplicates_check"),
        ("channel = 'fax'", "inbound_events_channel_check"),
        ("kind = 'rumour'", "inbound_events_kind_check"),
        ("provider = ''", "inbound_events_provider_check"),
        ("endpoint = ''", "inbound_events_endpoint_check"),
        ("conversation_key = ''", "inbound_events_conversation_key_check"),
        (
            "provider_message_id = ''",
            "inbound_events_provider_message_id_check",
        ),
        ("payload = null", "payload_is_kept_once"),
        ("payload_bytes = ''", "payload_is_kept_once"),
        ("body_hash = ''", "inbound_events_body_hash_check"),
        (
            "error_message = repeat('x', 2049)",
            "inbound_events_error_message_check",
        ),
        (
            "trace_context = repeat('x', 257)",
            "inbound_events_trace_context_check",
        ),
    ] {
        let sql = format!("update messaging.inbound_events set {change}");
        assert_eq!(refused(&stage, &sql).await.as_deref(), Some(rule), "{change}");
    }
    let elsewhere = "update messaging.inbound_events set lane = (lane + 1) % 256";
    assert!(refused(&stage, elsewhere).await.is_some(), "an id says its lane");
}

#[tokio::test]
async fn conversations_messages_and_lanes_keep_their_rules() {
    let stage = Stage::new().await;
    let worker = stage.owner().await;
    stage.record(&[Talk::number(0).says(&stage, "a")]).await;
    let (token, events) = stage.claim(worker, 1).await;
    stage.finish(token, &events).await;
    for (table, change, rule) in [
        (
            "conversations",
            "message_count = 0",
            "conversations_message_count_check",
        ),
        (
            "conversations",
            "participant_a = 'z', participant_b = 'a'",
            "participants_in_order",
        ),
        ("conversations", "channel = 'fax'", "conversations_channel_check"),
        ("messages", "direction = 'sideways'", "messages_direction_check"),
        ("messages", "status = 'lost'", "messages_status_check"),
        ("messages", "attachments = '{}'", "messages_attachments_check"),
        (
            "messages",
            "event_id = conversation_id",
            "messages_are_named_by_their_event",
        ),
        ("lanes", "owner = null", "owned_or_free"),
        ("lanes", "lease_until = null", "owned_or_free"),
    ] {
        let sql = format!("update messaging.{table} set {change}");
        assert_eq!(refused(&stage, &sql).await.as_deref(), Some(rule), "{change}");
    }
    let twice = "insert into messaging.messages
        select lane, id, conversation_id, event_id, arrival, direction, channel,
               sender, recipient, body, snippet, attachments, status, timestamp, created_at from messaging.messages";
    assert_eq!(refused(&stage, twice).await.as_deref(), Some("messages_pkey"));
}

#[tokio::test]
async fn an_event_is_recorded_once_whatever_its_lane() {
    let stage = Stage::new().await;
    stage.record(&[Talk::number(0).says(&stage, "a")]).await;
    let twin = "insert into messaging.inbound_events
            (lane, id, arrival, channel, provider, endpoint, kind, sender, recipient, conversation_key,
             provider_message_id, payload, body_hash)
        select (lane + 1) % 256, overlay(id::text placing lpad(to_hex((lane + 1) % 256), 2, '0') from 1)::uuid, arrival,
               channel, provider, endpoint, kind, sender, recipient, 'other', provider_message_id, payload, body_hash
        from messaging.inbound_events";
    let rule = refused(&stage, twin).await;
    assert_eq!(rule.as_deref(), Some("inbound_events_provider_message"));
}
