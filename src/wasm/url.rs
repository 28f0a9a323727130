//! The host's own URL parser: what it makes of a URL is what it will send.

use wasm_bindgen::prelude::*;

use crate::error::{Error, ErrorCode, Result};
use crate::parameter::Parameter;
use crate::url::{WireUrl, unreadable};
use crate::wasm::options::{kind, string};

#[wasm_bindgen(raw_module = "../url.js")]
extern "C" {
    /// What `new URL(text).href` is.
    #[wasm_bindgen(js_name = href)]
    pub(super) fn parser(text: &str) -> Option<String>;

    /// What `new URL(text, base).href` is.
    #[wasm_bindgen(js_name = href)]
    pub(super) fn resolver(text: &str, base: Option<&str>) -> Option<String>;

    #[wasm_bindgen(js_name = href)]
    fn href(text: &JsValue) -> Option<String>;
}

/// The URL that a caller passed, as it is.
pub(super) fn url_text(url: &JsValue) -> Result<String> {
    string(url).ok_or_else(|| {
        Error::new(ErrorCode::InvalidUrl, format!("the URL is {}; it takes a string", kind(url)))
            .about(Parameter::Url)
            .with_hint("Pass the address as a string; a URL object's is its href.")
    })
}

/// Reads the URL that a caller passed.
pub(super) fn wire_url(url: &JsValue) -> Result<WireUrl> {
    let text = url_text(url)?;
    match WireUrl::plain(&text)? {
        Some(url) => Ok(url),
        // The host gets what was passed, and not a copy of the copy.
        None => WireUrl::from_href(href(url).ok_or_else(|| unreadable(&text))?),
    }
}
