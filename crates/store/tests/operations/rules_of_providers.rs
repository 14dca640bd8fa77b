//! The rules that the schema keeps about statuses, files, conflicts and tokens, whoever writes.

use mailroom_domain::{Channel, File, MessageStatus, SnippetLength};
use mailroom_store::{event, token};

use crate::rules::refused;
use crate::stage::Stage;
use crate::talk::{Talk, told};

/// A row in every table.
async fn one_of_each() -> Stage {
    let stage = Stage::new().await;
    let worker = stage.owner().await;
    let talk = Talk::number(0);
    stage
        .record(&[talk.says(&stage, "a"), told(&stage, "a", MessageStatus::Read, 0)])
        .await;
    let mut again = talk.says(&stage, "a");
    again.body_hash = [9; 32];
    event::record(&mut stage.connection().await, &[again])
        .await
        .unwrap();
    let (claim, events) = stage.claim(worker, 9).await;
    let mut set: Vec<_> = events.iter().map(|event| stage.finishing(event, 1)).collect();
    stage.attach(&mut set[0], vec![File::default()]);
    let outcome = event::finish(
        &mut stage.connection().await,
        claim,
        SnippetLength::default(),
        &set,
    )
    .await
    .unwrap();
    assert_eq!(outcome.finished.len(), 2);
    token::claim_once(&stage.pool, "mailgun", &[3; 32], &[3; 32])
        .await
        .unwrap();
    stage
}

#[tokio::test]
async fn no_row_contradicts_itself() {
    let stage = one_of_each().await;
    for (table, change, rule) in [
        ("inbound_events", "headers = '[]'", "inbound_events_headers_check"),
        ("messages", "email = '[]'", "messages_email_check"),
        ("messages", "provider = null", "messages_named_wholly"),
        ("messages", "provider_message_id = null", "messages_named_wholly"),
        ("messages", "provider_message_id = ''", "messages_named_wholly"),
        ("messages", "file_count = -1", "messages_file_count_check"),
        (
            "message_status_history",
            "status = 'lost'",
            "message_status_history_status_check",
        ),
        (
            "message_status_history",
            "provider_message_id = ''",
            "message_status_history_provider_message_id_check",
        ),
        (
            "message_status_history",
            "lane = (lane + 1) % 256",
            "message_status_history_check",
        ),
        ("files", "position = -1", "files_position_check"),
        ("files", "size_bytes = -1", "files_size_bytes_check"),
        ("files", "sha256 = ''", "files_sha256_check"),
        (
            "files",
            "url = 'a', payload_pointer = 'b'",
            "files_are_in_one_place",
        ),
        (
            "files",
            "url = 'a', provider_reference = 'b'",
            "files_are_in_one_place",
        ),
        ("files", "message_id = id", "files_message"),
        (
            "conflicting_duplicates",
            "payload = null",
            "conflict_is_kept_once",
        ),
        (
            "conflicting_duplicates",
            "payload_bytes = ''",
            "conflict_is_kept_once",
        ),
        (
            "conflicting_duplicates",
            "headers = '[]'",
            "conflicting_duplicates_headers_check",
        ),
        (
            "conflicting_duplicates",
            "event_id = gen_random_uuid()",
            "conflicting_duplicates_event",
        ),
        ("request_tokens", "lane = 4", "request_tokens_check"),
        (
            "request_tokens",
            "content_hash = ''",
            "request_tokens_content_hash_check",
        ),
        ("request_tokens", "uses = 0", "request_tokens_uses_check"),
    ] {
        let sql = format!("update messaging.{table} set {change}");
        assert_eq!(
            refused(&stage, &sql).await.as_deref(),
            Some(rule),
            "{table}: {change}"
        );
    }
    for (lost, rule) in [
        ("messages", "files_message"),
        ("inbound_events", "conflicting_duplicates_event"),
    ] {
        let sql = format!("delete from messaging.{lost}");
        assert_eq!(refused(&stage, &sql).await.as_deref(), Some(rule));
    }
}

#[tokio::test]
async fn a_message_has_one_file_in_each_place() {
    let stage = one_of_each().await;
    let twice = "insert into messaging.files (lane, id, message_id, position)
        select lane, overlay(id::text placing '000' from 34)::uuid, message_id, position from messaging.files";
    assert_eq!(refused(&stage, twice).await.as_deref(), Some("files_in_order"));
}

#[tokio::test]
async fn every_channel_and_kind_there_is_can_be_written() {
    let stage = one_of_each().await;
    for channel in Channel::ALL {
        for table in ["inbound_events", "conversations", "messages"] {
            let sql = format!("update messaging.{table} set channel = '{channel}'");
            assert_eq!(refused(&stage, &sql).await, None, "{table} {channel}");
        }
    }
    for kind in ["message", "status", "notice", "quarantined"] {
        let sql = format!("update messaging.inbound_events set kind = '{kind}'");
        assert_eq!(refused(&stage, &sql).await, None, "{kind}");
    }
    let unproven = "select count(*) from pg_constraint c join pg_namespace n on n.oid = c.connamespace
        where n.nspname = 'messaging' and not c.convalidated";
    assert_eq!(
        stage.number(unproven).await,
        0,
        "every constraint has looked at every row"
    );
}
