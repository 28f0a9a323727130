//! The host's own URL parser: what it makes of a URL is what it will send.

use wasm_bindgen::prelude::*;

use crate::error::{Error, ErrorCode, Result};
use crate::url::{WireUrl, unreadable};
use crate::wasm::options::{kind, string};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = URL)]
    type Url;

    #[wasm_bindgen(constructor, catch, js_class = "URL")]
    fn new(url: &JsValue) -> Result<Url, JsValue>;

    #[wasm_bindgen(method, getter)]
    fn href(this: &Url) -> String;
}

/// What `new URL(text).href` is.
pub(super) fn parser(text: &str) -> Option<String> {
    href(&JsValue::from_str(text))
}

fn href(text: &JsValue) -> Option<String> {
    standard_host(Url::new(text).ok()?.href())
}

/// Chromium escapes in a host a `*`, which the standard keeps, and a space, for which the standard refuses the URL.
fn standard_host(href: String) -> Option<String> {
    let Some((scheme, rest)) = href.split_once("://").filter(|(scheme, _)| ["http", "https", "ftp"].contains(scheme)) else {
        return Some(href);
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, after) = rest.split_at(end);
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    if !host.contains('%') {
        return Some(href);
    }
    let standard = host.replace("%2A", "*");
    let user = authority.strip_suffix(host)?;
    (!standard.contains('%')).then(|| format!("{scheme}://{user}{standard}{after}"))
}

/// Reads the URL that a caller passed.
pub(super) fn wire_url(url: &JsValue) -> Result<WireUrl> {
    let Some(text) = string(url) else {
        return Err(Error::new(ErrorCode::InvalidUrl, format!("the URL is {}; it takes a string", kind(url)))
            .with_hint("Pass the address as a string; a URL object's is its href."));
    };
    match WireUrl::plain(&text)? {
        Some(url) => Ok(url),
        // The host gets what was passed, and not a copy of the copy.
        None => WireUrl::from_href(href(url).ok_or_else(|| unreadable(&text))?),
    }
}
