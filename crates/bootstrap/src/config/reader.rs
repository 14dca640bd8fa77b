//! Reads the layered tree into a program's settings; text becomes numbers, flags and variants where the
//! target asks for them, and stays exactly as it was where it asks for text.

use config::{Map, Value, ValueKind};
use serde::de::value::{MapAccessDeserializer, MapDeserializer, SeqDeserializer};
use serde::de::{DeserializeOwned, Deserializer, Error, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;
use serde_path_to_error::Segment;

use super::error::Problem;
use super::refusal::{Fault, Refusal};

pub(super) fn read<T: DeserializeOwned>(tree: Map<String, Value>) -> Result<T, Fault> {
    let root = Value::new(None, tree);
    serde_path_to_error::deserialize(Node(root.clone())).map_err(|error| {
        let mut path: Vec<String> = error.path().iter().map(segment).collect();
        let problem = match error.into_inner() {
            Refusal::Unknown { field, known } => {
                if path.last() != Some(&field) {
                    path.push(field);
                }
                Problem::Unknown(known)
            }
            Refusal::Missing { field } => {
                path.push(field.to_owned());
                Problem::Missing
            }
            Refusal::Expected(expected) => Problem::Refused(expected),
            Refusal::Custom(message) => Problem::Refused(without_value(&message, &root, &path)),
        };
        Fault { path, problem }
    })
}

fn segment(segment: &Segment) -> String {
    match segment {
        Segment::Seq { index } => index.to_string(),
        Segment::Map { key } => key.clone(),
        Segment::Enum { variant } => variant.clone(),
        Segment::Unknown => "?".to_owned(),
    }
}

/// A type's own message is given on only when none of the text it was made from is in it.
fn without_value(message: &str, root: &Value, path: &[String]) -> String {
    let mut node = Some(root);
    for key in path {
        node = match node.map(|value| &value.kind) {
            Some(ValueKind::Table(table)) => table.get(key),
            Some(ValueKind::Array(items)) => key.parse::<usize>().ok().and_then(|index| items.get(index)),
            _ => None,
        };
    }
    let repeated = node.is_none_or(|value| repeats(message, value));
    if repeated {
        "another value".to_owned()
    } else {
        format!("another value: {message}")
    }
}

fn repeats(message: &str, value: &Value) -> bool {
    match &value.kind {
        ValueKind::Table(table) => table.values().any(|inner| repeats(message, inner)),
        ValueKind::Array(items) => items.iter().any(|inner| repeats(message, inner)),
        ValueKind::Nil => false,
        _ => message.contains(value.to_string().as_str()),
    }
}

struct Node(Value);

macro_rules! whole_numbers {
    ($($method:ident $visit:ident $int:ty),* $(,)?) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
            let number = match &self.0.kind {
                ValueKind::String(text) => text.trim().parse::<$int>().ok(),
                ValueKind::I64(number) => <$int>::try_from(*number).ok(),
                ValueKind::U64(number) => <$int>::try_from(*number).ok(),
                _ => None,
            };
            let expected = || Refusal::Expected(format!("a whole number from {} to {}", <$int>::MIN, <$int>::MAX));
            visitor.$visit(number.ok_or_else(expected)?)
        }
    )*};
}

impl<'de> Deserializer<'de> for Node {
    type Error = Refusal;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        match self.0.kind {
            ValueKind::Nil => visitor.visit_unit(),
            ValueKind::Boolean(flag) => visitor.visit_bool(flag),
            ValueKind::I64(number) => visitor.visit_i64(number),
            ValueKind::U64(number) => visitor.visit_u64(number),
            ValueKind::I128(number) => visitor.visit_i128(number),
            ValueKind::U128(number) => visitor.visit_u128(number),
            ValueKind::Float(number) => visitor.visit_f64(number),
            ValueKind::String(text) => visitor.visit_string(text),
            ValueKind::Array(items) => visitor.visit_seq(SeqDeserializer::new(items.into_iter().map(Node))),
            ValueKind::Table(table) => visitor.visit_map(entries(table)),
        }
    }

    whole_numbers! {
        deserialize_i8 visit_i8 i8, deserialize_i16 visit_i16 i16, deserialize_i32 visit_i32 i32,
        deserialize_i64 visit_i64 i64, deserialize_u8 visit_u8 u8, deserialize_u16 visit_u16 u16,
        deserialize_u32 visit_u32 u32, deserialize_u64 visit_u64 u64,
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        self.deserialize_f64(visitor)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        match &self.0.kind {
            ValueKind::String(text) => {
                let number = text
                    .trim()
                    .parse()
                    .map_err(|_| Refusal::Expected("a number".to_owned()))?;
                visitor.visit_f64(number)
            }
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        let flag = match &self.0.kind {
            ValueKind::Boolean(flag) => Some(*flag),
            ValueKind::String(text) => match text.trim().to_lowercase().as_str() {
                "true" | "1" | "yes" | "on" => Some(true),
                "false" | "0" | "no" | "off" => Some(false),
                _ => None,
            },
            _ => None,
        };
        visitor.visit_bool(flag.ok_or_else(|| Refusal::Expected("`true` or `false`".to_owned()))?)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        match self.0.kind {
            ValueKind::Nil => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Refusal> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refusal> {
        match self.0.kind {
            ValueKind::String(text) => visitor.visit_enum(text.into_deserializer()),
            ValueKind::Table(table) => visitor.visit_enum(MapAccessDeserializer::new(entries(table))),
            _ => Err(Refusal::unknown_variant("", variants)),
        }
    }

    forward_to_deserialize_any! {
        i128 u128 char str string bytes byte_buf unit unit_struct seq tuple tuple_struct map struct identifier
        ignored_any
    }
}

impl IntoDeserializer<'_, Refusal> for Node {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

type Entries<'de> = MapDeserializer<'de, std::vec::IntoIter<(String, Node)>, Refusal>;

fn entries<'de>(table: Map<String, Value>) -> Entries<'de> {
    let mut entries: Vec<_> = table.into_iter().map(|(key, value)| (key, Node(value))).collect();
    entries.sort_by(|(one, _), (other, _)| one.cmp(other)); // of several faults always the same one is told
    MapDeserializer::new(entries.into_iter())
}
