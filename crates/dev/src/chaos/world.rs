//! The private world of a run: two servers, gateways and workers, each with a line of its own to the database.

use std::path::PathBuf;
use std::time::Duration;

use mailroom_store::server::create_database;
use tokio::time::Instant;

use super::balancer::Balancer;
use super::mutant::Mutant;
use super::node;
use super::pair::Pair;
use super::process::Process;
use super::proxy::Proxy;
use crate::cli::Chaos;
use crate::error::DevError;
use crate::postgres::Choice;
use crate::processes::{Daemon, free_port, is_ready_within};
use crate::programs::Programs;
use crate::randomness::random_hex;
use crate::runs::Run;

/// The database of the world.
const DATABASE: &str = "mailroom";
/// How long a worker's lanes stay its own. Short, so that there is much to see.
pub(super) const LEASE: Duration = Duration::from_secs(3);
/// How long everything may take until it is ready.
const READY_WITHIN: Duration = Duration::from_mins(1);

/// Everything that runs.
pub(super) struct World {
    pub(super) pair: Pair,
    pub(super) gateways: Vec<Process>,
    pub(super) workers: Vec<Process>,
    /// The ports of the gateways, by their place.
    pub(super) ports: Vec<u16>,
    /// Preloaded into a worker, it skews its clock.
    pub(super) faketime: Option<PathBuf>,
    client: reqwest::Client,
}

impl World {
    /// Builds it.
    pub(super) async fn start(run: &mut Run, programs: &Programs, wishes: &Chaos) -> Result<Self, DevError> {
        let Choice::Private {
            installation,
            account,
        } = Choice::private()?
        else {
            return Err(DevError::Failed("chaos needs servers of its own".into()));
        };
        let postgres = node::Programs {
            installation,
            account,
            password: random_hex()?,
        };
        let pair = Pair::start(run, postgres, wishes.mutant.is_none_or(Mutant::is_synchronous)).await?;
        create_database(&pair.url("postgres"), DATABASE).await?;
        programs.migrate(run, &pair.url(DATABASE)).await?;
        // Nobody has to notice where senders try one gateway after the other.
        let drain_delay = if wishes.rolls > 0 { "1000" } else { "0" };
        let (mut gateways, mut workers, mut ports) = (Vec::new(), Vec::new(), Vec::new());
        for number in 1..=wishes.gateways {
            let port = free_port()?;
            let own = [
                ("MAILROOM__SERVER__LISTEN", format!("127.0.0.1:{port}")),
                ("MAILROOM__PROFILE", "development".to_owned()),
                ("MAILROOM__SHUTDOWN__DRAIN_DELAY_MS", drain_delay.to_owned()),
            ];
            let program = programs.path("mailroom-gateway")?.to_owned();
            gateways.push(process(run, &pair, format!("gateway-{number}"), program, &own).await?);
            ports.push(port);
        }
        for number in 1..=wishes.workers {
            let lease = LEASE.as_millis().to_string();
            let own = [
                ("MAILROOM__WORK__LEASE_MS", lease),
                ("MAILROOM__SHUTDOWN__DRAIN_DELAY_MS", "0".to_owned()),
            ];
            let program = programs.path("mailroom-worker")?.to_owned();
            workers.push(process(run, &pair, format!("worker-{number}"), program, &own).await?);
        }
        let mut world = Self {
            pair,
            gateways,
            workers,
            ports,
            faketime: faketime(),
            client: reqwest::Client::builder()
                .no_proxy()
                .timeout(Duration::from_secs(2))
                .build()
                .map_err(|error| DevError::Failed(format!("no HTTP client: {error}")))?,
        };
        for process in world.gateways.iter_mut().chain(&mut world.workers) {
            process.start(run, &[])?;
        }
        world.ready().await?;
        Ok(world)
    }

    /// The URL of its database, on the server that writes.
    pub(super) fn database_url(&self) -> String {
        self.pair.url(DATABASE)
    }

    /// For asking processes how they are.
    pub(super) fn client(&self) -> reqwest::Client {
        self.client.clone()
    }

    /// A balancer before the gateways.
    pub(super) async fn balancer(&self) -> Result<Balancer, DevError> {
        let admins = self.gateways.iter().map(|gateway| gateway.admin);
        Balancer::open(self.ports.iter().copied().zip(admins), self.client()).await
    }

    /// Every process.
    pub(super) fn processes(&mut self) -> impl Iterator<Item = &mut Process> {
        self.gateways.iter_mut().chain(&mut self.workers)
    }

    /// Waits until every process is ready.
    pub(super) async fn ready(&self) -> Result<(), DevError> {
        let until = Instant::now() + READY_WITHIN;
        for process in self.gateways.iter().chain(&self.workers) {
            let left = until.saturating_duration_since(Instant::now());
            if !is_ready_within(&self.client, process.admin, left).await {
                return Err(DevError::Failed(format!(
                    "{} is not ready within {} s",
                    process.name,
                    READY_WITHIN.as_secs()
                )));
            }
        }
        Ok(())
    }
}

async fn process(
    run: &Run,
    pair: &Pair,
    name: String,
    program: PathBuf,
    own: &[(&str, String)],
) -> Result<Process, DevError> {
    let line = Proxy::open(pair.primary.port).await?;
    let admin = free_port()?;
    let url = format!(
        "postgres://postgres:{}@127.0.0.1:{}/{DATABASE}",
        pair.programs.password,
        line.port()
    );
    let common = [
        ("DATABASE_URL", url),
        ("MAILROOM__ADMIN__LISTEN", format!("127.0.0.1:{admin}")),
        ("RUST_LOG", "info".to_owned()),
    ];
    let settings = common.iter().chain(own);
    let settings = settings
        .map(|(name, value)| ((*name).to_owned(), value.clone()))
        .collect();
    Ok(Process {
        admin,
        line,
        daemon: Daemon::new(run, name, program, settings),
    })
}

/// The library that skews clocks, where Debian's package puts it.
fn faketime() -> Option<PathBuf> {
    let name = format!(
        "/usr/lib/{}-linux-gnu/faketime/libfaketimeMT.so.1",
        std::env::consts::ARCH
    );
    Some(PathBuf::from(name)).filter(|library| library.exists())
}
