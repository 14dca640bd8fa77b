//! `doctor`: each sickness made for real, and what is said about it.

use std::time::Duration;

use mailroom_test_support::TestProgram;
use serde_json::Value;
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tokio::time::sleep;

use crate::mailroom::Mailroom;
use crate::tool::{Called, call, program};

/// Other tests at the same server are no sickness.
const PATIENT: [&str; 4] = ["--statements-over", "60000", "--transactions-over", "600"];

/// What a run said.
struct Said {
    code: Option<i32>,
    answer: Value,
}

impl Said {
    fn of(called: &Called) -> Self {
        Self {
            code: called.code,
            answer: serde_json::from_str(&called.said).unwrap_or_else(|_| panic!("{called:?}")),
        }
    }

    /// The codes of what is wrong, save what is set on the whole server of these tests.
    fn codes(&self) -> Vec<&str> {
        let findings = self.answer["findings"].as_array().unwrap().iter();
        let codes = findings.map(|it| it["code"].as_str().unwrap());
        codes.filter(|code| !OF_THE_SERVER.contains(code)).collect()
    }

    /// What is said of the only finding with this code, and what to do.
    fn of_code(&self, code: &str) -> String {
        let findings = self.answer["findings"].as_array().unwrap().iter();
        let mut found = findings.filter(|it| it["code"] == code);
        let it = found
            .next()
            .unwrap_or_else(|| panic!("no {code} in {}", self.answer));
        assert!(found.next().is_none(), "{}", self.answer);
        assert_eq!(self.code, Some(4));
        format!(
            "{} {}",
            it["what"].as_str().unwrap(),
            it["remedy"].as_str().unwrap()
        )
    }
}

const OF_THE_SERVER: [&str; 3] = ["fsync_off", "full_page_writes_off", "synchronous_commit_off"];

/// As one who sees what all roles do.
async fn examine(mailroom: &Mailroom, arguments: &[&str]) -> Said {
    let program = program(mailroom, &[&["doctor", "--output", "json"], arguments].concat());
    let output = program
        .env("DATABASE_URL", mailroom.url())
        .env("MAILROOM_DIRECT_DATABASE_URL", mailroom.url())
        .output()
        .await;
    Said::of(&Called::of(output))
}

async fn session(mailroom: &Mailroom) -> PgConnection {
    PgConnection::connect(mailroom.url()).await.unwrap()
}

async fn run(session: &mut PgConnection, sql: &str) {
    let sql = AssertSqlSafe(sql.to_owned());
    sqlx::raw_sql(sql).execute(session).await.unwrap();
}

/// Tokens of requests: the simplest rows there are.
async fn fill(mailroom: &Mailroom, rows: u32) {
    mailroom
        .execute(&format!(
            "insert into messaging.request_tokens (lane, provider, token_hash, content_hash)
             select 7, 'slack', '\\x07'::bytea || substring(sha256(n::text::bytea) for 31), sha256('x') from generate_series(1, {rows}) n;
             select pg_stat_force_next_flush()"
        ))
        .await;
}

#[tokio::test]
async fn a_healthy_database_has_no_findings() {
    let mailroom = Mailroom::new().await;
    let _workers = mailroom.workers(1).await;
    let said = examine(&mailroom, &PATIENT).await;
    assert!(said.codes().is_empty(), "{}", said.answer);
    // The settings of the server are told as they are.
    for (setting, code) in [
        ("fsync", "fsync_off"),
        ("full_page_writes", "full_page_writes_off"),
        ("synchronous_commit", "synchronous_commit_off"),
    ] {
        let is_off: Vec<(bool,)> = mailroom
            .rows(&format!("select current_setting('{setting}') = 'off'"))
            .await;
        // These connections turn it off themselves.
        if code != "synchronous_commit_off" {
            let findings = said.answer["findings"].to_string();
            assert_eq!(findings.contains(code), is_off[0].0, "{}", said.answer);
        }
    }
    let healthy = said.answer["findings"].as_array().unwrap().is_empty();
    assert_eq!(
        (said.code, &said.answer["healthy"]),
        (Some(if healthy { 0 } else { 4 }), &Value::Bool(healthy))
    );
    let notes = said.answer["notes"].to_string();
    assert!(
        notes.contains("take") && notes.contains("of the disk") && notes.contains("synchronous standby"),
        "{notes}"
    );
}

