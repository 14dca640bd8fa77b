//! The conversations that a benchmark writes to, and the requests it makes.

use std::collections::HashMap;
use std::time::Duration;

use reqwest::{Client, StatusCode};
use serde_json::{Value, json};

use crate::error::DevError;

/// A client of one gateway.
#[derive(Debug, Clone)]
pub(super) struct Load {
    client: Client,
    base_url: String,
    /// Tells this run's messages from those of others.
    run: String,
}

impl Load {
    pub(super) fn new(base_url: &str, run: String) -> Result<Self, DevError> {
        let client = Client::builder()
            .no_proxy()
            .timeout(Duration::from_secs(10))
            .build()
            .map_err(|error| DevError::Failed(format!("no HTTP client: {error}")))?;
        Ok(Self {
            client,
            base_url: base_url.to_owned(),
            run,
        })
    }

    /// The text of one event of this run.
    pub(super) fn text(&self, event: usize) -> String {
        format!("bench {} event {event}.", self.run)
    }

    /// Sends one event to one conversation, and waits for its 202.
    pub(super) async fn send(&self, conversation: usize, event: usize) -> Result<(), DevError> {
        let body = json!({
            "from": sender(conversation), "to": RECIPIENT, "type": "sms",
            "messaging_provider_id": format!("{}-{event}", self.run), "body": self.text(event),
            "attachments": null, "timestamp": "2024-11-01T14:00:00Z",
        });
        let request = self
            .client
            .post(format!("{}/api/webhooks/sms", self.base_url))
            .json(&body);
        let answer = request.send().await.map_err(lost)?;
        if answer.status() == StatusCode::ACCEPTED {
            Ok(())
        } else {
            Err(DevError::Failed(format!(
                "an event was answered with {}",
                answer.status()
            )))
        }
    }

    /// The ids of this run's conversations, by number, of those that exist.
    pub(super) async fn conversations(&self, count: usize) -> Result<HashMap<usize, String>, DevError> {
        let (mut found, mut cursor) = (HashMap::new(), String::new());
        loop {
            let page = self
                .get(&format!("/api/conversations?pageSize=200{cursor}"))
                .await?;
            for item in page["items"].as_array().into_iter().flatten() {
                let number = (0..count).find(|&number| item["key"] == key(number));
                if let (Some(number), Some(id)) = (number, item["id"].as_str()) {
                    found.insert(number, id.to_owned());
                }
            }
            match page["meta"]["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return Ok(found),
            }
        }
    }

    /// How many messages a conversation has.
    pub(super) async fn count(&self, conversation: &str) -> Result<u64, DevError> {
        let page = self
            .get(&format!("/api/conversations/{conversation}/messages?pageSize=1"))
            .await?;
        Ok(page["meta"]["total"].as_u64().unwrap_or_default())
    }

    async fn get(&self, path: &str) -> Result<Value, DevError> {
        let answer = self
            .client
            .get(format!("{}{path}", self.base_url))
            .send()
            .await
            .map_err(lost)?;
        if !answer.status().is_success() {
            return Err(DevError::Failed(format!(
                "a read was answered with {}",
                answer.status()
            )));
        }
        answer.json().await.map_err(lost)
    }
}

const RECIPIENT: &str = "+15550199000";

fn sender(conversation: usize) -> String {
    format!("+15550198{conversation:03}")
}

fn key(conversation: usize) -> String {
    format!("sms:{}<->{RECIPIENT}", sender(conversation))
}

#[expect(clippy::needless_pass_by_value, reason = "it is what `map_err` hands over")]
fn lost(error: reqwest::Error) -> DevError {
    DevError::Failed(format!("the gateway did not answer: {error}"))
}
