//! Files: what was attached to messages.

use std::collections::HashMap;

use mailroom_domain::{File, FileId, FilePlace, Lane, MessageId};
use uuid::Uuid;

use crate::{Connection, StoreError};

/// A file as applications read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredFile {
    /// Its id.
    pub id: FileId,
    /// What is known of it.
    pub file: File,
}

struct Row {
    id: Uuid,
    message_id: Uuid,
    name: Option<String>,
    content_type: Option<String>,
    size_bytes: Option<i64>,
    url: Option<String>,
    provider_reference: Option<String>,
    payload_pointer: Option<String>,
    sha256: Option<Vec<u8>>,
}

impl TryFrom<Row> for StoredFile {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let broken = |column| StoreError::Inconsistent {
            table: "messaging.files",
            column,
            row: row.id,
        };
        let size = row.size_bytes.map(u64::try_from).transpose();
        let sha256 = row.sha256.map(<[u8; 32]>::try_from).transpose();
        Ok(Self {
            id: FileId::from_uuid(row.id),
            file: File {
                name: row.name,
                content_type: row.content_type,
                size: size.map_err(|_| broken("size_bytes"))?,
                place: (row.url.map(FilePlace::Url))
                    .or(row.provider_reference.map(FilePlace::Provider))
                    .or(row.payload_pointer.map(FilePlace::Payload)),
                sha256: sha256.map_err(|_| broken("sha256"))?,
            },
        })
    }
}

/// The files of messages that share a lane, each message's in its order.
///
/// # Errors
/// [`StoreError`].
pub async fn of(
    connection: &mut Connection,
    lane: Lane,
    messages: &[MessageId],
) -> Result<HashMap<MessageId, Vec<StoredFile>>, StoreError> {
    let mut files: HashMap<MessageId, Vec<StoredFile>> = HashMap::new();
    if messages.is_empty() {
        return Ok(files);
    }
    // Message by message: for `= any` all files of the lane were read.
    let rows = sqlx::query_as!(
        Row,
        r#"
        select f.id, f.message_id, f.name, f.content_type, f.size_bytes, f.url, f.provider_reference, f.payload_pointer,
               f.sha256
        from unnest($2::uuid[]) m(id)
        cross join lateral (
            select * from messaging.files a where a.lane = $1 and a.message_id = m.id order by a.position offset 0
        ) f
        order by f.message_id, f.position
        "#,
        i16::from(lane),
        &messages.iter().map(|message| message.uuid()).collect::<Vec<_>>(),
    )
    .fetch_all(connection)
    .await?;
    for row in rows {
        let message = MessageId::from_uuid(row.message_id);
        files.entry(message).or_default().push(StoredFile::try_from(row)?);
    }
    Ok(files)
}
