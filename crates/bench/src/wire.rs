//! One kept connection to a gateway, as cheap as it gets, and without a library that sends again by itself what it
//! thinks was not heard.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// What came back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// Whether it says when to come again.
    pub says_when: bool,
}

/// The connection; made anew when it is gone.
#[derive(Debug)]
pub struct Wire {
    address: SocketAddr,
    patience: Duration,
    stream: Option<TcpStream>,
    read: Vec<u8>,
}

impl Wire {
    /// One on which no answer is waited for longer than `patience`.
    pub const fn new(address: SocketAddr, patience: Duration) -> Self {
        Self {
            address,
            patience,
            stream: None,
            read: Vec::new(),
        }
    }

    /// Posts JSON.
    ///
    /// # Errors
    /// [`io::ErrorKind::ConnectionRefused`] when nobody is there; anything else when it is unknown what was heard.
    pub async fn post(&mut self, path: &str, body: &str) -> io::Result<Reply> {
        let request = format!(
            "POST {path} HTTP/1.1\r\nhost: mailroom\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        let head = self.ask(&request).await?;
        reply(&head).ok_or_else(|| io::ErrorKind::InvalidData.into())
    }

    /// Gets something: its status, and its body.
    ///
    /// # Errors
    /// As [`post`](Self::post).
    pub async fn get(&mut self, path: &str) -> io::Result<(u16, &[u8])> {
        let head = self
            .ask(&format!("GET {path} HTTP/1.1\r\nhost: mailroom\r\n\r\n"))
            .await?;
        let reply = reply(&head).ok_or(io::ErrorKind::InvalidData)?;
        Ok((reply.status, &self.read[head.len() + 4..]))
    }

    /// Sends a request and reads its answer whole; the head, in small letters.
    async fn ask(&mut self, request: &str) -> io::Result<String> {
        let answer = timeout(self.patience, self.exchange(request.as_bytes()))
            .await
            .unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()));
        if answer.is_err() {
            self.stream = None;
        }
        answer
    }

    async fn exchange(&mut self, request: &[u8]) -> io::Result<String> {
        let stream = match &mut self.stream {
            Some(stream) => stream,
            none => {
                let stream = TcpStream::connect(self.address).await?;
                stream.set_nodelay(true)?;
                none.insert(stream)
            }
        };
        stream.write_all(request).await?;
        self.read.clear();
        let (mut head, mut whole) = (None, usize::MAX);
        while self.read.len() < whole {
            if stream.read_buf(&mut self.read).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            if head.is_none()
                && let Some(end) = self.read.windows(4).position(|four| four == b"\r\n\r\n")
            {
                let text = String::from_utf8_lossy(&self.read[..end]).to_ascii_lowercase();
                let length = header(&text, "content-length").and_then(|length| length.parse::<usize>().ok());
                whole = end + 4 + length.unwrap_or(0);
                head = Some(text);
            }
        }
        let head = head.unwrap_or_default();
        if header(&head, "connection") == Some("close") {
            self.stream = None;
        }
        Ok(head)
    }
}

/// What a head in small letters says.
fn reply(head: &str) -> Option<Reply> {
    Some(Reply {
        status: head.split(' ').nth(1)?.parse().ok()?,
        says_when: header(head, "retry-after").is_some(),
    })
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().find_map(|line| {
        let (key, value) = line.split_once(':')?;
        (key == name).then(|| value.trim())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_read() {
        let said = |status, says_when| Some(Reply { status, says_when });
        assert_eq!(reply("http/1.1 202 accepted\r\nx: y"), said(202, false));
        assert_eq!(
            reply("http/1.1 503 service unavailable\r\nretry-after: 3"),
            said(503, true)
        );
        assert_eq!(reply("nonsense"), None);
    }
}
