//! Who a process is: a number is given out again, a number with a start time and a command line is not.

use std::fs;
use std::process::Command;
use std::thread;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// A process as it was when we started it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Identity {
    pid: u32,
    started: String,
    command_line: String,
}

impl Identity {
    /// The process with this number now, unless it is gone or only waits to be buried by its parent.
    pub(crate) fn of(pid: u32) -> Option<Self> {
        if fs::exists("/proc/self/stat").unwrap_or(false) {
            Self::from_proc(pid)
        } else {
            Self::from_ps(pid)
        }
    }

    /// The process with this number that was started just now. For an instant after its start a process has no
    /// command line yet, and one noted down without it would never be recognised again.
    pub(crate) fn of_new(pid: u32) -> Option<Self> {
        for _ in 0..500 {
            match Self::of(pid) {
                Some(identity) if identity.command_line.is_empty() => thread::sleep(Duration::from_millis(1)),
                known => return known,
            }
        }
        Self::of(pid)
    }

    pub(crate) fn pid(&self) -> u32 {
        self.pid
    }

    /// Whether this very process still runs.
    pub(crate) fn is_alive(&self) -> bool {
        Self::of(self.pid).is_some_and(|now| now.is_same(self))
    }

    fn is_same(&self, then: &Self) -> bool {
        // A wrapper that gave way to the real program (rustup's cargo) changed its name, not its arguments.
        let arguments = then.command_line.split_once(' ').map(|(_, arguments)| arguments);
        self.pid == then.pid
            && self.started == then.started
            && (self.command_line == then.command_line
                || arguments.is_some_and(|arguments| self.command_line.ends_with(arguments)))
    }

    fn from_proc(pid: u32) -> Option<Self> {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        // The name in parentheses may itself hold spaces and parentheses: count fields after the last one.
        let fields: Vec<&str> = stat[stat.rfind(')')? + 1..].split_whitespace().collect();
        if matches!(*fields.first()?, "Z" | "X") {
            return None;
        }
        // Counted from the start of the system, which therefore belongs to it.
        let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
        let started = format!("{}@{}", fields.get(19)?, boot.trim());
        let command_line = fs::read(format!("/proc/{pid}/cmdline")).ok()?;
        let command_line = String::from_utf8_lossy(&command_line)
            .replace('\0', " ")
            .trim_end()
            .to_owned();
        Some(Self {
            pid,
            started,
            command_line,
        })
    }

    /// Where there is no /proc (macOS), `ps` knows.
    fn from_ps(pid: u32) -> Option<Self> {
        let ask = |column: &str| {
            let answer = Command::new("ps")
                .args(["-o", column, "-p", &pid.to_string()])
                .output()
                .ok()?;
            let answer = String::from_utf8_lossy(&answer.stdout).trim().to_owned();
            (!answer.is_empty()).then_some(answer)
        };
        if ask("stat=")?.starts_with('Z') {
            return None;
        }
        Some(Self {
            pid,
            started: ask("lstart=")?,
            command_line: ask("command=")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_itself_until_it_ends() {
        let mut child = Command::new("sleep").arg("30").spawn().unwrap();
        let identity = Identity::of_new(child.id()).unwrap();
        assert!(identity.is_alive());
        assert!(identity.command_line.contains("sleep 30"), "{identity:?}");
        let other = Identity {
            started: "1".into(),
            ..identity.clone()
        };
        assert!(
            !other.is_alive(),
            "the same number with another start time is somebody else"
        );
        let other = Identity {
            command_line: "sleep 31".into(),
            ..identity.clone()
        };
        assert!(!other.is_alive(), "another command is somebody else");
        let wrapped = Identity {
            command_line: "/opt/wrapper 30".into(),
            ..identity.clone()
        };
        assert!(wrapped.is_alive(), "a wrapper gave way to it");
        child.kill().unwrap();
        // Not waited for yet: dead, though the number is still taken.
        for _ in 0..200 {
            if !identity.is_alive() {
                break;
            }
            thread::sleep(Duration::from_millis(10));
        }
        assert!(!identity.is_alive());
        child.wait().unwrap();
    }
}
