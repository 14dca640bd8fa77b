//! SIGTERM and SIGINT as a stream, so that what follows from them can be tested without a signal.

use std::io;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc::{self, Receiver};

/// Takes both signals over from their defaults. Must be called inside the runtime.
pub(crate) fn listen() -> io::Result<Receiver<&'static str>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let (sender, receiver) = mpsc::channel(4);
    tokio::spawn(async move {
        loop {
            let name = tokio::select! {
                Some(()) = terminate.recv() => "SIGTERM",
                Some(()) = interrupt.recv() => "SIGINT",
                else => return,
            };
            // Full means that several are waiting already, and closed that all has been cut off.
            let _ = sender.try_send(name);
        }
    });
    Ok(receiver)
}
