//! Cursors: a place in a list as an opaque word.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::{DateTime, Datelike, Utc};
use mailroom_domain::ConversationId;
use uuid::Uuid;

use crate::error::ApiError;

/// A list that has cursors. One of another list leads nowhere in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum List {
    Conversations,
    /// Those of a conversation.
    Messages(ConversationId),
}

/// After which row the next page starts, and its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cursor {
    /// The number of the page it leads to.
    pub page: u32,
    /// The last row's time.
    pub at: DateTime<Utc>,
    /// What tells rows with the same time apart: an id, or an arrival in its last eight bytes.
    pub tie: Uuid,
}

impl Cursor {
    pub(crate) fn encode(self, list: List) -> String {
        let mut bytes = Vec::with_capacity(32);
        bytes.extend_from_slice(&self.page.to_be_bytes());
        bytes.extend_from_slice(&self.at.timestamp_micros().to_be_bytes());
        bytes.extend_from_slice(self.tie.as_bytes());
        bytes.extend_from_slice(&checksum(list, &bytes));
        BASE64_URL_SAFE_NO_PAD.encode(bytes)
    }

    pub(crate) fn decode(word: &str, list: List) -> Result<Self, ApiError> {
        let decode = || {
            let bytes: [u8; 32] = BASE64_URL_SAFE_NO_PAD.decode(word).ok()?.try_into().ok()?;
            let (bytes, sum) = bytes.split_last_chunk::<4>()?;
            if *sum != checksum(list, bytes) {
                return None;
            }
            let (page, rest) = bytes.split_first_chunk::<4>()?;
            let (at, tie) = rest.split_first_chunk::<8>()?;
            let cursor = Self {
                page: u32::from_be_bytes(*page),
                at: DateTime::from_timestamp_micros(i64::from_be_bytes(*at))?,
                tie: Uuid::from_slice(tie).ok()?,
            };
            // One that is made up may hold what no row has, and the database refuses.
            (cursor.page > 0 && (0..=9999).contains(&cursor.at.year())).then_some(cursor)
        };
        decode().ok_or(ApiError::BadQuery(
            "`cursor` is not one that was given out for this list",
        ))
    }
}

/// FNV-1a: tells a cursor that was altered, or is of another list, from a whole one. No secret guards it, for one that is made up shows
/// nothing that pages do not.
fn checksum(list: List, bytes: &[u8]) -> [u8; 4] {
    let list = match list {
        List::Conversations => Uuid::nil(),
        List::Messages(conversation) => conversation.uuid(),
    };
    let step = |sum: u32, byte: &u8| (sum ^ u32::from(*byte)).wrapping_mul(0x0100_0193);
    let bytes = bytes.iter().chain(list.as_bytes());
    bytes.fold(0x811c_9dc5, step).to_be_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_cursor_reads_back(page in 1_u32.., micros in -1_000_000_000_000_000_i64..4_000_000_000_000_000, tie: u128) {
            let at = DateTime::from_timestamp_micros(micros).unwrap();
            let cursor = Cursor { page, at, tie: Uuid::from_u128(tie) };
            let list = List::Messages(ConversationId::from_uuid(Uuid::from_u128(!tie)));
            prop_assert_eq!(Cursor::decode(&cursor.encode(list), list).unwrap(), cursor);
            prop_assert!(Cursor::decode(&cursor.encode(list), List::Conversations).is_err());
        }

        #[test]
        fn what_no_row_has_is_refused(micros in 260_000_000_000_000_000_i64..8_000_000_000_000_000_000, page in 0_u32..2) {
            let at = if page == 0 { DateTime::UNIX_EPOCH } else { DateTime::from_timestamp_micros(micros).unwrap() };
            let made_up = Cursor { page, at, tie: Uuid::nil() }.encode(List::Conversations);
            prop_assert!(Cursor::decode(&made_up, List::Conversations).is_err());
        }

        #[test]
        fn nothing_else_crashes_it(word in "\\PC{0,60}") {
            let _ = Cursor::decode(&word, List::Conversations);
        }
    }
}
