//! A client's connection: cut off when it is silent, when a request's head does not come or not end, and when an answer
//! is not read.
//!
//! actix looks at the first request of a connection only: who was answered once may take as long as he likes over the
//! next head. Nothing limits how long an answer waits to be read, and a head may have 128 KiB.

mod answer;
mod pace;
mod underway;

use std::{
    io,
    pin::{Pin, pin},
    rc::Rc,
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::{Instant, Sleep, sleep, sleep_until},
};

use self::{
    answer::Unsent,
    pace::{HEAD_TOO_SLOW, Room},
};
pub(crate) use self::{
    pace::{CAUSES, HEAD_TOO_LARGE, Pace, Patience},
    underway::Underway,
};
use crate::measures;

/// A connection. It seems to end where it is cut off.
pub(crate) struct Connection {
    stream: TcpStream,
    pace: Rc<Pace>,
    wake: Pin<Box<Sleep>>,
    /// Runs while the client does not take what is written.
    stalled: Option<Pin<Box<Sleep>>>,
    unsent: Option<Unsent>,
    unread_timeout: Duration,
}

impl Connection {
    pub(crate) fn new(stream: TcpStream, patience: Patience) -> Self {
        let pace = Rc::new(Pace::new(patience, Instant::now()));
        Self {
            stream,
            wake: Box::pin(sleep_until(pace.due())),
            pace,
            stalled: None,
            unsent: None,
            unread_timeout: patience.unread,
        }
    }

    /// What the requests on it tell it.
    pub(crate) fn pace(&self) -> Rc<Pace> {
        Rc::clone(&self.pace)
    }

    /// Ready when there is nothing to wait for any more.
    fn poll_cut(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            if self.pace.is_over() {
                return Poll::Ready(());
            }
            if self.wake.deadline() != self.pace.due() {
                self.wake.as_mut().reset(self.pace.due());
            }
            ready!(self.wake.as_mut().poll(cx));
            if let Some(cause) = self.pace.look(Instant::now()) {
                cut(cause);
                if cause == HEAD_TOO_SLOW {
                    self.say(answer::TOO_SLOW);
                }
            }
        }
    }

    /// Says a last word, unless something of an answer is still on its way.
    fn say(&self, answer: &str) {
        if self.stalled.is_none() {
            // Whether it is heard or not, the connection is cut off.
            let _ = self.stream.try_write(answer.as_bytes());
        }
    }

    fn poll_unread(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let stalled = self
            .stalled
            .get_or_insert_with(|| Box::pin(sleep(self.unread_timeout)));
        ready!(stalled.as_mut().poll(cx));
        cut("unread");
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

/// Counts it. What callers do wrong is nothing to log aloud.
pub(crate) fn cut(cause: &'static str) {
    measures::connection_cut(cause);
    tracing::debug!(cause, "connection cut off");
}

impl AsyncRead for Connection {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.pace.is_over() {
            return Poll::Ready(Ok(()));
        }
        match this.pace.room() {
            Room::More => {}
            Room::LookFirst => {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            Room::None => {
                cut(HEAD_TOO_LARGE);
                this.say(answer::TOO_LARGE);
                return Poll::Ready(Ok(()));
            }
        }
        let before = buffer.filled().len();
        match pin!(&mut this.stream).poll_read(cx, buffer) {
            Poll::Pending => this.poll_cut(cx).map(Ok),
            read @ Poll::Ready(_) => {
                let bytes = buffer.filled().len() - before;
                if bytes > 0 {
                    this.pace.heard(bytes, Instant::now());
                }
                read
            }
        }
    }
}

impl AsyncWrite for Connection {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, given: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        if this.unsent.is_none() {
            this.unsent = Unsent::in_place_of(given);
        }
        let written = loop {
            let bytes = this.unsent.as_ref().map_or(given, Unsent::bytes);
            match pin!(&mut this.stream).poll_write(cx, bytes) {
                Poll::Ready(Ok(length)) => match this.unsent.take() {
                    None => break Poll::Ready(Ok(length)),
                    Some(unsent) => match unsent.without(length) {
                        Ok(replaced) => break Poll::Ready(Ok(replaced)),
                        Err(rest) => this.unsent = Some(rest),
                    },
                },
                other => break other,
            }
        };
        if written.is_pending() {
            return this.poll_unread(cx);
        }
        this.stalled = None;
        written
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        pin!(&mut self.get_mut().stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        pin!(&mut self.get_mut().stream).poll_shutdown(cx)
    }
}
