//! JSON (RFC 8259) that nobody vouches for: read strictly and kept as it stands, so that what is doubled, out of order or oddly
//! spelt stays to be seen.
//!
//! And JSON that is written. A reader and a writer of our own, since the crate `serde_json` with what serde derives for a policy takes ten times as much of the WebAssembly
//! module; the tests hold it against that crate.

mod object;

#[cfg(target_arch = "wasm32")]
pub(crate) use object::object_text;
pub(crate) use object::{AsMap, Members, Object, serialize_as_maps, write_string};

/// A value. Members keep their order, and one that comes twice is there twice.
#[derive(Debug, PartialEq)]
pub(crate) enum Json {
    Object(Vec<(String, Json)>),
    Array(Vec<Json>),
    Text(String),
    Integer(i64),
    /// A number that is no `i64`, or is not written as one.
    Number,
    /// `true`, `false` or `null`.
    Word(&'static str),
}

/// How deep arrays and objects may stand in each other.
const DEEPEST: usize = 127;

impl Json {
    /// Reads a text, or says what is expected in it, and where.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut reader = Reader { text, at: 0 };
        reader.document().map_err(|expected| {
            let before = text.get(..reader.at).unwrap_or(text);
            format!(
                "{expected} is expected at line {}, column {}",
                before.bytes().filter(|byte| *byte == b'\n').count().saturating_add(1),
                before.chars().rev().take_while(|character| *character != '\n').count().saturating_add(1)
            )
        })
    }

    /// The first member of this name.
    pub(crate) fn get(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Object(members) => members.iter().find(|(member, _)| member == name).map(|(_, value)| value),
            _ => None,
        }
    }

    pub(crate) fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// What it is, for messages.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Object(_) => "an object",
            Self::Array(_) => "an array",
            Self::Text(_) => "a string",
            Self::Integer(_) => "a whole number",
            Self::Number => "a number that is too long, or has a fraction or an exponent",
            Self::Word(word) => word,
        }
    }
}

/// What is expected where the reader stands.
type Read<T> = Result<T, &'static str>;

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn document(&mut self) -> Read<Json> {
        let value = self.value(0)?;
        self.skip_space();
        if self.at == self.text.len() { Ok(value) } else { Err("nothing more") }
    }

    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn takes(&mut self, token: &str) -> bool {
        let takes = self.rest().starts_with(token);
        if takes {
            self.at += token.len();
        }
        takes
    }

    fn skip_while(&mut self, skipped: impl Fn(u8) -> bool) {
        self.at += self.rest().bytes().take_while(|byte| skipped(*byte)).count();
    }

    fn skip_space(&mut self) {
        self.skip_while(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n'));
    }

    fn takes_after_space(&mut self, token: &str) -> bool {
        self.skip_space();
        self.takes(token)
    }

    fn value(&mut self, depth: usize) -> Read<Json> {
        self.skip_space();
        match self.rest().bytes().next() {
            Some(b'{' | b'[') if depth == DEEPEST => Err("something less deep"),
            Some(b'{') => {
                let mut members = Vec::new();
                self.list("}", ", or }", &mut |reader| {
                    reader.skip_space();
                    let name = reader.string()?;
                    if !reader.takes_after_space(":") {
                        return Err(":");
                    }
                    members.push((name, reader.value(depth + 1)?));
                    Ok(())
                })?;
                Ok(Json::Object(members))
            }
            Some(b'[') => {
                let mut items = Vec::new();
                self.list("]", ", or ]", &mut |reader| {
                    items.push(reader.value(depth + 1)?);
                    Ok(())
                })?;
                Ok(Json::Array(items))
            }
            Some(b'"') => self.string().map(Json::Text),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ => ["true", "false", "null"].into_iter().find(|word| self.takes(word)).map(Json::Word).ok_or("a value"),
        }
    }

    /// Takes a bracket, and what stands between it and the one that closes it.
    fn list(&mut self, end: &str, expected: &'static str, item: &mut dyn FnMut(&mut Self) -> Read<()>) -> Read<()> {
        self.at += 1;
        if self.takes_after_space(end) {
            return Ok(());
        }
        loop {
            item(self)?;
            if self.takes_after_space(end) {
                return Ok(());
            }
            if !self.takes(",") {
                return Err(expected);
            }
        }
    }

    fn string(&mut self) -> Read<String> {
        if !self.takes("\"") {
            return Err("a string");
        }
        let mut string = String::new();
        loop {
            let from = self.at;
            self.skip_while(|byte| byte >= b' ' && byte != b'"' && byte != b'\\');
            string.push_str(self.text.get(from..self.at).unwrap_or_default());
            if self.takes("\"") {
                return Ok(string);
            }
            if !self.takes("\\") {
                return Err("the end of a string, or an escape in it,");
            }
            string.push(self.escaped()?);
        }
    }

    fn escaped(&mut self) -> Read<char> {
        let character = self.rest().chars().next().unwrap_or_default();
        let meant = match character {
            '"' | '\\' | '/' => character,
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => {
                self.at += 1;
                return self.code_point().ok_or("an escape of four hexadecimal digits, or a pair of them,");
            }
            _ => return Err("an escape"),
        };
        self.at += 1;
        Ok(meant)
    }

    /// What stands after `\u`; characters beyond U+FFFF are written as two surrogates.
    fn code_point(&mut self) -> Option<char> {
        let first = self.hexadecimal()?;
        if first & 0xfc00 != 0xd800 {
            return char::from_u32(first);
        }
        let second = if self.takes("\\u") { self.hexadecimal()? } else { 0 };
        if second & 0xfc00 != 0xdc00 {
            return None;
        }
        char::from_u32(0x1_0000 + ((first & 0x3ff) << 10 | second & 0x3ff))
    }

    fn hexadecimal(&mut self) -> Option<u32> {
        let digits = self.rest().get(..4)?;
        let unit = digits.chars().try_fold(0, |unit, digit| Some(unit << 4 | digit.to_digit(16)?))?;
        self.at += 4;
        Some(unit)
    }

    fn number(&mut self) -> Read<Json> {
        let from = self.at;
        self.takes("-");
        if !self.takes("0") {
            self.digits()?;
        }
        if self.takes(".") {
            self.digits()?;
        }
        if self.takes("e") || self.takes("E") {
            let _ = self.takes("+") || self.takes("-");
            self.digits()?;
        }
        match self.text.get(from..self.at).unwrap_or_default() {
            // Zero has no sign in a whole number.
            "-0" => Ok(Json::Number),
            written => Ok(written.parse().map_or(Json::Number, Json::Integer)),
        }
    }

    fn digits(&mut self) -> Read<()> {
        let from = self.at;
        self.skip_while(|byte| byte.is_ascii_digit());
        if self.at > from { Ok(()) } else { Err("a digit") }
    }
}

