//! `Signer`.

use std::str::FromStr as _;

use js_sys::{Array, Object};
use wasm_bindgen::prelude::*;
use zeroize::Zeroizing;

use crate::aws_sdk::beside_policy;
use crate::conditions::Conditions;
use crate::date::DateInput;
use crate::error::{Error, ErrorCode, Problems, Result};
use crate::grant::{Grant, Identity, ReadyPolicy, UnsignedGrant, check_key_pair_id};
use crate::key::{Algorithm, LoadOptions, PrivateKey};
use crate::parameter::{Face, Parameter};
use crate::resource::Resource;
use crate::url::WireUrl;
use crate::wasm::cookies::{cookies_object, object};
use crate::wasm::engine::{Engine, EngineName};
use crate::wasm::grant::GrantCore;
use crate::wasm::options::{self, Options};
use crate::wasm::url::{items, parser, url_option, url_text_of, wire_url};
use crate::wasm::wiped;

const CONDITIONS: [&str; 6] = ["dateLessThan", "roundUpTo", "dateGreaterThan", "ipAddress", "now", "allowExpired"];

const POLICY: [&str; 3] = ["policy", "now", "allowExpired"];

/// What `signUrl` takes beside the URL; the others take a part of it.
const URL_OPTIONS: [&str; 8] =
    ["dateLessThan", "roundUpTo", "dateGreaterThan", "ipAddress", "now", "allowExpired", "resource", "policy"];

fn read_conditions(options: &Options) -> Result<Conditions> {
    let mut problems = Problems::default();
    let end = problems.take(options.date("dateLessThan").and_then(|date| {
        date.ok_or_else(|| {
            Error::new(ErrorCode::InvalidOption, "dateLessThan is missing")
                .about(Parameter::DateLessThan)
                .with_hint("Every policy has an expiry: { dateLessThan: \"30m\" }.")
        })
    }));
    let now = problems.take(options.now());
    let allow_expired = problems.take(options.boolean("allowExpired")).flatten().unwrap_or_default();
    let start = problems.take(options.date("dateGreaterThan")).flatten();
    let address = problems.take(options.text("ipAddress")).flatten();
    let duration = problems.take(options.text("roundUpTo")).flatten();
    problems.end()?;
    let (Some(end), Some(now)) = (end, now) else { return Err(options::nothing()) };
    let mut conditions = Conditions::new(end).now(now).allow_expired(allow_expired);
    if let Some(date) = start {
        conditions = conditions.date_greater_than(date);
    }
    if let Some(address) = address {
        conditions = conditions.ip_address(address);
    }
    if let Some(duration) = duration {
        conditions = conditions.round_up_to(duration);
    }
    Ok(conditions)
}

fn read_policy(options: &Options) -> Result<ReadyPolicy> {
    let Some(policy) = options.text("policy")? else {
        return Err(Error::new(ErrorCode::InvalidOption, "policy is missing")
            .about(Parameter::Policy)
            .with_hint("Pass a resource and conditions, or { policy }."));
    };
    Ok(ReadyPolicy::new(policy).now(options.now()?).allow_expired(options.boolean("allowExpired")?.unwrap_or_default()))
}

/// What a key is read from, as it was passed.
pub(super) struct KeySource {
    pub(super) input: Zeroizing<Vec<u8>>,
    pub(super) passphrase: Option<Zeroizing<Vec<u8>>>,
}

impl KeySource {
    pub(super) fn of(options: &Options) -> Result<Self> {
        Self::read(options.get("privateKey"), options.get("passphrase"))
    }

    pub(super) fn read(private_key: &JsValue, passphrase: &JsValue) -> Result<Self> {
        let input = options::bytes(private_key, "privateKey").map_err(|error| {
            error.with_code(ErrorCode::InvalidPrivateKey).with_hint(if options::kind(private_key) == "a CryptoKey" {
                "Pass a CryptoKey to AsyncSigner.fromKey."
            } else {
                "Pass the key as PEM or DER, of a key pair its privateKey; export a KeyObject first: \
                 key.export({ type: \"pkcs8\", format: \"pem\" })."
            })
        })?;
        let Some(input) = input else {
            return Err(Error::new(ErrorCode::InvalidPrivateKey, "privateKey is undefined; it takes a string or a Uint8Array")
                .about(Parameter::PrivateKey)
                .with_hint("Is the variable or the secret set?"));
        };
        Ok(Self { input, passphrase: options::bytes(passphrase, "passphrase")? })
    }

