//! The yard of a throughput benchmark: one durable server, and the programs that take turns at it, each as it is shipped.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use mailroom_bench::load::Answered;
use mailroom_store::server::{create_database, maintenance};
use serde::de::DeserializeOwned;
use tokio::time::{Instant, sleep};

use super::watch::Watch;
use crate::cli::Bench;
use crate::demo::DATABASE;
use crate::error::DevError;
use crate::postgres::Server;
use crate::processes::{Daemon, Role, free_port, is_ready_within};
use crate::programs::Programs;
use crate::randomness::random_hex;
use crate::runs::Run;
use crate::workspace::Workspace;

/// How long a program may take until it answers.
const READY_WITHIN: Duration = Duration::from_secs(30);
/// How often workers are asked how far they are.
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// Nothing new for so long: it will not come.
const STUCK_AFTER: Duration = Duration::from_mins(1);
const PACKAGES: [&str; 4] = [
    "mailroom-gateway",
    "mailroom-worker",
    "mailroom-db-migrate",
    "mailroom-bench",
];

/// The server, and all programs that may run on it.
pub(super) struct Yard<'a> {
    pub(super) run: &'a mut Run,
    pub(super) url: String,
    pub(super) gateway: Daemon,
    pub(super) gateway_port: u16,
    pub(super) workers: Vec<Daemon>,
    handler: Daemon,
    handler_port: u16,
    bench: PathBuf,
    /// PostgreSQL's own programs, where they are known.
    pub(super) bin: Option<PathBuf>,
    admin: Vec<u16>,
    client: reqwest::Client,
}

impl<'a> Yard<'a> {
    /// Builds everything and makes the database; nothing runs yet.
    pub(super) async fn open(run: &'a mut Run, server: &Server, wishes: &Bench) -> Result<Self, DevError> {
        let mut selection: Vec<&str> = PACKAGES.iter().flat_map(|name| ["--package", name]).collect();
        if !wishes.debug {
            selection.push("--release");
        }
        let programs = Programs::build(run, &Workspace::find()?, &selection).await?;
        if server.is_private() {
            create_database(&server.url(), DATABASE).await?;
        }
        let url = server.url_of(&server.database(DATABASE));
        programs.migrate(run, &url).await?;
        let (gateway_port, handler_port) = (free_port()?, free_port()?);
        let mut admin = vec![free_port()?];
        let own = [
            ("MAILROOM__SERVER__LISTEN", format!("127.0.0.1:{gateway_port}")),
            ("MAILROOM__PROFILE", "development".to_owned()),
        ];
        let program = programs.path("mailroom-gateway")?.to_owned();
        let gateway = Daemon::new(run, "gateway".into(), program, settings(&url, admin[0], &own));
        let mut workers = Vec::new();
        for number in 1..=wishes.workers {
            let port = free_port()?;
            let program = programs.path("mailroom-worker")?.to_owned();
            let name = format!("worker-{number}");
            workers.push(Daemon::new(run, name, program, settings(&url, port, &[])));
            admin.push(port);
        }
        let bench = programs.path("mailroom-bench")?.to_owned();
        let handler = Daemon::new(
            run,
            "handler".into(),
            bench.clone(),
            vec![("DATABASE_URL".to_owned(), url.clone())],
        )
        .with_arguments(&["handler", "--listen", &format!("127.0.0.1:{handler_port}")]);
        Ok(Self {
            run,
            url,
            gateway,
            gateway_port,
            workers,
            handler,
            handler_port,
            bench,
            bin: server.bin().map(std::path::Path::to_owned),
            admin,
            client: reqwest::Client::builder()
                .no_proxy()
                .timeout(Duration::from_secs(2))
                .build()
                .map_err(|error| DevError::Failed(format!("no HTTP client: {error}")))?,
        })
    }

    /// Starts the gateway, and waits until it is ready.
    pub(super) async fn start_gateway(&mut self) -> Result<(), DevError> {
        self.gateway.start(self.run, &[])?;
        self.ready(self.admin[0]).await
    }

    /// Starts every worker, and waits until they are ready.
    pub(super) async fn start_workers(&mut self) -> Result<(), DevError> {
        for worker in &mut self.workers {
            worker.start(self.run, &[])?;
        }
        for &port in &self.admin[1..] {
            self.ready(port).await?;
        }
        Ok(())
    }

    /// Stops every worker.
    pub(super) async fn stop_workers(&mut self) -> Result<(), DevError> {
        for worker in &mut self.workers {
            worker.stop(self.run).await?;
        }
        Ok(())
    }

    /// What is sent to both: as much as so many connections can, for so long.
    pub(super) fn full_load(wishes: &Bench) -> [String; 4] {
        let (seconds, connections) = (wishes.seconds.to_string(), wishes.connections.to_string());
        [
            "--seconds".to_owned(),
            seconds,
            "--connections".to_owned(),
            connections,
        ]
    }

