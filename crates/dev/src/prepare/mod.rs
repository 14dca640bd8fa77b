//! `cargo dev prepare`: the descriptions of all queries in .sqlx, made anew against a migrated database.

mod difference;

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use mailroom_store::migration::{Target, sets, shape_of};
use mailroom_store::server::create_database;

use crate::error::DevError;
use crate::postgres::{Choice, Durability};
use crate::processes::Role;
use crate::programs::Programs;
use crate::runs::Run;
use crate::session::on_server;
use crate::workspace::Workspace;
use difference::difference;

/// What the migrations make, as `db-migrate verify` knows it.
const SHAPE: &str = "crates/store/src/migration/shape.txt";

/// Its database on the private server.
const DATABASE: &str = "mailroom_prepare";

/// Makes the descriptions anew; with `check`, only compares them with those in the tree.
pub(crate) async fn run(check: bool) -> Result<ExitCode, DevError> {
    let workspace = Workspace::find()?;
    let mut shape = String::new();
    let fresh = tempfile::tempdir().map_err(DevError::io("make a temporary folder"))?;
    // Never the server of DATABASE_URL: what it holds must not decide what the queries look like.
    on_server(
        Choice::private()?,
        Durability::Throwaway,
        false,
        async |run, server, _| {
            let programs = Programs::build(run, &workspace, &["--package", "mailroom-db-migrate"]).await?;
            create_database(&server.url(), DATABASE).await?;
            let url = server.url_of(DATABASE);
            programs.migrate(run, &url).await?;
            let target = Target::parse(&url, "cargo dev prepare")?;
            shape = shape_of(&target, sets()).await?;
            describe(run, &workspace, &url, fresh.path()).await
        },
    )
    .await?;
    settle_shape(&workspace.root().join(SHAPE), &shape, check)?;
    let described = fs::read_dir(fresh.path())
        .map_err(DevError::io("read the new descriptions"))?
        .count();
    if described == 0 {
        return Err(DevError::Failed(
            "no query was described: cargo did not compile the store anew".into(),
        ));
    }
    let kept = workspace.root().join(".sqlx");
    let differing = difference(&kept, fresh.path()).map_err(DevError::io("compare the descriptions"))?;
    if differing.is_empty() {
        println!(".sqlx is fresh");
        return Ok(ExitCode::SUCCESS);
    }
    for difference in &differing {
        println!("{difference}");
    }
    if check {
        return Err(DevError::Failed(
            ".sqlx is not what the queries ask for; run `cargo dev prepare`".into(),
        ));
    }
    for difference in &differing {
        difference
            .settle(&kept, fresh.path())
            .map_err(DevError::io("write .sqlx"))?;
    }
    println!(".sqlx made anew");
    Ok(ExitCode::SUCCESS)
}

/// Writes down what the migrations make, for `db-migrate verify`; with `check`, only compares.
fn settle_shape(file: &Path, shape: &str, check: bool) -> Result<(), DevError> {
    let kept = fs::read_to_string(file).map_err(DevError::io("read what the migrations made"))?;
    if kept == shape {
        return Ok(());
    }
    if check {
        return Err(DevError::Failed(format!(
            "{SHAPE} is not what the migrations make; run `cargo dev prepare`"
        )));
    }
    println!("{SHAPE} made anew");
    fs::write(file, shape).map_err(DevError::io("write what the migrations make"))
}

/// Compiles the one crate with queries, with a database to ask; sqlx leaves a description of each in `folder`.
async fn describe(run: &mut Run, workspace: &Workspace, url: &str, folder: &Path) -> Result<(), DevError> {
    touch(&workspace.root().join("crates/store/src/lib.rs"), folder)?;
    let mut cargo = workspace.cargo();
    cargo
        .args([
            "check",
            "--package",
            "mailroom-store",
            "--features",
            "queries",
            "--all-targets",
        ])
        .env("DATABASE_URL", url)
        .env("SQLX_OFFLINE", "false")
        .env("SQLX_OFFLINE_DIR", folder)
        .process_group(0);
    let mut child = cargo.spawn().map_err(DevError::io("start cargo"))?;
    let pid = child.id();
    if let Some(pid) = pid {
        run.adopt(pid, Role::Group)?;
    }
    let status = child.wait().await.map_err(DevError::io("wait for cargo"))?;
    if let Some(pid) = pid {
        run.release(pid)?;
    }
    if status.success() {
        Ok(())
    } else {
        Err(DevError::Failed("the queries do not compile: see above".into()))
    }
}

/// Makes cargo compile the file again, so that the query macros run. The time is that of a file made now: the
/// clock of the file system is the one cargo compares with.
fn touch(file: &Path, scratch: &Path) -> Result<(), DevError> {
    let now = tempfile::tempfile_in(scratch).and_then(|file| file.metadata()?.modified());
    now.and_then(|now| fs::File::options().append(true).open(file)?.set_modified(now))
        .map_err(DevError::io(format!("touch {}", file.display())))
}
