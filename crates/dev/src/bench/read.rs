//! Read: what the API takes for a page of conversations, a page of messages, and a long history, among many.

use std::time::Duration;

use mailroom_bench::figures::Quantiles;
use mailroom_bench::fill::LONG_MESSAGES;
use reqwest::Client;
use serde::Serialize;
use serde_json::Value;
use tokio::time::Instant;

use super::report::Report;
use super::say;
use super::yard::Yard;
use crate::cli::Bench;
use crate::error::DevError;

/// Pages of conversations that are gone through by cursor.
const PAGES: usize = 1_000;
/// Conversations of a page.
const PAGE: usize = 50;
/// Histories that are read.
const HISTORIES: usize = 50;
/// Messages of a page of a history: the most there may be.
const HISTORY_PAGE: usize = 200;

/// One round.
#[derive(Debug, Clone, Copy, Serialize)]
struct Round {
    conversations: Quantiles,
    messages: Quantiles,
    history: Quantiles,
}

/// Fills the database and measures it.
pub(super) async fn run(yard: &mut Yard<'_>, wishes: &Bench) -> Result<Report, DevError> {
    let (messages, conversations) = (wishes.messages.to_string(), wishes.conversations.to_string());
    let fill = ["fill", "--messages", &messages, "--conversations", &conversations];
    let () = yard.bench(&fill).await?;
    yard.start_gateway().await?;
    let api = Api {
        client: yard.client.clone(),
        base: format!("http://127.0.0.1:{}/api/conversations", yard.gateway_port),
    };
    let mut rounds = Vec::new();
    for number in 1..=wishes.rounds {
        let round = round(&api).await?;
        say(
            wishes,
            number,
            &format!("a page of conversations {}", round.conversations),
        );
        rounds.push(round);
    }
    yard.gateway.stop(yard.run).await?;
    let about = serde_json::json!({"messages": wishes.messages, "conversations": wishes.conversations, "rounds": rounds});
    let mut report = Report::new("read", &about);
    report.row("50 conversations by cursor, p95", " ms", &rounds, |round| {
        round.conversations.p95
    });
    report.row("50 conversations by cursor, p50", " ms", &rounds, |round| {
        round.conversations.p50
    });
    report.row("first 50 messages, p95", " ms", &rounds, |round| {
        round.messages.p95
    });
    report.row("first 50 messages, p50", " ms", &rounds, |round| {
        round.messages.p50
    });
    report.row("1,000 messages in 5 pages, p95", " ms", &rounds, |round| {
        round.history.p95
    });
    report.row("1,000 messages in 5 pages, p50", " ms", &rounds, |round| {
        round.history.p50
    });
    Ok(report)
}

async fn round(api: &Api) -> Result<Round, DevError> {
    let (mut pages, mut firsts, mut histories) = (Vec::new(), Vec::new(), Vec::new());
    let mut cursor = None;
    for _ in 0..PAGES {
        let (took, page) = api.page("", PAGE, cursor.as_deref()).await?;
        pages.push(took);
        if let Some(id) = page["items"][0]["id"].as_str() {
            firsts.push(api.page(&format!("/{id}/messages"), PAGE, None).await?.0);
        }
        cursor = next(&page);
        if cursor.is_none() {
            break;
        }
    }
    // Those with a long history were active last.
    let (_, newest) = api.page("", HISTORIES, None).await?;
    for item in newest["items"].as_array().into_iter().flatten() {
        let id = item["id"].as_str().unwrap_or_default();
        let (mut whole, mut read, mut cursor) = (Duration::ZERO, 0, None);
        loop {
            let (took, page) = api
                .page(&format!("/{id}/messages"), HISTORY_PAGE, cursor.as_deref())
                .await?;
            whole += took;
            read += page["items"].as_array().map_or(0, Vec::len);
            cursor = next(&page);
            if cursor.is_none() {
                break;
            }
        }
        if read as u64 != LONG_MESSAGES {
            return Err(DevError::Failed(format!(
                "a history of {LONG_MESSAGES} messages showed {read}"
            )));
        }
        histories.push(whole);
    }
    Ok(Round {
        conversations: Quantiles::of(pages),
        messages: Quantiles::of(firsts),
        history: Quantiles::of(histories),
    })
}

fn next(page: &Value) -> Option<String> {
    page["meta"]["next_cursor"].as_str().map(str::to_owned)
}

/// The API of a gateway.
struct Api {
    client: Client,
    base: String,
}

impl Api {
    /// A page, and how long it took until it was read.
    async fn page(&self, of: &str, size: usize, cursor: Option<&str>) -> Result<(Duration, Value), DevError> {
        let lost = |error: reqwest::Error| DevError::Failed(format!("the gateway did not answer: {error}"));
        let cursor = cursor
            .map(|cursor| format!("&cursor={cursor}"))
            .unwrap_or_default();
        let url = format!("{}{of}?pageSize={size}{cursor}", self.base);
        let begin = Instant::now();
        let answer = self.client.get(url).send().await.map_err(lost)?;
        let answer = answer
            .error_for_status()
            .map_err(lost)?
            .bytes()
            .await
            .map_err(lost)?;
        let took = begin.elapsed();
        let page = serde_json::from_slice(&answer)
            .map_err(|_| DevError::Failed("the gateway did not answer with JSON".into()))?;
        Ok((took, page))
    }
}
