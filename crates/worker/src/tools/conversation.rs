//! Conversations as operators name them: by id, as applications and logs do, or by key.

use mailroom_domain::{ConversationId, ConversationKey};
use mailroom_store::{Pool, line};
use uuid::Uuid;

use super::ToolError;

/// The key of the one that is named. A key is taken as it is: a conversation without messages has no id yet.
///
/// # Errors
/// [`ToolError::NothingMatched`] for an id that no conversation has.
pub(crate) async fn key_of(pool: &Pool, named: &str) -> Result<ConversationKey, ToolError> {
    let Ok(id) = named.parse::<Uuid>() else {
        return Ok(ConversationKey::from_stored(named.to_owned()));
    };
    let key = line::key_of(pool, ConversationId::from_uuid(id)).await?;
    key.ok_or_else(|| ToolError::NothingMatched(format!("there is no conversation {id}")))
}
