//! Every rule of the layering.

mod refusals;

use std::collections::BTreeMap;
use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use tempfile::TempDir;

use super::{ConfigError, DatabaseConfig, Secret, ShutdownConfig, list, load, print};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Mode {
    Direct,
    Pooled,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Gateway {
    listen: SocketAddr,
    mode: Mode,
    shed: bool,
    ratio: f64,
    workers: Option<u16>,
    name: String,
    #[serde(with = "list")]
    tags: Vec<String>,
}

impl Default for Gateway {
    fn default() -> Self {
        Self {
            listen: ([127, 0, 0, 1], 8080).into(),
            mode: Mode::Direct,
            shed: false,
            ratio: 0.5,
            workers: None,
            name: "one".into(),
            tags: vec!["a".into()],
        }
    }
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Endpoint {
    secret: Secret,
    retries: u8,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Settings {
    database: DatabaseConfig,
    shutdown: ShutdownConfig,
    gateway: Gateway,
    endpoints: BTreeMap<String, Endpoint>,
}

impl Default for Settings {
    fn default() -> Self {
        let database = DatabaseConfig {
            max_connections: 77,
            ..DatabaseConfig::default()
        };
        Self {
            database,
            shutdown: ShutdownConfig::default(),
            gateway: Gateway::default(),
            endpoints: BTreeMap::new(),
        }
    }
}

fn env(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

fn from_env(pairs: &[(&str, &str)]) -> Result<Settings, ConfigError> {
    load(None, env(pairs))
}

struct TomlFile {
    _directory: TempDir,
    path: PathBuf,
}

fn toml(text: &str) -> TomlFile {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("mailroom.toml");
    fs::write(&path, text).unwrap();
    TomlFile {
        _directory: directory,
        path,
    }
}

#[test]
fn defaults_are_the_whole_programs_not_the_sections() {
    let settings = from_env(&[]).unwrap();
    assert_eq!(settings.database.max_connections, 77);
    assert!(settings.database.url.is_empty());
    assert!(settings.database.direct_url.is_none());
    assert_eq!(settings.gateway.tags, ["a"]);
}

#[test]
fn file_wins_over_defaults_and_environment_over_file_key_by_key() {
    let file = toml("[shutdown]\ndrain_delay_ms = 1\ndeadline_ms = 2\n[database]\nacquire_timeout_ms = 5\n");
    let settings: Settings =
        load(Some(&file.path), env(&[("MAILROOM__SHUTDOWN__DEADLINE_MS", "3")])).unwrap();
    assert_eq!(
        (settings.shutdown.drain_delay_ms, settings.shutdown.deadline_ms),
        (1, 3)
    );
    assert_eq!(
        (
            settings.database.acquire_timeout_ms,
            settings.database.max_connections
        ),
        (5, 77)
    );
}

#[test]
fn text_becomes_what_the_target_asks_for() {
    let settings = from_env(&[
        ("MAILROOM__GATEWAY__LISTEN", "0.0.0.0:0"),
        ("MAILROOM__GATEWAY__MODE", "pooled"),
        ("MAILROOM__GATEWAY__SHED", "true"),
        ("MAILROOM__GATEWAY__RATIO", "0.25"),
        ("MAILROOM__GATEWAY__WORKERS", "4"),
        ("MAILROOM__GATEWAY__NAME", "00123"),
        ("MAILROOM__GATEWAY__TAGS", "x, y,,"),
    ])
    .unwrap()
    .gateway;
    assert_eq!(settings.listen, SocketAddr::from(([0, 0, 0, 0], 0)));
    assert_eq!(
        (settings.mode, settings.shed, settings.workers),
        (Mode::Pooled, true, Some(4))
    );
    assert!((settings.ratio - 0.25).abs() < f64::EPSILON);
    assert_eq!(
        (settings.name.as_str(), settings.tags),
        ("00123", vec!["x".to_owned(), "y".to_owned()])
    );
}

#[test]
fn lists_may_be_arrays_too() {
    let file = toml("[gateway]\ntags = [\"p\", \"q\"]\n");
    let settings: Settings = load(Some(&file.path), env(&[])).unwrap();
    assert_eq!(settings.gateway.tags, ["p", "q"]);
}

#[test]
fn database_urls_have_names_of_their_own() {
    let settings = from_env(&[
        ("DATABASE_URL", "postgres://a"),
        ("MAILROOM_DIRECT_DATABASE_URL", "postgres://b"),
    ])
    .unwrap();
    assert_eq!(settings.database.url.expose(), "postgres://a");
    assert_eq!(settings.database.direct_url().expose(), "postgres://b");
}

#[test]
fn database_url_is_nothing_to_a_program_without_a_database() {
    #[derive(Default, Serialize, Deserialize)]
    #[serde(default, deny_unknown_fields)]
    struct Tool {
        shutdown: ShutdownConfig,
    }
    let tool: Tool = load(None, env(&[("DATABASE_URL", "postgres://a")])).unwrap();
    assert_eq!(tool.shutdown.deadline_ms, 9_000);
}

#[test]
fn deep_keys_reach_into_maps_and_secrets_stay_as_they_are() {
    let secret = " 00123 \t1e3";
    let settings = from_env(&[("MAILROOM__ENDPOINTS__MAIN__SECRET", secret)]).unwrap();
    assert_eq!(settings.endpoints["main"].secret.expose(), secret);
}

#[test]
fn file_variables_read_the_file_without_its_last_newline() {
    for (content, expected) in [
        ("s3cret\n", "s3cret"),
        ("s3cret\r\n", "s3cret"),
        ("s3cret", "s3cret"),
        ("a\n\n", "a\n"),
    ] {
        let file = toml(content);
        let path = file.path.to_str().unwrap();
        let settings = from_env(&[
            ("DATABASE_URL_FILE", path),
            ("MAILROOM__ENDPOINTS__MAIN__SECRET_FILE", path),
        ])
        .unwrap();
        assert_eq!(settings.database.url.expose(), expected);
        assert_eq!(settings.endpoints["main"].secret.expose(), expected);
    }
}

#[test]
fn an_empty_variable_counts_as_unset() {
    let settings = from_env(&[("MAILROOM__GATEWAY__WORKERS", ""), ("DATABASE_URL_FILE", "")]).unwrap();
    assert_eq!(settings.gateway.workers, None);
}

#[test]
fn printing_redacts_every_secret() {
    let settings = from_env(&[
        ("DATABASE_URL", "postgres://u:hush@h/d"),
        ("MAILROOM__ENDPOINTS__MAIN__SECRET", "hush"),
    ])
    .unwrap();
    let printed = print(&settings).unwrap();
    assert!(
        printed.contains("\"deadline_ms\": 9000") && printed.contains("<redacted>"),
        "{printed}"
    );
    assert!(
        !printed.contains("hush") && !format!("{settings:?}").contains("hush"),
        "{printed}"
    );
}
