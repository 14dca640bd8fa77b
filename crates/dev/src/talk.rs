//! What `cargo dev` says while it works: one line a step, on standard error, so that standard output is the result.

use std::fmt;
use std::io::{self, Write};

/// Says one thing that was done or found.
pub(crate) fn line(what: fmt::Arguments<'_>) {
    // Nobody listens any more: no reason to stop working.
    let _ = writeln!(io::stderr(), "  {what}");
}
