//! Reads what a database was [filled](crate::fill) with, as an application does: page after page.

use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::BenchError;
use crate::figures::Quantiles;
use crate::fill::LONG_MESSAGES;
use crate::wire::Wire;

/// Pages of conversations that are gone through by cursor.
const PAGES: usize = 1_000;
/// Conversations, or first messages, of a page.
const PAGE: usize = 50;
/// Messages of a page of a history: the most there may be.
const HISTORY_PAGE: usize = 200;
/// No answer is waited for longer.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long it took, from the request to the last byte of the answer.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Pages {
    /// A page of 50 conversations, from the first to the thousandth.
    pub conversations: Quantiles,
    /// The first 50 messages of a conversation.
    pub messages: Quantiles,
    /// A history of 1,000 messages in five pages, one after the other.
    pub history: Quantiles,
}

/// Reads at a gateway.
///
/// # Errors
/// [`BenchError::Io`] when it answers otherwise than with a page.
pub async fn read(from: SocketAddr) -> Result<Pages, BenchError> {
    let mut wire = Wire::new(from, PATIENCE);
    let (mut pages, mut firsts, mut histories) = (Vec::new(), Vec::new(), Vec::new());
    // Those with a long history were active last, and stand on the first page.
    let (_, newest) = page(&mut wire, "", PAGE, None).await?;
    for id in ids(&newest) {
        histories.push(history(&mut wire, id).await?);
    }
    let mut cursor = None;
    for _ in 0..PAGES {
        let (took, found) = page(&mut wire, "", PAGE, cursor.as_deref()).await?;
        pages.push(took);
        if let Some(id) = ids(&found).next() {
            firsts.push(page(&mut wire, &format!("/{id}/messages"), PAGE, None).await?.0);
        }
        cursor = next(&found);
        if cursor.is_none() {
            break;
        }
    }
    Ok(Pages {
        conversations: Quantiles::of(pages),
        messages: Quantiles::of(firsts),
        history: Quantiles::of(histories),
    })
}

/// A whole history.
async fn history(wire: &mut Wire, id: &str) -> Result<Duration, BenchError> {
    let (mut whole, mut messages, mut cursor) = (Duration::ZERO, 0, None);
    loop {
        let (took, found) = page(wire, &format!("/{id}/messages"), HISTORY_PAGE, cursor.as_deref()).await?;
        whole += took;
        messages += found["items"].as_array().map_or(0, Vec::len) as u64;
        cursor = next(&found);
        if cursor.is_none() {
            break;
        }
    }
    if messages == LONG_MESSAGES {
        return Ok(whole);
    }
    let why = format!("a history of {LONG_MESSAGES} messages showed {messages}");
    Err(io::Error::other(why).into())
}

/// A page, and how long it took.
async fn page(
    wire: &mut Wire,
    of: &str,
    size: usize,
    cursor: Option<&str>,
) -> Result<(Duration, Value), BenchError> {
    let cursor = cursor
        .map(|cursor| format!("&cursor={cursor}"))
        .unwrap_or_default();
    let path = format!("/api/conversations{of}?pageSize={size}{cursor}");
    let begin = Instant::now();
    let (status, body) = wire.get(&path).await?;
    let took = begin.elapsed();
    if status != 200 {
        return Err(io::Error::other(format!("a page was answered with {status}")).into());
    }
    Ok((took, serde_json::from_slice(body).map_err(io::Error::from)?))
}

fn ids(page: &Value) -> impl Iterator<Item = &str> {
    let items = page["items"].as_array().into_iter().flatten();
    items.filter_map(|item| item["id"].as_str())
}

fn next(page: &Value) -> Option<String> {
    page["meta"]["next_cursor"].as_str().map(str::to_owned)
}
