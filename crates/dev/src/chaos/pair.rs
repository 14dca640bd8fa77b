//! The primary and its standby: every commit waits for both, and either can become the other.

use std::fs;
use std::io::Write;
use std::time::Duration;

use mailroom_store::server::standby;
use tokio::time::{Instant, sleep};

use super::node::{Node, Programs};
use crate::error::DevError;
use crate::postgres::{Durability, initdb};
use crate::processes::free_port;
use crate::runs::Run;
use crate::talk;

/// How long a standby may take to catch up.
const CAUGHT_UP_WITHIN: Duration = Duration::from_mins(2);

/// Both servers; without a standby where PostgreSQL's programs for one are missing.
pub(super) struct Pair {
    pub(super) programs: Programs,
    pub(super) primary: Node,
    pub(super) standby: Option<Node>,
    /// Whether commits wait for the standby. Switched off, a failover loses what was acknowledged.
    is_synchronous: bool,
}

impl Pair {
    /// Makes and starts them.
    pub(super) async fn start(
        run: &mut Run,
        programs: Programs,
        is_synchronous: bool,
    ) -> Result<Self, DevError> {
        let account = programs.account.as_ref();
        let data = initdb::make(
            run,
            &programs.installation,
            account,
            Durability::Durable,
            &programs.password,
        )
        .await?;
        // In the file, not on the command line: `pg_rewind` recovers a dead server by itself, and asks for it then.
        fs::OpenOptions::new()
            .append(true)
            .open(data.join("postgresql.conf"))
            .and_then(|mut file| file.write_all(b"wal_log_hints = on\nwal_keep_size = 1GB\n"))
            .map_err(DevError::io("write the settings of the server"))?;
        let home = data.with_file_name("other");
        let mut primary = Node::new(run, "postgres-1", data, free_port()?);
        primary.start(run, &programs).await?;
        let complete = ["pg_basebackup", "pg_rewind"]
            .iter()
            .all(|program| programs.has(program));
        let mut pair = Self {
            standby: complete.then_some(Node::new(run, "postgres-2", home, free_port()?)),
            programs,
            primary,
            is_synchronous,
        };
        if complete {
            pair.copy().await?;
            pair.follow(run).await?;
        } else {
            talk::line(format_args!(
                "no standby: pg_basebackup and pg_rewind are not among PostgreSQL's programs here"
            ));
        }
        Ok(pair)
    }

    /// The URL of a database on the primary.
    pub(super) fn url(&self, database: &str) -> String {
        self.primary.url(&self.programs, database)
    }

    /// Kills the primary and makes the standby the new one, which may stand still until then; what it has is what was
    /// acknowledged. The dead one is
    /// brought back by [`Self::rejoin`].
    pub(super) async fn fail_over(&mut self, run: &mut Run) -> Result<(), DevError> {
        let Some(standby) = self.standby.as_mut() else {
            return Ok(());
        };
        self.primary.kill(run).await?;
        standby.stop_hearing();
        standby.stall(false);
        let url = standby.url(&self.programs, "postgres");
        standby::promote(&url).await?;
        // Nobody follows it yet.
        standby::wait_for_standby(&url, false).await?;
        std::mem::swap(&mut self.primary, standby);
        Ok(())
    }

    /// Makes the dead former primary the standby.
    pub(super) async fn rejoin(&mut self, run: &mut Run) -> Result<(), DevError> {
        let source = self.source();
        let Some(standby) = self.standby.as_ref() else {
            return Ok(());
        };
        let data = standby.data.display().to_string();
        let rewound = self
            .programs
            .run(
                "pg_rewind",
                &[
                    "--target-pgdata",
                    &data,
                    "--source-server",
                    &source,
                    "--write-recovery-conf",
                ],
            )
            .await;
        if let Err(error) = rewound {
            talk::line(format_args!("a new copy is made, since {error}"));
            fs::remove_dir_all(&standby.data).map_err(DevError::io("remove the old standby"))?;
            self.copy().await?;
        }
        self.follow(run).await
    }

    async fn copy(&self) -> Result<(), DevError> {
        let Some(standby) = self.standby.as_ref() else {
            return Ok(());
        };
        let data = standby.data.display().to_string();
        let source = self.source();
        let arguments = [
            "--dbname",
            &source,
            "--pgdata",
            &data,
            "--wal-method=stream",
            "--checkpoint=fast",
            "--write-recovery-conf",
        ];
        self.programs.run("pg_basebackup", &arguments).await
    }

    /// Starts the standby; from when it has caught up, every commit waits for it.
    async fn follow(&mut self, run: &mut Run) -> Result<(), DevError> {
        let Some(standby) = self.standby.as_mut() else {
            return Ok(());
        };
        standby.start(run, &self.programs).await?;
        if !self.is_synchronous {
            return Ok(());
        }
        let url = self.primary.url(&self.programs, "postgres");
        standby::wait_for_standby(&url, true).await?;
        let until = Instant::now() + CAUGHT_UP_WITHIN;
        while !standby::is_synchronous(&url).await? {
            if Instant::now() > until {
                return Err(DevError::Failed("the standby does not catch up".into()));
            }
            sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    }

    /// How the standby finds the primary; the password comes from the environment.
    fn source(&self) -> String {
        format!(
            "host=127.0.0.1 port={} user=postgres dbname=postgres application_name=standby",
            self.primary.port
        )
    }
}
