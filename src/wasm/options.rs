//! Options: plain objects with known names only, each value of the type that it takes. Reading one never runs code of the
//! caller's beyond its getters, and never fails with anything but an error of ours.

use js_sys::{Array, ArrayBuffer, Function, JsString, Object, Reflect, Symbol, Uint8Array};
use wasm_bindgen::prelude::*;
use zeroize::Zeroizing;

use crate::date::DateInput;
use crate::error::{Error, ErrorCode, Result, quoted};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = Object, js_name = assign, catch)]
    fn assign(target: &Object, source: &JsValue) -> Result<Object, JsValue>;

    #[wasm_bindgen(js_namespace = ["Date", "prototype", "getTime"], js_name = call, catch)]
    fn time_of(date: &JsValue) -> Result<f64, JsValue>;

    #[wasm_bindgen(js_namespace = Array, js_name = isArray, catch)]
    fn is_array(value: &JsValue) -> Result<bool, JsValue>;

    #[wasm_bindgen(js_namespace = Array, js_name = from, catch)]
    fn array_from(iterable: &JsValue) -> Result<Array, JsValue>;

    #[wasm_bindgen(js_name = Uint8Array)]
    type Copy;

    #[wasm_bindgen(constructor, catch, js_class = "Uint8Array")]
    fn new(view: &JsValue) -> Result<Copy, JsValue>;
}

#[wasm_bindgen(raw_module = "../text.js")]
extern "C" {
    #[wasm_bindgen(js_name = isTooLong)]
    fn is_too_long(value: &JsValue) -> bool;

    /// As much of a string as is taken; whatever else is passed, as it is. For what has to be looked at, and is too long anyway.
    pub(super) fn beginning(value: &JsValue) -> JsValue;

    /// Whether a string is ASCII, and was written to as many bytes as it has characters.
    #[wasm_bindgen(js_name = writeAscii)]
    fn write_ascii(text: &JsString, bytes: &mut [u8]) -> bool;
}

fn invalid(message: String) -> Error {
    Error::new(ErrorCode::InvalidOption, message)
}

/// An object whose members are all named in `FIELDS`, in snake case where JavaScript has camel case.
pub(super) trait OptionsObject {
    const FIELDS: &'static [&'static str];

    /// Takes a value for each field, in their order; those that are not given are `undefined`.
    fn of(values: impl Iterator<Item = JsValue>) -> Self;
}

/// Reads a plain object into `T`, whose fields are the only names that it may have.
pub(super) fn read<T: OptionsObject>(options: &JsValue, what: &str) -> Result<T> {
    Ok(T::of(values(options, what, T::FIELDS)?.into_iter()))
}

/// One for all types of options: what serde derives takes a fortieth of the module.
fn values(options: &JsValue, what: &str, fields: &[&str]) -> Result<Vec<JsValue>> {
    let copy = plain_copy(options, what)?;
    let mut values = vec![JsValue::UNDEFINED; fields.len()];
    for key in Object::keys(&copy).iter() {
        let name = key.as_string().unwrap_or_default();
        let Some((_, value)) = fields.iter().zip(values.iter_mut()).find(|(field, _)| written(field).eq(name.chars())) else {
            let known: Vec<String> = fields.iter().map(|field| written(field).collect()).collect();
            return Err(invalid(format!("{what}: the option {} is unknown; known are {}", quoted(&name), known.join(", "))));
        };
        // Reading a member of an object that was just made cannot fail.
        *value = Reflect::get(&copy, &key).unwrap_or_default();
    }
    Ok(values)
}

/// A field's name as JavaScript has it.
fn written(field: &str) -> impl Iterator<Item = char> {
    let mut after_underscore = false;
    field.trim_start_matches("r#").chars().filter_map(move |character| {
        let is_first = std::mem::replace(&mut after_underscore, character == '_');
        (character != '_').then_some(if is_first { character.to_ascii_uppercase() } else { character })
    })
}

/// Copies the object's own members to one without a prototype: so a getter that throws is ours to report, and what others
/// put on `Object.prototype` is not taken for an option. An object whose prototype may hold members is refused, because
/// they would be lost.
fn plain_copy(options: &JsValue, what: &str) -> Result<Object> {
    let not_plain =
        || invalid(format!("{what} is {}; it takes a plain object", kind(options))).with_hint("Pass an object literal, { … }.");
    if !options.is_object() || is_array(options).unwrap_or(true) {
        return Err(not_plain());
    }
    let prototype = Reflect::get_prototype_of(options).map_err(|_| not_plain())?;
    // The root of every realm has no prototype itself; a program may have several realms.
    if !prototype.is_null() && !Reflect::get_prototype_of(&prototype).is_ok_and(|root| root.is_null()) {
        return Err(not_plain());
    }
    let empty = Object::create(JsValue::NULL.unchecked_ref());
    assign(&empty, options).map_err(|_| invalid(format!("{what}: reading an option threw an error")))
}

/// The names and values of a plain object that may have any.
pub(super) fn record(value: &JsValue, what: &str) -> Result<Vec<(String, JsValue)>> {
    let copy = plain_copy(value, what)?;
    let names = Object::keys(&copy);
    let pair = |name: String| {
        // Reading a member of an object that was just made cannot fail.
        let value = Reflect::get(&copy, &name.as_str().into()).unwrap_or_default();
        (name, value)
    };
    Ok(names.iter().filter_map(|name| name.as_string()).map(pair).collect())
}

/// Plain objects and arrays, and numbers where Rust has integers.
pub(super) fn to_object(value: &impl serde::Serialize) -> Result<JsValue, JsValue> {
    let object = value.serialize(&serde_wasm_bindgen::Serializer::new());
    // Nothing in these types can fail to be written.
    object.map_err(|_| Error::new(ErrorCode::InvalidOption, "the result cannot be written").into())
}

