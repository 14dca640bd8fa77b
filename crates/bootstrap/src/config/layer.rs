//! One layer of settings: the program's defaults, a TOML file, or the environment, as a tree of values.

use std::fmt;
use std::path::Path;

use config::{ConfigError as LayerError, File, FileFormat, Map, Source, Value, ValueKind};
use serde::Serialize;

use super::error::ConfigError;
use super::secret::REDACTED;

#[derive(Clone, Default)]
pub(super) struct Layer(Map<String, Value>);

impl Layer {
    /// A secret's default is written as `<redacted>`, so it is left out: reading gives it its own default again.
    pub(super) fn of_defaults<T: Serialize>(defaults: &T) -> Result<Self, ConfigError> {
        match serde_json::to_value(defaults) {
            Ok(serde_json::Value::Object(sections)) => Ok(Self(table(sections))),
            _ => Err(ConfigError::Layering),
        }
    }

    pub(super) fn of_file(file: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(file).map_err(|source| ConfigError::Unreadable {
            file: file.to_owned(),
            named_by: "--config".to_owned(),
            source,
        })?;
        File::from_str(&text, FileFormat::Toml)
            .collect()
            .map(Self)
            .map_err(|error| {
                // Only the first line tells no more than the place; those after it quote the file.
                let place = match error {
                    LayerError::FileParse { cause, .. } => cause.to_string(),
                    _ => String::new(),
                };
                let place = place
                    .lines()
                    .next()
                    .filter(|line| line.contains(" at line "))
                    .unwrap_or("somewhere");
                ConfigError::Syntax {
                    file: file.to_owned(),
                    place: place.to_owned(),
                }
            })
    }

    pub(super) fn has_section(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Whether this layer gives a value at `path`.
    pub(super) fn holds(&self, path: &[String]) -> bool {
        let Some((first, rest)) = path.split_first() else {
            return false;
        };
        let mut node = self.0.get(first);
        for key in rest {
            node = match node.map(|value| &value.kind) {
                Some(ValueKind::Table(table)) => table.get(key),
                other => return other.is_some(), // a list: its elements stand where it stands
            };
        }
        node.is_some()
    }

    /// Puts `value` at `path`. False when a value stands where a section should, or the other way round.
    pub(super) fn put(&mut self, path: &[String], value: String) -> bool {
        let Some((last, sections)) = path.split_last() else {
            return false;
        };
        let mut table = &mut self.0;
        for section in sections {
            let node = table
                .entry(section.clone())
                .or_insert_with(|| Value::new(None, Map::<String, Value>::new()));
            table = match &mut node.kind {
                ValueKind::Table(inner) => inner,
                _ => return false,
            };
        }
        table.insert(last.clone(), Value::new(None, value)).is_none()
    }
}

fn table(object: serde_json::Map<String, serde_json::Value>) -> Map<String, Value> {
    object
        .into_iter()
        .filter_map(|(key, json)| Some((key, value(json)?)))
        .collect()
}

fn value(json: serde_json::Value) -> Option<Value> {
    let kind = match json {
        serde_json::Value::Null => ValueKind::Nil,
        serde_json::Value::Bool(flag) => ValueKind::Boolean(flag),
        serde_json::Value::Number(number) => match (number.as_i64(), number.as_u64()) {
            (Some(int), _) => ValueKind::I64(int),
            (None, Some(int)) => ValueKind::U64(int),
            (None, None) => ValueKind::Float(number.as_f64()?),
        },
        serde_json::Value::String(text) if text == REDACTED => return None,
        serde_json::Value::String(text) => ValueKind::String(text),
        serde_json::Value::Array(items) => ValueKind::Array(items.into_iter().filter_map(value).collect()),
        serde_json::Value::Object(object) => ValueKind::Table(table(object)),
    };
    Some(Value::new(None, kind))
}

impl Source for Layer {
    fn clone_into_box(&self) -> Box<dyn Source + Send + Sync> {
        Box::new(self.clone())
    }

    fn collect(&self) -> Result<Map<String, Value>, LayerError> {
        Ok(self.0.clone())
    }
}

impl fmt::Debug for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Layer(..)") // holds secrets
    }
}
