//! `generateKeyPair`, `publicKey` and `describeKey`.

use js_sys::{Object, Reflect};
use wasm_bindgen::prelude::*;

use crate::error::Result;
use crate::key::{KeyDescription, KeyType, PrivateKey};
use crate::wasm::options::options_object;
use crate::wasm::signer::KeySource;
use crate::wasm::{engine, options, wiped};

options_object! {
    GenerateOptions { r#type }
}

/// `{ privateKey, publicKey }` in PEM, of the host's making where it has a synchronous generator.
#[wasm_bindgen(js_name = generateKeyPair)]
pub fn generate_key_pair(options: &JsValue, host: &JsValue) -> Result<Object, JsValue> {
    let key_type = if options.is_undefined() {
        None
    } else {
        options::text(&options::read::<GenerateOptions>(options, "options")?.r#type, "type")?
    };
    let key_type = key_type.map_or(Ok(KeyType::Rsa), |name| name.parse::<KeyType>())?;
    if let Some(pair) = engine::generate(key_type, host) {
        return Ok(pair);
    }
    let key = wiped(|| PrivateKey::generate(key_type))?;
    let pair = Object::new();
    let pem = wiped(|| key.to_pkcs8_pem())?;
    // Setting a member of an object that was just made cannot fail.
    let _ = Reflect::set(&pair, &"privateKey".into(), &JsValue::from_str(&pem));
    let _ = Reflect::set(&pair, &"publicKey".into(), &JsValue::from_str(&wiped(|| key.public_key().to_pem())?));
    Ok(pair)
}

/// The public key of a private key, in PEM.
#[wasm_bindgen(js_name = publicKey)]
pub fn public_key(private_key: &JsValue, passphrase: &JsValue) -> Result<String, JsValue> {
    let key = KeySource::read(private_key, passphrase)?.load(false)?;
    Ok(wiped(|| key.public_key().to_pem())?)
}

/// What a private key is, and what was repaired to read it.
#[wasm_bindgen(js_name = describeKey)]
pub fn describe_key(private_key: &JsValue, passphrase: &JsValue) -> Result<JsValue, JsValue> {
    let source = KeySource::read(private_key, passphrase)?;
    let description = wiped(|| KeyDescription::of(&source.input, &source.load_options(false)))?;
    options::to_object(&description)
}
