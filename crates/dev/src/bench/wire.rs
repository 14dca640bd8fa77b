//! One kept connection to the gateway, as cheap as it gets: under overload the client must not be what is slow.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// No answer is waited for longer.
const PATIENCE: Duration = Duration::from_secs(10);

/// What came back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    /// 202: it is recorded.
    Admitted,
    /// 503, and when to come again.
    Refused,
    /// Anything else, or nothing.
    Wrong,
}

/// The connection; made anew when it is gone.
pub(super) struct Wire {
    address: SocketAddr,
    stream: Option<TcpStream>,
    read: Vec<u8>,
}

impl Wire {
    pub(super) const fn to(address: SocketAddr) -> Self {
        Self {
            address,
            stream: None,
            read: Vec::new(),
        }
    }

    /// Posts one event.
    pub(super) async fn post(&mut self, body: &str) -> Answer {
        let request = format!(
            "POST /api/webhooks/sms HTTP/1.1\r\nhost: mailroom\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        let answer = timeout(PATIENCE, self.exchange(request.as_bytes())).await;
        if let Ok(Ok(head)) = answer {
            judge(&head)
        } else {
            self.stream = None;
            Answer::Wrong
        }
    }

    /// Sends a request and reads its answer; gives back the answer's head.
    async fn exchange(&mut self, request: &[u8]) -> std::io::Result<String> {
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
                return Err(std::io::ErrorKind::UnexpectedEof.into());
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

fn judge(head: &str) -> Answer {
    match head.split(' ').nth(1) {
        Some("202") => Answer::Admitted,
        Some("503") if header(head, "retry-after").is_some() => Answer::Refused,
        _ => Answer::Wrong,
    }
}

/// A header of a head in small letters.
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
    fn a_503_has_to_say_when_to_come_again() {
        assert_eq!(judge("http/1.1 202 accepted\r\nx: y"), Answer::Admitted);
        assert_eq!(
            judge("http/1.1 503 service unavailable\r\nretry-after: 3"),
            Answer::Refused
        );
        assert_eq!(judge("http/1.1 503 service unavailable\r\nx: y"), Answer::Wrong);
        assert_eq!(
            judge("http/1.1 408 request timeout\r\nretry-after: 3"),
            Answer::Wrong
        );
    }
}
