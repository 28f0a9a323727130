//! A tree for untrusted JSON. It keeps duplicates, order and spelling, so that `inspect` can show them; `serde_json`'s own tree
//! drops duplicate members.

use std::borrow::Cow;
use std::fmt;

use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// A value. Members keep their order, and duplicates stay.
#[derive(Debug, PartialEq)]
pub(crate) enum Json<'a> {
    Object(Vec<(Cow<'a, str>, Json<'a>)>),
    Array(Vec<Json<'a>>),
    /// Borrowed if it has no escapes.
    Text(Cow<'a, str>),
    Integer(i64),
    /// A number that is no `i64`, or is not written as one.
    Number,
    /// `true`, `false` or `null`.
    Word,
}

impl<'a> Json<'a> {
    /// Reads a text, or says what is wrong with it, and where.
    pub(crate) fn parse(text: &'a str) -> Result<Self, String> {
        serde_json::from_str(text).map_err(|error| error.to_string())
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
}

/// The name of a member.
#[derive(Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'de> Deserialize<'de> for Json<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;

        impl<'de> Visitor<'de> for Any {
            type Value = Json<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("JSON")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Json<'de>, A::Error> {
                let mut members = Vec::new();
                while let Some((Name(name), value)) = object.next_entry()? {
                    members.push((name, value));
                }
                Ok(Json::Object(members))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<Json<'de>, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = array.next_element()? {
                    items.push(item);
                }
                Ok(Json::Array(items))
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Json<'de>, E> {
                Ok(Json::Text(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Json<'de>, E> {
                Ok(Json::Text(Cow::Owned(text.to_owned())))
            }

            fn visit_i64<E>(self, number: i64) -> Result<Json<'de>, E> {
                Ok(Json::Integer(number))
            }

            fn visit_u64<E>(self, number: u64) -> Result<Json<'de>, E> {
                Ok(i64::try_from(number).map_or(Json::Number, Json::Integer))
            }

            fn visit_f64<E>(self, _: f64) -> Result<Json<'de>, E> {
                Ok(Json::Number)
            }

            fn visit_bool<E>(self, _: bool) -> Result<Json<'de>, E> {
                Ok(Json::Word)
            }

            fn visit_unit<E>(self) -> Result<Json<'de>, E> {
                Ok(Json::Word)
            }
        }

        deserializer.deserialize_any(Any)
    }
}

/// Writes JSON with one member a line; the spelling of everything else stays.
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
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    #[test]
    fn keeps_order_and_what_comes_twice() {
        let read = Json::parse(r#"{"b":1,"a":[true,1.5,"x"],"b":-0}"#).unwrap();
        let members = [
            ("b".into(), Json::Integer(1)),
            ("a".into(), Json::Array(vec![Json::Word, Json::Number, Json::Text("x".into())])),
            ("b".into(), Json::Number),
        ];
        assert_eq!(read, Json::Object(members.into()));
        for text in ["", "no", "{", r#"{"a":1}x"#, &"[".repeat(100_000)] {
            assert!(Json::parse(text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn indents_as_serde_json_does(text in ".{0,40}", number: i64, float: f64) {
            let value = serde_json::json!({ text.clone(): [text, number, float, null, true, { "a": {} }] });
            for written in [value.to_string(), serde_json::to_string_pretty(&value).unwrap()] {
                prop_assert_eq!(indented(&written), serde_json::to_string_pretty(&value).unwrap());
            }
        }
    }

    #[test]
    fn indents_what_comes_twice() {
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
