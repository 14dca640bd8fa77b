//! The one way a service boots and ends: arguments, settings, telemetry, signals, admin listener, the service
//! itself, and an exit code that says whether its work was finished.

use std::error::Error;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, Command, FromArgMatches, Subcommand};
use tokio::runtime::{Builder, Runtime};
use tokio::time::{interval, sleep};

use crate::admin::{Admin, Told};
use crate::cli::CommonArgs;
use crate::config::{self, ConfigError, ServiceConfig};
use crate::health::Health;
use crate::healthcheck::{self, NotReady};
use crate::metrics::{AlreadyInstalled, Metrics};
use crate::service::Service;
use crate::stop::{Stop, supervise};
use crate::telemetry::{self, TelemetryError};
use crate::{open_files, panics, signals};

/// What a service has left after the cut-off to let go of what it holds.
const AFTER_CUT_OFF: Duration = Duration::from_millis(300);
/// What tasks nobody waits for have left to end.
const STRAY_TASKS: Duration = Duration::from_millis(200);
const SETTINGS_HELP: &str = "\
DATABASE_URL names the database and is required. Every other setting has a default; [section] key of the file is
MAILROOM__SECTION__KEY in the environment, and any variable with _FILE appended reads its value from that file.
--print-config lists them all.";
const ADMIN_SECTION: &str = "MAILROOM__ADMIN__";
const UPKEEP: Duration = Duration::from_secs(5);

/// What a running service is given.
#[derive(Debug, Clone)]
pub struct Context {
    /// Which program this is.
    pub service: Service,
    /// Register checks here: the process is ready when all pass.
    pub health: Health,
    /// When to stop, and when to give up.
    pub stop: Stop,
}

