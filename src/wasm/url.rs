//! The host's own URL parser: what it makes of a URL is what it will send.

use js_sys::Array;
use wasm_bindgen::prelude::*;

use crate::error::{Error, ErrorCode, Result};
use crate::parameter::Parameter;
use crate::url::{WireUrl, href};
use crate::wasm::options::{self, Options, beginning, hint_for, kind, string};

#[wasm_bindgen(raw_module = "../url.js")]
extern "C" {
    /// What `new URL(text).href` is.
    #[wasm_bindgen(js_name = href)]
    pub(super) fn parser(text: &str) -> Option<String>;

    /// What `new URL(text, base).href` is.
    #[wasm_bindgen(js_name = href)]
    pub(super) fn resolver(text: &str, base: Option<&str>) -> Option<String>;

    /// A string as it is, a URL object's href.
    #[wasm_bindgen(js_name = urlText)]
    fn text_of(url: &JsValue) -> JsValue;
}

/// The URL that a caller passed, a string or a URL object, as it is.
pub(super) fn url_text(url: &JsValue) -> Result<String> {
    url_text_of(url, Parameter::Url)
}

/// The same of a URL that is something else, such as a resource.
pub(super) fn url_text_of(url: &JsValue, parameter: Parameter) -> Result<String> {
    string(&text_of(url)).ok_or_else(|| {
        let what = if parameter == Parameter::Resource { "resource" } else { "URL" };
        Error::new(ErrorCode::InvalidUrl, format!("the {what} is {}; it takes a string or a URL object", kind(url)))
            .about(parameter)
            .with_hint(hint_for(url))
    })
}

/// The same, cut where it is longer than is taken, for what has to be looked at anyway; `None`, if it is no URL.
pub(super) fn beginning_of_url(url: &JsValue) -> Option<String> {
    string(&beginning(&text_of(url)))
}

/// The text of the option `name`, a URL or a resource, which is given.
pub(super) fn url_option(options: &Options, name: &str) -> Result<String> {
    let value = options.get(name);
    url_text_of(value, Parameter::Url).map_err(|_| options::not_of_type(value, name, "a string or a URL object"))
}

/// Reads the URL that a caller passed.
pub(super) fn wire_url(url: &JsValue) -> Result<WireUrl> {
    let text = url_text(url)?;
    match WireUrl::plain(&text)? {
        Some(url) => Ok(url),
        None => WireUrl::from_href(href(&text, parser)?),
    }
}

/// Everything that an iterable of URLs gives.
pub(super) fn items(urls: &JsValue) -> Result<Array> {
    options::items(urls).ok_or_else(|| {
        let kind = kind(urls);
        Error::new(ErrorCode::InvalidUrl, format!("urls is {kind}; it takes an array or another iterable of strings"))
            .about(Parameter::Urls)
    })
}
