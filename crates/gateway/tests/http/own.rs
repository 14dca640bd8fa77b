//! A gateway and a worker on servers of a test's own.

use std::time::{Duration, Instant};

use mailroom_store::server::create_database;
use mailroom_test_support::{OwnServer, RunningProgram, TestProgram};
use serde_json::Value;
use tokio::time::sleep;

use crate::talk::{CONVERSATIONS, SMS, sms, with};

pub(crate) const DATABASE: &str = "mailroom";
/// What must come comes by then, on a busy machine too.
pub(crate) const SOON: Duration = Duration::from_secs(30);

/// Makes the database on a new server, as `db-migrate` leaves it.
pub(crate) async fn make_database(primary: &OwnServer) {
    create_database(&primary.url("postgres"), DATABASE).await.unwrap();
    TestProgram::migrate(&primary.url(DATABASE)).await;
}

/// Both programs.
pub(crate) struct Mailroom {
    pub(crate) gateway: RunningProgram,
    _worker: RunningProgram,
    client: reqwest::Client,
    base_url: String,
}

impl Mailroom {
    pub(crate) async fn open(url: &str, settings: &[(&str, String)]) -> Self {
        let mut gateway = TestProgram::gateway(url).env("MAILROOM__PROFILE", "development");
        for (variable, value) in settings {
            gateway = gateway.env(variable, value);
        }
        let gateway = gateway.start().await;
        let worker = TestProgram::worker(url).start().await;
        Self {
            base_url: gateway.base_url().await,
            gateway,
            _worker: worker,
            client: reqwest::Client::builder().no_proxy().build().unwrap(),
        }
    }

    /// Sends a message to a conversation of its own; the status of the answer.
    pub(crate) async fn send(&self, number: u32) -> u16 {
        let body = with(
            sms(&format!("said-{number}")),
            &serde_json::json!({"from": sender(number)}),
        );
        let sent = self.client.post(format!("{}{SMS}", self.base_url)).json(&body);
        sent.send().await.unwrap().status().as_u16()
    }

    /// Sends one, and waits until it can be read; the conversation's id.
    pub(crate) async fn say(&self, number: u32) -> String {
        assert_eq!(self.send(number).await, 202);
        self.until_heard(number).await
    }

    /// Waits until it can be read; the conversation's id.
    pub(crate) async fn until_heard(&self, number: u32) -> String {
        let until = Instant::now() + SOON;
        loop {
            let (_, page) = self.get(CONVERSATIONS).await;
            let items = page["items"].as_array().into_iter().flatten();
            let mut items = items.filter(|item| item["key"].to_string().contains(&sender(number)));
            if let Some(item) = items.next() {
                return item["id"].as_str().unwrap().to_owned();
            }
            assert!(Instant::now() < until, "it does not become visible: {page}");
            sleep(Duration::from_millis(20)).await;
        }
    }

    pub(crate) async fn get(&self, path: &str) -> (u16, Value) {
        let answer = self
            .client
            .get(format!("{}{path}", self.base_url))
            .send()
            .await
            .unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }

    /// How many pages were read from there.
    pub(crate) async fn read_from(&self, whom: &str) -> u64 {
        let url = format!("{}/metrics", self.gateway.admin_url().await);
        let metrics = self.client.get(url).send().await.unwrap().text().await.unwrap();
        let series = format!("mailroom_reads_total{{from=\"{whom}\"}} ");
        let line = metrics.lines().find_map(|line| line.strip_prefix(&series));
        line.unwrap_or_else(|| panic!("{metrics}")).parse().unwrap()
    }

    /// Reads until a page comes from there; what it is waited for comes soon or never.
    pub(crate) async fn until_read_from(&self, whom: &str) {
        let (before, until) = (self.read_from(whom).await, Instant::now() + SOON);
        while self.read_from(whom).await == before {
            assert!(Instant::now() < until, "nothing is read from the {whom}");
            assert_eq!(self.get(CONVERSATIONS).await.0, 200);
            sleep(Duration::from_millis(20)).await;
        }
    }
}

fn sender(number: u32) -> String {
    format!("+1555010{number:04}")
}
