//! What is refused is named with its source and the remedy, and its value is never repeated.

use serde::{Deserialize, Serialize};

use super::{Settings, env, from_env, toml};
use crate::config::{ConfigError, load};

fn refusal(result: Result<Settings, ConfigError>) -> String {
    result.unwrap_err().to_string()
}

#[test]
fn the_same_setting_twice_is_an_error() {
    let file = toml("s3cret");
    let path = file.path.to_str().unwrap();
    let both = refusal(from_env(&[
        ("DATABASE_URL", "postgres://hush"),
        ("DATABASE_URL_FILE", path),
    ]));
    assert_eq!(
        both,
        "DATABASE_URL and DATABASE_URL_FILE contradict each other: unset one of them"
    );
    let twice = refusal(from_env(&[
        ("DATABASE_URL", "hush"),
        ("MAILROOM__DATABASE__URL", "hush"),
    ]));
    assert!(
        twice.contains("DATABASE_URL and MAILROOM__DATABASE__URL"),
        "{twice}"
    );
    let crossed = refusal(from_env(&[
        ("MAILROOM__GATEWAY", "hush"),
        ("MAILROOM__GATEWAY__NAME", "hush"),
    ]));
    assert!(
        crossed.contains("MAILROOM__GATEWAY and MAILROOM__GATEWAY__NAME"),
        "{crossed}"
    );
}

#[test]
fn a_missing_file_is_named_with_what_names_it() {
    let gone = refusal(from_env(&[("DATABASE_URL_FILE", "/nowhere/url")]));
    assert!(
        gone.contains("/nowhere/url") && gone.contains("DATABASE_URL_FILE"),
        "{gone}"
    );
    let gone = refusal(load(Some("/nowhere/mailroom.toml".as_ref()), env(&[])));
    assert!(
        gone.contains("/nowhere/mailroom.toml") && gone.contains("--config"),
        "{gone}"
    );
}

#[test]
fn unknown_keys_are_refused_with_their_source() {
    let typo = refusal(from_env(&[("MAILROOM__SHUTDOWN__DEDLINE_MS", "hush")]));
    assert_eq!(
        typo,
        "setting `shutdown.dedline_ms` is unknown (from MAILROOM__SHUTDOWN__DEDLINE_MS): expected one of \
         `drain_delay_ms`, `deadline_ms`; correct or remove it"
    );
    let section = refusal(from_env(&[("MAILROOM__SHUTDWN__DEADLINE_MS", "hush")]));
    assert!(
        section.contains("`shutdwn`") && section.contains("MAILROOM__SHUTDWN__DEADLINE_MS"),
        "{section}"
    );
    let file = toml("[endpoints.main]\nsecet = \"hush\"\n");
    let typo = refusal(load(Some(&file.path), env(&[])));
    assert!(
        typo.contains("`endpoints.main.secet`") && typo.contains("mailroom.toml"),
        "{typo}"
    );
    assert!(!typo.contains("hush"), "{typo}");
}

#[test]
fn a_wrong_value_is_named_but_never_repeated() {
    let cases = [
        (
            "MAILROOM__SHUTDOWN__DEADLINE_MS",
            "hush",
            "a whole number from 0 to",
        ),
        (
            "MAILROOM__GATEWAY__WORKERS",
            "70000",
            "a whole number from 0 to 65535",
        ),
        ("MAILROOM__GATEWAY__LISTEN", "hush:hush", "invalid socket address"),
        ("MAILROOM__GATEWAY__MODE", "hush", "one of `direct`, `pooled`"),
        ("MAILROOM__GATEWAY__SHED", "hush", "`true` or `false`"),
        ("MAILROOM__GATEWAY__RATIO", "hush", "a number"),
        ("MAILROOM__GATEWAY", "hush", "struct Gateway"),
        ("DATABASE_URL", "<redacted>", "not its placeholder"),
    ];
    for (variable, value, expected) in cases {
        let text = refusal(from_env(&[(variable, value)]));
        assert!(text.contains(variable) && text.contains(expected), "{text}");
        assert!(!text.contains(value), "{text}");
    }
}

#[test]
fn a_wrong_value_in_a_file_is_named_with_file_and_remedy() {
    let file = toml("[endpoints.main]\nsecret = 123456\n");
    let text = refusal(load(Some(&file.path), env(&[])));
    assert!(
        text.contains("`endpoints.main.secret`") && text.contains("mailroom.toml"),
        "{text}"
    );
    assert!(
        text.contains("set MAILROOM__ENDPOINTS__MAIN__SECRET") && !text.contains("123456"),
        "{text}"
    );
}

#[test]
fn broken_toml_gives_the_place_and_not_the_line() {
    let file = toml("[endpoints.main]\nsecret = \"hush\n");
    let text = refusal(load(Some(&file.path), env(&[])));
    assert!(text.contains("line 2") && !text.contains("hush"), "{text}");
}

#[test]
fn a_message_of_a_types_own_that_repeats_the_value_is_withheld() {
    #[derive(Debug, Default, Serialize)]
    struct Chatty(String);
    impl<'de> Deserialize<'de> for Chatty {
        fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            let text = String::deserialize(deserializer)?;
            if text.is_empty() {
                Ok(Self(text))
            } else {
                Err(serde::de::Error::custom(format!("no good: {text}")))
            }
        }
    }
    #[derive(Debug, Default, Serialize, Deserialize)]
    #[serde(default)]
    struct Section {
        key: Chatty,
    }
    let text = load::<Section>(None, env(&[("MAILROOM__KEY", "hush")]))
        .unwrap_err()
        .to_string();
    assert!(text.contains("MAILROOM__KEY") && !text.contains("hush"), "{text}");
}

#[test]
fn a_missing_database_url_names_the_variable() {
    let text = from_env(&[]).unwrap().database.check().unwrap_err().to_string();
    assert_eq!(
        text,
        "setting `database.url` is missing: set DATABASE_URL, or DATABASE_URL_FILE to a file that holds it"
    );
}
