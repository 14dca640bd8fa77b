//! `cargo dev postgres`: a private server that just stands there, for whatever a developer wants to try.

use std::io::Write;
use std::process::ExitCode;

use mailroom_store::server::create_database;

use crate::error::DevError;
use crate::postgres::{Choice, Durability};
use crate::session::on_server;
use crate::talk;

/// Its database.
const DATABASE: &str = "mailroom";

/// Runs until Ctrl-C, which is no failure, or until the server ends, which is one.
pub(crate) async fn run(throwaway: bool, keep: bool) -> Result<ExitCode, DevError> {
    let durability = if throwaway {
        Durability::Throwaway
    } else {
        Durability::Durable
    };
    let choice = Choice::private()?;
    let mut stood = false;
    let outcome = on_server(choice, durability, keep, async |_, server, interrupt| {
        create_database(&server.url(), DATABASE).await?;
        let line = server.psql(DATABASE);
        writeln!(std::io::stdout(), "{line}").map_err(DevError::io("print the psql line"))?;
        if let Some(line) = server.environment(DATABASE) {
            talk::line(format_args!("for programs: {line}"));
        }
        talk::line(format_args!("it stays up until Ctrl-C"));
        stood = true;
        tokio::select! {
            () = interrupt.wait() => Ok(()),
            end = server.ended() => Err(end),
        }
    })
    .await;
    match outcome {
        Err(DevError::Interrupted) if stood => Ok(ExitCode::SUCCESS),
        outcome => outcome.map(|()| ExitCode::SUCCESS),
    }
}
