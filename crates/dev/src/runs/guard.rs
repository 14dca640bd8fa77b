//! The guard: a second process that outlives a run which is killed, and clears up after it.

use std::io::{self, BufRead, Write};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};

use super::clearing;
use crate::error::DevError;

/// Says that there is nothing left to clear.
const DONE: &str = "done";

/// The run's end of the line to its guard. When this process dies in whatever way, the line breaks.
pub(super) struct Guard {
    child: Child,
    line: ChildStdin,
}

impl Guard {
    /// Starts this very program again as the guard of `directory`.
    pub(super) fn set(directory: &Path) -> Result<Self, DevError> {
        // The file may be replaced by a build while we run; Linux still knows the one we came from.
        let itself = Path::new("/proc/self/exe");
        let program = if itself.exists() {
            itself.to_owned()
        } else {
            std::env::current_exe().map_err(DevError::io("find this program"))?
        };
        let mut child = Command::new(program)
            .arg0("mailroom-dev")
            .arg("guard")
            .arg(directory)
            .stdin(Stdio::piped())
            // Holding our output open would keep whoever reads it waiting after we are gone.
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .current_dir("/")
            // Ctrl-C in the terminal goes to the foreground group only.
            .process_group(0)
            .spawn()
            .map_err(DevError::io("start the guard process"))?;
        let line = child
            .stdin
            .take()
            .ok_or_else(|| DevError::Failed("the guard has no input".into()))?;
        Ok(Self { child, line })
    }

    /// Sends the guard home.
    pub(super) fn dismiss(mut self) {
        // If it is gone already there is nobody to tell.
        let _ = writeln!(self.line, "{DONE}");
        drop(self.line);
        let _ = self.child.wait();
    }
}

/// The guard's whole life: wait for the word or for the line to break, and in the second case clear up.
pub(crate) fn stand_guard(directory: &Path) {
    let told = io::stdin()
        .lock()
        .lines()
        .map_while(Result::ok)
        .any(|line| line == DONE);
    if !told {
        clearing::clear(directory);
    }
}
