//! `cargo dev`: PostgreSQL, the demonstration, tests and checks of mailroom behind one command.

mod bench;
mod chaos;
mod cli;
mod clock;
mod demo;
mod doctor;
mod error;
mod interrupt;
mod logs;
mod merged_migrations;
mod postgres;
mod prepare;
mod processes;
mod programs;
mod randomness;
mod runs;
mod send;
mod session;
mod standing;
mod suite;
mod talk;
mod traffic;
mod workspace;

use std::process::ExitCode;

use clap::Parser;
use cli::{Cli, Command};
use error::DevError;

fn main() -> ExitCode {
    let cli = Cli::parse();
    if let Some(Command::Guard { directory }) = &cli.command {
        runs::stand_guard(directory);
        return ExitCode::SUCCESS;
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("cargo dev: could not start: {error}");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(answer(cli)) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("cargo dev: {error}");
            // As the shell has it for somebody who pressed Ctrl-C.
            if matches!(error, DevError::Interrupted) {
                ExitCode::from(130)
            } else {
                ExitCode::FAILURE
            }
        }
    }
}

async fn answer(cli: Cli) -> Result<ExitCode, DevError> {
    match cli.command {
        None => demo::run(cli.demo).await,
        Some(Command::Test {
            server,
            through_pgbouncer,
            arguments,
        }) => suite::run(server, through_pgbouncer, arguments).await,
        Some(Command::Prepare { check }) => prepare::run(check).await,
        Some(Command::Postgres { throwaway, keep }) => standing::run(throwaway, keep).await,
        Some(Command::Bench(wishes)) => bench::run(wishes).await,
        Some(Command::Chaos(wishes)) => Box::pin(chaos::run(wishes)).await,
        Some(Command::Send(wishes)) => send::run(wishes).await,
        Some(Command::Doctor) => doctor::run().await,
        Some(Command::MigrationsCheck) => merged_migrations::run(),
        // Taken care of before there was a runtime.
        Some(Command::Guard { .. }) => Ok(ExitCode::SUCCESS),
    }
}
