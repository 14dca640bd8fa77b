//! `GET /api/conversations`: newest activity first.

use actix_web::{HttpRequest, HttpResponse, web::Data};
use mailroom_domain::ConversationId;
use mailroom_store::{
    Start,
    conversation::{self, Conversation},
};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::time::rfc3339;
use crate::{
    app::App,
    cursor::List,
    error::{ApiError, ErrorBody},
    negotiation::accepts_json,
    page::{Meta, Wanted},
};

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ConversationItem {
    id: Uuid,
    /// `{channel}:{a}<->{b}`, the participants normalised.
    #[schema(example = "sms:+15550100101<->+15550100102")]
    key: String,
    /// `sms`, `mms`, `email`, `whatsapp`, `telegram`, `slack` or `webhook`.
    channel: &'static str,
    participant_a: String,
    participant_b: String,
    message_count: i64,
    /// The largest timestamp of its messages.
    #[schema(value_type = DateTime<Utc>)]
    last_activity_at: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ConversationPage {
    items: Vec<ConversationItem>,
    meta: Meta,
}

impl From<Conversation> for ConversationItem {
    fn from(conversation: Conversation) -> Self {
        Self {
            id: conversation.id.uuid(),
            key: conversation.key,
            channel: conversation.channel.as_str(),
            participant_a: conversation.participant_a,
            participant_b: conversation.participant_b,
            message_count: conversation.message_count,
            last_activity_at: rfc3339(conversation.last_activity_at),
        }
    }
}

/// Lists conversations by last activity, newest first, then by id.
#[utoipa::path(
    get,
    path = "/api/conversations",
    tag = "conversations",
    params(
        ("page" = Option<u32>, Query, description = "From 1"),
        ("pageSize" = Option<u32>, Query, description = "0 or absent means 50; at most 200"),
        ("cursor" = Option<String>, Query, description = "`meta.next_cursor` of the page before, instead of `page`"),
    ),
    responses(
        (status = 200, body = ConversationPage), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody),
        (status = 406, body = ErrorBody), (status = 503, body = ErrorBody, headers(("Retry-After" = u8))),
    )
)]
pub(crate) async fn list(app: Data<App>, request: HttpRequest) -> Result<HttpResponse, ApiError> {
    app.admit_unsigned()?;
    if !accepts_json(request.headers()) {
        return Err(ApiError::NotAcceptable);
    }
    let wanted = Wanted::from_query(request.query_string(), List::Conversations)?;
    let start = match wanted.after {
        Some(cursor) => Start::After((cursor.at, ConversationId::from_uuid(cursor.tie))),
        None => Start::Skip(wanted.skipped()),
    };
    let page = app
        .reads
        .find(async |connection| conversation::list(connection, start, wanted.size).await.map(Some))
        .await?;
    let (listed, total) = page.unwrap_or_default();
    let last = listed.rows.last().filter(|_| listed.more);
    let next_cursor = last.map(|last| wanted.cursor_after(last.last_activity_at, last.id.uuid()));
    Ok(HttpResponse::Ok().json(ConversationPage {
        items: listed.rows.into_iter().map(ConversationItem::from).collect(),
        meta: Meta {
            page: wanted.page,
            page_size: wanted.size,
            total,
            next_cursor,
        },
    }))
}
