//! What reading statements read: what they give and little more, whatever the planner was last told about the table.

use mailroom_domain::MessageId;
use mailroom_store::{file, letter, status};

use crate::stage::{Stage, act};
use crate::talk::{Talk, in_turn, named};

/// Scans of a whole table, and entries read in its indexes.
async fn read(stage: &Stage, table: &str) -> (i64, i64) {
    stage.execute("select pg_stat_force_next_flush()").await;
    let question = format!(
        "select t.seq_scan, sum(i.idx_tup_read)::int8
         from pg_stat_user_tables t join pg_stat_user_indexes i using (relid)
         where t.relname = '{table}' group by t.seq_scan"
    );
    stage.rows(&question).await[0]
}

/// What work read in a table: it must not scan it, and may read so many entries of its indexes.
async fn assert_reads_at_most(stage: &Stage, table: &str, most: i64, work: impl Future<Output = ()>) {
    let before = read(stage, table).await;
    work.await;
    let after = read(stage, table).await;
    assert_eq!(after.0 - before.0, 0, "the whole of {table} was scanned");
    let entries = after.1 - before.1;
    assert!(entries <= most, "{entries} entries of {table} were read");
}

/// 20,000 messages of one conversation with two files and three statuses each.
async fn much() -> Stage {
    let stage = Stage::with_connections(1).await;
    let worker = stage.owner().await;
    let talk = [Talk::number(0)];
    stage.record(&in_turn(&stage, &talk, 1)).await;
    let (token, events) = stage.claim(worker, 1).await;
    stage.finish(token, &events).await;
    let id = |column: &str, salt: &str| {
        format!(
            "overlay(md5({column}::text || n || '{salt}') placing substr({column}::text, 1, 2) from 1)::uuid"
        )
    };
    stage
        .execute(&format!(
            "insert into messaging.messages (lane, id, conversation_id, event_id, arrival, direction, channel, sender,
                recipient, body, snippet, status, \"timestamp\", file_count)
             select lane, {}, conversation_id, {}, n, direction, channel, sender, recipient, body, snippet, status,
                    \"timestamp\", 2
             from messaging.messages, generate_series(1, 20000) n;
             insert into messaging.files (lane, id, message_id, position)
             select lane, {}, id, n - 1 from messaging.messages, generate_series(1, 2) n where file_count > 0;",
            id("id", "message"),
            id("id", "message"),
            id("id", "file"),
        ))
        .await;
    let lanes: Vec<i16> = (0..20_000)
        .map(|n: i32| i16::from(named(&n.to_string()).lane()))
        .collect();
    sqlx::query(
        "insert into messaging.message_status_history (lane, event_id, arrival, provider, provider_message_id, status,
            word, occurred_at)
         select lane, overlay(md5(n || word) placing lpad(to_hex(lane::int), 2, '0') from 1)::uuid, n, 'direct',
                (n - 1)::text, word, word, now()
         from unnest($1::smallint[]) with ordinality l(lane, n), unnest(array['sent', 'delivered', 'read']) word",
    )
    .bind(lanes)
    .execute(&stage.pool)
    .await
    .unwrap();
    stage
}

#[tokio::test]
async fn a_page_of_messages_asks_for_its_own_statuses_and_files() {
    let stage = much().await;
    let ids: Vec<(uuid::Uuid,)> = stage
        .rows("select id from messaging.messages where file_count > 0 order by id limit 50")
        .await;
    let messages: Vec<_> = ids.into_iter().map(|(id,)| MessageId::from_uuid(id)).collect();
    let references: Vec<_> = (100..150).map(|n| named(&n.to_string())).collect();
    for analyzed in [false, true] {
        if analyzed {
            stage
                .execute("analyze messaging.message_status_history, messaging.files")
                .await;
        }
        assert_reads_at_most(&stage, "message_status_history", 200, async {
            assert_eq!(
                status::of(&mut stage.connection().await, &references)
                    .await
                    .unwrap()
                    .len(),
                50
            );
        })
        .await;
        assert_reads_at_most(&stage, "message_status_history", 10, async {
            assert_eq!(
                status::history(&stage.pool, &references[7]).await.unwrap().len(),
                3
            );
        })
        .await;
        assert_reads_at_most(&stage, "files", 200, async {
            let files = file::of(&mut stage.connection().await, messages[0].lane(), &messages)
                .await
                .unwrap();
            assert!(files.len() == 50 && files.values().all(|files| files.len() == 2));
        })
        .await;
    }
}

#[tokio::test]
async fn dead_letters_are_found_without_looking_at_what_lives() {
    let stage = Stage::with_connections(1).await;
    let talks: Vec<_> = (0..2_000).map(Talk::number).collect();
    for set in in_turn(&stage, &talks, 20_000).chunks(2_000) {
        stage.record(set).await;
    }
    stage
        .execute(
            "update messaging.inbound_events set status = 'dead_letter', error_code = 'unreadable' where arrival % 4 = 0",
        )
        .await;
    for analyzed in [false, true] {
        if analyzed {
            stage.execute("analyze messaging.inbound_events").await;
        }
        let mut dead = Vec::new();
        let behind = letter::Stretch {
            after: Some(12_000),
            up_to: None,
        };
        // Each lane gives a page at most, however many there are.
        assert_reads_at_most(&stage, "inbound_events", 256 * 12, async {
            let page = letter::list(&stage.pool, &letter::Filter::default(), behind, 10).await;
            dead = page.unwrap().rows.iter().map(|letter| letter.id).collect();
        })
        .await;
        assert_eq!(dead.len(), 10);
        assert_reads_at_most(&stage, "inbound_events", 20, async {
            assert!(letter::show(&stage.pool, dead[0]).await.unwrap().is_some());
        })
        .await;
        assert_reads_at_most(&stage, "inbound_events", 100, async {
            assert_eq!(
                letter::replay(&stage.pool, &dead, &act(&stage))
                    .await
                    .unwrap()
                    .len(),
                10
            );
        })
        .await;
    }
}
