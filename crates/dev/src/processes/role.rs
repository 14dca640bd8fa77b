//! How each kind of process is asked to stop, and what follows when it does not.

use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use serde::{Deserialize, Serialize};

use super::Identity;

/// Pause between two looks at a process that was asked to stop.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// What a process is to us, which decides how it is stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Role {
    /// A database server: SIGINT (roll back, checkpoint, exit), then SIGQUIT.
    Postgres,
    /// The leader of a process group: SIGTERM to all of it.
    Group,
}

impl Role {
    /// Signals in the order they are tried, each with the time it is given.
    fn signals(self) -> [(Signal, Duration); 3] {
        match self {
            Self::Postgres => [
                (Signal::INT, Duration::from_secs(20)),
                (Signal::QUIT, Duration::from_secs(5)),
                (Signal::KILL, Duration::from_secs(2)),
            ],
            Self::Group => [
                (Signal::TERM, Duration::from_secs(12)),
                (Signal::KILL, Duration::from_secs(2)),
                (Signal::KILL, Duration::from_secs(2)),
            ],
        }
    }

    /// Stops processes of this role, all at once, and waits until they are gone. Somebody else who was given the
    /// number of one is left alone. Blocks the thread.
    pub(crate) fn stop(self, processes: &[&Identity]) {
        let ours: Vec<&&Identity> = processes.iter().filter(|process| process.is_alive()).collect();
        for (signal, patience) in self.signals() {
            let left: Vec<&&Identity> = ours
                .iter()
                .copied()
                .filter(|process| process.is_alive())
                .collect();
            for process in &left {
                self.send(process.pid(), signal);
            }
            let until = Instant::now() + patience;
            while left.iter().any(|process| process.is_alive()) && Instant::now() < until {
                thread::sleep(LOOK_AGAIN);
            }
        }
        if self == Self::Group {
            // The leaders are gone; what they started and did not take along goes now.
            for process in ours {
                self.send(process.pid(), Signal::KILL);
            }
        }
    }

    /// Sends one signal. A process that is gone already is no error.
    pub(crate) fn send(self, pid: u32, signal: Signal) {
        let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) else {
            return;
        };
        let _ = match self {
            Self::Postgres => kill_process(pid, signal),
            Self::Group => kill_process_group(pid, signal),
        };
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::CommandExt;
    use std::process::{Command, Stdio};

    use super::*;

    #[test]
    fn a_group_that_ignores_sigterm_is_killed_with_its_children() {
        // `exec` keeps the ignored signal: the shell and its child both shrug off SIGTERM.
        let mut shell = Command::new("sh")
            .args(["-c", "trap '' TERM; sleep 61 & echo $!; wait; sleep 61"])
            .stdout(Stdio::piped())
            .process_group(0)
            .spawn()
            .unwrap();
        let mut line = String::new();
        std::io::BufRead::read_line(
            &mut std::io::BufReader::new(shell.stdout.take().unwrap()),
            &mut line,
        )
        .unwrap();
        let pid = line.trim().parse().unwrap();
        // For a moment it is still a copy of the shell.
        let grandchild = loop {
            let identity = Identity::of(pid).unwrap();
            if format!("{identity:?}").contains("\"sleep 61\"") {
                break identity;
            }
        };
        Role::Group.send(shell.id(), Signal::TERM);
        thread::sleep(Duration::from_millis(100));
        assert!(grandchild.is_alive());
        Role::Group.send(shell.id(), Signal::KILL);
        shell.wait().unwrap();
        for _ in 0..200 {
            if !grandchild.is_alive() {
                return;
            }
            thread::sleep(LOOK_AGAIN);
        }
        panic!("the child of the group outlived it");
    }
}
