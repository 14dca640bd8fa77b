//! The plain words of `why`.

use mailroom_store::{
    line::{First, Found, Reason, Standing, State},
    pause::{Pause, Scope},
};

use crate::tools::output::{scope, time};

/// A sentence a line: what the conversation waits for, what waits behind, and what does not matter.
pub(super) fn explain(
    standing: &Standing,
    found: Option<&Found>,
    pauses: &[Pause],
    attempts: u32,
) -> Vec<String> {
    let mut said = Vec::new();
    said.extend(found.map(of_event));
    said.push(standing.first.as_ref().map_or_else(
        || "Nothing waits in this conversation.".to_owned(),
        |first| cause(standing, first, pauses, attempts),
    ));
    if standing.first.is_some() {
        said.push(match standing.behind {
            0 => "No event waits behind it.".to_owned(),
            1 => "1 event waits behind it.".to_owned(),
            behind => format!("{behind} events wait behind it."),
        });
    }
    if standing.dead_letters > 0 {
        said.push(format!(
            "{} of this conversation in the dead letters: they hold nothing up.",
            standing.dead_letters
        ));
    }
    said
}

fn of_event(found: &Found) -> String {
    if let Some((at, reason)) = &found.discarded {
        let at = time(*at);
        return format!(
            "This event is a dead letter that an operator discarded at {at} ({reason}): it waits for nobody."
        );
    }
    match (found.status.as_str(), found.before) {
        ("processed", _) => "This event is processed.".to_owned(),
        ("dead_letter", _) => "This event is a dead letter: it waits for an operator.".to_owned(),
        (status, 0) => format!("This event is `{status}`, and no unfinished one is before it."),
        (status, 1) => format!("This event is `{status}`, with 1 unfinished one before it."),
        (status, before) => format!("This event is `{status}`, with {before} unfinished ones before it."),
    }
}

fn cause(standing: &Standing, first: &First, pauses: &[Pause], attempts: u32) -> String {
    let (event, lane) = (first.event, standing.lane.index());
    let tended = standing.tended_by.map_or_else(
        || format!("lane {lane} is tended by nobody"),
        |(worker, until)| {
            format!(
                "lane {lane} is tended by worker {worker}, whose lease ends at {}",
                time(until)
            )
        },
    );
    let held = match first.state {
        State::Processing {
            worker,
            since,
            alive_until,
        } => Some((worker, time(since), alive_until.map(time).unwrap_or_default())),
        _ => None,
    };
    match (standing.reason(), first.state, held) {
        (Reason::EverythingPaused, ..) => format!(
            "All work is paused{}. Event {event} waits for it.",
            by_whom(&Scope::Everything, pauses)
        ),
        (Reason::ProviderPaused, ..) => {
            let provider = Scope::Provider(first.provider.clone());
            format!(
                "Event {event} waits: {} is paused{}.",
                scope(&provider),
                by_whom(&provider, pauses)
            )
        }
        (Reason::InWork, _, Some((worker, since, until))) => format!(
            "Event {event} is held by worker {worker} since {since}, attempt {} of {attempts}; its lease ends at \
             {until} unless it is renewed.",
            first.attempts
        ),
        (Reason::WorkerGone, _, Some((worker, since, _))) => format!(
            "Event {event} was taken by worker {worker} at {since}, attempt {} of {attempts}, and that worker is gone. \
             Whoever tends its lane brings it back: {tended}.",
            first.attempts
        ),
        (Reason::WaitsForRetry, State::Error { due }, _) => format!(
            "Event {event} waits for its retry at {}: attempt {} of {attempts} failed ({}); {tended}.",
            time(due),
            first.attempts,
            first.code.as_deref().unwrap_or("no code")
        ),
        (Reason::NobodyTendsTheLane, ..) => format!(
            "Event {event} waits for a worker: {tended}. No worker is alive, or those that are have not taken it yet."
        ),
        _ => format!("Event {event} is next in line; {tended}."),
    }
}

fn by_whom(of: &Scope, pauses: &[Pause]) -> String {
    pauses
        .iter()
        .find(|pause| pause.scope == *of)
        .map(|pause| {
            format!(
                " since {} by {} ({})",
                time(pause.paused_at),
                pause.actor,
                pause.reason
            )
        })
        .unwrap_or_default()
}
