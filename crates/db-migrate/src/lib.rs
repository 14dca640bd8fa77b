//! Brings a database to the schema of this release, once, however many start.

mod answer;
mod cli;
mod database_url;
mod down;
mod duration;
mod failure;
mod progress;
mod reach;
mod status;
mod up;
mod wait;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser;
use mailroom_store::migration::{Set, Target, set, sets};

use answer::Answer;
use cli::{Cli, Command};
use failure::Failure;

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
    let name = env("HOSTNAME").map_or_else(|| "db-migrate".to_owned(), |host| format!("db-migrate@{host}"));
    let target = Target::parse(&database_url::resolve(cli.database_url, env)?, &name)?;
    reach::reach(&target, cli.wait_for_db).await?;
    match cli.command {
        Command::Up { set, patience } => up::up(&target, &chosen(set.as_deref())?, &patience.into()).await,
        Command::Down {
            to,
            set,
            yes,
            patience,
        } => down::down(&target, one(&set)?, to, yes, &patience.into()).await,
        Command::Status { set, check } => status::status(&target, &chosen(set.as_deref())?, check).await,
        Command::Wait { set, timeout } => wait::wait(&target, &chosen(set.as_deref())?, timeout).await,
    }
}

fn chosen(name: Option<&str>) -> Result<Vec<&'static Set>, Failure> {
    name.map_or_else(|| Ok(sets().iter().collect()), |name| Ok(vec![one(name)?]))
}

fn one(name: &str) -> Result<&'static Set, Failure> {
    set(name)
        .ok_or_else(|| Failure::Usage(format!("there is no set {name}: messaging, directory or mailbox")))
}
