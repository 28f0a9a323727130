//! `getSignedUrl` and `getSignedCookies`, the drop-in for `@aws-sdk/cloudfront-signer`.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::Object;
use sha2::{Digest, Sha256};
use wasm_bindgen::prelude::*;

use crate::aws_sdk::{Input, cookie_pairs, prepare_cookies, prepare_url, signed_url};
use crate::date::DateInput;
use crate::error::{Error, ErrorCode, Result, quoted};
use crate::grant::Identity;
use crate::key::{Algorithm, KeyType};
use crate::parameter::{Face, Parameter};
use crate::wasm::cookies::cookies_object;
use crate::wasm::engine::{Engine, EngineName};
use crate::wasm::options::Options;
use crate::wasm::signer::{KeySource, algorithm, key_pair_id};
use crate::wasm::url::{parser, url_option};
use crate::wasm::wiped_words;

const KNOWN: [&str; 9] =
    ["url", "keyPairId", "privateKey", "passphrase", "algorithm", "dateLessThan", "dateGreaterThan", "ipAddress", "policy"];

/// The last key, ready to sign: callers pass the same PEM each time, and reading it takes longer than signing. Of the PEM only a
/// hash is kept.
struct LastKey {
    hash: [u8; 32],
    key: Rc<(KeyType, Engine)>,
}

thread_local! {
    static LAST_KEY: RefCell<Option<LastKey>> = const { RefCell::new(None) };
}

fn read_signer(options: &Options) -> Result<(Identity, Rc<(KeyType, Engine)>)> {
    let id = key_pair_id(options)?;
    // SHA-1 for ECDSA too, as that package does.
    let algorithm = algorithm(options)?.unwrap_or(Algorithm::Sha1);
    let key = read_key(options, algorithm)?;
    Ok((Identity::new(&id, key.0, Some(algorithm))?, key))
}

fn read_key(options: &Options, algorithm: Algorithm) -> Result<Rc<(KeyType, Engine)>> {
    let source = KeySource::of(options)?;
    // The hash has parts of the PEM on its stack, which is small.
    let hash = wiped_words::<512, _>(|| hash(&source, algorithm));
    let known = LAST_KEY.with_borrow(|last| last.as_ref().filter(|last| last.hash == hash).map(|last| Rc::clone(&last.key)));
    if let Some(key) = known {
        return Ok(key);
    }
    let key = source.load(false)?;
    let key = Rc::new((key.key_type(), Engine::choose(EngineName::Auto, key, algorithm)?));
    LAST_KEY.set(Some(LastKey { hash, key: Rc::clone(&key) }));
    Ok(key)
}

fn read_input(options: &Options) -> Result<Input> {
    Ok(Input {
        url: if options.is_given("url") { Some(url_option(options, "url")?) } else { None },
        policy: options.text("policy")?,
        date_less_than: date(options, Parameter::DateLessThan)?,
        date_greater_than: date(options, Parameter::DateGreaterThan)?,
        ip_address: options.text("ipAddress")?,
    })
}

/// A hash of everything that decides which key it is and how it signs.
fn hash(source: &KeySource, algorithm: Algorithm) -> [u8; 32] {
    let mut hash = Sha256::new_with_prefix(algorithm.as_str());
    for bytes in [Some(&source.input), source.passphrase.as_ref()] {
        // The length before each, so that no two pairs look the same; none is not the same as empty.
        hash.update(bytes.map_or(u64::MAX, |bytes| bytes.len() as u64).to_be_bytes());
        hash.update(bytes.map(|bytes| bytes.as_slice()).unwrap_or_default());
    }
    hash.finalize().into()
}

/// Text is read as `new Date(text)` reads it, in local time where no offset is written, as that package does.
fn date(options: &Options, parameter: Parameter) -> Result<Option<DateInput>> {
    let name = parameter.name_in(Face::JavaScript);
    match options.date(name)? {
        Some(DateInput::Text(text)) => {
            let milliseconds = js_sys::Date::new(options.get(name)).get_time();
            if milliseconds.is_nan() {
                return Err(Error::new(
                    ErrorCode::InvalidDate,
                    format!("{name} is {}, which the Date constructor does not read", quoted(&text)),
                )
                .about(parameter)
                .with_hint("Pass a Date, epoch milliseconds as a number, or ISO 8601."));
            }
            Ok(Some(DateInput::Milliseconds(milliseconds)))
        }
        other => Ok(other),
    }
}

#[wasm_bindgen(js_name = getSignedUrl)]
pub fn get_signed_url(input: &JsValue) -> Result<String, JsValue> {
    let options = Options::read(input, "options", &KNOWN)?;
    let (identity, key) = read_signer(&options)?;
    let (base, unsigned) = prepare_url(&identity, &read_input(&options)?, parser)?;
    Ok(signed_url(&base, &key.1.seal(unsigned)?)?)
}

#[wasm_bindgen(js_name = getSignedCookies)]
pub fn get_signed_cookies(input: &JsValue) -> Result<Object, JsValue> {
    let options = Options::read(input, "options", &KNOWN)?;
    let (identity, key) = read_signer(&options)?;
    let grant = key.1.seal(prepare_cookies(&identity, &read_input(&options)?, parser)?)?;
    Ok(cookies_object(&cookie_pairs(&grant.cookies()?)))
}
