//! JSON as a sequence of tokens: values are taken out by name, by pointer and by what they look like, and everything
//! else stays as it is. It need not be valid: what looks like `"name": value` is taken for that.

use std::borrow::Cow;

use super::{REDACTED, Scan};

/// Deeper than this the way to a value is not followed; names and looks still count.
const DEEPEST: usize = 128;

/// Where the walk is: in an object behind a key, or in an array.
enum Level {
    /// With the key of the value, and whether the object has told a sensitive name, as `{"name": ..., "value": ...}` does.
    Object(Option<String>, bool),
    /// With the index of the value, and whether the first one is a sensitive name, as in `["name", "value"]`.
    Array(usize, bool),
}

/// A walk over JSON, and what is written of it.
struct Walk<'w> {
    json: &'w [u8],
    at: usize,
    levels: Vec<Level>,
    /// What was written, once something differs.
    written: Option<Vec<u8>>,
    /// Up to here everything is written.
    copied: usize,
}

impl Scan<'_> {
    /// JSON without its secrets; `None` when it has none.
    pub(super) fn json(&mut self, json: &[u8], depth: usize) -> Option<Vec<u8>> {
        let mut walk = Walk {
            json,
            at: 0,
            levels: Vec::new(),
            written: None,
            copied: 0,
        };
        while let Some(&byte) = json.get(walk.at) {
            match byte {
                // Taken out before, where JSON was broken.
                b'[' if walk.json[walk.at..].starts_with(REDACTED.as_bytes()) => walk.at += REDACTED.len(),
                b'{' | b'[' => {
                    if self.is_secret(&walk) {
                        walk.replace(walk.end_of_value(), format!("\"{REDACTED}\"").as_bytes());
                        self.places += 1;
                    } else {
                        walk.open(byte);
                    }
                }
                b'}' | b']' => walk.close(),
                b',' => walk.next(),
                b'"' => self.string(&mut walk, depth),
                b':' => walk.at += 1,
                _ if byte.is_ascii_whitespace() => walk.at += 1,
                _ => self.scalar(&mut walk),
            }
        }
        walk.finish()
    }

    /// A string: a key when a colon follows, otherwise a value.
    fn string(&mut self, walk: &mut Walk<'_>, depth: usize) {
        let end = walk.end_of_string();
        let text = unescape(&walk.json[walk.at + 1..end]);
        let after = (end + 1).min(walk.json.len());
        let is_key = walk.json[after..].trim_ascii_start().first() == Some(&b':');
        if !is_key {
            walk.tell(|| self.rules.names.is_sensitive(&text, &[]));
        }
        if is_key {
            let redacted = self.text(&text, depth.max(1));
            walk.key(text.into_owned());
            walk.write(after, redacted.as_deref());
        } else if self.is_secret(walk) && !text.is_empty() {
            if text != REDACTED {
                self.places += 1;
            }
            walk.write(after, Some(REDACTED));
        } else if walk.last_key().is_some_and(|key| self.is_load_bearing(key)) {
            walk.at = after;
        } else {
            let redacted = self.text(&text, depth);
            walk.write(after, redacted.as_deref());
        }
    }

    /// A number, or a word. Words hold no secrets.
    fn scalar(&mut self, walk: &mut Walk<'_>) {
        let end = walk.end_of_scalar();
        let token = String::from_utf8_lossy(&walk.json[walk.at..end]).into_owned();
        let is_word = ["true", "false", "null"].contains(&token.as_str());
        let bears_load = walk.last_key().is_some_and(|key| self.is_load_bearing(key));
        let is_secret = self.is_secret(walk) && !is_word;
        let is_card = || self.rules.cards && !bears_load && !super::cards::find(&token).is_empty();
        if is_secret || is_card() {
            self.places += 1;
            walk.replace(end, format!("\"{REDACTED}\"").as_bytes());
        } else {
            walk.at = end;
        }
    }

    /// Whether the value that begins here is a secret by its name or its place.
    fn is_secret(&self, walk: &Walk<'_>) -> bool {
        let named = match walk.levels.last() {
            Some(Level::Object(Some(key), told)) => {
                self.rules.names.is_sensitive(key, self.load_bearing)
                    || (*told && key.eq_ignore_ascii_case("value"))
            }
            Some(Level::Array(1, told)) => *told,
            _ => false,
        };
        named
            || (!self.rules.pointers.is_empty()
                && self.rules.pointers.iter().any(|it| it.points_at(walk.path())))
    }

    fn is_load_bearing(&self, key: &str) -> bool {
        self.load_bearing.contains(&key) && !self.rules.names.is_named(key)
    }
}

