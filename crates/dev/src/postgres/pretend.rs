//! Programs that only pretend to be PostgreSQL, for tests of the search.

use std::fs;
use std::path::Path;
use std::process::Command;

/// Puts a `postgres` and an `initdb` into `folder` that print `answer` and end with `status`.
pub(super) fn programs(folder: &Path, answer: &str, status: u8) {
    fs::create_dir_all(folder).unwrap();
    for program in ["postgres", "initdb"] {
        let script = format!("#!/bin/sh\necho '{answer}'\necho 'broken on purpose' >&2\nexit {status}\n");
        // Written by another process: one forked by a test beside this one would hold our open file for a
        // moment, and a file open for writing can not be run.
        let written = Command::new("sh")
            .args([
                "-c",
                r#"printf '%s' "$1" > "$2" && chmod 755 "$2""#,
                "sh",
                &script,
            ])
            .arg(folder.join(program))
            .status();
        assert!(written.unwrap().success());
    }
}
