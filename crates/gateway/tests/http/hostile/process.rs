//! What a process holds of the machine.

use mailroom_test_support::RunningProgram;

/// Bytes of physical memory.
#[derive(Debug, Clone, Copy)]
pub(super) struct Memory {
    /// Held now.
    pub(super) now: u64,
    /// The most that it ever held.
    pub(super) peak: u64,
}

pub(super) fn memory(program: &RunningProgram) -> Memory {
    let status = std::fs::read_to_string(format!("/proc/{}/status", program.pid())).unwrap();
    let bytes = |name: &str| {
        let line = status.lines().find(|line| line.starts_with(name)).unwrap();
        let kib: u64 = line.split_ascii_whitespace().nth(1).unwrap().parse().unwrap();
        kib << 10
    };
    Memory {
        now: bytes("VmRSS:"),
        peak: bytes("VmHWM:"),
    }
}

/// How many sockets it has.
pub(super) fn sockets(program: &RunningProgram) -> usize {
    let files = std::fs::read_dir(format!("/proc/{}/fd", program.pid())).unwrap();
    files
        .filter_map(|file| std::fs::read_link(file.ok()?.path()).ok())
        .filter(|target| target.to_string_lossy().starts_with("socket:"))
        .count()
}
