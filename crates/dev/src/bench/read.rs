//! Read: what the API takes for a page of conversations, a page of messages, and a long history, among many.

use mailroom_bench::read::Pages;

use super::report::Report;
use super::say;
use super::yard::Yard;
use crate::cli::Bench;
use crate::error::DevError;

/// Fills the database and measures it.
pub(super) async fn run(yard: &mut Yard<'_>, wishes: &Bench) -> Result<Report, DevError> {
    let (messages, conversations) = (wishes.messages.to_string(), wishes.conversations.to_string());
    let fill = ["fill", "--messages", &messages, "--conversations", &conversations];
    let () = yard.bench(&fill).await?;
    yard.start_gateway().await?;
    let from = format!("127.0.0.1:{}", yard.gateway_port);
    let mut rounds = Vec::new();
    for number in 1..=wishes.rounds {
        let round: Pages = yard.bench(&["read", "--from", &from]).await?;
        say(
            wishes,
            number,
            &format!("a page of conversations {}", round.conversations),
        );
        rounds.push(round);
    }
    yard.gateway.stop(yard.run).await?;
    let about = serde_json::json!({"messages": wishes.messages, "conversations": wishes.conversations, "rounds": rounds});
    let mut report = Report::new("read", &about);
    report.row("50 conversations by cursor, p95", " ms", &rounds, |round| {
        round.conversations.p95
    });
    report.row("50 conversations by cursor, p50", " ms", &rounds, |round| {
        round.conversations.p50
    });
    report.row("first 50 messages, p95", " ms", &rounds, |round| {
        round.messages.p95
    });
    report.row("first 50 messages, p50", " ms", &rounds, |round| {
        round.messages.p50
    });
    report.row("1,000 messages in 5 pages, p95", " ms", &rounds, |round| {
        round.history.p95
    });
    report.row("1,000 messages in 5 pages, p50", " ms", &rounds, |round| {
        round.history.p50
    });
    Ok(report)
}
