//! Latency: from the provider's request to its 202, and from the 202 to the message in the API, at a steady rate.

use mailroom_bench::latency::Measured;
use mailroom_store::server::durability_settings;
use serde_json::json;

use super::report::Report;
use super::say;
use super::yard::Yard;
use crate::cli::Bench;
use crate::error::DevError;
use crate::randomness::random_hex;

/// Measures it.
pub(super) async fn run(yard: &mut Yard<'_>, wishes: &Bench) -> Result<Report, DevError> {
    yard.start_gateway().await?;
    yard.start_workers().await?;
    let to = format!("127.0.0.1:{}", yard.gateway_port);
    let (rate, seconds) = (wishes.rate.to_string(), wishes.seconds.to_string());
    let mut rounds: Vec<Measured> = Vec::new();
    for number in 1..=wishes.rounds {
        let name = random_hex()?;
        let latency = [
            "latency",
            "--to",
            &to,
            "--rate",
            &rate,
            "--seconds",
            &seconds,
            "--run",
            &name,
        ];
        let round: Measured = yard.bench(&latency).await?;
        say(wishes, number, &format!("visible {}", round.visible));
        rounds.push(round);
    }
    let durability = durability_settings(&yard.url).await?;
    let about = json!({"rate_per_second": wishes.rate, "durability": durability, "rounds": rounds});
    let mut report = Report::new("latency", &about);
    report.row("202 to visible, p95", " ms", &rounds, |round| round.visible.p95);
    report.row("202 to visible, p50", " ms", &rounds, |round| round.visible.p50);
    report.row("202 to visible, p99", " ms", &rounds, |round| round.visible.p99);
    report.row("request to 202, p95", " ms", &rounds, |round| round.answered.p95);
    report.row("request to 202, p50", " ms", &rounds, |round| round.answered.p50);
    Ok(report)
}
