//! `GET /api/conversations/{id}/messages`: oldest first.

use actix_web::{
    HttpRequest, HttpResponse,
    http::Version,
    web::{Data, Path},
};
use mailroom_domain::{ConversationId, Email, FilePlace};
use mailroom_store::{
    Start,
    file::StoredFile,
    message::{self, Message, Place},
};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{message_pieces::Pieces, time::rfc3339};
use crate::{
    app::App,
    cursor::List,
    error::{ApiError, ErrorBody},
    negotiation::accepts_json,
    page::{Meta, Wanted},
};

/// Of what people wrote so many bytes are read, held and turned into JSON at once: that takes a thread some milliseconds, in
/// which it answers nobody else.
pub(super) const AT_ONCE: usize = 512 << 10;

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MessageItem {
    id: Uuid,
    conversation_id: Uuid,
    /// `inbound` or `outbound`.
    direction: &'static str,
    /// `sms`, `mms`, `email`, `whatsapp`, `telegram`, `slack` or `webhook`.
    channel: &'static str,
    /// As sent.
    from: String,
    /// As sent.
    to: String,
    body: String,
    /// The beginning of the body.
    snippet: String,
    /// As the provider named them.
    #[schema(value_type = Option<Vec<String>>)]
    attachments: Option<serde_json::Value>,
    /// The same, each in the form in which all providers' attachments are shown.
    files: Vec<FileItem>,
    /// What only an e-mail has: subject, HTML, thread, headers. Some senders of e-mail tell none of it.
    #[schema(value_type = Option<Object>)]
    email: Option<Email>,
    /// How far it got, by all that was told of it: `pending`, `sent`, `delivered`, `read` or `failed`.
    status: &'static str,
    #[schema(value_type = DateTime<Utc>)]
    timestamp: String,
}

/// Something attached to a message. Its content stays where it is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FileItem {
    id: Uuid,
    name: Option<String>,
    content_type: Option<String>,
    /// In bytes, where known.
    size: Option<u64>,
    /// Given by whoever sent it; treat it as hostile.
    url: Option<String>,
    /// The provider's own id for the content.
    provider_reference: Option<String>,
    /// Where in the event's payload the content is: a JSON pointer, and `#` and the part's number for a raw e-mail.
    payload_pointer: Option<String>,
    /// In hexadecimal, where known.
    sha256: Option<String>,
}

impl FileItem {
    fn new(stored: StoredFile) -> Self {
        let StoredFile { id, file } = stored;
        let (url, provider_reference, payload_pointer) = match file.place {
            None => (None, None, None),
            Some(FilePlace::Url(url)) => (Some(url), None, None),
            Some(FilePlace::Provider(reference)) => (None, Some(reference), None),
            Some(FilePlace::Payload(pointer)) => (None, None, Some(pointer)),
        };
        Self {
            id: id.uuid(),
            name: file.name,
            content_type: file.content_type,
            size: file.size,
            url,
            provider_reference,
            payload_pointer,
            sha256: file.sha256.map(mailroom_providers::hex),
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MessagePage {
    items: Vec<MessageItem>,
    meta: Meta,
}

impl MessageItem {
    pub(super) fn new(conversation: ConversationId, message: Message) -> Self {
        Self {
            id: message.id.uuid(),
            conversation_id: conversation.uuid(),
            direction: message.direction.as_str(),
            channel: message.channel.as_str(),
            from: message.from,
            to: message.to,
            body: message.body,
            snippet: message.snippet,
            attachments: message.attachments,
            files: message.files.into_iter().map(FileItem::new).collect(),
            email: message.email,
            status: message.status.as_str(),
            timestamp: rfc3339(message.timestamp),
        }
    }
}

/// Lists a conversation's messages by timestamp ascending, then by arrival.
#[utoipa::path(
    get,
    path = "/api/conversations/{id}/messages",
    tag = "conversations",
    params(
        ("id" = Uuid, Path, description = "The conversation's id"),
        ("page" = Option<u32>, Query, description = "From 1"),
        ("pageSize" = Option<u32>, Query, description = "0 or absent means 50; at most 200"),
        ("cursor" = Option<String>, Query, description = "`meta.next_cursor` of the page before, instead of `page`"),
    ),
    responses(
        (status = 200, body = MessagePage), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody),
        (status = 404, body = ErrorBody), (status = 406, body = ErrorBody),
        (status = 503, body = ErrorBody, headers(("Retry-After" = u8))),
    )
)]
pub(crate) async fn list(
    app: Data<App>,
    path: Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    app.admit_unsigned()?;
    if !accepts_json(request.headers()) {
        return Err(ApiError::NotAcceptable);
    }
    let id = Uuid::parse_str(&path).map_err(|_| ApiError::UnknownConversation)?;
    let id = ConversationId::from_uuid(id);
    let wanted = Wanted::from_query(request.query_string(), List::Messages(id))?;
    let start = match wanted.after {
        Some(cursor) => Start::After((cursor.at, arrival(cursor.tie))),
        None => Start::Skip(wanted.skipped()),
    };
    // Pieces are a matter of HTTP/1.1.
    let bytes = if request.version() < Version::HTTP_11 {
        usize::MAX
    } else {
        AT_ONCE
    };
    let (listed, total) = app
        .reads
        .find(async |connection| message::list(connection, id, start, wanted.size, bytes).await)
        .await?
        .ok_or(ApiError::UnknownConversation)?;
    if listed.more && listed.rows.len() < wanted.size as usize {
        return Ok(Pieces::new(app, id, wanted, listed, total).answer());
    }
    let last = listed.rows.last().filter(|_| listed.more);
    let meta = meta(wanted, total, last.map(|last| (last.timestamp, last.arrival)));
    Ok(HttpResponse::Ok().json(MessagePage {
        items: listed
            .rows
            .into_iter()
            .map(|message| MessageItem::new(id, message))
            .collect(),
        meta,
    }))
}

/// What is told about a page, after whose `last` message more follow.
pub(super) fn meta(wanted: Wanted, total: i64, last: Option<Place>) -> Meta {
    let next_cursor = last.map(|(at, arrival)| wanted.cursor_after(at, tie(arrival)));
    Meta {
        page: wanted.page,
        page_size: wanted.size,
        total,
        next_cursor,
    }
}

fn tie(arrival: i64) -> Uuid {
    Uuid::from_u64_pair(0, arrival.cast_unsigned())
}

const fn arrival(tie: Uuid) -> i64 {
    tie.as_u64_pair().1.cast_signed()
}