    /// How the handler that people write answers it, on an empty table. It has stopped afterwards, its table stays.
    pub(super) async fn by_hand(&mut self, options: &[String]) -> Result<Answered, DevError> {
        self.handler.start(self.run, &[])?;
        let until = Instant::now() + READY_WITHIN;
        while tokio::net::TcpStream::connect(("127.0.0.1", self.handler_port))
            .await
            .is_err()
        {
            not_later_than(until, "the handler")?;
            sleep(Duration::from_millis(25)).await;
        }
        self.settle().await?;
        let answered = self.load(self.handler_port, options).await?;
        self.handler.stop(self.run).await?;
        Ok(answered)
    }

    /// Sends to a port, and says how it answered; none may be refused.
    pub(super) async fn load(&mut self, port: u16, options: &[String]) -> Result<Answered, DevError> {
        let (to, run) = (format!("127.0.0.1:{port}"), random_hex()?);
        let mut arguments = vec!["load", "--to", &to, "--run", &run];
        arguments.extend(options.iter().map(String::as_str));
        let answered: Answered = self.bench(&arguments).await?;
        if answered.otherwise > 0 || answered.acknowledged == 0 {
            return Err(DevError::Failed(format!(
                "{} requests were acknowledged, {} were not",
                answered.acknowledged, answered.otherwise
            )));
        }
        Ok(answered)
    }

    /// Runs the program of the benchmarks to its end, and reads what it says.
    pub(super) async fn bench<T: DeserializeOwned>(&mut self, arguments: &[&str]) -> Result<T, DevError> {
        let mut command = tokio::process::Command::new(&self.bench);
        command
            .args(arguments)
            .env("DATABASE_URL", &self.url)
            .process_group(0);
        let said = self.output(command, "mailroom-bench").await?;
        serde_json::from_str(&said).map_err(|_| DevError::Failed(format!("mailroom-bench said: {said}")))
    }

    /// Runs a program to its end; what it printed.
    pub(super) async fn output(
        &mut self,
        mut command: tokio::process::Command,
        program: &str,
    ) -> Result<String, DevError> {
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let child = command
            .spawn()
            .map_err(DevError::io(format!("start {program}")))?;
        let pid = child.id();
        if let Some(pid) = pid {
            self.run.adopt(pid, Role::Group)?;
        }
        let output = child
            .wait_with_output()
            .await
            .map_err(DevError::io(format!("wait for {program}")))?;
        if let Some(pid) = pid {
            self.run.release(pid)?;
        }
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        Err(DevError::Program {
            program: program.to_owned(),
            said: String::from_utf8_lossy(&output.stderr).into_owned(),
        })
    }

    /// Waits until the workers, since they started, have finished so many events.
    pub(super) async fn until_processed(&self, wanted: u64) -> Result<(), DevError> {
        let watch = self.watch();
        let (mut last, mut seen) = (Instant::now(), 0);
        loop {
            let there = watch.processed().await?;
            if there >= wanted {
                return Ok(());
            }
            if there > seen {
                (last, seen) = (Instant::now(), there);
            } else if last.elapsed() > STUCK_AFTER {
                return Err(DevError::Failed(format!(
                    "{there} of {wanted} events were finished, and then no more"
                )));
            }
            sleep(LOOK_EVERY).await;
        }
    }

    /// Looks at what the workers have done, since they started.
    pub(super) fn watch(&self) -> Watch {
        Watch {
            client: self.client.clone(),
            workers: self.admin[1..].to_vec(),
        }
    }

    /// Brings tables and disk to rest, so that no turn pays for the one before.
    pub(super) async fn settle(&self) -> Result<(), DevError> {
        Ok(maintenance::settle(&self.url).await?)
    }

    async fn ready(&self, admin: u16) -> Result<(), DevError> {
        if is_ready_within(&self.client, admin, READY_WITHIN).await {
            return Ok(());
        }
        Err(late("a program of mailroom"))
    }
}

fn not_later_than(until: Instant, what: &str) -> Result<(), DevError> {
    if Instant::now() < until {
        return Ok(());
    }
    Err(late(what))
}

fn late(what: &str) -> DevError {
    DevError::Failed(format!(
        "{what} did not answer within {} s",
        READY_WITHIN.as_secs()
    ))
}

fn settings(url: &str, admin: u16, own: &[(&str, String)]) -> Vec<(String, String)> {
    let common = [
        ("DATABASE_URL", url.to_owned()),
        ("MAILROOM__ADMIN__LISTEN", format!("127.0.0.1:{admin}")),
        ("MAILROOM__SHUTDOWN__DRAIN_DELAY_MS", "0".to_owned()),
        ("RUST_LOG", "info".to_owned()),
    ];
    common
        .iter()
        .chain(own)
        .map(|(name, value)| ((*name).to_owned(), value.clone()))
        .collect()
}
