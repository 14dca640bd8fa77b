//! A page of messages in pieces: however large messages are, no more of them is held than one piece, no thread is kept by
//! them for long, and the next is read when the one before was taken.

use std::{error::Error, mem};

use actix_web::{
    HttpResponse,
    http::header::ContentType,
    web::{Bytes, Data},
};
use futures_util::stream::try_unfold;
use mailroom_domain::ConversationId;
use mailroom_store::{
    Listed, Start,
    message::{self, Message, Place},
};

use super::messages::{AT_ONCE, MessageItem, meta};
use crate::{app::App, error::ApiError, page::Wanted};

/// What is left of a page.
pub(super) struct Pieces {
    app: Data<App>,
    conversation: ConversationId,
    wanted: Wanted,
    total: i64,
    /// Read and not written yet.
    read: Listed<Message>,
    /// How many messages are asked for next: as many as came last, or more where those were small.
    next: u32,
    /// How many were written, and which was the last.
    written: u32,
    last: Option<Place>,
}

impl Pieces {
    /// A page that begins with what was read.
    pub(super) fn new(
        app: Data<App>,
        conversation: ConversationId,
        wanted: Wanted,
        read: Listed<Message>,
        total: i64,
    ) -> Self {
        Self {
            app,
            conversation,
            wanted,
            total,
            read,
            next: 1,
            written: 0,
            last: None,
        }
    }

    /// The answer. Should the database fail in the middle, it breaks off, and whoever reads it sees that.
    pub(super) fn answer(self) -> HttpResponse {
        let pieces = try_unfold(Some(self), async |left| match left {
            None => Ok(None),
            Some(left) => left.piece().await.map(Some),
        });
        HttpResponse::Ok()
            .insert_header(ContentType::json())
            .streaming(pieces)
    }

    /// The next piece, and what is left after it.
    async fn piece(mut self) -> Result<(Bytes, Option<Self>), Box<dyn Error>> {
        if let Some(last) = self.last {
            self.read = self.after(last).await?;
        }
        let Listed { rows, more } = mem::take(&mut self.read);
        let came = u32::try_from(rows.len()).unwrap_or(u32::MAX);
        let mut piece = Vec::new();
        for message in rows {
            piece.extend_from_slice(if self.written == 0 { b"{\"items\":[" } else { b"," });
            self.last = Some((message.timestamp, message.arrival));
            self.written += 1;
            serde_json::to_writer(&mut piece, &MessageItem::new(self.conversation, message))?;
        }
        let growth = if piece.len() < AT_ONCE / 2 { 4 } else { 1 };
        self.next = came.saturating_mul(growth);
        if more && self.written < self.wanted.size {
            return Ok((piece.into(), Some(self)));
        }
        piece.extend_from_slice(b"],\"meta\":");
        serde_json::to_writer(
            &mut piece,
            &meta(self.wanted, self.total, self.last.filter(|_| more)),
        )?;
        piece.push(b'}');
        Ok((piece.into(), None))
    }

    async fn after(&self, last: Place) -> Result<Listed<Message>, ApiError> {
        let size = self.next.min(self.wanted.size - self.written);
        let read = async |connection: &mut mailroom_store::Connection| {
            message::list(connection, self.conversation, Start::After(last), size, AT_ONCE).await
        };
        let found = self.app.reads.find(read).await?;
        // There was more. A standby that is asked now and knows less must not make the page look whole.
        found
            .map(|(listed, _)| listed)
            .filter(|listed| !listed.rows.is_empty())
            .ok_or(ApiError::Unavailable)
    }
}
