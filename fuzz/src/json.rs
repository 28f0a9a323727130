//! JSON (RFC 8259), read character by character. Duplicate members and their order are preserved.

pub enum Json {
    Object(Vec<(String, Json)>),
    Array(Vec<Json>),
    Text(String),
    /// As it is written.
    Number(String),
    Other,
}

/// Deeper than any policy. Anything deeper is refused.
const DEEPEST: usize = 16;

pub fn parse(text: &str) -> Option<Json> {
    let mut reader = Reader { rest: text };
    let value = reader.value(0)?;
    reader.space();
    reader.rest.is_empty().then_some(value)
}

struct Reader<'a> {
    rest: &'a str,
}

impl Reader<'_> {
    fn space(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\r', '\n']);
    }

    fn takes(&mut self, text: &str) -> bool {
        self.rest.strip_prefix(text).map(|rest| self.rest = rest).is_some()
    }

    fn value(&mut self, depth: usize) -> Option<Json> {
        if depth > DEEPEST {
            return None;
        }
        self.space();
        match self.rest.chars().next()? {
            '{' => self
                .list('}', |reader| {
                    reader.space();
                    let name = reader.text()?;
                    reader.space();
                    if !reader.takes(":") {
                        return None;
                    }
                    Some((name, reader.value(depth + 1)?))
                })
                .map(Json::Object),
            '[' => self.list(']', |reader| reader.value(depth + 1)).map(Json::Array),
            '"' => self.text().map(Json::Text),
            '-' | '0'..='9' => self.number().map(Json::Number),
            _ => ["true", "false", "null"].iter().any(|word| self.takes(word)).then_some(Json::Other),
        }
    }

    /// The comma-separated items between an opening bracket and its closing one.
    fn list<T>(&mut self, end: char, mut item: impl FnMut(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        self.rest = &self.rest[1..];
        let mut items = Vec::new();
        self.space();
        if self.takes(&end.to_string()) {
            return Some(items);
        }
        loop {
            items.push(item(self)?);
            self.space();
            if self.takes(&end.to_string()) {
                return Some(items);
            }
            if !self.takes(",") {
                return None;
            }
        }
    }

    fn text(&mut self) -> Option<String> {
        if !self.takes("\"") {
            return None;
        }
        let mut text = String::new();
        loop {
            let character = self.character()?;
            match character {
                '"' => return Some(text),
                '\\' => text.push(self.escape()?),
                '\0'..='\u{1f}' => return None,
                other => text.push(other),
            }
        }
    }

    fn character(&mut self) -> Option<char> {
        let character = self.rest.chars().next()?;
        self.rest = &self.rest[character.len_utf8()..];
        Some(character)
    }

    fn escape(&mut self) -> Option<char> {
        Some(match self.character()? {
            character @ ('"' | '\\' | '/') => character,
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => {
                let first = self.unit()?;
                if !(0xd800..0xdc00).contains(&first) {
                    return char::from_u32(first);
                }
                let second = if self.takes("\\u") { self.unit()? } else { 0 };
                if !(0xdc00..0xe000).contains(&second) {
                    return None;
                }
                char::from_u32(0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00))?
            }
            _ => return None,
        })
    }

    fn unit(&mut self) -> Option<u32> {
        (0..4).try_fold(0, |unit, _| Some(unit << 4 | self.character()?.to_digit(16)?))
    }

    fn digits(&mut self) -> bool {
        let before = self.rest.len();
        self.rest = self.rest.trim_start_matches(|c: char| c.is_ascii_digit());
        self.rest.len() < before
    }

    fn number(&mut self) -> Option<String> {
        let from = self.rest;
        self.takes("-");
        if !self.takes("0") && !self.digits() {
            return None;
        }
        if self.takes(".") && !self.digits() {
            return None;
        }
        if self.takes("e") || self.takes("E") {
            let _ = self.takes("+") || self.takes("-");
            if !self.digits() {
                return None;
            }
        }
        Some(from[..from.len() - self.rest.len()].to_owned())
    }
}
