//! `generateKeyPair`, `derivePublicKey` and `describeKey`.

use js_sys::Object;
use wasm_bindgen::prelude::*;

use crate::error::Result;
use crate::key::{KeyDescription, KeyType, LoadOptions, PrivateKey};
use crate::wasm::cookies::object;
use crate::wasm::options::{Options, to_object};
use crate::wasm::signer::KeySource;
use crate::wasm::wiped;

/// The type of key that the options of `generateKeyPair` ask for; the host's WebCrypto makes it.
#[wasm_bindgen(js_name = newKeyType)]
pub fn new_key_type(options: &JsValue) -> Result<String, JsValue> {
    let key_type = match Options::read_if_given(options, "options", &["type"])?.text("type")? {
        Some(name) => name.parse::<KeyType>().map_err(|error| error.about_option("type"))?,
        None => KeyType::Rsa,
    };
    Ok(key_type.as_str().to_owned())
}

/// `{ privateKey, publicKey }` in PEM, of a private key in DER, if it is one that CloudFront accepts.
#[wasm_bindgen(js_name = keyPair)]
pub fn key_pair(der: &[u8]) -> Result<Object, JsValue> {
    let key = wiped(|| PrivateKey::load(der, &LoadOptions::new()))?;
    let private_key = wiped(|| key.to_pkcs8_pem())?;
    let public_key = wiped(|| key.public_key().to_pem())?;
    Ok(object(&[("privateKey", &private_key), ("publicKey", &public_key)]))
}

/// The public key of a private key, in PEM.
#[wasm_bindgen(js_name = derivePublicKey)]
pub fn derive_public_key(private_key: &JsValue, passphrase: &JsValue) -> Result<String, JsValue> {
    let key = KeySource::read(private_key, passphrase)?.load(false)?;
    Ok(wiped(|| key.public_key().to_pem())?)
}

/// What a private key is, and what was repaired to read it.
#[wasm_bindgen(js_name = describeKey)]
pub fn describe_key(private_key: &JsValue, passphrase: &JsValue) -> Result<JsValue, JsValue> {
    let source = KeySource::read(private_key, passphrase)?;
    let description = wiped(|| KeyDescription::of(&source.input, &source.load_options(false)))?;
    to_object(&description)
}