#[tokio::test]
async fn who_keeps_a_transaction_open_is_named() {
    let mailroom = Mailroom::new().await;
    let mut forgetful = session(&mailroom).await;
    run(
        &mut forgetful,
        "set application_name = 'a report';
         begin isolation level repeatable read; select count(*) from messaging.lanes",
    )
    .await;
    let pid: i32 = sqlx::query_scalar("select pg_backend_pid()")
        .fetch_one(&mut forgetful)
        .await
        .unwrap();
    sleep(Duration::from_millis(1_200)).await;
    let said = examine(
        &mailroom,
        &["--transactions-over", "1", "--statements-over", "60000"],
    )
    .await;
    let told = said.of_code("idle_transaction");
    assert!(
        told.contains(&format!("pid {pid} (a report) has had a transaction open since")),
        "{told}"
    );
    assert!(
        told.contains("nothing is being done in it") && told.contains("since its snapshot"),
        "{told}"
    );
    assert!(told.contains(&format!("pg_terminate_backend({pid})")), "{told}");
    // As long as is taken for usual, it is none.
    assert!(
        !examine(&mailroom, &PATIENT)
            .await
            .codes()
            .contains(&"idle_transaction")
    );
}

#[tokio::test]
async fn who_waits_for_whom_is_told() {
    let mailroom = Mailroom::new().await;
    let mut holder = session(&mailroom).await;
    run(&mut holder, "begin; lock table messaging.pauses").await;
    let pid: i32 = sqlx::query_scalar("select pg_backend_pid()")
        .fetch_one(&mut holder)
        .await
        .unwrap();
    let mut waiting = session(&mailroom).await;
    let waits = tokio::spawn(async move { run(&mut waiting, "select count(*) from messaging.pauses").await });
    let blocked = "select exists (select from pg_stat_activity
                   where datname = current_database() and wait_event_type = 'Lock')";
    mailroom.until(blocked, Duration::from_secs(10)).await;
    sleep(Duration::from_millis(300)).await;
    let said = examine(&mailroom, &["--statements-over", "200"]).await;
    // What the doctor itself could not look at is said, and the rest is asked all the same.
    let told = said.of_code("blocked_statement");
    assert!(told.contains(&format!("held by pid {pid}.")), "{told}");
    let unanswered = said.answer["unanswered"].to_string();
    assert!(
        unanswered.contains("tables: ") && said.codes().contains(&"no_workers"),
        "{}",
        said.answer
    );
    run(&mut holder, "rollback").await;
    waits.await.unwrap();
}

#[tokio::test]
async fn dead_rows_and_tables_that_nobody_looks_after() {
    let mailroom = Mailroom::new().await;
    mailroom
        .execute("alter table messaging.request_tokens set (autovacuum_enabled = off)")
        .await;
    fill(&mailroom, 30_000).await;
    let said = examine(&mailroom, &PATIENT).await;
    let told = said.of_code("never_analyzed");
    assert!(
        told.contains("request_tokens has 30000 rows and was never analysed"),
        "{told}"
    );
    assert!(
        said.of_code("autovacuum_off_for_table")
            .contains("messaging.request_tokens")
    );
    assert!(!said.codes().contains(&"dead_rows"), "{}", said.answer);

    mailroom
        .execute("delete from messaging.request_tokens where token_hash > '\\x0780'; select pg_stat_force_next_flush()")
        .await;
    let told = examine(&mailroom, &PATIENT).await.of_code("dead_rows");
    assert!(told.contains("messaging.request_tokens has 1"), "{told}");
    assert!(
        told.contains("% of it") && told.contains("never cleared away"),
        "{told}"
    );

    let mut cleaner = session(&mailroom).await;
    run(
        &mut cleaner,
        "alter table messaging.request_tokens reset (autovacuum_enabled)",
    )
    .await;
    run(&mut cleaner, "vacuum (analyze) messaging.request_tokens").await;
    run(&mut cleaner, "select pg_stat_force_next_flush()").await;
    let said = examine(&mailroom, &PATIENT).await;
    assert_eq!(said.codes(), ["no_workers"], "{}", said.answer);
}

