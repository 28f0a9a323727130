//! `Grant`.

use js_sys::{Array, JsString, Object};
use wasm_bindgen::prelude::*;

use crate::error::{Error, ErrorCode, Result};
use crate::grant::{Grant, ParameterOrder};
use crate::manifest::{self, ManifestOptions};
use crate::url::{WireUrl, check_length, split_at_first};
use crate::wasm::cookies::cookies_object;
use crate::wasm::options::{Options, kind, utf8};
use crate::wasm::url::{items, parser, resolver, url_text, wire_url};

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

    #[wasm_bindgen(js_name = pushSigned)]
    fn push_signed(target: &Array, urls: &Array, marks: &str, changed: &str, parameters: &str);
}

impl GrantCore {
    pub(super) fn new(grant: Grant) -> Self {
        Self { grant }
    }

    /// Puts the grant on all of them; does nothing, if one is no string or has a line break in it.
    fn push_many(&self, urls: &Array, signed: &Array) -> Result<bool> {
        let Some(text) = lines(urls).and_then(|text| String::from_utf8(utf8(&text)).ok()) else { return Ok(false) };
        if text.bytes().filter(|byte| *byte == b'\n').count() + 1 != urls.length() as usize {
            return Ok(false);
        }
        let parameters = self.grant.parameters(ParameterOrder::Documentation);
        // One for each URL: what comes before the parameters, or a line break where the URL itself has changed.
        let mut marks = String::with_capacity(urls.length() as usize);
        let mut changed = String::new();
        let mut rest = Some(text.as_str());
        while let Some(lines) = rest {
            let (line, behind) = split_at_first(lines, '\n');
            rest = behind.get(1..);
            let plain = WireUrl::plain(line)?;
            let is_plain = plain.is_some();
            let url = plain.map_or_else(|| WireUrl::parse_with(line, parser), Ok)?;
            let url = self.grant.form_of(&url)?;
            let [text, separator, fragment] = url.around_parameters();
            check_length("signed URL", text.len() + separator.len() + parameters.len())?;
            if is_plain {
                marks.push_str(separator);
            } else {
                marks.push('\n');
                changed.extend([text, separator, "\n", fragment, "\n"]);
            }
        }
        push_signed(signed, urls, &marks, &changed, &parameters);
        Ok(true)
    }
}

/// A string as it is: one that is no text would be changed on its way.
fn manifest_text(value: &JsValue) -> Result<String> {
    let Some(text) = value.dyn_ref::<JsString>() else {
        let message = format!("the manifest is {}; it takes a string", kind(value));
        return Err(Error::new(ErrorCode::InvalidManifest, message).with_hint("Pass its text: await response.text()."));
    };
    manifest::check_length(text.length() as usize)?;
    let converted = String::from_utf8(utf8(text)).unwrap_or_default();
    if converted.contains('\u{fffd}') && !text.is_valid_utf16() {
        return Err(Error::new(ErrorCode::InvalidManifest, "the manifest has half a surrogate pair in it, which no text has"));
    }
    Ok(converted)
}

#[wasm_bindgen]
impl GrantCore {
    #[wasm_bindgen(getter)]
    pub fn policy(&self) -> String {
        self.grant.policy().to_owned()
    }

    #[wasm_bindgen(getter, js_name = keyPairId)]
    pub fn key_pair_id(&self) -> String {
        self.grant.identity().key_pair_id().to_owned()
    }

    #[wasm_bindgen(getter)]
    pub fn resource(&self) -> String {
        self.grant.resource().map_or("*", |resource| resource.as_str()).to_owned()
    }

    /// In epoch seconds.
    #[wasm_bindgen(getter)]
    pub fn expires(&self) -> f64 {
        self.grant.expires() as f64
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

    /// A signed manifest in two parts: its text with a mark for the parameters, and the parameters. So memory does not grow to
    /// what the signed one takes.
    pub fn manifest(&self, text: &JsValue, url: &JsValue, options: &JsValue) -> Result<Array, JsValue> {
        let text = manifest_text(text)?;
        let url = url_text(url)?;
        let options = Options::read_if_given(options, "options", &["absolute"])?;
        let options = ManifestOptions::new().absolute(options.boolean("absolute")?.unwrap_or_default());
        let marked = manifest::mark(&self.grant, &text, &url, options, resolver)?;
        Ok(Array::of2(&marked.text().into(), &marked.parameters(&self.grant).into()))
    }

    /// The grant that a signed URL carries.
    #[wasm_bindgen(js_name = fromUrl)]
    pub fn from_url(url: &JsValue) -> Result<Self, JsValue> {
        Ok(Self::new(Grant::from_signed_url_with(&url_text(url)?, parser)?))
    }

    pub fn cookies(&self) -> Result<Object, JsValue> {
        Ok(cookies_object(&self.grant.cookies()?.pairs()))
    }
}
