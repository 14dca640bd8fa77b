//! The gateway and the workers as child processes: started, waited for, and missed when they end.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use futures_util::future::select_all;
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep};

use super::settings::{self, Settings};
use crate::error::DevError;
use crate::logs;
use crate::postgres::Server;
use crate::processes::Role;
use crate::programs::Programs;
use crate::runs::Run;
use crate::talk;

/// How long a service may take until it is ready.
const READY_WITHIN: Duration = Duration::from_secs(30);
/// Pause between two looks.
const LOOK_AGAIN: Duration = Duration::from_millis(25);

/// The running services: the gateway first, then the workers.
pub(crate) struct Services {
    all: Vec<Service>,
    base_url: String,
    client: reqwest::Client,
}

struct Service {
    name: String,
    child: Child,
    log: PathBuf,
    admin_url: String,
}

impl Services {
    /// Starts all of them.
    pub(super) fn start(
        run: &mut Run,
        programs: &Programs,
        url: &str,
        workers: u8,
        gateway_settings: &[(&str, &str)],
    ) -> Result<Self, DevError> {
        let program = programs.path("mailroom-gateway")?;
        let mut settings = settings::gateway(url);
        let on_top = gateway_settings
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        settings.extend(on_top);
        let mut all = vec![Service::start(run, "gateway".into(), program, settings)?];
        for number in 1..=workers {
            let program = programs.path("mailroom-worker")?;
            all.push(Service::start(
                run,
                format!("worker-{number}"),
                program,
                settings::worker(url),
            )?);
        }
        let client = reqwest::Client::builder()
            // A proxy of the developer's is not between us and our own child process.
            .no_proxy()
            .timeout(Duration::from_secs(2))
            .build()
            .map_err(|error| DevError::Failed(format!("no HTTP client: {error}")))?;
        Ok(Self {
            all,
            base_url: String::new(),
            client,
        })
    }

    /// Waits until all of them are.
    pub(super) async fn ready(&mut self) -> Result<(), DevError> {
        let until = Instant::now() + READY_WITHIN;
        for service in &mut self.all {
            service.admin_url = service.address("admin listening", until).await?;
            service.ready(&self.client, until).await?;
        }
        if let Some(gateway) = self.all.first_mut() {
            self.base_url = gateway.address("listening", until).await?;
        }
        talk::line(format_args!(
            "gateway at {}, {} workers, all ready",
            self.base_url,
            self.all.len() - 1
        ));
        Ok(())
    }

    /// `http://host:port` of the gateway.
    pub(crate) fn base_url(&self) -> &str {
        &self.base_url
    }

    /// The process that is the gateway, while it runs.
    pub(crate) fn gateway_process(&self) -> Option<u32> {
        self.all.first().and_then(|gateway| gateway.child.id())
    }

    /// Each service's name and `http://host:port` of its admin listener, the gateway first.
    pub(super) fn admin_urls(&self) -> Vec<(String, String)> {
        self.all
            .iter()
            .map(|service| (service.name.clone(), service.admin_url.clone()))
            .collect()
    }
}

/// Waits until a service or the server ends, which none should; says which, and its last words.
pub(crate) async fn first_end(services: &mut Services, server: &mut Server) -> DevError {
    let ends = services.all.iter_mut().map(|service| {
        Box::pin(async {
            let status = service.child.wait().await;
            service.end(status.ok())
        })
    });
    tokio::select! {
        (end, ..) = select_all(ends) => end,
        end = server.ended() => end,
    }
}

impl Service {
    fn start(run: &mut Run, name: String, program: &Path, settings: Settings) -> Result<Self, DevError> {
        let log = run.log(&name);
        let output = fs::File::create(&log).map_err(DevError::io(format!("open the log of {name}")))?;
        let mut command = Command::new(program);
        // Only our settings: a stray MAILROOM__ variable of the developer's would be refused as unknown, or heard.
        for (variable, _) in std::env::vars_os() {
            if variable
                .to_str()
                .is_some_and(|variable| variable.starts_with("MAILROOM_"))
            {
                command.env_remove(variable);
            }
        }
        let child = command
            .envs(settings)
            // A group of its own: Ctrl-C in the terminal is for us, who stop things in order.
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(output)
            .spawn()
            .map_err(DevError::io(format!("start {name}")))?;
        if let Some(pid) = child.id() {
            run.adopt(pid, Role::Group)?;
        }
        Ok(Self {
            name,
            child,
            log,
            admin_url: String::new(),
        })
    }

    /// The URL of the address it logs with `message`.
    async fn address(&mut self, message: &str, until: Instant) -> Result<String, DevError> {
        loop {
            if let Some(address) = logs::address(&self.log_text(), message) {
                return Ok(format!("http://{address}"));
            }
            self.expect_more(until)?;
            sleep(LOOK_AGAIN).await;
        }
    }

    async fn ready(&mut self, client: &reqwest::Client, until: Instant) -> Result<(), DevError> {
        let readyz = format!("{}/readyz", self.admin_url);
        loop {
            if client
                .get(&readyz)
                .send()
                .await
                .is_ok_and(|answer| answer.status().is_success())
            {
                return Ok(());
            }
            self.expect_more(until)?;
            sleep(LOOK_AGAIN).await;
        }
    }

    /// Fails when there is nothing to wait for any more.
    fn expect_more(&mut self, until: Instant) -> Result<(), DevError> {
        if let Some(status) = self
            .child
            .try_wait()
            .map_err(DevError::io(format!("look at {}", self.name)))?
        {
            return Err(self.end(Some(status)));
        }
        if Instant::now() < until {
            return Ok(());
        }
        let program = format!(
            "{} was not ready within {} s, so the start",
            self.name,
            READY_WITHIN.as_secs()
        );
        Err(DevError::Program {
            program,
            said: logs::tail(&self.log_text()).to_owned(),
        })
    }

    fn end(&self, status: Option<ExitStatus>) -> DevError {
        let how = status.map_or_else(String::new, |status| format!(" ({status})"));
        DevError::Failed(format!(
            "{} ended{how}; the last lines of its log:\n{}",
            self.name,
            logs::tail(&self.log_text())
        ))
    }

    fn log_text(&self) -> String {
        String::from_utf8_lossy(&fs::read(&self.log).unwrap_or_default()).into_owned()
    }
}
