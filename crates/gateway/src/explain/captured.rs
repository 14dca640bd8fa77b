//! A captured request: the head as text, the body as bytes.

use mailroom_providers::RequestHeaders;

/// A request as it stood on the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Captured {
    pub is_get: bool,
    pub path: String,
    pub query: String,
    headers: Vec<(String, Vec<u8>)>,
    pub body: Vec<u8>,
}

impl Captured {
    /// Reads a request line, headers, an empty line and the body; lines may end in CRLF or LF.
    pub(super) fn parse(text: &[u8]) -> Result<Self, &'static str> {
        let mut rest = text;
        let mut line = || {
            let end = rest.iter().position(|&byte| byte == b'\n')?;
            let (line, after) = (&rest[..end], &rest[end + 1..]);
            rest = after;
            Some(line.strip_suffix(b"\r").unwrap_or(line))
        };
        let first = line().ok_or("it has no lines")?;
        let first = std::str::from_utf8(first).map_err(|_| "its first line is not text")?;
        let mut words = first.split_ascii_whitespace();
        let (Some(method), Some(target)) = (words.next(), words.next()) else {
            return Err("its first line is not METHOD TARGET HTTP/1.1");
        };
        let mut headers = Vec::new();
        loop {
            let line = line().ok_or("no empty line ends its headers")?;
            if line.is_empty() {
                break;
            }
            let colon = line
                .iter()
                .position(|&byte| byte == b':')
                .ok_or("a header has no colon")?;
            let name = String::from_utf8_lossy(&line[..colon])
                .trim()
                .to_ascii_lowercase();
            headers.push((name, line[colon + 1..].trim_ascii().to_vec()));
        }
        // Proxies write the whole URL into the first line.
        let target = target.split_once("://").map_or(target, |(_, rest)| {
            rest.find('/').map_or("/", |slash| &rest[slash..])
        });
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        Ok(Self {
            is_get: method == "GET",
            path: path.to_owned(),
            query: query.to_owned(),
            headers,
            body: rest.to_vec(),
        })
    }

    /// The provider and endpoint that its path names.
    pub(super) fn webhook(&self) -> Option<(&str, &str)> {
        let (provider, endpoint) = self.path.strip_prefix("/webhooks/")?.split_once('/')?;
        Some((provider, endpoint.trim_end_matches('/')))
    }

    /// Its headers as adapters see them.
    pub(super) fn headers(&self) -> RequestHeaders<'_> {
        self.headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_slice()))
            .collect()
    }

    /// Where it was sent, by its own word.
    pub(super) fn host(&self) -> Option<&str> {
        ["x-forwarded-host", "host"]
            .iter()
            .find_map(|name| self.headers().get(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_read_with_either_line_ending() {
        for end in ["\r\n", "\n"] {
            let text = [
                "POST /webhooks/slack/team?a=1 HTTP/1.1",
                "Host: x.example",
                "",
                "a\r\nb\n",
            ]
            .join(end);
            let captured = Captured::parse(text.as_bytes()).unwrap();
            assert_eq!(captured.webhook(), Some(("slack", "team")));
            assert_eq!(
                (captured.query.as_str(), captured.host()),
                ("a=1", Some("x.example"))
            );
            assert_eq!(captured.body, b"a\r\nb\n");
        }
    }

    #[test]
    fn what_is_no_request_is_said_so() {
        for text in [
            "",
            "hello\n\n",
            "POST / HTTP/1.1\nno colon\n\n",
            "POST / HTTP/1.1\na: b\n",
        ] {
            assert!(Captured::parse(text.as_bytes()).is_err(), "{text:?}");
        }
    }
}