impl Walk<'_> {
    fn open(&mut self, byte: u8) {
        if self.levels.len() < DEEPEST {
            self.levels.push(if byte == b'{' {
                Level::Object(None, false)
            } else {
                Level::Array(0, false)
            });
        }
        self.at += 1;
    }

    /// Notes whether the text that is here names what comes beside it.
    fn tell(&mut self, is_sensitive: impl Fn() -> bool) {
        const NAMES: [&str; 4] = ["name", "key", "header", "field"];
        match self.levels.last_mut() {
            Some(Level::Object(Some(key), told))
                if NAMES.iter().any(|name| key.eq_ignore_ascii_case(name)) =>
            {
                *told = is_sensitive();
            }
            Some(Level::Array(0, told)) => *told = is_sensitive(),
            _ => {}
        }
    }

    fn close(&mut self) {
        self.levels.pop();
        self.at += 1;
    }

    fn next(&mut self) {
        match self.levels.last_mut() {
            Some(Level::Object(key, _)) => *key = None,
            Some(Level::Array(index, _)) => *index += 1,
            None => {}
        }
        self.at += 1;
    }

    fn key(&mut self, key: String) {
        match self.levels.last_mut() {
            Some(Level::Object(place, _)) => *place = Some(key),
            // Broken JSON: a name outside of any object counts for what follows it.
            _ => self.levels.push(Level::Object(Some(key), false)),
        }
    }

    /// The key that a value stands behind, also when it stands in a list there.
    fn last_key(&self) -> Option<&str> {
        self.levels.iter().rev().find_map(|level| match level {
            Level::Object(key, _) => Some(key.as_deref()),
            Level::Array(..) => None,
        })?
    }

    fn path(&self) -> impl ExactSizeIterator<Item = Cow<'_, str>> {
        self.levels.iter().map(|level| match level {
            Level::Object(key, _) => Cow::Borrowed(key.as_deref().unwrap_or_default()),
            Level::Array(index, _) => Cow::Owned(index.to_string()),
        })
    }

    /// Where the string that begins here has its closing quote, or the end of everything.
    fn end_of_string(&self) -> usize {
        let mut at = self.at + 1;
        while let Some(ahead) = self
            .json
            .get(at..)
            .and_then(|rest| memchr::memchr2(b'"', b'\\', rest))
        {
            at += ahead;
            if self.json[at] == b'"' {
                return at;
            }
            at += 2;
        }
        self.json.len()
    }

    /// Where the object or array that begins here ends, or the end of everything.
    fn end_of_value(&self) -> usize {
        let mut inner = Walk {
            json: self.json,
            at: self.at,
            levels: Vec::new(),
            written: None,
            copied: 0,
        };
        let mut depth = 0_usize;
        while let Some(&byte) = inner.json.get(inner.at) {
            match byte {
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth = depth.saturating_sub(1),
                b'"' => inner.at = inner.end_of_string(),
                _ => {}
            }
            inner.at += 1;
            if depth == 0 {
                return inner.at.min(self.json.len());
            }
        }
        self.json.len()
    }

    fn end_of_scalar(&self) -> usize {
        let ends = |byte: &u8| byte.is_ascii_whitespace() || b",:{}[]\"".contains(byte);
        let length = self.json[self.at..].iter().position(ends);
        length.map_or(self.json.len(), |length| self.at + length.max(1))
    }

    /// Goes on behind a string, with another text in its place if there is one.
    fn write(&mut self, end: usize, text: Option<&str>) {
        match text {
            None => self.at = end,
            Some(text) => {
                let quoted = serde_json::Value::from(text).to_string();
                self.replace(end, quoted.as_bytes());
            }
        }
    }

    fn replace(&mut self, end: usize, by: &[u8]) {
        let written = self
            .written
            .get_or_insert_with(|| Vec::with_capacity(self.json.len()));
        written.extend_from_slice(&self.json[self.copied..self.at]);
        written.extend_from_slice(by);
        self.at = end;
        self.copied = end;
    }

    fn finish(self) -> Option<Vec<u8>> {
        let mut written = self.written?;
        written.extend_from_slice(&self.json[self.copied..]);
        (written != self.json).then_some(written)
    }
}

/// A string's text: its escapes resolved as far as they can be.
fn unescape(raw: &[u8]) -> Cow<'_, str> {
    if !raw.contains(&b'\\') {
        return String::from_utf8_lossy(raw);
    }
    let quoted = [b"\"", raw, b"\""].concat();
    match serde_json::from_slice::<String>(&quoted) {
        Ok(text) => Cow::Owned(text),
        Err(_) => Cow::Owned(
            String::from_utf8_lossy(raw)
                .replace("\\/", "/")
                .replace("\\\"", "\""),
        ),
    }
}
