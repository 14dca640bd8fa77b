//! `cargo dev test`: the whole suite on a server of its own.

mod through;
mod totals;

use std::ffi::{OsStr, OsString};
use std::io::Write;
use std::process::{ExitCode, Stdio};

use mailroom_store::server::{create_database, databases, drop_database};
use mailroom_test_support::Detours;
use tokio::io::{AsyncBufReadExt, BufReader};

use crate::cli::Remote;
use crate::error::DevError;
use crate::postgres::{Choice, Durability, Server};
use crate::processes::Role;
use crate::programs::Programs;
use crate::randomness::random_hex;
use crate::runs::Run;
use crate::session::on_server;
use crate::workspace::Workspace;
pub(crate) use through::Through;
use totals::Totals;

/// Runs `cargo test` with `arguments`; its exit code is ours.
pub(crate) async fn run(
    server: Remote,
    through: Option<Through>,
    arguments: Vec<OsString>,
) -> Result<ExitCode, DevError> {
    let workspace = Workspace::find()?;
    let choice = Choice::make(server.allow_remote)?;
    let given = choice.given_url();
    // All that this run makes on the server carries this name, so that it can be found again.
    let template = format!("mailroom_test_{}", &random_hex()?[..10]);
    let outcome = on_server(choice, Durability::Throwaway, false, async |run, server, _| {
        let programs = Programs::build(run, &workspace, &["--workspace"]).await?;
        create_database(&server.url(), &template).await?;
        programs.migrate(run, &server.url_of(&template)).await?;
        // The programs are tested with the rights that they will have, and no others.
        programs
            .db_migrate(run, &server.url_of(&template), &["roles"])
            .await?;
        let detours = through.map(|through| through.start(&server.url())).transpose()?;
        test(
            run,
            &workspace,
            server,
            &programs,
            (&template, detours.as_ref()),
            &arguments,
        )
        .await
    })
    .await;
    if let Some(url) = given {
        for name in databases(&url, &template).await? {
            drop_database(&url, &name).await?;
        }
    }
    outcome
}

async fn test(
    run: &mut Run,
    workspace: &Workspace,
    server: &Server,
    programs: &Programs,
    (template, detours): (&str, Option<&Detours>),
    arguments: &[OsString],
) -> Result<ExitCode, DevError> {
    let mut cargo = workspace.cargo();
    cargo.arg("test");
    if !arguments.iter().any(names_packages) {
        cargo.arg("--workspace");
    }
    cargo
        .args(arguments)
        .env("MAILROOM_TEST_SERVER_URL", server.url())
        .env("MAILROOM_TEST_TEMPLATE", template)
        .env_remove("MAILROOM_TEST_PG_BIN")
        .process_group(0)
        .stdout(Stdio::piped());
    if let Some(folder) = programs.path("db-migrate")?.parent() {
        cargo.env("MAILROOM_TEST_BIN_DIR", folder);
    }
    cargo.envs(detours.iter().flat_map(|detours| detours.environment()));
    if let Some(folder) = server.bin() {
        cargo.env("MAILROOM_TEST_PG_BIN", folder);
    }
    let mut child = cargo.spawn().map_err(DevError::io("start cargo test"))?;
    if let Some(pid) = child.id() {
        run.adopt(pid, Role::Group)?;
    }
    let mut totals = Totals::default();
    if let Some(output) = child.stdout.take() {
        let mut lines = BufReader::new(output).split(b'\n');
        let mut out = std::io::stdout();
        while let Some(mut line) = lines
            .next_segment()
            .await
            .map_err(DevError::io("read from cargo test"))?
        {
            totals.count(&String::from_utf8_lossy(&line));
            line.push(b'\n');
            // A reader that went away does not end the tests.
            let _ = out.write_all(&line);
        }
    }
    let status = child.wait().await.map_err(DevError::io("wait for cargo test"))?;
    if let Some(pid) = child.id() {
        run.release(pid)?;
    }
    println!("\n{totals}");
    Ok(match status.code() {
        Some(0) => ExitCode::SUCCESS,
        Some(code) => ExitCode::from(u8::try_from(code).unwrap_or(1)),
        None => ExitCode::FAILURE,
    })
}

fn names_packages(argument: &OsString) -> bool {
    let argument = argument.as_os_str();
    argument == OsStr::new("-p")
        || argument == OsStr::new("--package")
        || argument
            .to_str()
            .is_some_and(|argument| argument.starts_with("--package="))
}