/// A text that is JSON with a line for each member, and everything in it spelt as it is.
pub(crate) fn indented(json: &str) -> String {
    let mut out = String::with_capacity(json.len().saturating_mul(2));
    let mut depth: usize = 0;
    let (mut in_string, mut escaped) = (false, false);
    let mut before = ' ';
    for character in json.chars() {
        if in_string {
            out.push(character);
            in_string = escaped || character != '"';
            escaped = !escaped && character == '\\';
            continue;
        }
        if character.is_ascii_whitespace() {
            continue;
        }
        let is_first = matches!(before, '{' | '[');
        let is_last = matches!(character, '}' | ']');
        depth = depth.saturating_sub(usize::from(is_last));
        if is_first != is_last || before == ',' {
            out.push('\n');
            out.extend(std::iter::repeat_n("  ", depth));
        }
        out.push(character);
        if character == ':' {
            out.push(' ');
        }
        depth = depth.saturating_add(usize::from(matches!(character, '{' | '[')));
        in_string = character == '"';
        before = character;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::Value;

    fn same(json: &Json, value: &Value) -> bool {
        match (json, value) {
            (Json::Object(members), Value::Object(map)) => {
                members.len() == map.len() && members.iter().zip(map).all(|((a, json), (b, value))| a == b && same(json, value))
            }
            (Json::Array(items), Value::Array(values)) => {
                items.len() == values.len() && items.iter().zip(values).all(|(json, value)| same(json, value))
            }
            (Json::Text(a), Value::String(b)) => a == b,
            (Json::Integer(a), Value::Number(b)) => b.as_i64() == Some(*a),
            (Json::Number, Value::Number(number)) => number.as_i64().is_none(),
            (Json::Word(word), Value::Bool(value)) => *word == if *value { "true" } else { "false" },
            (Json::Word(word), Value::Null) => *word == "null",
            _ => false,
        }
    }

    /// Whether both read it, and as the same; a number that is too large for `serde_json` is one here.
    fn check(text: &str) {
        match (Json::parse(text), serde_json::from_str::<Value>(text)) {
            (Ok(json), Ok(value)) => assert!(same(&json, &value) || has_doubled_name(&json), "{text}: {json:?} {value}"),
            (Err(_), Err(_)) => {}
            (Ok(_), Err(error)) => assert!(error.to_string().starts_with("number out of range"), "{text}: {error}"),
            (Err(error), Ok(_)) => panic!("{text}: {error}"),
        }
    }

    fn has_doubled_name(json: &Json) -> bool {
        match json {
            Json::Object(members) => members
                .iter()
                .enumerate()
                .any(|(at, (name, value))| members.iter().take(at).any(|(before, _)| before == name) || has_doubled_name(value)),
            Json::Array(items) => items.iter().any(has_doubled_name),
            _ => false,
        }
    }

    #[test]
    fn reads_what_serde_json_reads() {
        let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        for text in [
            "",
            " ",
            "x",
            "nul",
            "null",
            " true\r\n",
            "falsey",
            "\u{feff}1",
            "\u{a0}1",
            "1 2",
            "0",
            "-0",
            "00",
            "01",
            "-",
            "-01",
            "+1",
            "1.",
            ".5",
            "1.5",
            "-0.0",
            "1e",
            "1e5",
            "1E+5",
            "1e-5",
            "1e+",
            "1e999",
            "1.0",
            "9223372036854775807",
            "9223372036854775808",
            "-9223372036854775808",
            "-9223372036854775809",
            "123456789012345678901234567890",
            "1_0",
            "0x1",
            "\"",
            "\"\"",
            "\"a",
            "\"a\"b",
            "\"é𝄞\"",
            "\"\t\"",
            "\"\u{7f}\"",
            "\"\0\"",
            r#""\"\\\/\b\f\n\r\t""#,
            r#""\a""#,
            r#""\"#,
            r#""\u00e9\uD834\udd1e""#,
            r#""\u""#,
            r#""\u12""#,
            r#""\u12"5""#,
            r#""\u+123""#,
            r#""\u123é""#,
            r#""\ud834""#,
            r#""\ud834\n""#,
            r#""\ud834\u0041""#,
            r#""\udd1e""#,
            r#""\ud834\ud834""#,
            r#""\uffff\u0000""#,
            "[]",
            "[ ]",
            "[1,]",
            "[,1]",
            "[1 2]",
            "[1,2",
            "[",
            "]",
            "[}",
            "{}",
            "{ }",
            "{]",
            r#"{"a":1}"#,
            r#"{"a" : 1 , "b":[{}]}"#,
            r#"{"a"}"#,
            r#"{"a":}"#,
            r#"{"a":1,}"#,
            r#"{a:1}"#,
            r#"{1:1}"#,
            r#"{"a":1 "b":2}"#,
            r#"{"a":1,"a":2}"#,
            r#"{"":{"":""}}"#,
            "// a\n1",
            "'a'",
            "NaN",
            "Infinity",
            &nested(127),
            &nested(128),
            &"[".repeat(100_000),
            &"{\"\":".repeat(100_000),
        ] {
            check(text);
        }
    }

    proptest! {
        #[test]
        fn reads_what_serde_json_reads_of_any_text(text in r#"([\[\]{},: "\\uU0-9aAeE.+-]|true|null|\\u[dD][89a-fA-F][0-9a-f]{2}|"[a-z\\"]{0,3}"|"a":|\PC){0,24}"#) {
            check(&text);
        }

        #[test]
        fn reads_what_serde_json_writes(text in ".{0,40}", number: i64, float: f64) {
            let value = serde_json::json!({ text.clone(): [text, number, float, null, true, { "a": {} }] });
            for written in [value.to_string(), serde_json::to_string_pretty(&value).unwrap()] {
                check(&written);
                prop_assert_eq!(indented(&written), serde_json::to_string_pretty(&value).unwrap());
            }
        }
    }

    #[test]
    fn says_what_is_expected_and_where() {
        for (text, expected) in [
            ("", "a value is expected at line 1, column 1"),
            ("{\"é\":1;", ", or } is expected at line 1, column 7"),
            ("[1,\n 2,\n x", "a value is expected at line 3, column 2"),
            ("[1]]", "nothing more is expected at line 1, column 4"),
            ("{a:1}", "a string is expected at line 1, column 2"),
            ("\"a\n\"", "the end of a string, or an escape in it, is expected at line 1, column 3"),
        ] {
            assert_eq!(Json::parse(text).unwrap_err(), expected, "{text}");
        }
    }

    #[test]
    fn indents_as_serde_json_does() {
        for text in [
            r#"{"Statement":[{"Resource":"https://d.net/{[,:]}\"\\","Condition":{"DateLessThan":{"AWS:EpochTime":1}}}]}"#,
            r#"[ ]"#,
            r#"{"a" : [1 , 2.5, true , null, "é"], "b":{ }, "c":[[]], "a":"\\\""}"#,
            "1",
        ] {
            let value: Value = serde_json::from_str(&text.replace("\"a\":\"", "\"d\":\"")).unwrap();
            assert_eq!(indented(text).replace("\"a\": \"", "\"d\": \""), serde_json::to_string_pretty(&value).unwrap());
        }
    }
}
