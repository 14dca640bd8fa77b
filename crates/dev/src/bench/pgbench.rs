//! PostgreSQL's own yardstick: pgbench, with the rows of the handler that people write.

use std::fs;

use mailroom_bench::handler::{PGBENCH, TABLE};
use tokio::process::Command;

use super::yard::Yard;
use crate::error::DevError;
use crate::talk;

/// Clients at once.
const CLIENTS: &str = "32";

/// Rows a second that 32 clients insert, each row committed, into the handler's table made anew; nothing where pgbench is not among
/// PostgreSQL's programs.
pub(super) async fn insert(yard: &mut Yard<'_>, seconds: u32) -> Result<Option<f64>, DevError> {
    let Some(pgbench) = yard.bin.as_ref().map(|bin| bin.join("pgbench")) else {
        return Ok(None);
    };
    let Some(url) = reqwest::Url::parse(&yard.url).ok().filter(|_| pgbench.exists()) else {
        talk::line(format_args!(
            "pgbench is not among PostgreSQL's programs here: not measured"
        ));
        return Ok(None);
    };
    let run = |name, script: &str, options: &[&str]| {
        let file = yard.run.directory().join(name);
        fs::write(&file, script).map_err(DevError::io("write a script of pgbench"))?;
        let mut command = Command::new(&pgbench);
        command
            .args(options)
            .arg("--no-vacuum")
            .arg("--file")
            .arg(file)
            .env("PGHOST", url.host_str().unwrap_or_default())
            .env("PGPORT", url.port().unwrap_or(5432).to_string())
            .env("PGUSER", url.username())
            .env("PGPASSWORD", url.password().unwrap_or_default())
            .env("PGDATABASE", url.path().trim_start_matches('/'))
            .process_group(0);
        Ok::<_, DevError>(command)
    };
    let table = run("table.sql", TABLE, &["--transactions", "1"])?;
    let time = seconds.to_string();
    let rows = run(
        "insert.sql",
        PGBENCH,
        &[
            "--client",
            CLIENTS,
            "--jobs",
            "2",
            "--protocol",
            "prepared",
            "--time",
            &time,
        ],
    )?;
    yard.output(table, "pgbench").await?;
    yard.settle().await?;
    let said = yard.output(rows, "pgbench").await?;
    transactions_per_second(&said)
        .map(Some)
        .ok_or_else(|| DevError::Failed(format!("pgbench said: {said}")))
}

fn transactions_per_second(said: &str) -> Option<f64> {
    let line = said.lines().find_map(|line| line.strip_prefix("tps = "))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::transactions_per_second;

    #[test]
    fn its_report_is_understood() {
        let said =
            "number of failed transactions: 0 (0.000%)\ntps = 10234.5 (without initial connection time)\n";
        assert_eq!(transactions_per_second(said), Some(10_234.5));
        assert_eq!(transactions_per_second("?"), None);
    }
}
