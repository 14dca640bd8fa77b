//! Words on work that waits, and on nobody who does it.

use mailroom_store::{
    doctor::Tending,
    queue::{COUNTED_AT_MOST, Depth},
};

use super::{finding::Report, size::seconds};

/// Workers that keep up take what is due within a second.
const LATE_SECONDS: f64 = 60.0;

pub(super) fn tending(report: &mut Report, tending: Tending) {
    let Tending { workers, untended } = tending;
    if workers == 0 {
        report.finding(
            "no_workers",
            "No worker is at this database: events are recorded, and nothing becomes of them.",
            "Start workers, and see in their logs what keeps them.",
        );
    } else if untended > 0 {
        report.finding(
            "lanes_untended",
            format!(
                "Nobody tends {untended} of the lanes, though there are {workers} workers: the conversations in them wait."
            ),
            "It passes within a lease (10 s) after a worker was lost; if it stays, see the logs of the workers.",
        );
    }
}

pub(super) fn depth(report: &mut Report, depth: &Depth) {
    let waiting = depth.received + depth.error;
    let late = depth.oldest_due.as_secs_f64();
    let more = if depth.received >= COUNTED_AT_MOST {
        " or more"
    } else {
        ""
    };
    if late > LATE_SECONDS {
        report.finding(
            "backlog",
            format!(
                "The oldest event that is due has waited {}, with {waiting}{more} unfinished: workers do not keep up, or one \
                 conversation does not move on.",
                seconds(late)
            ),
            "Start more workers; if only some conversations wait, ask mailroom-worker why, and mailroom-worker pauses.",
        );
    } else if waiting > 0 {
        report.note(format!(
            "{waiting}{more} events wait for workers, none of them for long."
        ));
    }
    if depth.dead_letter > 0 {
        report.note(format!(
            "{} dead letters wait for somebody: mailroom-worker dead-letters list.",
            depth.dead_letter
        ));
    }
}
