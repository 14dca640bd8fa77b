//! What a process has used, as the system tells it.

use std::fs;

use serde::Serialize;

use crate::error::DevError;

/// Linux counts in hundredths of a second, whatever the kernel's own clock.
const TICKS_PER_SECOND: f64 = 100.0;

/// Processor and memory of one process.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub(super) struct Usage {
    /// Seconds of processor time so far.
    pub(super) cpu_seconds: f64,
    /// The most memory that it has held, in MiB.
    pub(super) memory_mib: f64,
}

impl Usage {
    /// Of a process that runs.
    ///
    /// # Errors
    /// The system does not tell: no such process, or not Linux.
    pub(super) fn of(process: u32) -> Result<Self, DevError> {
        let read = |file: &str| {
            fs::read_to_string(format!("/proc/{process}/{file}"))
                .map_err(DevError::io("read what a process has used"))
        };
        let unclear = || DevError::Failed("the system does not tell what a process has used".into());
        Ok(Self {
            cpu_seconds: cpu_seconds(&read("stat")?).ok_or_else(unclear)?,
            memory_mib: memory_mib(&read("status")?).ok_or_else(unclear)?,
        })
    }
}

fn cpu_seconds(stat: &str) -> Option<f64> {
    // The name in parentheses may hold anything; the third field comes after it.
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_whitespace().skip(11);
    let user: u32 = fields.next()?.parse().ok()?;
    let system: u32 = fields.next()?.parse().ok()?;
    Some((f64::from(user) + f64::from(system)) / TICKS_PER_SECOND)
}

fn memory_mib(status: &str) -> Option<f64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: u32 = line.split_whitespace().next()?.parse().ok()?;
    Some(f64::from(kib) / 1_024.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_systems_files_are_understood() {
        let stat = "42 (a) (b) S 1 42 42 0 -1 4194560 100 0 0 0 150 50 0 0 20 0 1 0 100 1 1";
        assert_eq!(cpu_seconds(stat), Some(2.0));
        assert_eq!(memory_mib("Name:\tx\nVmHWM:\t  2048 kB\n"), Some(2.0));
        assert_eq!((cpu_seconds("?"), memory_mib("")), (None, None));
    }

    #[test]
    fn this_process_has_used_something() {
        assert!(Usage::of(std::process::id()).unwrap().memory_mib > 1.0);
    }
}
