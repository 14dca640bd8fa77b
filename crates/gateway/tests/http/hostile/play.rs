//! Plays cases, and checks after each what must hold after every one.

use std::time::{Duration, Instant};

use serde_json::Value;

use super::MOST_MEMORY;
use super::case::{After, Case};
use super::process::memory;
use crate::answer::Answer;
use crate::house::House;
use crate::refusals::CANARY;
use crate::socket::head;

/// How long the gateway may take to say that it is there, on a machine that is busy.
const SOON: Duration = Duration::from_secs(2);

pub(super) struct Player<'a> {
    house: &'a House,
    rows: i64,
    /// The body of the first 401: every other one must be the same to the byte.
    unauthorized: Option<String>,
}

impl<'a> Player<'a> {
    pub(super) fn new(house: &'a House) -> Self {
        Self {
            house,
            rows: 0,
            unauthorized: None,
        }
    }

    pub(super) async fn play(&mut self, case: &Case) -> Result<(), String> {
        let outcome = self.exchange(case).await;
        // Looked at even if the answers were wrong, so that the next case starts from the truth.
        let rows = self.house.events().await;
        let recorded = rows - self.rows;
        self.rows = rows;
        outcome?;
        if recorded != case.rows {
            return Err(format!("{recorded} events were recorded, not {}", case.rows));
        }
        self.is_well().await
    }

    /// Nothing of the whole table was worth an alarm.
    pub(super) async fn assert_quiet(&self) {
        let log = self.house.log().await;
        let alarms: Vec<_> = log
            .iter()
            .filter(|line| line.contains("\"level\":\"ERROR\"") || line.contains(CANARY))
            .collect();
        assert!(alarms.is_empty(), "{alarms:#?}");
        let metrics = self.house.get_admin("/metrics").await.body;
        let held = metrics
            .lines()
            .find(|line| line.starts_with("mailroom_bytes_in_flight "));
        assert_eq!(held, Some("mailroom_bytes_in_flight 0"), "bytes are still held");
    }

    async fn exchange(&mut self, case: &Case) -> Result<(), String> {
        let mut socket = self.house.socket().await;
        socket.send(&case.bytes).await;
        if case.finishes {
            socket.finish_sending().await;
        }
        for (number, status) in case.statuses.iter().enumerate() {
            let answer = if case.is_head {
                socket.answer_to_head().await
            } else {
                socket.answer().await
            };
            let answer =
                answer.map_err(|error| format!("answer {number}, which should be {status}: {error}"))?;
            if answer.status != *status {
                return Err(format!("answer {number} should be {status}: {answer:?}"));
            }
            if let Some((name, value)) = case.header
                && answer.header(name) != Some(value)
            {
                return Err(format!("no {name}: {value} in {answer:?}"));
            }
            if !case.is_head {
                self.is_in_shape(&answer)?;
            }
        }
        socket.send(&head("GET", "/healthz", &[])).await;
        match case.after {
            After::Open => match socket.answer().await {
                Ok(answer) if answer.status == 200 => Ok(()),
                other => Err(format!("the connection should go on: {other:?}")),
            },
            After::Closed => {
                socket.finish_sending().await;
                match socket.rest().await {
                    Ok(rest) if rest.is_empty() => Ok(()),
                    Ok(rest) => Err(format!(
                        "nothing more should come: {}",
                        String::from_utf8_lossy(&rest)
                    )),
                    Err(error) => Err(format!("the connection should end: {error}")),
                }
            }
        }
    }

    /// A refusal has the shape that all have, and nothing of what was sent.
    fn is_in_shape(&mut self, answer: &Answer) -> Result<(), String> {
        if format!("{answer:?}").contains(CANARY) {
            return Err(format!("it repeats what was sent: {answer:?}"));
        }
        if answer.status < 400 {
            return Ok(());
        }
        let body: Value = serde_json::from_str(&answer.body).map_err(|_| format!("no JSON: {answer:?}"))?;
        let is_text = |name: &str| body[name].as_str().is_some_and(|text| !text.is_empty());
        let has = |name: &str, value: &str| answer.header(name) == Some(value);
        let is_refusal = is_text("code")
            && is_text("message")
            && has("content-type", "application/json")
            && has("cache-control", "no-store");
        if !is_refusal {
            return Err(format!("not as refusals are: {answer:?}"));
        }
        if answer.status == 401
            && *self.unauthorized.get_or_insert_with(|| answer.body.clone()) != answer.body
        {
            return Err(format!("it can be told from another 401: {answer:?}"));
        }
        Ok(())
    }

    async fn is_well(&self) -> Result<(), String> {
        let began = Instant::now();
        let answer = self.house.get("/healthz").await;
        let (took, memory) = (began.elapsed(), memory(&self.house.gateway).peak);
        if answer.status != 200 || took > SOON {
            return Err(format!(
                "afterwards the gateway answers {} after {took:?}",
                answer.status
            ));
        }
        if memory > MOST_MEMORY {
            return Err(format!("afterwards the gateway has held {memory} bytes"));
        }
        Ok(())
    }
}
