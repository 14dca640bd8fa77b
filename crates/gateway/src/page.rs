//! Which page of a list a caller asks for, and what it is told about the page it gets.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    cursor::{Cursor, List},
    error::ApiError,
};

const DEFAULT_SIZE: u32 = 50;
const LARGEST_SIZE: u32 = 200;

/// A page that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Wanted {
    list: List,
    /// Its number, from 1.
    pub page: u32,
    /// How many rows.
    pub size: u32,
    /// Where it starts, when a cursor says so.
    pub after: Option<Cursor>,
}

impl Wanted {
    /// Reads `page`, `pageSize` and `cursor`; other parameters are ignored.
    pub(crate) fn from_query(query: &str, list: List) -> Result<Self, ApiError> {
        let mut wanted = Self {
            list,
            page: 1,
            size: DEFAULT_SIZE,
            after: None,
        };
        let mut page_given = false;
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match name.as_ref() {
                "page" => {
                    wanted.page = number(&value)
                        .filter(|page| *page > 0)
                        .ok_or(ApiError::BadQuery("`page` is a number from 1 to 4294967295"))?;
                    page_given = true;
                }
                "pageSize" => {
                    let size = number(&value).ok_or(ApiError::BadQuery(
                        "`pageSize` is a number to 4294967295: 0 is 50, more than 200 is 200",
                    ))?;
                    wanted.size = if size == 0 {
                        DEFAULT_SIZE
                    } else {
                        size.min(LARGEST_SIZE)
                    };
                }
                "cursor" => wanted.after = Some(Cursor::decode(&value, list)?),
                _ => {}
            }
        }
        match wanted.after {
            Some(_) if page_given => Err(ApiError::BadQuery("give `page` or `cursor`, not both")),
            Some(cursor) => Ok(Self {
                page: cursor.page,
                ..wanted
            }),
            None => Ok(wanted),
        }
    }

    /// How many rows come before it, counted by pages.
    pub(crate) fn skipped(&self) -> u64 {
        u64::from(self.page - 1) * u64::from(self.size)
    }

    /// Where the page after this one starts: behind the row with this time, and what tells it from others with the same.
    pub(crate) fn cursor_after(&self, at: DateTime<Utc>, tie: Uuid) -> String {
        let page = self.page.saturating_add(1);
        Cursor { page, at, tie }.encode(self.list)
    }
}

fn number(text: &str) -> Option<u32> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        text.parse().ok()
    } else {
        None
    }
}

/// What a caller is told about a page.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Meta {
    /// The page's number, from 1.
    pub page: u32,
    /// The most rows a page has.
    pub page_size: u32,
    /// How many rows there are in all.
    pub total: i64,
    /// Leads to the next page, at the same cost at any depth; null on the last.
    pub next_cursor: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page_and_size(query: &str) -> Option<(u32, u32)> {
        Wanted::from_query(query, List::Conversations)
            .ok()
            .map(|wanted| (wanted.page, wanted.size))
    }

    #[test]
    fn absent_zero_and_too_much_have_their_meaning() {
        assert_eq!(page_and_size(""), Some((1, 50)));
        assert_eq!(page_and_size("pageSize=0&other=x"), Some((1, 50)));
        assert_eq!(page_and_size("page=3&pageSize=7"), Some((3, 7)));
        assert_eq!(page_and_size("pageSize=100000"), Some((1, 200)));
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for query in [
            "page=0",
            "page=-1",
            "page=x",
            "page=",
            "pageSize=-1",
            "pageSize=1.5",
            "page=99999999999",
            "cursor=x",
            "page=%2B1",
        ] {
            assert_eq!(page_and_size(query), None, "{query}");
        }
    }

    #[test]
    fn a_cursor_knows_its_page() {
        let cursor = Cursor {
            page: 4,
            at: chrono::DateTime::UNIX_EPOCH,
            tie: uuid::Uuid::nil(),
        }
        .encode(List::Conversations);
        assert_eq!(
            page_and_size(&format!("cursor={cursor}&pageSize=10")),
            Some((4, 10))
        );
        assert_eq!(page_and_size(&format!("cursor={cursor}&page=4")), None);
    }
}
