//! Reads conversations and their messages back through the API, page by page.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::{Gateway, TrafficError};

const PAGE_SIZE: u64 = 200;
/// Two million rows: a list that goes on after that goes round in circles.
const MOST_PAGES: usize = 10_000;

/// A conversation as the API shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Conversation {
    /// Its id.
    pub(crate) id: String,
    /// `{channel}:{a}<->{b}`.
    pub(crate) key: String,
    /// `sms`, `mms` or `email`.
    pub(crate) channel: String,
    /// The participant first in byte order.
    pub(crate) participant_a: String,
    /// The other participant.
    pub(crate) participant_b: String,
    /// How many messages it says it has.
    pub(crate) message_count: usize,
    /// The largest message timestamp.
    pub(crate) last_activity_at: DateTime<Utc>,
}

/// A message as the API shows it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Message {
    /// Its id.
    pub(crate) id: String,
    /// The sender as sent.
    pub(crate) from: String,
    /// The recipient as sent.
    pub(crate) to: String,
    /// The text.
    pub(crate) body: String,
    /// Each an address, or an object with a `url`.
    pub(crate) attachments: Option<Vec<serde_json::Value>>,
    /// How far it got.
    pub(crate) status: String,
    /// When it was sent.
    pub(crate) timestamp: DateTime<Utc>,
}

#[derive(Deserialize)]
struct Page<T> {
    items: Vec<T>,
    meta: Meta,
}

#[derive(Deserialize)]
struct Meta {
    total: u64,
    next_cursor: Option<String>,
}

/// The conversations with the wanted keys. Others are passed over; reading stops when all are found.
pub(crate) async fn conversations(
    gateway: &Gateway,
    wanted: impl Fn(&str) -> bool,
    how_many: usize,
) -> Result<HashMap<String, Conversation>, TrafficError> {
    let mut found = HashMap::new();
    pages(gateway, "/api/conversations", |items: Vec<Conversation>| {
        found.extend(
            items
                .into_iter()
                .filter(|it| wanted(&it.key))
                .map(|it| (it.key.clone(), it)),
        );
        found.len() < how_many
    })
    .await?;
    Ok(found)
}

/// All messages of a conversation in the order in which the API lists them.
pub(crate) async fn messages(gateway: &Gateway, conversation: &str) -> Result<Vec<Message>, TrafficError> {
    let mut all = Vec::new();
    pages(
        gateway,
        &format!("/api/conversations/{conversation}/messages"),
        |items| {
            all.extend(items);
            true
        },
    )
    .await?;
    Ok(all)
}

/// Reads a list by keyset cursor, or by page where there is no cursor, until it ends or `take` has enough.
async fn pages<T: DeserializeOwned>(
    gateway: &Gateway,
    path: &str,
    mut take: impl FnMut(Vec<T>) -> bool,
) -> Result<(), TrafficError> {
    let mut cursor: Option<String> = None;
    let mut read = 0;
    for page in 1..=MOST_PAGES {
        let place = cursor
            .take()
            .map_or(("page", page.to_string()), |cursor| ("cursor", cursor));
        let query: String = form_urlencoded::Serializer::new(String::new())
            .append_pair("pageSize", &PAGE_SIZE.to_string())
            .append_pair(place.0, &place.1)
            .finish();
        let asked = gateway
            .request(reqwest::Method::GET, &format!("{path}?{query}"))
            .send()
            .await;
        let told = async { asked?.error_for_status()?.json::<Page<T>>().await };
        let Page { items, meta } = told.await.map_err(|source| TrafficError::Get {
            path: path.to_owned(),
            source: source.without_url(),
        })?;
        read += items.len() as u64;
        let ended = items.is_empty() || (meta.next_cursor.is_none() && read >= meta.total);
        if !take(items) || ended {
            return Ok(());
        }
        cursor = meta.next_cursor;
    }
    Err(TrafficError::Endless {
        path: path.to_owned(),
        pages: MOST_PAGES,
    })
}
