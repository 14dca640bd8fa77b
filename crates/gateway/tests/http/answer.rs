//! An answer of the gateway, whichever way it was asked for.

use std::collections::BTreeMap;

use serde_json::Value;

/// Status, headers (names in lower case) and body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) async fn of(response: reqwest::Response) -> Self {
        let status = response.status().as_u16();
        let headers = response.headers().iter();
        let headers = headers
            .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
            .collect();
        Self {
            status,
            headers,
            body: response.text().await.unwrap(),
        }
    }

    /// Reads the head of an answer as it came over the wire; the body is still to come.
    pub(crate) fn from_head(head: &str) -> Self {
        let mut lines = head.split("\r\n");
        let status = lines.next().unwrap().split(' ').nth(1).unwrap();
        let headers = lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
            .collect();
        Self {
            status: status.parse().unwrap(),
            headers,
            body: String::new(),
        }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("not JSON: {self:?}"))
    }

    /// Asserts that it is the refusal of a moment: 503, with seconds from 1 to 5 to wait.
    #[track_caller]
    pub(crate) fn assert_try_again(&self) {
        assert_eq!(self.status, 503, "{self:?}");
        let seconds: u8 = self.header("retry-after").unwrap().parse().unwrap();
        assert!((1..=5).contains(&seconds), "{self:?}");
    }
}