#[tokio::test]
async fn indexes_that_are_gone_or_broken_and_plans_without_them() {
    let mailroom = Mailroom::new().await;
    mailroom
        .execute(
            "insert into messaging.conversations (lane, id, key, channel, participant_a, participant_b, message_count, last_activity_at)
             select 7, overlay(gen_random_uuid()::text placing '07' from 1 for 2)::uuid, n::text, 'sms', 'a', 'b', 1, now()
             from generate_series(1, 12000) n;
             analyze messaging.conversations",
        )
        .await;
    let said = examine(&mailroom, &PATIENT).await;
    assert_eq!(said.codes(), ["no_workers"], "{}", said.answer);

    mailroom
        .execute(
            "alter table messaging.conversations drop constraint conversations_key;
             update pg_index set indisvalid = false where indexrelid = 'messaging.inbound_events_due'::regclass",
        )
        .await;
    let said = examine(&mailroom, &PATIENT).await;
    let told = said.of_code("index_missing");
    assert!(
        told.contains("conversations_key of messaging.conversations is not there"),
        "{told}"
    );
    let told = said.of_code("index_invalid");
    assert!(
        told.contains("reindex index concurrently messaging.inbound_events_due"),
        "{told}"
    );
    let told = said.of_code("plan_strayed");
    assert!(
        told.contains("a conversation by its key") && told.contains("analyze messaging.conversations"),
        "{told}"
    );
}

#[tokio::test]
async fn nobody_at_work_and_what_waits_for_it() {
    let mut mailroom = Mailroom::new().await;
    let letters = crate::letters::letters(&mut mailroom.chance, 2, 5);
    mailroom.record(&letters).await;
    let said = examine(&mailroom, &PATIENT).await;
    assert!(said.of_code("no_workers").contains("nothing becomes of them"));
    assert!(
        said.answer["notes"]
            .to_string()
            .contains("5 events wait for workers"),
        "{}",
        said.answer
    );
    mailroom
        .execute("update messaging.inbound_events set created_at = now() - interval '10 minutes'")
        .await;
    let told = examine(&mailroom, &PATIENT).await.of_code("backlog");
    assert!(told.contains("has waited 10 min, with 5 unfinished"), "{told}");
    let text = call(&mailroom, &[&["doctor"], PATIENT.as_slice()].concat()).await;
    assert_eq!(text.code, Some(4));
    assert!(
        text.said
            .contains("\nbacklog: The oldest event that is due has waited 10 min"),
        "{text:?}"
    );
}

/// What a worker's role may not see is said, and nothing fails for it.
#[tokio::test]
async fn what_cannot_be_seen_is_said() {
    let mailroom = Mailroom::new().await;
    let role = format!("doctor_{}", std::process::id());
    mailroom
        .execute(&format!(
            "create role {role} login password 'doctor';
             grant usage on schema messaging to {role};
             grant select on all tables in schema messaging to {role}"
        ))
        .await;
    let url = mailroom.url();
    let (_, at) = url.split_once('@').unwrap();
    let _other = session(&mailroom).await;
    let program = TestProgram::worker("").env("DATABASE_URL", format!("postgres://{role}:doctor@{at}"));
    let output = program.arg("doctor").arg("--output").arg("json").output().await;
    let said = Said::of(&Called::of(output));
    assert_eq!(said.codes(), ["no_workers"], "{}", said.answer);
    assert!(
        said.answer["unanswered"].as_array().unwrap().is_empty(),
        "{}",
        said.answer
    );
    let notes = said.answer["notes"].to_string();
    assert!(
        notes.contains("sessions of other roles do is not visible to this role: grant pg_monitor"),
        "{notes}"
    );
    mailroom
        .execute(&format!("drop owned by {role}; drop role {role}"))
        .await;
}

#[tokio::test]
async fn a_database_that_is_away_or_has_no_schema_is_told_from_a_sick_one() {
    let program = TestProgram::worker("postgres://nobody:hush@127.0.0.1:1/none").arg("doctor");
    let called = Called::of(program.output().await);
    assert_eq!(called.code, Some(1), "{called:?}");
    assert!(
        called.complained.starts_with("mailroom-worker: the database"),
        "{called:?}"
    );
    assert!(!called.complained.contains("hush"));

    let empty = Mailroom::at(mailroom_test_support::TestDatabase::create_empty().await);
    let called = call(&empty, &[&["doctor"], PATIENT.as_slice()].concat()).await;
    assert_eq!(called.code, Some(4), "{called:?}");
    assert!(
        called.said.contains("not answered: lanes: ") && called.said.contains("db-migrate status"),
        "{called:?}"
    );
}
