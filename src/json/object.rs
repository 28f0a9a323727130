//! Objects to be written: each list of members stands once, for serde natively and for JavaScript. What serde derives, and the crate
//! that makes JavaScript's objects of it, take a hundredth of the WebAssembly module.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

/// What is written as an object.
pub(crate) trait Object {
    fn write(&self, members: &mut impl Members);
}

/// Takes the members of an object, one after the other.
pub(crate) trait Members {
    fn flag(&mut self, name: &'static str, value: bool);

    fn number(&mut self, name: &'static str, value: i64);

    fn text(&mut self, name: &'static str, value: &str);

    fn texts<T: AsRef<str>>(&mut self, name: &'static str, values: &[T]);

    fn object(&mut self, name: &'static str, value: &impl Object);

    fn objects(&mut self, name: &'static str, values: &[impl Object]);

    /// A member that may be left out.
    fn some_text(&mut self, name: &'static str, value: Option<&str>) {
        if let Some(value) = value {
            self.text(name, value);
        }
    }

    /// A member that may be left out.
    fn some_object(&mut self, name: &'static str, value: Option<&impl Object>) {
        if let Some(value) = value {
            self.object(name, value);
        }
    }
}

/// An object as serde takes it.
pub(crate) struct AsMap<'a, O>(pub(crate) &'a O);

impl<O: Object> Serialize for AsMap<'_, O> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut entries = Entries { map: serializer.serialize_map(None)?, result: Ok(()) };
        self.0.write(&mut entries);
        entries.result?;
        entries.map.end()
    }
}

struct Entries<M: SerializeMap> {
    map: M,
    result: Result<(), M::Error>,
}

impl<M: SerializeMap> Entries<M> {
    fn add(&mut self, name: &'static str, value: &(impl Serialize + ?Sized)) {
        if self.result.is_ok() {
            self.result = self.map.serialize_entry(name, value);
        }
    }
}

impl<M: SerializeMap> Members for Entries<M> {
    fn flag(&mut self, name: &'static str, value: bool) {
        self.add(name, &value);
    }

    fn number(&mut self, name: &'static str, value: i64) {
        self.add(name, &value);
    }

    fn text(&mut self, name: &'static str, value: &str) {
        self.add(name, value);
    }

    fn texts<T: AsRef<str>>(&mut self, name: &'static str, values: &[T]) {
        self.add(name, &values.iter().map(AsRef::as_ref).collect::<Vec<&str>>());
    }

    fn object(&mut self, name: &'static str, value: &impl Object) {
        self.add(name, &AsMap(value));
    }

    fn objects(&mut self, name: &'static str, values: &[impl Object]) {
        self.add(name, &values.iter().map(AsMap).collect::<Vec<_>>());
    }
}

macro_rules! serialize_as_maps {
    ($($object:ty),* $(,)?) => {
        $(impl serde::Serialize for $object {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                $crate::json::AsMap(self).serialize(serializer)
            }
        })*
    };
}
pub(crate) use serialize_as_maps;

/// The same as the text of which JavaScript makes an object.
#[cfg(any(target_arch = "wasm32", test))]
pub(crate) fn object_text(object: &impl Object) -> String {
    let mut text = Text(String::with_capacity(512));
    text.write(object);
    text.0
}

#[cfg(any(target_arch = "wasm32", test))]
struct Text(String);

#[cfg(any(target_arch = "wasm32", test))]
impl Text {
    fn write(&mut self, object: &impl Object) {
        self.0.push('{');
        object.write(self);
        self.0.push('}');
    }

    #[inline(never)]
    fn name(&mut self, name: &'static str) {
        self.separate();
        write_string(&mut self.0, name);
        self.0.push(':');
    }

    fn separate(&mut self) {
        if !self.0.ends_with(['{', '[']) {
            self.0.push(',');
        }
    }
}

#[cfg(any(target_arch = "wasm32", test))]
impl Members for Text {
    fn flag(&mut self, name: &'static str, value: bool) {
        self.name(name);
        self.0.push_str(if value { "true" } else { "false" });
    }

    #[inline(never)]
    fn number(&mut self, name: &'static str, value: i64) {
        self.name(name);
        self.0.push_str(&value.to_string());
    }

    #[inline(never)]
    fn text(&mut self, name: &'static str, value: &str) {
        self.name(name);
        write_string(&mut self.0, value);
    }

    fn texts<T: AsRef<str>>(&mut self, name: &'static str, values: &[T]) {
        self.name(name);
        self.0.push('[');
        for value in values {
            self.separate();
            write_string(&mut self.0, value.as_ref());
        }
        self.0.push(']');
    }

    fn object(&mut self, name: &'static str, value: &impl Object) {
        self.name(name);
        self.write(value);
    }

    fn objects(&mut self, name: &'static str, values: &[impl Object]) {
        self.name(name);
        self.0.push('[');
        for value in values {
            self.separate();
            self.write(value);
        }
        self.0.push(']');
    }
}

/// Writes a JSON string and escapes only what JSON demands; `&`, `<` and `/` stay, as CloudFront rebuilds them.
pub(crate) fn write_string(json: &mut String, text: &str) {
    json.push('"');
    let mut rest = text;
    while let Some(at) = rest.bytes().position(|byte| byte < b' ' || byte == b'"' || byte == b'\\') {
        let (plain, from) = rest.split_at(at);
        json.push_str(plain);
        let mut characters = from.chars();
        match characters.next() {
            Some('\n') => json.push_str("\\n"),
            Some('\r') => json.push_str("\\r"),
            Some('\t') => json.push_str("\\t"),
            Some('\u{8}') => json.push_str("\\b"),
            Some('\u{c}') => json.push_str("\\f"),
            Some(control) if control < ' ' => json.push_str(&format!("\\u{:04x}", control as u32)),
            Some(other) => json.extend(['\\', other]),
            None => {}
        }
        rest = characters.as_str();
    }
    json.push_str(rest);
    json.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Inner(&'static str);

    impl Object for Inner {
        fn write(&self, members: &mut impl Members) {
            members.some_text("left out", None);
            members.text("text", self.0);
        }
    }

    struct Outer;

    impl Object for Outer {
        fn write(&self, members: &mut impl Members) {
            members.flag("flag", true);
            members.number("number", i64::MIN);
            members.object("object", &Inner("a\"\\\u{0}\u{1f}\n\r\t\u{8}\u{c}&</é\u{7f}"));
            members.some_object("left out", None::<&Inner>);
            members.texts("texts", &["", "{", "["]);
            members.texts("no texts", &[""; 0]);
            members.objects("objects", &[Inner(""), Inner("{")]);
        }
    }

    #[test]
    fn writes_what_serde_json_writes() {
        assert_eq!(object_text(&Outer), serde_json::to_string(&AsMap(&Outer)).unwrap());
    }
}
