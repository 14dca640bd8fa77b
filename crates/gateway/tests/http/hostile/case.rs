//! One case of the table: the exact bytes, and what must come of them.

use crate::socket::request;

pub(super) const JSON: (&str, &str) = ("content-type", "application/json");

/// What becomes of the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum After {
    /// The next request on it is answered.
    Open,
    /// It ends, and nothing that is sent after the case is answered.
    Closed,
}

/// What is sent on a fresh connection, and what must come back.
#[derive(Debug, Clone)]
pub(super) struct Case {
    pub(super) name: String,
    pub(super) bytes: Vec<u8>,
    /// One for each answer, in order.
    pub(super) statuses: Vec<u16>,
    pub(super) after: After,
    /// How many events are recorded.
    pub(super) rows: i64,
    /// Whether the client says that nothing more will come.
    pub(super) finishes: bool,
    /// Whether the answer has no body though it says how long it is.
    pub(super) is_head: bool,
    /// A header that the answer must have.
    pub(super) header: Option<(&'static str, &'static str)>,
}

/// A case that is answered with nothing, records nothing, and ends the connection, until more is said of it.
pub(super) fn case(name: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Case {
    Case {
        name: name.into(),
        bytes: bytes.into(),
        statuses: Vec::new(),
        after: After::Closed,
        rows: 0,
        finishes: false,
        is_head: false,
        header: None,
    }
}

/// A request for this target with nothing special about it.
pub(super) fn plain(name: &str, method: &str, target: &str) -> Case {
    case(name, request(method, target, &[], b""))
}

/// A JSON body posted to this target.
pub(super) fn post(name: impl Into<String>, target: &str, body: impl AsRef<[u8]>) -> Case {
    case(name, request("POST", target, &[JSON], body.as_ref()))
}

impl Case {
    /// It is answered with this status, and the connection goes on.
    pub(super) fn gets(mut self, status: u16) -> Self {
        self.statuses = vec![status];
        self.after = After::Open;
        self
    }

    /// The same with several answers.
    pub(super) fn gets_each(mut self, statuses: &[u16]) -> Self {
        self.statuses = statuses.to_vec();
        self.after = After::Open;
        self
    }

    /// It is answered with this status, and the connection ends.
    pub(super) fn ends_with(mut self, status: u16) -> Self {
        self.statuses.push(status);
        self.after = After::Closed;
        self
    }

    /// So many events are recorded.
    pub(super) fn records(mut self, rows: i64) -> Self {
        self.rows = rows;
        self
    }

    /// The client sends no more and goes on reading.
    pub(super) fn finishes(mut self) -> Self {
        self.finishes = true;
        self
    }

    /// It is a HEAD request.
    pub(super) fn without_body(mut self) -> Self {
        self.is_head = true;
        self
    }

    /// The answer has this header.
    pub(super) fn with(mut self, name: &'static str, value: &'static str) -> Self {
        self.header = Some((name, value));
        self
    }
}
