//! A gateway on a database of its own, and on demand a worker.

use std::time::{Duration, Instant};

use mailroom_test_support::{RunningProgram, TestDatabase, TestProgram};
use reqwest::{Client, redirect::Policy};
use serde_json::Value;
use sqlx::postgres::{PgPool, PgPoolOptions};
use tokio::time::sleep;

use crate::answer::Answer;
use crate::socket::Socket;
use crate::talk::CONVERSATIONS;

/// How long what must come may take on a busy machine.
const SOON: Duration = Duration::from_secs(20);

pub(crate) struct House {
    // Dropped first: programs before what they stand on.
    pub(crate) gateway: RunningProgram,
    workers: Vec<RunningProgram>,
    pub(crate) base_url: String,
    pub(crate) client: Client,
    pub(crate) pool: PgPool,
    database: TestDatabase,
}

impl House {
    /// A gateway that takes unsigned calls.
    pub(crate) async fn open() -> Self {
        Self::with(&[]).await
    }

    /// The same with settings.
    pub(crate) async fn with(settings: &[(&str, &str)]) -> Self {
        let database = TestDatabase::create().await;
        let mut program = TestProgram::gateway(database.url()).env("MAILROOM__PROFILE", "development");
        for (variable, value) in settings {
            program = program.env(variable, value);
        }
        let gateway = program.start().await;
        Self {
            base_url: gateway.base_url().await,
            gateway,
            workers: Vec::new(),
            client: client(),
            pool: PgPoolOptions::new()
                .max_connections(4)
                .connect_lazy(database.url())
                .unwrap(),
            database,
        }
    }

    /// A gateway and a worker.
    pub(crate) async fn staffed() -> Self {
        Self::open().await.employ().await
    }

    /// Starts a worker.
    pub(crate) async fn employ(mut self) -> Self {
        self.workers
            .push(TestProgram::worker(self.database.url()).start().await);
        self
    }

    /// Replays every dead letter, as an operator does.
    pub(crate) async fn replay_all(&self) {
        let replay = ["dead-letters", "replay", "--since", "1h"];
        let program = TestProgram::worker(self.database.url());
        let told = replay
            .iter()
            .fold(program, |program, word| program.arg(*word))
            .output()
            .await;
        assert!(told.status.success(), "{told:?}");
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        let request = self.client.post(format!("{}{path}", self.base_url)).json(body);
        Answer::of(request.send().await.unwrap()).await
    }

    /// Posts what must be accepted.
    pub(crate) async fn accept(&self, path: &str, body: &Value) {
        let answer = self.post(path, body).await;
        assert_eq!(answer.status, 202, "{answer:?}");
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        let request = self.client.get(format!("{}{path}", self.base_url));
        Answer::of(request.send().await.unwrap()).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        let request = self.client.delete(format!("{}{path}", self.base_url));
        Answer::of(request.send().await.unwrap()).await
    }

    pub(crate) async fn get_admin(&self, path: &str) -> Answer {
        let request = self
            .client
            .get(format!("{}{path}", self.gateway.admin_url().await));
        Answer::of(request.send().await.unwrap()).await
    }

    pub(crate) async fn socket(&self) -> Socket {
        Socket::connect(&self.base_url).await
    }

    /// The number that a question returns.
    pub(crate) async fn number(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(&self.pool).await.unwrap()
    }

    /// The first column of what a question returns, as text.
    pub(crate) async fn texts(&self, sql: &'static str) -> Vec<String> {
        sqlx::query_scalar(sql).fetch_all(&self.pool).await.unwrap()
    }

    /// How many events are recorded.
    pub(crate) async fn events(&self) -> i64 {
        self.number("select count(*) from messaging.inbound_events").await
    }

    /// Waits until a question returns this number.
    pub(crate) async fn until(&self, sql: &'static str, number: i64) {
        let begun = Instant::now();
        loop {
            let found = self.number(sql).await;
            if found == number {
                return;
            }
            assert!(
                begun.elapsed() < SOON,
                "{found} and not {number} after {SOON:?}: {sql}"
            );
            sleep(Duration::from_millis(10)).await;
        }
    }

    /// Waits until there are this many messages.
    pub(crate) async fn until_messages(&self, number: i64) {
        self.until("select count(*) from messaging.messages", number)
            .await;
    }

    /// The messages of the conversation with this key, on one page.
    pub(crate) async fn messages_of(&self, key: &str) -> Vec<Value> {
        let listed = self.get(&format!("{CONVERSATIONS}?pageSize=200")).await.json();
        let conversations = listed["items"].as_array().unwrap();
        let Some(conversation) = conversations.iter().find(|item| item["key"] == key) else {
            panic!("no conversation {key}: {listed:#}");
        };
        let id = conversation["id"].as_str().unwrap();
        let messages = self
            .get(&format!("{CONVERSATIONS}/{id}/messages?pageSize=200"))
            .await;
        messages.json()["items"].as_array().unwrap().clone()
    }

    /// Waits until the gateway's metrics are as they should be.
    pub(crate) async fn until_metric(&self, are_so: impl Fn(&str) -> bool, what: &str) {
        let begun = Instant::now();
        loop {
            let metrics = self.get_admin("/metrics").await.body;
            if are_so(&metrics) {
                return;
            }
            assert!(begun.elapsed() < SOON, "not after {SOON:?}: {what}\n{metrics}");
            sleep(Duration::from_millis(10)).await;
        }
    }

    /// Every line that the gateway has logged until now, whole.
    pub(crate) async fn log(&self) -> Vec<String> {
        const LAST: &str = "the-end-of-the-log";
        // Lines are written by one thread in the order in which they were logged.
        let request = self.client.get(format!("{}/nothing", self.base_url));
        request.header("x-request-id", LAST).send().await.unwrap();
        let begun = Instant::now();
        loop {
            let lines = self.gateway.stderr_lines();
            if lines.iter().any(|line| line.contains(LAST)) {
                return lines;
            }
            assert!(begun.elapsed() < SOON, "a line is missing:\n{}", lines.join("\n"));
            sleep(Duration::from_millis(5)).await;
        }
    }
}

/// A client that goes nowhere but to where it is sent.
pub(crate) fn client() -> Client {
    Client::builder()
        .no_proxy()
        .redirect(Policy::none())
        .build()
        .unwrap()
}
