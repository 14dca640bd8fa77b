//! A provider's request, as received.

use chrono::{DateTime, Utc};

/// A request as received: raw bytes, and what stands around them.
#[derive(Debug, Clone)]
pub struct Request<'a> {
    /// Whether it is a GET; otherwise it is a POST.
    pub is_get: bool,
    /// What stands after the `?` of its URL, undecoded.
    pub query: &'a str,
    /// Its headers.
    pub headers: RequestHeaders<'a>,
    /// Its body, exactly.
    pub body: &'a [u8],
    /// The certificate fetched from where the provider said, if it did ([`crate::Provider::certificate_url`]).
    pub certificate: Option<&'a [u8]>,
    /// When it came.
    pub now: DateTime<Utc>,
}

/// Headers as received, their names in lower case.
#[derive(Debug, Clone, Default)]
pub struct RequestHeaders<'a>(Vec<(&'a str, &'a [u8])>);

impl<'a> RequestHeaders<'a> {
    /// The value of a header that is there exactly once and holds visible ASCII: with two of them nobody can tell
    /// which one was meant. `name` is in lower case.
    pub fn get(&self, name: &str) -> Option<&'a str> {
        let mut values = self
            .0
            .iter()
            .filter(|(given, _)| given.eq_ignore_ascii_case(name));
        let (_, value) = values.next()?;
        if values.next().is_some() || !value.iter().all(|byte| (b' '..=b'~').contains(byte)) {
            return None;
        }
        std::str::from_utf8(value).ok()
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = (&'a str, &'a [u8])> {
        self.0.iter().copied()
    }
}

impl<'a> FromIterator<(&'a str, &'a [u8])> for RequestHeaders<'a> {
    fn from_iter<T: IntoIterator<Item = (&'a str, &'a [u8])>>(headers: T) -> Self {
        Self(headers.into_iter().collect())
    }
}
