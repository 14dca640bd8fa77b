//! Words on the server itself: what its acknowledgements are worth, who reads from it, how full it is.

use mailroom_store::doctor::{Connections, Settings, Slot, Standby};

use super::{
    finding::Report,
    size::{bytes, seconds},
};

/// A standby that is further behind shows applications what is long over.
const LAGS_SECONDS: f64 = 30.0;
/// So much of the log kept for nobody fills disks.
const MUCH_LOG: i64 = 1 << 30;
/// A snapshot that so many transactions are younger than makes a difference.
const HELD_BACK: i32 = 100_000;

pub(super) fn settings(report: &mut Report, settings: &Settings, standbys: Option<&[Standby]>) {
    let lost = "an event that a provider was told is taken can be lost";
    if !settings.fsync {
        report.finding(
            "fsync_off",
            format!("fsync is off: nothing is forced to disk, so with the next power cut {lost}, or the whole database."),
            "Set fsync = on, and reload.",
        );
    }
    if !settings.full_page_writes {
        report.finding(
            "full_page_writes_off",
            "full_page_writes is off: a power cut in the middle of a page leaves it broken for good.",
            "Set full_page_writes = on, and reload, unless the file system writes pages whole.",
        );
    }
    if settings.synchronous_commit == "off" {
        report.finding(
            "synchronous_commit_off",
            format!("synchronous_commit is off for this role: commits do not wait for the disk, so with a crash {lost}."),
            "Set synchronous_commit = on. Where it may be off, mailroom turns it off itself.",
        );
    }
    if !(settings.autovacuum && settings.track_counts) {
        report.finding(
            "autovacuum_off",
            "autovacuum or track_counts is off: dead rows pile up, statistics grow old, transaction numbers run out.",
            "Set autovacuum = on and track_counts = on, and reload.",
        );
    }
    if let Some(standbys) = standbys {
        waits_for(report, settings, standbys);
        for standby in standbys {
            lags(report, standby);
        }
    }
}

/// What of an acknowledged event is left when the server's disk is gone.
fn waits_for(report: &mut Report, settings: &Settings, standbys: &[Standby]) {
    let hidden = standbys.iter().any(|standby| standby.state.is_none());
    if hidden {
        report.note("How far standbys are is not visible to this role: grant pg_monitor.");
    }
    let commits_wait = ["on", "remote_write", "remote_apply"].contains(&settings.synchronous_commit.as_str());
    if settings.synchronous_standby_names.is_empty() {
        report.note(
            "No synchronous standby is set: an acknowledged event outlives a crash of the server, and not the loss of its \
             disk in the moments before a standby or the archive has it.",
        );
    } else if !commits_wait {
        report.finding(
            "standby_not_waited_for",
            format!(
                "synchronous_standby_names is set, and with synchronous_commit = {} no commit of this role waits for them: \
                 with the server's disk the last acknowledged events are gone.",
                settings.synchronous_commit
            ),
            "Set synchronous_commit = on for the roles of mailroom.",
        );
    } else if !hidden && !standbys.iter().any(|standby| standby.is_synchronous) {
        report.finding(
            "no_synchronous_standby",
            "synchronous_standby_names is set, and none of them is connected: commits wait for one, and webhooks get 503.",
            "Bring a standby back, or empty synchronous_standby_names and reload until there is one.",
        );
    } else {
        report.note(
            "Commits wait for a standby: an acknowledged event outlives the loss of the server's disk.",
        );
    }
}

fn lags(report: &mut Report, standby: &Standby) {
    let name = &standby.name;
    if let Some(lag) = standby.lag_seconds.filter(|lag| *lag > LAGS_SECONDS) {
        let behind = standby
            .behind_bytes
            .map(|behind| format!(", {}", bytes(behind)))
            .unwrap_or_default();
        report.finding(
            "replication_lag",
            format!(
                "The standby {name} is {}{behind} behind: it shows what is over, and a failover to it takes as long.",
                seconds(lag)
            ),
            "Look for long queries on it, a slow disk or a slow line.",
        );
    }
    if let Some(begun) = standby.holds_back.filter(|begun| *begun > HELD_BACK) {
        report.finding(
            "standby_holds_back",
            format!(
                "A reader of the standby {name} holds a snapshot that {begun} transactions are younger than \
                 (hot_standby_feedback): no row that died since can be cleared away here."
            ),
            "End the long query on the standby, or set max_standby_streaming_delay there.",
        );
    }
}