    pub(super) fn load_options(&self, allow_unsupported_key: bool) -> LoadOptions<'_> {
        let options = LoadOptions::new().allow_unsupported_key(allow_unsupported_key);
        match &self.passphrase {
            Some(passphrase) => options.passphrase(passphrase),
            None => options,
        }
    }

    pub(super) fn load(&self, allow_unsupported_key: bool) -> Result<PrivateKey> {
        wiped(|| PrivateKey::load(&self.input, &self.load_options(allow_unsupported_key)))
    }
}

pub(super) fn algorithm(options: &Options) -> Result<Option<Algorithm>> {
    let name = options.text("algorithm").map_err(|error| error.with_code(ErrorCode::UnsupportedAlgorithm))?;
    name.map(|name| Algorithm::from_str(&name)).transpose()
}

pub(super) fn key_pair_id(options: &Options) -> Result<String> {
    let value = options.get("keyPairId");
    options::string(value).ok_or_else(|| {
        Error::new(ErrorCode::InvalidKeyPairId, format!("keyPairId is {}; it takes a string", options::kind(value)))
            .about(Parameter::KeyPairId)
            .with_hint("Is the variable set? CloudFront shows it under Public keys; it begins with K.")
    })
}

/// A URL and the policy that is to be signed for it, from what `signUrl` takes.
fn prepare_url(identity: &Identity, url: &JsValue, options: &JsValue) -> Result<(WireUrl, UnsignedGrant)> {
    let mut problems = Problems::default();
    let url = problems.take(wire_url(url));
    let Some(options) = problems.take(Options::read(options, "options", &URL_OPTIONS)) else {
        problems.end()?;
        return Err(options::nothing());
    };
    let Some(url) = url else {
        // Report the errors of the conditions too.
        if !options.is_given("policy")
            && let Some(conditions) = problems.take(read_conditions(&options))
        {
            problems.take(conditions.check());
        }
        problems.end()?;
        return Err(options::nothing());
    };
    let unsigned = if options.is_given("policy") {
        for parameter in
            [Parameter::DateLessThan, Parameter::RoundUpTo, Parameter::DateGreaterThan, Parameter::IpAddress, Parameter::Resource]
        {
            if options.is_given(parameter.name_in(Face::JavaScript)) {
                return Err(beside_policy(parameter));
            }
        }
        identity.prepare_policy(&read_policy(&options)?)?
    } else {
        let mut conditions = read_conditions(&options)?;
        if options.is_given("resource") {
            conditions = conditions.resource(url_option(&options, "resource")?);
        }
        identity.prepare_url_with(&url, &conditions, parser)?
    };
    Ok((url, unsigned))
}

/// The policies that are to be signed for a call of `signUrl`, `signUrls`, `signCookies` or `grant`: all of them, so that nothing is
/// signed where one is wrong.
pub(super) fn prepare(
    identity: &Identity,
    method: &str,
    first: &JsValue,
    second: &JsValue,
) -> Result<Vec<(Product, UnsignedGrant)>> {
    let mut prepared = Vec::new();
    match method {
        "signUrls" => {
            let conditions = read_conditions(&Options::read(second, "conditions", &CONDITIONS)?)?;
            for url in items(first)?.iter() {
                let url = wire_url(&url)?;
                let unsigned = identity.prepare_url_with(&url, &conditions, parser)?;
                prepared.push((Product::Url(url), unsigned));
            }
        }
        "signCookies" => prepared.push((Product::Cookies, prepare_cookies(identity, first, second)?)),
        "grant" => prepared.push((Product::Grant, prepare_grant(identity, first, second)?)),
        _ => {
            let (url, unsigned) = prepare_url(identity, first, second)?;
            prepared.push((Product::Url(url), unsigned));
        }
    }
    Ok(prepared)
}

/// What is made of a signed policy.
pub(super) enum Product {
    Url(WireUrl),
    Cookies,
    Grant,
}

impl Product {
    pub(super) fn make(&self, grant: Grant) -> Result<JsValue> {
        Ok(match self {
            Self::Url(url) => JsValue::from_str(&grant.wire_url(url)?),
            Self::Cookies => cookies_object(&grant.cookies()?.pairs()).into(),
            Self::Grant => GrantCore::new(grant).into(),
        })
    }
}

/// The policy that is to be signed for what `grant` takes.
fn prepare_grant(identity: &Identity, resource: &JsValue, conditions: &JsValue) -> Result<UnsignedGrant> {
    let mut problems = Problems::default();
    let resource = url_text_of(resource, Parameter::Resource).and_then(|text| Resource::parse_with(&text, parser));
    let resource = problems.take(resource);
    let conditions = Options::read(conditions, "conditions", &CONDITIONS).and_then(|options| read_conditions(&options));
    let conditions = problems.take(conditions);
    if resource.is_none()
        && let Some(conditions) = &conditions
    {
        problems.take(conditions.check());
    }
    problems.end()?;
    let (Some(resource), Some(conditions)) = (resource, conditions) else { return Err(options::nothing()) };
    identity.prepare_resource(&resource, &conditions)
}

