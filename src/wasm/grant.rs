//! `Grant`.

use js_sys::{Array, JsString, Object};
use wasm_bindgen::prelude::*;

use crate::error::Result;
use crate::grant::{Grant, ParameterOrder};
use crate::url::WireUrl;
use crate::wasm::cookies::cookies_object;
use crate::wasm::options::utf8;
use crate::wasm::signer::items;
use crate::wasm::url::{parser, wire_url};

/// A signed policy.
#[wasm_bindgen]
pub struct GrantCore {
    grant: Grant,
}

/// How many URLs go through the module at once.
const PART: usize = 1000;

#[wasm_bindgen(raw_module = "../lines.js")]
extern "C" {
    fn lines(urls: &Array) -> Option<JsString>;

    #[wasm_bindgen(js_name = pushPairs)]
    fn push_pairs(target: &Array, lines: &str, between: &str);
}

impl GrantCore {
    pub(super) fn new(grant: Grant) -> Self {
        Self { grant }
    }

    /// Puts the grant on all of them; does nothing, if one is no string or has a line break in it.
    #[cfg_attr(countersign_module, optimize(speed))]
    fn push_many(&self, urls: &Array, signed: &Array) -> Result<bool> {
        let Some(text) = lines(urls).and_then(|text| String::from_utf8(utf8(&text)).ok()) else { return Ok(false) };
        if text.bytes().filter(|byte| *byte == b'\n').count() + 1 != urls.length() as usize {
            return Ok(false);
        }
        let mut pairs = String::with_capacity(text.len() + 4 * urls.length() as usize);
        for line in text.split('\n') {
            let url = WireUrl::parse_with(line, parser)?;
            self.grant.check_covers(&url)?;
            let [text, separator, fragment] = url.around_parameters();
            pairs.extend([text, separator, "\n", fragment, "\n"]);
        }
        push_pairs(signed, &pairs, &self.grant.parameters(ParameterOrder::Documentation));
        Ok(true)
    }
}

#[wasm_bindgen]
impl GrantCore {
    #[wasm_bindgen(getter)]
    pub fn policy(&self) -> String {
        self.grant.policy().to_owned()
    }

    pub fn url(&self, url: &JsValue) -> Result<String, JsValue> {
        Ok(self.grant.wire_url(&wire_url(url)?)?)
    }

    pub fn urls(&self, urls: &JsValue) -> Result<Array, JsValue> {
        let urls = items(urls)?;
        let signed = Array::new();
        // A part at a time, so that memory does not grow with their number.
        for start in (0..urls.length()).step_by(PART) {
            let part = urls.slice(start, start.saturating_add(PART as u32));
            if !self.push_many(&part, &signed)? {
                for url in part.iter() {
                    signed.push(&self.grant.wire_url(&wire_url(&url)?)?.into());
                }
            }
        }
        Ok(signed)
    }

    pub fn cookies(&self) -> Result<Object, JsValue> {
        Ok(cookies_object(&self.grant.cookies()?.pairs()))
    }
}
