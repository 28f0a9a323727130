//! Errors as JavaScript sees them.

use js_sys::{Array, Object};
use wasm_bindgen::prelude::*;

use crate::error::Error;
use crate::parameter::Face;
use crate::values::{Value, Values};
use crate::wasm::cookies::set;

#[wasm_bindgen(raw_module = "../errors.js")]
extern "C" {
    type CountersignError;

    #[wasm_bindgen(constructor)]
    fn new(
        code: &str,
        message: &str,
        hint: Option<&str>,
        option: Option<&str>,
        values: JsValue,
        errors: JsValue,
    ) -> CountersignError;
}

impl From<Error> for JsValue {
    fn from(error: Error) -> Self {
        // Where there are several, the error that is thrown is the first, and lists all.
        let errors = match error.all().count() {
            1 => JsValue::UNDEFINED,
            _ => error.all().map(|one| object(one, JsValue::UNDEFINED)).collect::<Array>().into(),
        };
        object(&error, errors)
    }
}

fn object(error: &Error, errors: JsValue) -> JsValue {
    let (message, hint) = (error.message_in(Face::JavaScript), error.hint_in(Face::JavaScript));
    let option = error.option_in(Face::JavaScript);
    CountersignError::new(error.code().as_str(), &message, hint.as_deref(), option, values_object(error.values()), errors).into()
}

/// `undefined`, where there are none.
fn values_object(values: &Values) -> JsValue {
    if values.is_empty() {
        return JsValue::UNDEFINED;
    }
    let object = Object::new();
    for (name, value) in values.iter() {
        set(
            &object,
            name,
            &match value {
                Value::Text(text) => JsValue::from_str(text),
                Value::Number(number) => JsValue::from_f64(*number as f64),
            },
        );
    }
    object.into()
}
