//! `cargo dev doctor`: what this machine offers, and what `cargo dev` would use of it.

use std::process::{Command, ExitCode, Stdio};
use std::time::Duration;

use mailroom_store::server::{Address, wait_until_ready};

use crate::error::DevError;
use crate::postgres::{Account, Choice, Fetching};
use crate::runs::stale;

/// Looks at everything, changes nothing; fails when `cargo dev` would find no server without fetching one.
pub(crate) async fn run() -> Result<ExitCode, DevError> {
    let given = given().await?;
    println!("PostgreSQL, in the order it is looked for:");
    match &given {
        None => println!("  -  DATABASE_URL: not set"),
        Some((address, Ok(version))) => println!("  *  DATABASE_URL: {address}, version {version}"),
        Some((_, Err(reason))) => println!("  !  DATABASE_URL: {reason}"),
    }
    let account = Account::for_server()?;
    let search = Choice::search(account.as_ref(), Fetching::OnlyTold);
    for finding in &search.findings {
        match &finding.outcome {
            Ok(found) => println!(
                "  *  {}: version {} in {}",
                finding.place,
                found.version(),
                found.bin().display()
            ),
            Err(reason) => println!("  -  {}: {reason}", finding.place),
        }
    }
    match &account {
        Some(account) => println!(
            "A private server would run as user {} (we are root).",
            account.name()
        ),
        None => println!("A private server would run as this user."),
    }
    println!("Programs:");
    for (program, use_of_it) in [
        ("cargo", "builds the programs"),
        ("curl", "fetches PostgreSQL"),
        ("tar", "unpacks it"),
        ("npm", "the other source of PostgreSQL"),
        ("git", "knows which migrations are merged"),
        ("psql", "for a look into the database"),
    ] {
        let mark = if runs(program) { '*' } else { '-' };
        println!("  {mark}  {program}: {use_of_it}");
    }
    for left in stale(&std::env::temp_dir()) {
        println!(
            "Left behind by a run that was killed, cleared at the next start: {}",
            left.path().display()
        );
    }
    match given {
        Some((_, Ok(_))) => Ok(ExitCode::SUCCESS),
        Some((_, Err(_))) => Ok(ExitCode::FAILURE),
        None if search.findings.iter().any(|finding| finding.outcome.is_ok()) => Ok(ExitCode::SUCCESS),
        None => {
            println!("Nothing is here; `cargo dev` would try to fetch it as told above.");
            Ok(ExitCode::FAILURE)
        }
    }
}

/// The server that `DATABASE_URL` names, and its version or why it does not answer.
async fn given() -> Result<Option<(Address, Result<String, String>)>, DevError> {
    let Some(url) = std::env::var("DATABASE_URL").ok().filter(|url| !url.is_empty()) else {
        return Ok(None);
    };
    let address = Address::parse(&url)?;
    let answer = match wait_until_ready(&url, Duration::from_secs(3)).await {
        Ok(version) => Ok(version),
        Err(error) if error.is_unknown_database() => {
            Ok(format!("unknown (`{}` would be made)", address.database()))
        }
        Err(error) => Err(error.to_string()),
    };
    Ok(Some((address, answer)))
}

fn runs(program: &str) -> bool {
    Command::new(program)
        .arg("--version")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}
