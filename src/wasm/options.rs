//! Reads options: plain objects with known names, each value of its type. Reading runs none of the caller's code except getters, and
//! fails only with our own errors. `pkg/options.js` answers what only JavaScript knows about its values.

use js_sys::{Array, JsString, Object, Uint8Array};
use serde::Serialize;
use wasm_bindgen::prelude::*;
use zeroize::Zeroizing;

use crate::date::DateInput;
use crate::error::{Error, ErrorCode, Result, quoted};
use crate::parameter::{Face, Parameter};

#[wasm_bindgen(raw_module = "../options.js")]
extern "C" {
    #[wasm_bindgen(catch, js_name = plainCopy)]
    fn plain_copy(object: &JsValue) -> Result<Option<Object>, JsValue>;

    /// What a value is, for messages; never what is in it.
    pub(super) fn kind(value: &JsValue) -> String;

    /// A string, if it is one that is not too long.
    pub(super) fn string(value: &JsValue) -> Option<String>;

    #[wasm_bindgen(js_name = timeOf)]
    fn time_of(date: &JsValue) -> Option<f64>;

    /// Everything that an iterable gives; `None` if it is not one, or throws.
    pub(super) fn items(iterable: &JsValue) -> Option<Array>;

    #[wasm_bindgen(js_name = copyOfBytes)]
    fn copy_of_bytes(view: &JsValue) -> Option<Uint8Array>;

    /// What a signer elsewhere returned, if it is bytes; no more of it than is looked at.
    #[wasm_bindgen(js_name = bytesOfSignature)]
    pub(super) fn bytes_of_signature(made: &JsValue) -> Option<Uint8Array>;
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

/// What is read where every problem has been told already.
pub(super) fn nothing() -> Error {
    invalid("an option is missing".to_owned())
}

/// A plain object of options: each may hold anything until it is read by its name.
pub(super) struct Options(Record);

/// Names and values, in their order, as they were passed.
pub(super) type Record = Vec<(String, JsValue)>;

impl Options {
    /// Reads every member once; none may have a name that is not `known`.
    pub(super) fn read(object: &JsValue, what: &str, known: &[&str]) -> Result<Self> {
        let members = record(object, what)?;
        let unknown = members.iter().map(|(name, _)| name).filter(|name| !known.contains(&name.as_str())).map(|name| {
            invalid(format!("{what}: the option {} is unknown; known are {}", quoted(name), known.join(", "))).about_option(name)
        });
        match Error::of_all(unknown) {
            Some(error) => Err(error),
            None => Ok(Self(members)),
        }
    }

    /// The same, where the object may be left out.
    pub(super) fn read_if_given(object: &JsValue, what: &str, known: &[&str]) -> Result<Self> {
        if object.is_undefined() { Ok(Self(Record::new())) } else { Self::read(object, what, known) }
    }

    /// `undefined`, where it is not given.
    pub(super) fn get(&self, name: &str) -> &JsValue {
        const UNDEFINED: &JsValue = &JsValue::UNDEFINED;
        self.0.iter().find(|(other, _)| other == name).map_or(UNDEFINED, |(_, value)| value)
    }

    pub(super) fn is_given(&self, name: &str) -> bool {
        !self.get(name).is_undefined()
    }

    pub(super) fn text(&self, name: &str) -> Result<Option<String>> {
        text(self.get(name), name)
    }

    pub(super) fn boolean(&self, name: &str) -> Result<Option<bool>> {
        optional(self.get(name), name, "true or false", JsValue::as_bool)
    }

    pub(super) fn date(&self, name: &str) -> Result<Option<DateInput>> {
        date(self.get(name), name)
    }

    pub(super) fn bytes(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>> {
        bytes(self.get(name), name)
    }

    pub(super) fn whole_number(&self, name: &str) -> Result<Option<i64>> {
        whole_number(self.get(name), name)
    }

    /// The moment that durations and the expiry check count from: the caller's, or the host's clock.
    pub(super) fn now(&self) -> Result<DateInput> {
        Ok(self.moment(Parameter::Now)?.unwrap_or_else(clock))
    }

    /// A date whose durations count from the host's clock.
    pub(super) fn moment(&self, parameter: Parameter) -> Result<Option<DateInput>> {
        match self.date(parameter.name_in(Face::JavaScript))? {
            Some(date) => Ok(Some(date.resolve(parameter, clock().resolve(Parameter::Now, 0)?)?.into())),
            None => Ok(None),
        }
    }
}

fn clock() -> DateInput {
    DateInput::Milliseconds(js_sys::Date::now())
}

/// The names and values of a plain object that may have any.
pub(super) fn record(value: &JsValue, what: &str) -> Result<Record> {
    let Ok(members) = plain_copy(value) else { return Err(invalid(format!("{what}: reading an option threw an error"))) };
    let Some(members) = members else {
        return Err(invalid(format!("{what} is {}; it takes a plain object", kind(value)))
            .about_option(what)
            .with_hint("Pass an object literal, { … }."));
    };
    // Not with `serde_wasm_bindgen::from_value`: its errors can print floating-point numbers, which takes 12 kB of code.
    let mut record = Record::new();
    for entry in Object::entries(&members).iter() {
        let entry = Array::from(&entry);
        record.push((entry.get(0).as_string().unwrap_or_default(), entry.get(1)));
    }
    Ok(record)
}

/// Plain objects and arrays, and numbers where Rust has integers.
pub(super) fn to_object(value: &impl Serialize) -> Result<JsValue, JsValue> {
    let object = value.serialize(&serde_wasm_bindgen::Serializer::new().serialize_maps_as_objects(true));
    // Nothing in these types can fail to be written.
    object.map_err(|_| invalid("the result cannot be written".to_owned()).into())
}

/// A long string as UTF-8: the glue takes ASCII character by character, which is quicker for short ones alone.
pub(super) fn utf8(text: &JsString) -> Vec<u8> {
    let mut bytes = vec![0; text.length() as usize];
    if write_ascii(text, &mut bytes) { bytes } else { String::from(text).into_bytes() }
}

pub(super) fn text(value: &JsValue, name: &str) -> Result<Option<String>> {
    optional(value, name, "a string", string)
}

/// A `Date`, a number or text.
fn date(value: &JsValue, name: &str) -> Result<Option<DateInput>> {
    optional(value, name, "a Date, a number or a string", |value| {
        if let Some(number) = value.as_f64() {
            return Some(DateInput::Number(number));
        }
        string(value).map(DateInput::Text).or_else(|| time_of(value).map(DateInput::Milliseconds))
    })
}

/// Text as UTF-8, or bytes.
pub(super) fn bytes(value: &JsValue, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>> {
    optional(value, name, "a string or a Uint8Array", |value| {
        if let Some(text) = value.dyn_ref::<JsString>().filter(|_| !is_too_long(value)) {
            return Some(Zeroizing::new(utf8(text)));
        }
        let copy = copy_of_bytes(value)?;
        let bytes = Zeroizing::new(copy.to_vec());
        copy.fill(0, 0, copy.length());
        Some(bytes)
    })
}

pub(super) fn whole_number(value: &JsValue, name: &str) -> Result<Option<i64>> {
    match optional(value, name, "a number", JsValue::as_f64)? {
        Some(number) if number.fract() == 0.0 && number.abs() <= 9_007_199_254_740_991.0 => Ok(Some(number as i64)),
        Some(_) => Err(invalid(format!("{name} is not a whole number of seconds")).about_option(name)),
        None => Ok(None),
    }
}

fn optional<T>(value: &JsValue, name: &str, wanted: &str, read: impl Fn(&JsValue) -> Option<T>) -> Result<Option<T>> {
    if value.is_undefined() {
        return Ok(None);
    }
    match read(value) {
        Some(read) => Ok(Some(read)),
        None => Err(not_of_type(value, name, wanted)),
    }
}

pub(super) fn not_of_type(value: &JsValue, name: &str, wanted: &str) -> Error {
    invalid(format!("{name} is {}; it takes {wanted}", kind(value))).about_option(name).with_hint(if value.is_null() {
        "Leave it out, or pass undefined."
    } else {
        hint_for(value)
    })
}

/// What to do about a value of the wrong type.
pub(super) fn hint_for(value: &JsValue) -> &'static str {
    if value.is_null() || value.is_undefined() {
        "Is the variable set?"
    } else if value.is_string() && is_too_long(value) {
        "Is it the right one? A million characters are the most that is read."
    } else {
        "Convert it yourself: nothing is converted silently."
    }
}