/// The policy that is to be signed for what `signCookies` takes.
fn prepare_cookies(identity: &Identity, resource: &JsValue, conditions: &JsValue) -> Result<UnsignedGrant> {
    // A URL object is a resource; every other object without a name may be options.
    if options::kind(resource) != "an object" || url_text_of(resource, Parameter::Resource).is_ok() {
        return prepare_grant(identity, resource, conditions);
    }
    if !conditions.is_undefined() {
        return Err(Error::new(ErrorCode::InvalidOption, "conditions are given together with policy, and would be ignored")
            .about(Parameter::Policy));
    }
    identity.prepare_policy(&read_policy(&Options::read(resource, "options", &POLICY)?)?)
}

/// What JavaScript shows of a signer.
pub(super) fn describe(identity: &Identity) -> Object {
    object(&[
        ("keyPairId", identity.key_pair_id()),
        ("keyType", identity.key_type().as_str()),
        ("algorithm", identity.algorithm().as_str()),
    ])
}

/// A key, or the host's object for it, and the id that CloudFront knows it by.
#[wasm_bindgen]
pub struct SignerCore {
    identity: Identity,
    engine: Engine,
}

#[wasm_bindgen]
impl SignerCore {
    #[wasm_bindgen(constructor)]
    pub fn new(options: &JsValue) -> Result<Self, JsValue> {
        const KNOWN: [&str; 6] = ["keyPairId", "privateKey", "passphrase", "algorithm", "allowUnsupportedKey", "engine"];
        let options = Options::read(options, "options", &KNOWN)?;
        let mut problems = Problems::default();
        let id = problems.take(key_pair_id(&options).and_then(|id| check_key_pair_id(&id).map(|()| id)));
        let algorithm = problems.take(algorithm(&options)).flatten();
        let engine = problems.take(EngineName::read(&options));
        let allow_unsupported_key = problems.take(options.boolean("allowUnsupportedKey")).flatten().unwrap_or_default();
        let key = problems.take(KeySource::of(&options).and_then(|source| source.load(allow_unsupported_key)));
        problems.end()?;
        let (Some(id), Some(engine), Some(key)) = (id, engine, key) else { return Err(options::nothing().into()) };
        let identity = Identity::new(&id, key.key_type(), algorithm)?;
        let engine = Engine::choose(engine, key, identity.algorithm())?;
        Ok(Self { identity, engine })
    }

    pub fn describe(&self) -> Object {
        describe(&self.identity)
    }

    /// Which one it is. Signs once if that is still open.
    pub fn engine(&self) -> String {
        self.engine.name().to_owned()
    }

    #[wasm_bindgen(js_name = signUrl)]
    pub fn sign_url(&self, url: &JsValue, options: &JsValue) -> Result<String, JsValue> {
        let (url, unsigned) = prepare_url(&self.identity, url, options)?;
        Ok(self.engine.seal(unsigned)?.wire_url(&url)?)
    }

    /// `signUrl` with a URL and no option but `dateLessThan`, which is passed as what it is; in one call. Nothing, where a parser has
    /// to look at the URL.
    #[wasm_bindgen(js_name = signPlainUrl)]
    pub fn sign_plain_url(
        &self,
        url: &str,
        number: Option<f64>,
        milliseconds: Option<f64>,
        text: Option<String>,
        now: f64,
    ) -> Result<Option<String>, JsValue> {
        // The general path reports a wrong URL together with the other errors.
        let Ok(Some(url)) = WireUrl::plain(url) else { return Ok(None) };
        let date = number.map(DateInput::Number).or(milliseconds.map(DateInput::Milliseconds)).or(text.map(DateInput::Text));
        let Some(date) = date else { return Ok(None) };
        let unsigned = self.identity.prepare_url_with(&url, &Conditions::new(date).now(DateInput::Milliseconds(now)), parser)?;
        Ok(Some(self.engine.seal(unsigned)?.wire_url(&url)?))
    }

    /// The same, and `signUrls`, `signCookies` and `grant`, by their names: what they make, in an array.
    pub fn sign(&self, method: &str, first: &JsValue, second: &JsValue) -> Result<Array, JsValue> {
        let made = Array::new();
        for (product, unsigned) in prepare(&self.identity, method, first, second)? {
            made.push(&product.make(self.engine.seal(unsigned)?)?);
        }
        Ok(made)
    }
}
