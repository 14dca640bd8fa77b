//! What verifying, splitting and redacting a request costs, by provider: the benchmark of `mailroom-providers`.

use std::process::ExitCode;

use crate::cli::{Bench, Output};
use crate::error::DevError;
use crate::workspace::Workspace;

/// Builds and runs it; fails when it does, which is when a provider is over the bound.
pub(super) async fn run(wishes: &Bench) -> Result<ExitCode, DevError> {
    let mut cargo = Workspace::find()?.cargo();
    cargo.args(["bench", "--package", "mailroom-providers", "--bench", "adapters"]);
    if wishes.debug {
        cargo.args(["--profile", "dev"]);
    }
    if wishes.output == Output::Json {
        cargo.args(["--", "--json"]);
    }
    let status = cargo.status().await.map_err(DevError::io("start cargo"))?;
    Ok(if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
