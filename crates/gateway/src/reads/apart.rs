//! A statement apart from its request's span: sqlx enters and leaves the span it finds itself in several times for each
//! row, and with two hundred rows that was a quarter of a page's time in the gateway.

use std::{future::poll_fn, pin::pin};

use tracing::Span;

/// Waits for a reading that does not see the span in which it is waited for.
pub(super) async fn apart<T>(reading: impl Future<Output = T>) -> T {
    let span = Span::current();
    let mut reading = pin!(reading);
    poll_fn(|context| {
        let _left = Left::of(&span);
        reading.as_mut().poll(context)
    })
    .await
}

/// A span that is left until this is dropped.
struct Left<'a>(&'a Span);

impl<'a> Left<'a> {
    fn of(span: &'a Span) -> Self {
        span.with_subscriber(|(id, subscriber)| subscriber.exit(id));
        Self(span)
    }
}

impl Drop for Left<'_> {
    fn drop(&mut self) {
        self.0.with_subscriber(|(id, subscriber)| subscriber.enter(id));
    }
}

#[cfg(test)]
mod tests {
    use tracing::Instrument;

    use super::*;

    #[tokio::test]
    async fn the_span_is_there_before_and_after_and_not_meanwhile() {
        let subscriber = tracing_subscriber::registry();
        let _default = tracing::subscriber::set_default(subscriber);
        let span = tracing::info_span!("request");
        let seen = async {
            let before = Span::current();
            let meanwhile = apart(async {
                let first = Span::current();
                tokio::task::yield_now().await;
                [first, Span::current()]
            });
            let meanwhile = meanwhile.await;
            (before, meanwhile, Span::current())
        };
        let (before, meanwhile, after) = seen.instrument(span.clone()).await;
        assert_eq!(before.id(), span.id());
        assert_eq!(meanwhile.map(|span| span.id()), [None, None]);
        assert_eq!(after.id(), span.id());
        assert_eq!(Span::current().id(), None, "left as often as entered");
    }
}
