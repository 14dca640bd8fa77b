//! A connection to the gateway of which a test writes every byte.

use std::io::{self, ErrorKind};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use crate::answer::Answer;

/// Longer than anything the gateway may take.
const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) struct Socket {
    stream: TcpStream,
    read: Vec<u8>,
}

impl Socket {
    pub(crate) async fn connect(base_url: &str) -> Self {
        let address = base_url.strip_prefix("http://").unwrap();
        Self {
            stream: TcpStream::connect(address).await.unwrap(),
            read: Vec::new(),
        }
    }

    /// Sends bytes; that the other side does not want them any more shows in its answer.
    pub(crate) async fn send(&mut self, bytes: &[u8]) {
        let _ = self.stream.write_all(bytes).await;
    }

    /// The next answer; an error when the connection ends before it is whole.
    pub(crate) async fn answer(&mut self) -> io::Result<Answer> {
        self.answer_within(PATIENCE).await
    }

    /// The same, from a gateway that has much to do.
    pub(crate) async fn answer_within(&mut self, patience: Duration) -> io::Result<Answer> {
        let whole = async {
            let head = self.next_head().await?;
            let mut answer = Answer::from_head(&head);
            let length = answer.header("content-length").unwrap_or("0").parse().unwrap();
            while self.read.len() < length {
                self.read_more().await?;
            }
            answer.body = String::from_utf8(self.read.drain(..length).collect()).unwrap();
            Ok(answer)
        };
        timeout(patience, whole)
            .await
            .unwrap_or_else(|_| Err(ErrorKind::TimedOut.into()))
    }

    /// The next answer's head, where no body follows: to a HEAD request.
    pub(crate) async fn answer_to_head(&mut self) -> io::Result<Answer> {
        timeout(PATIENCE, async {
            let head = self.next_head().await?;
            Ok(Answer::from_head(&head))
        })
        .await
        .unwrap_or_else(|_| Err(ErrorKind::TimedOut.into()))
    }

    /// Sends this again and again, with a pause before each time, until the task is aborted.
    pub(crate) fn and_drip(self, bytes: Vec<u8>, pause: Duration) -> (Self, JoinHandle<()>) {
        // Two hands on one connection: that one of them lets go does not end it.
        let stream = self.stream.into_std().unwrap();
        let mut writing = TcpStream::from_std(stream.try_clone().unwrap()).unwrap();
        let drips = tokio::spawn(async move {
            loop {
                sleep(pause).await;
                // That the other side is gone shows in what is read.
                let _ = writing.write_all(&bytes).await;
            }
        });
        let stream = TcpStream::from_std(stream).unwrap();
        (Self { stream, ..self }, drips)
    }

    /// Says that nothing more will be sent (FIN), and goes on reading.
    pub(crate) async fn finish_sending(&mut self) {
        // The other side may have gone already.
        let _ = self.stream.shutdown().await;
    }

    /// Whatever else comes until the connection ends; an error when it does not end.
    pub(crate) async fn rest(&mut self) -> io::Result<Vec<u8>> {
        let ended = timeout(PATIENCE, async { while self.read_more().await.is_ok() {} }).await;
        ended.map_err(|_| ErrorKind::TimedOut)?;
        Ok(std::mem::take(&mut self.read))
    }

    /// The head of the answer to a HEAD request: what there is until the connection is idle.
    pub(crate) async fn head(&mut self) -> String {
        while matches!(
            timeout(Duration::from_millis(300), self.read_more()).await,
            Ok(Ok(()))
        ) {}
        String::from_utf8(std::mem::take(&mut self.read)).unwrap()
    }

    /// Ends the connection as the system does for a program that went away (FIN).
    pub(crate) fn hang_up(self) {
        drop(self.stream);
    }

    /// Ends it at once, with what is still under way (RST).
    pub(crate) fn reset(self) {
        self.stream.set_zero_linger().unwrap();
    }

    async fn next_head(&mut self) -> io::Result<String> {
        loop {
            if let Some(at) = self.read.windows(4).position(|four| four == b"\r\n\r\n") {
                let head = String::from_utf8_lossy(&self.read[..at]).into_owned();
                self.read.drain(..at + 4);
                return Ok(head);
            }
            self.read_more().await?;
        }
    }

    async fn read_more(&mut self) -> io::Result<()> {
        let read = self.stream.read_buf(&mut self.read).await?;
        if read == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        Ok(())
    }
}

/// A request as bytes, with `Host` and the body's length.
pub(crate) fn request(method: &str, target: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let length = body.len().to_string();
    let mut headers = headers.to_vec();
    if !body.is_empty() || method == "POST" {
        headers.push(("content-length", &length));
    }
    let mut bytes = head(method, target, &headers);
    bytes.extend_from_slice(body);
    bytes
}

/// The head of a request as bytes, with `Host` and nothing else but what is given.
pub(crate) fn head(method: &str, target: &str, headers: &[(&str, &str)]) -> Vec<u8> {
    let headers: Vec<_> = headers
        .iter()
        .map(|(name, value)| format!("{name}: {value}\r\n"))
        .collect();
    let headers = headers.concat();
    format!("{method} {target} HTTP/1.1\r\nhost: mailroom.example\r\n{headers}\r\n").into_bytes()
}
