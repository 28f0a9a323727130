//! `Grant`.

use js_sys::{Array, Object};
use wasm_bindgen::prelude::*;

use crate::grant::Grant;
use crate::wasm::cookies::cookies_object;
use crate::wasm::signer::items;
use crate::wasm::url::wire_url;

/// A signed policy.
#[wasm_bindgen]
pub struct GrantCore {
    grant: Grant,
}

impl GrantCore {
    pub(super) fn new(grant: Grant) -> Self {
        Self { grant }
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
        let signed = Array::new();
        for url in items(urls)?.iter() {
            signed.push(&self.grant.wire_url(&wire_url(&url)?)?.into());
        }
        Ok(signed)
    }

    pub fn cookies(&self) -> Result<Object, JsValue> {
        Ok(cookies_object(&self.grant.cookies()?.pairs()))
    }
}