pub(super) fn slots(report: &mut Report, slots: &[Slot]) {
    for slot in slots {
        let name = &slot.name;
        let remedy = format!("Bring its reader back, or drop it with pg_drop_replication_slot('{name}').");
        if let Some(begun) = slot.holds_back.filter(|begun| *begun > HELD_BACK) {
            report.finding(
                "slot_holds_back",
                format!(
                    "The replication slot {name} keeps rows that {begun} transactions are younger than: no row that died \
                     since can be cleared away."
                ),
                &remedy,
            );
        }
        if !slot.is_active && slot.kept_bytes > MUCH_LOG {
            report.finding(
                "slot_keeps_log",
                format!(
                    "The replication slot {name} has no reader and keeps {} of the log: it fills the disk, and then \
                     nothing can be written.",
                    bytes(slot.kept_bytes)
                ),
                &remedy,
            );
        }
    }
}

pub(super) fn connections(report: &mut Report, connections: Connections) {
    let Connections { used, most, hidden } = connections;
    if used.saturating_mul(5) >= most.saturating_mul(4) {
        report.finding(
            "connections_nearly_used_up",
            format!("{used} of {most} connections are taken: at the end programs are turned away, and webhooks get 503."),
            "Fewer replicas or a smaller database.max_connections, a pooler, or a larger max_connections.",
        );
    }
    if hidden > 0 {
        report.note(format!(
            "What {hidden} sessions of other roles do is not visible to this role: grant pg_monitor to have them examined."
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sound() -> Settings {
        Settings {
            fsync: true,
            full_page_writes: true,
            synchronous_commit: "on".to_owned(),
            synchronous_standby_names: String::new(),
            autovacuum: true,
            track_counts: true,
        }
    }

    fn standby() -> Standby {
        Standby {
            name: "second".to_owned(),
            state: Some("streaming".to_owned()),
            is_synchronous: true,
            lag_seconds: Some(0.2),
            behind_bytes: Some(10),
            holds_back: Some(3),
        }
    }

    fn codes(settings: &Settings, standbys: &[Standby]) -> Vec<&'static str> {
        let mut report = Report::default();
        super::settings(&mut report, settings, Some(standbys));
        report.codes()
    }

    #[test]
    fn commits_that_wait_for_nobody_or_for_somebody_who_is_gone() {
        assert!(codes(&sound(), &[]).is_empty());
        let mut paired = sound();
        paired.synchronous_standby_names = "ANY 1 (*)".to_owned();
        assert!(codes(&paired, &[standby()]).is_empty());
        assert_eq!(codes(&paired, &[]), ["no_synchronous_standby"]);
        let mut hidden = standby();
        (hidden.state, hidden.is_synchronous) = (None, false);
        assert!(
            codes(&paired, &[hidden]).is_empty(),
            "what is not seen is not judged"
        );
        paired.synchronous_commit = "local".to_owned();
        assert_eq!(codes(&paired, &[standby()]), ["standby_not_waited_for"]);
    }

    #[test]
    fn standbys_that_lag_and_hold_back() {
        let mut late = standby();
        late.lag_seconds = Some(30.5);
        late.holds_back = Some(200_000);
        assert_eq!(
            codes(&sound(), &[late]),
            ["replication_lag", "standby_holds_back"]
        );
    }

    #[test]
    fn switches_that_are_off() {
        let mut off = sound();
        (off.fsync, off.full_page_writes, off.track_counts) = (false, false, false);
        off.synchronous_commit = "off".to_owned();
        assert_eq!(
            codes(&off, &[]),
            [
                "fsync_off",
                "full_page_writes_off",
                "synchronous_commit_off",
                "autovacuum_off"
            ]
        );
    }

    #[test]
    fn slots_that_nobody_reads_and_connections_that_run_out() {
        let slot = |is_active, holds_back, kept_bytes| Slot {
            name: "old".to_owned(),
            is_active,
            holds_back,
            kept_bytes,
        };
        let mut report = Report::default();
        slots(
            &mut report,
            &[slot(true, None, 1 << 40), slot(false, Some(10), 1 << 20)],
        );
        connections(
            &mut report,
            Connections {
                used: 77,
                most: 97,
                hidden: 0,
            },
        );
        assert!(report.codes().is_empty());
        slots(&mut report, &[slot(false, Some(200_000), 1 << 31)]);
        connections(
            &mut report,
            Connections {
                used: 78,
                most: 97,
                hidden: 0,
            },
        );
        assert_eq!(
            report.codes(),
            ["slot_holds_back", "slot_keeps_log", "connections_nearly_used_up"]
        );
    }
}