/// What a value is, for messages; never what is in it.
pub(super) fn kind(value: &JsValue) -> &'static str {
    match value.js_typeof().as_string().as_deref() {
        Some("undefined") => "undefined",
        Some("string") if is_too_long(value) => "a string of more than 1,000,000 characters",
        Some("string") => "a string",
        Some("number") => "a number",
        Some("boolean") => "a boolean",
        Some("bigint") => "a BigInt",
        Some("symbol") => "a symbol",
        Some("function") => "a function",
        _ if value.is_null() => "null",
        _ if is_array(value).unwrap_or_default() => "an array",
        _ => "an object",
    }
}

/// A string, if it is one that is not too long.
pub(super) fn string(value: &JsValue) -> Option<String> {
    if value.is_string() && !is_too_long(value) { value.as_string() } else { None }
}

/// A long string as UTF-8: the glue takes ASCII character by character, which is quicker for short ones alone.
pub(super) fn utf8(text: &JsString) -> Vec<u8> {
    let mut bytes = vec![0; text.length() as usize];
    if write_ascii(text, &mut bytes) { bytes } else { String::from(text).into_bytes() }
}

pub(super) fn text(value: &JsValue, name: &str) -> Result<Option<String>> {
    optional(value, name, "a string", string)
}

pub(super) fn boolean(value: &JsValue, name: &str) -> Result<bool> {
    Ok(optional(value, name, "true or false", JsValue::as_bool)?.unwrap_or_default())
}

pub(super) fn number(value: &JsValue, name: &str) -> Result<Option<f64>> {
    optional(value, name, "a number", JsValue::as_f64)
}

/// A `Date`, a number or text.
pub(super) fn date(value: &JsValue, name: &str) -> Result<Option<DateInput>> {
    optional(value, name, "a Date, a number or a string", |value| {
        if let Some(number) = value.as_f64() {
            return Some(DateInput::Number(number));
        }
        if let Some(text) = string(value) {
            return Some(DateInput::Text(text));
        }
        time_of(value).ok().map(DateInput::Milliseconds)
    })
}

/// Text as UTF-8, or bytes.
pub(super) fn bytes(value: &JsValue, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>> {
    optional(value, name, "a string or a Uint8Array", |value| {
        if let Some(text) = value.dyn_ref::<JsString>().filter(|_| !is_too_long(value)) {
            return Some(Zeroizing::new(utf8(text)));
        }
        // A view of another kind has elements that are no bytes.
        let tag = Reflect::get(value, &Symbol::to_string_tag()).ok().and_then(|tag| tag.as_string());
        if !ArrayBuffer::is_view(value) || tag.as_deref() != Some("Uint8Array") {
            return None;
        }
        let copy = Copy::new(value).ok()?.unchecked_into::<Uint8Array>();
        let bytes = (!is_too_long(&copy)).then(|| Zeroizing::new(copy.to_vec()));
        copy.fill(0, 0, copy.length());
        bytes
    })
}

fn optional<T>(value: &JsValue, name: &str, wanted: &str, read: impl Fn(&JsValue) -> Option<T>) -> Result<Option<T>> {
    if value.is_undefined() {
        return Ok(None);
    }
    match read(value) {
        Some(read) => Ok(Some(read)),
        None => Err(invalid(format!("{name} is {}; it takes {wanted}", kind(value))).with_hint(if value.is_null() {
            "Leave it out if it is not meant."
        } else {
            "Nothing is converted, so that nothing is lost."
        })),
    }
}

/// The moment that durations and the expiry check count from: the caller's, or the host's clock.
pub(super) fn now(value: &JsValue) -> Result<DateInput> {
    Ok(moment(value, "now")?.unwrap_or_else(clock))
}

/// A date whose durations count from the host's clock.
pub(super) fn moment(value: &JsValue, name: &str) -> Result<Option<DateInput>> {
    date(value, name)?.map(|date| Ok(DateInput::from(date.resolve(name, clock().resolve("the clock", 0)?)?))).transpose()
}

fn clock() -> DateInput {
    DateInput::Milliseconds(js_sys::Date::now())
}

/// Everything that an iterable gives; `None` if it is not one, or throws. Its own code runs inside of a call that catches: an
/// error that passed through WebAssembly would leave its stack and its borrows as they are.
pub(super) fn items(iterable: &JsValue) -> Option<Array> {
    let iterator = Reflect::get(iterable, &Symbol::iterator()).ok().filter(|_| iterable.is_object())?;
    iterator.dyn_ref::<Function>()?;
    array_from(iterable).ok()
}

/// An object of options: every field may hold anything until it is read.
macro_rules! options_object {
    ($(#[$meta:meta])* $name:ident { $($field:ident $(= $written:literal)?),* $(,)? }) => {
        $(#[$meta])*
        pub(super) struct $name {
            $(pub(super) $field: wasm_bindgen::JsValue,)*
        }

        impl $crate::wasm::options::OptionsObject for $name {
            const FIELDS: &'static [&'static str] = &[$($crate::wasm::options::field_name!($field $($written)?)),*];

            fn of(mut values: impl Iterator<Item = wasm_bindgen::JsValue>) -> Self {
                Self { $($field: values.next().unwrap_or_default(),)* }
            }
        }
    };
}
pub(super) use options_object;

macro_rules! field_name {
    ($field:ident) => {
        stringify!($field)
    };
    ($field:ident $written:literal) => {
        $written
    };
}
pub(super) use field_name;
