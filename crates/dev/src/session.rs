//! The frame around all work on a server: a run, the server in it, the work, and the end of both whatever happens.

use crate::error::DevError;
use crate::interrupt::Interrupt;
use crate::postgres::{Choice, Durability, Server};
use crate::runs::Run;

/// Opens the server of `choice`, does `work` on it, and ends everything that was started. With `keep`, the
/// directory of the run stays behind.
pub(crate) async fn on_server<T>(
    choice: Choice,
    durability: Durability,
    keep: bool,
    work: impl AsyncFnOnce(&mut Run, &mut Server, &Interrupt) -> Result<T, DevError>,
) -> Result<T, DevError> {
    let interrupt = Interrupt::listen()?;
    let mut run = Run::start(&choice.temp())?;
    let outcome = match interrupt.unless(choice.open(&mut run, durability)).await {
        Ok(mut server) => interrupt.unless(work(&mut run, &mut server, &interrupt)).await,
        Err(error) => Err(error),
    };
    let directory = run.directory().to_owned();
    run.finish(keep)?;
    if keep {
        crate::talk::line(format_args!("kept: {}", directory.display()));
    }
    outcome
}
