//! The lines a program wrote, collected while it runs.

use std::io::{BufRead, BufReader, Read};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

use serde_json::Value;

/// Lines that grow as the program writes.
#[derive(Debug, Clone, Default)]
pub(crate) struct Lines {
    lines: Arc<Mutex<Vec<String>>>,
    reading: Arc<Mutex<Option<JoinHandle<()>>>>,
}

impl Lines {
    /// Collects what `source` gives, until it ends.
    pub(crate) fn collect(source: impl Read + Send + 'static) -> Self {
        let lines = Self::default();
        let filled = lines.clone();
        // Read to the end whatever happens: a full pipe would stop the program.
        let reading = thread::spawn(move || {
            for line in BufReader::new(source).split(b'\n').map_while(Result::ok) {
                filled.lock().push(String::from_utf8_lossy(&line).into_owned());
            }
        });
        *lines.reading.lock().unwrap_or_else(PoisonError::into_inner) = Some(reading);
        lines
    }

    /// All of them, of a program that has ended.
    pub(crate) fn to_the_end(&self) -> Vec<String> {
        let reading = self.reading.lock().unwrap_or_else(PoisonError::into_inner).take();
        // One that panicked has read what it has read.
        let _ = reading.map(JoinHandle::join);
        self.so_far()
    }

    /// The lines so far.
    pub(crate) fn so_far(&self) -> Vec<String> {
        self.lock().clone()
    }

    /// The `address` of the first log line with this message.
    pub(crate) fn address(&self, message: &str) -> Option<String> {
        self.lock().iter().find_map(|line| {
            let line: Value = serde_json::from_str(line).ok()?;
            (line["message"] == message)
                .then(|| line["address"].as_str().map(str::to_owned))
                .flatten()
        })
    }

    fn lock(&self) -> MutexGuard<'_, Vec<String>> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn an_address_is_found_among_other_lines() {
        let text: &[u8] = b"not json\n{\"message\":\"admin listening\",\"address\":\"127.0.0.1:7\"}\n\xff\n";
        let lines = Lines::collect(text);
        while lines.so_far().len() < 3 {
            thread::sleep(Duration::from_millis(1));
        }
        assert_eq!(lines.address("admin listening").as_deref(), Some("127.0.0.1:7"));
        assert_eq!(lines.address("listening"), None);
    }
}
