//! Fixtures: requests as files, unsigned. An optional line `?query`, headers, an empty line, the exact body.

use std::path::{Path, PathBuf};

use mailroom_providers::signing::Outgoing;

/// A request in a provider's own documented shape.
pub(crate) struct Fixture {
    pub(crate) name: String,
    pub(crate) request: Outgoing,
}

/// A provider's fixtures, by name.
pub(crate) fn fixtures(provider: &str) -> Vec<Fixture> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures")
        .join(provider);
    let entries =
        std::fs::read_dir(&folder).unwrap_or_else(|_| panic!("no fixtures in {}", folder.display()));
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "http"));
    files.sort();
    assert!(files.len() >= 5, "{provider} has {} fixtures", files.len());
    files.iter().map(|file| read(provider, file)).collect()
}

fn read(provider: &str, file: &Path) -> Fixture {
    let url = format!("https://mailroom.example/webhooks/{provider}/demo");
    let request = Outgoing::from_file(&url, &std::fs::read(file).unwrap());
    Fixture {
        name: file.file_stem().unwrap().to_str().unwrap().to_owned(),
        request: request.unwrap_or_else(|| panic!("{} is no request", file.display())),
    }
}
