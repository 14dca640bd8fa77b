//! A body of which more is still to be read somewhere: its client waits for us, and not we for him, until it ends.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use actix_web::{
    body::{BodySize, BoxBody, MessageBody},
    web::Bytes,
};

use super::pace::Answering;

/// Such a body. While there is more to come, the connection is neither idle nor does it owe a head.
pub(crate) struct Underway {
    body: BoxBody,
    _answering: Answering,
}

impl Underway {
    /// What is answered with `body` is answered when that ends.
    pub(crate) const fn new(body: BoxBody, answering: Answering) -> Self {
        Self {
            body,
            _answering: answering,
        }
    }
}

impl MessageBody for Underway {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.body).poll_next(context)
    }
}

#[cfg(test)]
mod tests {
    use std::{rc::Rc, time::Duration};

    use tokio::time::Instant;

    use super::*;
    use crate::connection::{Pace, Patience};

    #[test]
    fn whoever_waits_for_more_is_not_idle() {
        let (now, second) = (Instant::now(), Duration::from_secs(1));
        let patience = Patience {
            head: second,
            idle: second,
            unread: second,
            linger: second,
        };
        let pace = Rc::new(Pace::new(patience, now));
        pace.heard(1, now);
        let body = Underway::new(BoxBody::new("more"), Rc::clone(&pace).answering());
        assert_eq!(body.size(), BodySize::Sized(4));
        pace.heard(1, now);
        assert_eq!(pace.look(now + 500 * second), None);
        drop(body);
        assert!(pace.look(Instant::now() + 5 * second).is_some());
    }
}
