//! Errors as JavaScript sees them.

use wasm_bindgen::prelude::*;

use crate::error::Error;

#[wasm_bindgen(raw_module = "../errors.js")]
extern "C" {
    type CountersignError;

    #[wasm_bindgen(constructor)]
    fn new(code: &str, message: &str, hint: Option<&str>) -> CountersignError;
}

impl From<Error> for JsValue {
    fn from(error: Error) -> Self {
        CountersignError::new(error.code().as_str(), error.message(), error.hint()).into()
    }
}
