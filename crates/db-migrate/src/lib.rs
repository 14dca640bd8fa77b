//! Brings a database to the schema of this release, once, however many start.

mod answer;
mod baseline;
mod cli;
mod database_url;
mod down;
mod duration;
mod failure;
mod hook;
mod place;
mod progress;
mod reach;
mod roles;
mod status;
mod up;
mod verify;
mod wait;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser;
use mailroom_store::migration::{Set, Target, set, sets};

use answer::Answer;
use cli::{Cli, Command};
use failure::Failure;
use place::{Place, places};

/// Runs one command line. `env` looks a variable of the environment up.
pub fn run(args: impl IntoIterator<Item = OsString>, env: impl Fn(&str) -> Option<String>) -> ExitCode {
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        // Help and version are asked for, and come here as well.
        Err(refusal) => refusal.exit(),
    };
    let output = cli.output;
    let outcome = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(Failure::Runtime)
        .and_then(|runtime| runtime.block_on(command(cli, env)));
    match outcome {
        Ok(answer) => answer.print(output),
        Err(failure) => failure.print(output),
    }
}

async fn command(cli: Cli, env: impl Fn(&str) -> Option<String>) -> Result<Answer, Failure> {
    let sets = chosen(cli.command.set())?;
    let places = places(&sets, cli.database_url.as_deref(), &env)?;
    for place in &places {
        reach::reach(&place.target, cli.wait_for_db).await?;
    }
    match cli.command {
        Command::Up(up) => up::up(&places, up).await,
        Command::Down {
            to, yes, patience, ..
        } => down::down(only(&places)?, to, yes, &patience.into()).await,
        Command::Status { check, .. } => status::status(&places, check).await,
        Command::Verify { .. } => verify::verify(&places).await,
        Command::Wait {
            at_least, timeout, ..
        } => wait::wait(&places, at_least, timeout).await,
        Command::Roles { patience } => roles::roles(&places, &patience.into()).await,
        Command::Baseline { to, patience, .. } => {
            baseline::baseline(only(&places)?, to, &patience.into()).await
        }
    }
}

/// The one place of the one set that was named.
fn only(places: &[Place]) -> Result<(&Target, &'static Set), Failure> {
    match places {
        [Place { target, sets, .. }] if sets.len() == 1 => Ok((target, sets[0])),
        _ => Err(Failure::Usage("name one set with --set".to_owned())),
    }
}

fn chosen(name: Option<&str>) -> Result<Vec<&'static Set>, Failure> {
    name.map_or_else(|| Ok(sets().iter().collect()), |name| Ok(vec![one(name)?]))
}

fn one(name: &str) -> Result<&'static Set, Failure> {
    set(name)
        .ok_or_else(|| Failure::Usage(format!("there is no set {name}: messaging, directory or mailbox")))
}