/// Why a service did not come to run.
#[derive(Debug, thiserror::Error)]
enum BootError {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Telemetry(#[from] TelemetryError),
    #[error(transparent)]
    Metrics(#[from] AlreadyInstalled),
    #[error("cannot start threads: {0}; raise the process limit")]
    Runtime(io::Error),
    #[error("cannot listen for signals: {0}")]
    Signals(io::Error),
    #[error("cannot listen on {address}: {source}; set MAILROOM__ADMIN__LISTEN to a free address")]
    Admin { address: SocketAddr, source: io::Error },
    #[error(transparent)]
    Healthcheck(#[from] NotReady),
}

/// How the service's own part ended.
enum Outcome {
    Finished,
    Failed(Box<dyn Error + Send + Sync>),
    CutOff,
    Panicked,
}

/// Runs a service until it ends or is asked to; `main` of a binary returns what this returns.
///
/// The service runs on the main thread inside a multi-thread runtime, so `serve`'s future need not be `Send`.
/// It should return `Ok` soon after [`Stop::requested`] (a worker) or [`Stop::drained`] (a server). Its error
/// is logged with its causes: they must hold no secrets.
///
/// Exit codes: 0 finished, 1 not started, failed, panicked or cut off, 2 wrong arguments. Its subcommand `healthcheck` asks
/// the process that runs already, by its admin port.
pub fn run<C, F, Fut, E>(service: Service, serve: F) -> ExitCode
where
    C: ServiceConfig,
    F: FnOnce(C, Context) -> Fut,
    Fut: Future<Output = Result<(), E>>,
    E: Into<Box<dyn Error + Send + Sync>>,
{
    let matches = command(service).get_matches();
    let args = CommonArgs::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    let ran = if matches.subcommand_name() == Some(healthcheck::NAME) {
        check_health::<C>(&args)
    } else {
        boot(service, &args, serve)
    };
    ran.unwrap_or_else(|error| failed(service, &error))
}

/// As [`run`], for a program that also has tools: subcommands that work once, with the service's settings and without
/// its listeners, and end with an exit code of their own. Tools say what they have to say on standard output; what they do
/// to others is logged as well.
pub fn run_or_use<C, T, F, Fut, E, G, Gut>(service: Service, serve: F, tool: G) -> ExitCode
where
    C: ServiceConfig,
    T: Subcommand,
    F: FnOnce(C, Context) -> Fut,
    Fut: Future<Output = Result<(), E>>,
    E: Into<Box<dyn Error + Send + Sync>>,
    G: FnOnce(C, T) -> Gut,
    Gut: Future<Output = ExitCode>,
{
    let command = T::augment_subcommands(command(service)).subcommand_required(false);
    let matches = command.get_matches();
    let args = CommonArgs::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    let served = match matches.subcommand_name() {
        None => Some(boot(service, &args, serve)),
        Some(healthcheck::NAME) => Some(check_health::<C>(&args)),
        Some(_) => None,
    };
    if let Some(served) = served {
        return served.unwrap_or_else(|error| failed(service, &error));
    }
    let wanted = T::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    let used = || -> Result<ExitCode, BootError> {
        let config: C = config::load(args.config.as_deref(), config::of_process()?)?;
        let runtime = runtime(service)?;
        let entered = runtime.enter();
        let telemetry = telemetry::start(&service, args.log.as_deref())?;
        drop(entered);
        let code = runtime.block_on(tool(config, wanted));
        telemetry.finish_traces(); // needs the runtime
        Ok(code)
    };
    used().unwrap_or_else(|error| failed(service, &error))
}

/// Of the environment it reads where the admin port is, and nothing that could be wrong beside it.
fn check_health<C: ServiceConfig>(args: &CommonArgs) -> Result<ExitCode, BootError> {
    let environment = config::of_process()?
        .into_iter()
        .filter(|(variable, _)| variable.starts_with(ADMIN_SECTION));
    let config: C = config::load(args.config.as_deref(), environment)?;
    healthcheck::ask(config.admin().listen)?;
    Ok(ExitCode::SUCCESS)
}

fn failed(service: Service, error: &BootError) -> ExitCode {
    eprintln!("{}: {error}", service.name);
    ExitCode::FAILURE
}

fn command(service: Service) -> Command {
    CommonArgs::augment_args(Command::new(service.name))
        .version(service.version)
        .about(service.about)
        .long_about(service.about)
        .after_help(SETTINGS_HELP)
        .subcommand(healthcheck::command())
}

fn boot<C, F, Fut, E>(service: Service, args: &CommonArgs, serve: F) -> Result<ExitCode, BootError>
where
    C: ServiceConfig,
    F: FnOnce(C, Context) -> Fut,
    Fut: Future<Output = Result<(), E>>,
    E: Into<Box<dyn Error + Send + Sync>>,
{
    let config: C = config::load(args.config.as_deref(), config::of_process()?)?;
    if args.print_config {
        let _ = writeln!(io::stdout(), "{}", config::print(&config)?); // a closed pipe has read enough
        return Ok(ExitCode::SUCCESS);
    }
    config.check()?;

    open_files::raise();
    let runtime = runtime(service)?;
    let entered = runtime.enter();
    let telemetry = telemetry::start(&service, args.log.as_deref())?;
    panics::install();
    let metrics = Metrics::install(&service, Some(telemetry.lines_dropped()))?;
    let context = Context {
        service,
        health: Health::new(),
        stop: Stop::new(),
    };
    let signals = signals::listen().map_err(BootError::Signals)?;
    let address = config.admin().listen;
    let admin = Admin::bind(address).map_err(|source| BootError::Admin { address, source })?;
    tracing::info!(service = service.name, version = service.version, address = %admin.address(), "admin listening");
    runtime.spawn(upkeep(metrics.clone()));
    runtime.spawn(admin.serve(Told {
        service,
        health: context.health.clone(),
        metrics,
    }));
    runtime.spawn(supervise(
        context.stop.clone(),
        context.health.clone(),
        *config.shutdown(),
        signals,
    ));
    drop(entered);

    let stop = context.stop.clone();
    let outcome = attend(&runtime, &stop, async { serve(config, context).await });
    let code = report(&outcome, &stop);
    telemetry.finish_traces(); // needs the runtime
    runtime.shutdown_timeout(STRAY_TASKS);
    Ok(code)
}

fn runtime(service: Service) -> Result<Runtime, BootError> {
    // At least two, so that one task that blocks cannot silence the admin listener of a one-core container.
    let threads = std::thread::available_parallelism().map_or(2, |cores| cores.get().max(2));
    let mut builder = Builder::new_multi_thread();
    builder
        .worker_threads(threads)
        .thread_name(service.name)
        .enable_all()
        .build()
        .map_err(BootError::Runtime)
}

fn attend<E>(runtime: &Runtime, stop: &Stop, work: impl Future<Output = Result<(), E>>) -> Outcome
where
    E: Into<Box<dyn Error + Send + Sync>>,
{
    let cut_off = async {
        stop.forced().await;
        sleep(AFTER_CUT_OFF).await;
    };
    let attended = async {
        tokio::select! {
            result = work => result.map_or_else(|error| Outcome::Failed(error.into()), |()| Outcome::Finished),
            () = cut_off => Outcome::CutOff,
        }
    };
    catch_unwind(AssertUnwindSafe(|| runtime.block_on(attended))).unwrap_or(Outcome::Panicked)
}

fn report(outcome: &Outcome, stop: &Stop) -> ExitCode {
    match outcome {
        Outcome::Finished if !stop.is_forced() => {
            tracing::info!("stopped");
            return ExitCode::SUCCESS;
        }
        Outcome::Finished | Outcome::CutOff => tracing::error!("stopped with work unfinished"),
        Outcome::Failed(error) => tracing::error!(error = causes(error.as_ref()), "stopped by an error"),
        Outcome::Panicked => tracing::error!("stopped by a panic"),
    }
    ExitCode::FAILURE
}

fn causes(error: &dyn Error) -> String {
    let mut told = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let cause_told = cause.to_string();
        if !told.contains(&cause_told) {
            told = format!("{told}: {cause_told}");
        }
        next = cause.source();
    }
    told
}

async fn upkeep(metrics: Metrics) {
    let mut ticks = interval(UPKEEP);
    loop {
        ticks.tick().await;
        metrics.upkeep();
    }
}
