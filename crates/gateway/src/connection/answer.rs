//! What is said to who does not speak HTTP. actix answers that by itself, before any of our code is asked, and with an
//! empty body; here it gets the shape that every refusal has.

/// To who began a request and did not go on.
pub(super) const TOO_SLOW: &str = concat!(
    "HTTP/1.1 408 Request Timeout\r\n",
    "content-length: 65\r\n",
    "content-type: application/json\r\n",
    "cache-control: no-store\r\n",
    "connection: close\r\n\r\n",
    r#"{"code":"timeout","message":"the request did not arrive in time"}"#,
);

/// To who began a request with more of a head than is taken.
pub(super) const TOO_LARGE: &str = concat!(
    "HTTP/1.1 431 Request Header Fields Too Large\r\n",
    "content-length: 69\r\n",
    "content-type: application/json\r\n",
    "cache-control: no-store\r\n",
    "connection: close\r\n\r\n",
    r#"{"code":"too_large","message":"the head of the request is too large"}"#,
);

const END: &[u8] = b"\r\n\r\n";
const VERSION: &[u8] = b"HTTP/1.";
const NO_BODY: &[u8] = b"\r\ncontent-length: 0\r\n";

/// actix's own answers, and what ours say.
const BARE: [(&[u8], &str); 2] = [
    (
        b" 400 Bad Request",
        r#"{"code":"invalid","message":"this is not HTTP as it is spoken here"}"#,
    ),
    (
        b" 431 Request Header Fields Too Large",
        r#"{"code":"too_large","message":"the head of the request is too large"}"#,
    ),
];

/// An answer that is written in place of another.
pub(super) struct Unsent {
    answer: Vec<u8>,
    sent: usize,
    replaces: usize,
}

impl Unsent {
    /// What to write in place of what was given, or of its beginning, if that is for us to say. An answer of ours
    /// always has a body, and none of its bodies can hold the end of a head.
    pub(super) fn in_place_of(given: &[u8]) -> Option<Self> {
        let head = given.strip_suffix(END)?;
        let begins = head
            .windows(VERSION.len())
            .rposition(|window| window == VERSION)?;
        let (before, head) = head.split_at(begins);
        let status = head.get(VERSION.len() + 1..)?;
        let (body, rest) = BARE.iter().find_map(|(bare, body)| {
            let rest = status.strip_prefix(*bare)?.strip_prefix(NO_BODY)?;
            Some((body, rest))
        })?;
        let mut answer = before.to_vec();
        answer.extend_from_slice(&head[..head.len() - rest.len() - NO_BODY.len()]);
        let length = body.len();
        let fields = format!(
            "\r\ncontent-length: {length}\r\ncontent-type: application/json\r\ncache-control: no-store\r\n"
        );
        answer.extend_from_slice(fields.as_bytes());
        if !rest.starts_with(b"connection: ") {
            answer.extend_from_slice(b"connection: close\r\n");
        }
        answer.extend_from_slice(rest);
        answer.extend_from_slice(END);
        answer.extend_from_slice(body.as_bytes());
        Some(Self {
            answer,
            sent: 0,
            replaces: given.len(),
        })
    }

    /// What is still to be written.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.answer[self.sent..]
    }

    /// The rest, after so many bytes were written; or, when that was all, the length of what it stands for.
    pub(super) fn without(mut self, written: usize) -> Result<usize, Self> {
        self.sent += written;
        if self.sent < self.answer.len() {
            Err(self)
        } else {
            Ok(self.replaces)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DATE: &str = "date: Sat, 21 Nov 2026 12:00:00 GMT";

    fn replaced(given: &str) -> Option<String> {
        Unsent::in_place_of(given.as_bytes())
            .map(|unsent| String::from_utf8(unsent.bytes().to_vec()).unwrap())
    }

    #[test]
    fn lengths_are_those_of_the_bodies() {
        let given = [
            TOO_SLOW.to_owned(),
            TOO_LARGE.to_owned(),
            replaced(&format!("HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n{DATE}\r\n\r\n")).unwrap(),
            replaced(&format!(
                "HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\nconnection: close\r\n{DATE}\r\n\r\n"
            ))
            .unwrap(),
        ];
        for answer in given {
            let (head, body) = answer.split_once("\r\n\r\n").unwrap();
            let length = format!("content-length: {}", body.len());
            assert!(head.lines().any(|line| line == length), "{answer}");
            assert_eq!(head.matches("connection: close").count(), 1, "{answer}");
            assert!(
                body.starts_with("{\"code\":") && body.ends_with("\"}"),
                "{answer}"
            );
        }
    }

    #[test]
    fn what_stands_before_it_stays() {
        let first = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";
        let both = format!("{first}HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n{DATE}\r\n\r\n");
        let answer = replaced(&both).unwrap();
        assert!(
            answer.starts_with(&format!("{first}HTTP/1.1 400 Bad Request\r\n")),
            "{answer}"
        );
        assert!(answer.contains(DATE) && answer.ends_with("here\"}"), "{answer}");
    }

    #[test]
    fn answers_of_ours_go_out_as_they_are() {
        for given in [
            "",
            "HTTP/1.1 400 Bad Request\r\ncontent-length: 2\r\n\r\n{}",
            "HTTP/1.1 405 Method Not Allowed\r\ncontent-length: 0\r\n\r\n",
            "HTTP/1.1 100 Continue\r\n\r\n",
            "HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r",
        ] {
            assert!(replaced(given).is_none(), "{given}");
        }
    }

    #[test]
    fn it_may_go_out_in_pieces() {
        let given = b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\ndate: x\r\n\r\n";
        let mut unsent = Unsent::in_place_of(given).unwrap();
        let whole = unsent.bytes().to_vec();
        let mut sent = Vec::new();
        let replaced = loop {
            let piece = unsent.bytes()[..unsent.bytes().len().min(7)].to_vec();
            sent.extend_from_slice(&piece);
            match unsent.without(piece.len()) {
                Ok(replaced) => break replaced,
                Err(rest) => unsent = rest,
            }
        };
        assert_eq!((sent, replaced), (whole, given.len()));
    }
}
