//! Ctrl-C, SIGTERM and a closed terminal: the wish to stop, heard once and kept.

use std::future::Future;

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::error::DevError;

/// Hears the wish to stop.
#[derive(Debug, Clone)]
pub(crate) struct Interrupt(CancellationToken);

impl Interrupt {
    /// Begins to listen. From here on a signal no longer ends this process: whoever works has to look.
    pub(crate) fn listen() -> Result<Self, DevError> {
        let wish = CancellationToken::new();
        for kind in [
            SignalKind::interrupt(),
            SignalKind::terminate(),
            SignalKind::hangup(),
        ] {
            let mut signals = signal(kind).map_err(DevError::io("listen for signals"))?;
            let wish = wish.clone();
            tokio::spawn(async move {
                signals.recv().await;
                wish.cancel();
            });
        }
        Ok(Self(wish))
    }

    /// Waits for the wish.
    pub(crate) async fn wait(&self) {
        self.0.cancelled().await;
    }

    /// Does the work, unless the wish comes first; what was started stays under guard and is stopped with the run.
    pub(crate) async fn unless<T>(
        &self,
        work: impl Future<Output = Result<T, DevError>>,
    ) -> Result<T, DevError> {
        tokio::select! {
            biased;
            () = self.wait() => Err(DevError::Interrupted),
            outcome = work => outcome,
        }
    }
}
