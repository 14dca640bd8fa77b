//! `mailroom-gateway explain-signature`: why a captured request was refused, found by checking it again with one thing
//! changed at a time. Secrets are used and never shown.

mod body;
mod captured;
mod report;
mod search;
mod url;

use std::{
    io::Read as _,
    path::{Path, PathBuf},
    process::ExitCode,
};

use chrono::{DateTime, Utc};
use clap::{Args, Subcommand, ValueEnum};
use mailroom_bootstrap::config::ConfigError;
use mailroom_providers::provider_named;

use self::captured::Captured;
use crate::{
    clock::Clock,
    config::{EndpointConfig, GatewayConfig},
};

/// What the gateway's program can do beside serving.
#[derive(Debug, Subcommand)]
pub enum Tool {
    /// Find out why a captured request is refused, without showing any secret
    ///
    /// Takes a request as it stood on the wire (`POST /webhooks/twilio/demo HTTP/1.1`, headers, an empty line, the
    /// exact body) and checks it against its endpoint's settings; when it is refused, checks it again with one thing
    /// changed at a time (scheme, port, trailing slash, query, each secret, the secrets of other endpoints, a body that
    /// something rewrote on its way, the time) and names what makes it fit.
    ///
    /// Exit codes: 0 it would be taken, 1 it cannot be checked, 3 it is refused.
    ExplainSignature(Explain),
}

/// How to explain.
#[derive(Debug, Args)]
pub struct Explain {
    /// The captured request; `-` reads standard input
    #[arg(default_value = "-")]
    request: PathBuf,
    /// The endpoint, where the captured path does not name it
    #[arg(long)]
    endpoint: Option<String>,
    /// When it came, such as 2026-11-01T14:00:00Z; by default now
    #[arg(long)]
    at: Option<DateTime<Utc>>,
    /// The certificate it is signed with, in PEM (Amazon SNS)
    #[arg(long, value_name = "FILE")]
    certificate: Option<PathBuf>,
    /// Form of the answer
    #[arg(long, value_enum, default_value_t = Output::Text)]
    output: Output,
}

/// Form of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Output {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// Why a request cannot be checked at all.
#[derive(Debug, thiserror::Error)]
enum ExplainError {
    #[error("cannot read {path}: {source}")]
    Unreadable { path: String, source: std::io::Error },
    #[error("this is no HTTP request: {0}")]
    NoRequest(&'static str),
    #[error("the path is not /webhooks/PROVIDER/ENDPOINT; name the endpoint with --endpoint")]
    NoEndpoint,
    #[error("no endpoint `{0}` is configured; there are: {1}")]
    UnknownEndpoint(String, String),
    #[error("the endpoint `{endpoint}` is one of {configured}, the path says {path}")]
    OtherProvider {
        endpoint: String,
        configured: &'static str,
        path: String,
    },
    #[error(transparent)]
    Settings(#[from] ConfigError),
}

/// Explains, and says so on standard output.
pub fn explain(config: &GatewayConfig, explain: &Explain, clock: Clock) -> ExitCode {
    match run(config, explain, clock) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("mailroom-gateway: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(config: &GatewayConfig, explain: &Explain, clock: Clock) -> Result<ExitCode, ExplainError> {
    let text = read(&explain.request)?;
    let captured = Captured::parse(&text).map_err(ExplainError::NoRequest)?;
    let (name, settings) = endpoint(config, explain, &captured)?;
    settings.check(name)?;
    let provider = settings.provider.provider();
    let certificate = explain.certificate.as_deref().map(read).transpose()?;
    let case = search::Case {
        provider,
        captured: &captured,
        endpoint: settings.endpoint(),
        certificate,
        now: explain.at.unwrap_or_else(|| clock.now()),
        others: config
            .endpoints
            .iter()
            .filter(|(other, settings)| {
                *other != name && settings.provider.provider().name() == provider.name()
            })
            .map(|(other, settings)| (other.clone(), settings.endpoint().keys))
            .collect(),
    };
    let explanation = search::explain(&case);
    report::print(
        name,
        provider.name(),
        &explanation,
        explain.output == Output::Json,
    );
    Ok(if explanation.accepted.is_some() {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(3)
    })
}

fn read(path: &Path) -> Result<Vec<u8>, ExplainError> {
    let mut text = Vec::new();
    let read = if path.as_os_str() == "-" {
        std::io::stdin().lock().read_to_end(&mut text).map(|_| text)
    } else {
        std::fs::read(path)
    };
    read.map_err(|source| ExplainError::Unreadable {
        path: path.display().to_string(),
        source,
    })
}

fn endpoint<'c>(
    config: &'c GatewayConfig,
    explain: &Explain,
    captured: &Captured,
) -> Result<(&'c str, &'c EndpointConfig), ExplainError> {
    let path = captured.webhook();
    let wanted = explain
        .endpoint
        .as_deref()
        .or(path.map(|(_, endpoint)| endpoint))
        .ok_or(ExplainError::NoEndpoint)?;
    let (name, settings) = config.endpoints.get_key_value(wanted).ok_or_else(|| {
        let known: Vec<&str> = config.endpoints.keys().map(String::as_str).collect();
        ExplainError::UnknownEndpoint(wanted.to_owned(), known.join(", "))
    })?;
    let configured = settings.provider.provider().name();
    match path {
        Some((provider, _)) if provider_named(provider).is_some() && provider != configured => {
            Err(ExplainError::OtherProvider {
                endpoint: name.clone(),
                configured,
                path: provider.to_owned(),
            })
        }
        _ => Ok((name, settings)),
    }
}
