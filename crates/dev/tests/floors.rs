//! The house rules that a compiler does not see: who may know whom, where SQL may stand, how large a room may be
//! (docs/adr/0002-floors.md).

#![expect(clippy::unwrap_used, reason = "the functions here are parts of tests")]

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

/// Each crate's floor. A crate may use crates of lower floors, never a sibling.
const FLOORS: [(&str, u8); 10] = [
    ("mailroom-domain", 0),
    ("mailroom-bootstrap", 0),
    ("mailroom-providers", 1),
    ("mailroom-store", 1),
    ("mailroom-gateway", 2),
    ("mailroom-worker", 2),
    ("mailroom-db-migrate", 2),
    ("mailroom-test-support", 3),
    ("mailroom-bench", 3),
    ("mailroom-dev", 4),
];

/// Libraries that a crate must not use, so that its floor stays what it is.
const FORBIDDEN: [(&str, &[&str]); 5] = [
    (
        "mailroom-domain",
        &["sqlx", "actix-web", "tokio", "rand", "reqwest"],
    ),
    ("mailroom-bootstrap", &["sqlx", "actix-web"]),
    ("mailroom-providers", &["sqlx", "actix-web", "tokio"]),
    ("mailroom-store", &["actix-web", "hyper", "reqwest"]),
    ("mailroom-worker", &["actix-web", "sqlx"]),
];

/// What people write by hand, to be compared with, is written as they write it.
const RIVALS: &str = "crates/bench/src/";

/// The providers and the store stand on the domain alone.
const ONLY_DOMAIN: [&str; 2] = ["mailroom-providers", "mailroom-store"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .unwrap()
}

/// What each crate of the workspace is built from, tests aside.
fn dependencies() -> BTreeMap<String, Vec<String>> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap().iter();
    packages
        .map(|package| {
            let built_from = package["dependencies"].as_array().unwrap().iter();
            let built_from = built_from.filter(|dependency| dependency["kind"] != "dev");
            let names = built_from
                .map(|dependency| dependency["name"].as_str().unwrap().to_owned())
                .collect();
            (package["name"].as_str().unwrap().to_owned(), names)
        })
        .collect()
}

#[test]
fn a_crate_uses_only_floors_below_its_own() {
    let floors = BTreeMap::from(FLOORS);
    for (name, built_from) in dependencies() {
        let own = floors
            .get(name.as_str())
            .unwrap_or_else(|| panic!("{name} stands on no floor"));
        for used in &built_from {
            if let Some(floor) = floors.get(used.as_str()) {
                assert!(floor < own, "{name} (floor {own}) uses {used} (floor {floor})");
                let allowed = !ONLY_DOMAIN.contains(&name.as_str()) || used == "mailroom-domain";
                assert!(allowed, "{name} stands on the domain alone, and uses {used}");
            }
        }
    }
}

#[test]
fn no_floor_uses_what_it_may_not() {
    let dependencies = dependencies();
    for (name, forbidden) in FORBIDDEN {
        for library in forbidden {
            assert!(
                !dependencies[name].iter().any(|used| used == library),
                "{name} uses {library}"
            );
        }
    }
    for (name, built_from) in &dependencies {
        let has_sqlx = built_from.iter().any(|used| used == "sqlx");
        let may = name == "mailroom-store" || name == "mailroom-bench";
        assert!(!has_sqlx || may, "{name} uses sqlx");
    }
}

/// Every source file, with its path from the root; tests aside.
fn sources() -> Vec<(String, String)> {
    let mut sources = Vec::new();
    let mut folders = vec![root().join("crates")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned();
                if name.contains("/src/") && !name.contains("tests") {
                    sources.push((name, fs::read_to_string(path).unwrap()));
                }
            }
        }
    }
    assert!(sources.len() > 100, "the sources were not found");
    sources
}

/// Whether code (comments aside) holds a statement of SQL.
fn holds_sql(code: &str) -> bool {
    let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
    let text = lines.collect::<Vec<_>>().join(" ").to_lowercase();
    let words: Vec<&str> = text
        .split_whitespace()
        .map(|word| {
            word.trim_start_matches("r#\"")
                .trim_start_matches(['"', '(', '#'])
        })
        .collect();
    let follows =
        |at: usize, wanted: &str, within: usize| words.iter().skip(at + 1).take(within).any(|w| *w == wanted);
    text.contains("sqlx::query")
        || words.iter().enumerate().any(|(at, word)| match *word {
            "insert" => words.get(at + 1) == Some(&"into"),
            "delete" => words.get(at + 1) == Some(&"from"),
            "update" => follows(at, "set", 3),
            "select" => follows(at, "from", 12),
            _ => false,
        })
}

#[test]
fn sql_stands_in_the_store_alone() {
    for (name, code) in sources() {
        assert!(
            name.starts_with("crates/store/") || name.starts_with(RIVALS) || !holds_sql(&code),
            "{name} holds SQL"
        );
    }
    assert!(holds_sql("let q = \"select id from t\";") && holds_sql("sqlx::query!(\"\")"));
    assert!(holds_sql("\"update messaging.lanes set x = 1\"") && holds_sql("r#\"insert into t values\"#"));
    assert!(!holds_sql("// select it from the list") && !holds_sql("tokio::select! { }"));
}

#[test]
fn no_transaction_is_opened_on_a_pooled_connection() {
    for (name, code) in sources() {
        let may = name.starts_with("crates/store/src/migration/") || name.starts_with(RIVALS);
        assert!(
            may || !code.contains(".begin()"),
            "{name}: see docs/adr/0006-single-statements.md"
        );
    }
}

#[test]
fn every_room_is_small_and_says_what_it_is() {
    for (name, code) in sources() {
        let lines = code.lines().count();
        assert!(lines <= 300, "{name} has {lines} lines: it is usually two files");
        assert!(
            code.starts_with("//!"),
            "{name} does not open with a sentence on its duty"
        );
    }
}

#[test]
fn shipped_binaries_hold_no_developer_tools() {
    for (name, built_from) in dependencies() {
        if ["mailroom-gateway", "mailroom-worker", "mailroom-db-migrate"].contains(&name.as_str()) {
            let tools = ["mailroom-dev", "mailroom-test-support"];
            assert!(
                !built_from.iter().any(|used| tools.contains(&used.as_str())),
                "{name} holds developer tools"
            );
        }
    }
}
