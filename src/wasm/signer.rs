//! `Signer`.

use std::str::FromStr as _;

use js_sys::{Array, Object};
use wasm_bindgen::prelude::*;
use zeroize::Zeroizing;

use crate::conditions::Conditions;
use crate::date::DateInput;
use crate::error::{Error, ErrorCode, Result};
use crate::grant::{Identity, ReadyPolicy, UnsignedGrant};
use crate::key::{Algorithm, FoundKey, LoadOptions, PrivateKey};
use crate::resource::Resource;
use crate::url::WireUrl;
use crate::wasm::cookies::cookies_object;
use crate::wasm::engine::{Engine, EngineName};
use crate::wasm::grant::GrantCore;
use crate::wasm::options::options_object;
use crate::wasm::url::{parser, wire_url};
use crate::wasm::{options, wiped};

options_object! {
    SignerOptions { key_pair_id, private_key, passphrase, algorithm, allow_unsupported_key, engine }
}

options_object! {
    /// What `signUrl` takes beside the URL; the others take a part of it.
    UrlOptions { date_less_than, date_greater_than, ip_address, now, allow_expired, resource, policy }
}

options_object! {
    ConditionOptions { date_less_than, date_greater_than, ip_address, now, allow_expired }
}

options_object! {
    PolicyOptions { policy, now, allow_expired }
}

impl ConditionOptions {
    fn conditions(&self) -> Result<Conditions> {
        let Some(date_less_than) = options::date(&self.date_less_than, "dateLessThan")? else {
            return Err(Error::new(ErrorCode::InvalidOption, "dateLessThan is missing")
                .with_hint("Every policy has an expiry: { dateLessThan: \"30m\" }."));
        };
        let mut conditions = Conditions::new(date_less_than)
            .now(options::now(&self.now)?)
            .allow_expired(options::boolean(&self.allow_expired, "allowExpired")?);
        if let Some(date) = options::date(&self.date_greater_than, "dateGreaterThan")? {
            conditions = conditions.date_greater_than(date);
        }
        if let Some(address) = options::text(&self.ip_address, "ipAddress")? {
            conditions = conditions.ip_address(address);
        }
        Ok(conditions)
    }
}

impl PolicyOptions {
    fn ready_policy(&self) -> Result<ReadyPolicy> {
        let Some(policy) = options::text(&self.policy, "policy")? else {
            return Err(Error::new(ErrorCode::InvalidOption, "policy is missing")
                .with_hint("Pass a resource and conditions, or { policy }."));
        };
        Ok(ReadyPolicy::new(policy)
            .now(options::now(&self.now)?)
            .allow_expired(options::boolean(&self.allow_expired, "allowExpired")?))
    }
}

impl UrlOptions {
    /// A ready-made policy goes with no condition of its own: it would be ignored.
    fn split(self) -> Result<Result<PolicyOptions, (ConditionOptions, JsValue)>> {
        if self.policy.is_undefined() {
            let Self { date_less_than, date_greater_than, ip_address, now, allow_expired, resource, policy: _ } = self;
            return Ok(Err((ConditionOptions { date_less_than, date_greater_than, ip_address, now, allow_expired }, resource)));
        }
        for (name, value) in [
            ("dateLessThan", &self.date_less_than),
            ("dateGreaterThan", &self.date_greater_than),
            ("ipAddress", &self.ip_address),
            ("resource", &self.resource),
        ] {
            if !value.is_undefined() {
                return Err(Error::new(ErrorCode::InvalidOption, format!("{name} is given beside policy, and would be ignored"))
                    .with_hint("Write it into the policy, or leave policy out."));
            }
        }
        Ok(Ok(PolicyOptions { policy: self.policy, now: self.now, allow_expired: self.allow_expired }))
    }
}

/// What a key is read from, as it was passed.
pub(super) struct KeySource {
    pub(super) input: Zeroizing<Vec<u8>>,
    pub(super) passphrase: Option<Zeroizing<Vec<u8>>>,
}

impl KeySource {
    pub(super) fn read(private_key: &JsValue, passphrase: &JsValue) -> Result<Self> {
        let input = options::bytes(private_key, "privateKey").map_err(|error| {
            Error::new(ErrorCode::InvalidPrivateKey, error.message().to_owned()).with_hint(
                "Pass the key as PEM or DER; a key object is exported first: key.export({ type: \"pkcs8\", format: \"pem\" }).",
            )
        })?;
        let Some(input) = input else {
            return Err(Error::new(ErrorCode::InvalidPrivateKey, "privateKey is undefined; it takes a string or a Uint8Array")
                .with_hint("Is the variable or the secret that it comes from set?"));
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

    pub(super) fn find(&self, allow_unsupported_key: bool) -> Result<FoundKey> {
        wiped(|| FoundKey::find(&self.input, &self.load_options(allow_unsupported_key)))
    }

    pub(super) fn load(&self, allow_unsupported_key: bool) -> Result<PrivateKey> {
        wiped(|| PrivateKey::load(&self.input, &self.load_options(allow_unsupported_key)))
    }
}

pub(super) fn algorithm(value: &JsValue) -> Result<Option<Algorithm>> {
    let name = options::text(value, "algorithm")
        .map_err(|error| Error::new(ErrorCode::UnsupportedAlgorithm, error.message().to_owned()))?;
    name.map(|name| Algorithm::from_str(&name)).transpose()
}

pub(super) fn key_pair_id(value: &JsValue) -> Result<String> {
    options::string(value).ok_or_else(|| {
        Error::new(ErrorCode::InvalidKeyPairId, format!("keyPairId is {}; it takes a string", options::kind(value)))
            .with_hint("Is the variable that it comes from set? CloudFront shows it under Public keys; it begins with K.")
    })
}

/// A URL and the policy that is to be signed for it, from what `signUrl` takes.
pub(super) fn prepare_url(identity: &Identity, url: &JsValue, options: &JsValue) -> Result<(WireUrl, UnsignedGrant)> {
    let url = wire_url(url)?;
    let unsigned = match options::read::<UrlOptions>(options, "options")?.split()? {
        Ok(policy) => identity.prepare_policy(&policy.ready_policy()?)?,
        Err((conditions, resource)) => {
            let conditions = conditions.conditions()?;
            let resource = match options::text(&resource, "resource")? {
                Some(text) => Some(Resource::parse_with(&text, parser)?),
                None => None,
            };
            identity.prepare_url(&url, resource.as_ref(), &conditions)?
        }
    };
    Ok((url, unsigned))
}

/// The same for each of `signUrls`.
pub(super) fn prepare_urls(identity: &Identity, urls: &JsValue, conditions: &JsValue) -> Result<Vec<(WireUrl, UnsignedGrant)>> {
    let conditions = options::read::<ConditionOptions>(conditions, "conditions")?.conditions()?;
    let prepare = |url: JsValue| {
        let url = wire_url(&url)?;
        let unsigned = identity.prepare_url(&url, None, &conditions)?;
        Ok((url, unsigned))
    };
    items(urls)?.iter().map(prepare).collect()
}

/// The policy that is to be signed for what `grant` takes.
pub(super) fn prepare_grant(identity: &Identity, resource: &JsValue, conditions: &JsValue) -> Result<UnsignedGrant> {
    let Some(text) = options::string(resource) else {
        return Err(Error::new(ErrorCode::InvalidUrl, format!("the resource is {}; it takes a string", options::kind(resource))));
    };
    let resource = Resource::parse_with(&text, parser)?;
    identity.prepare_resource(&resource, &options::read::<ConditionOptions>(conditions, "conditions")?.conditions()?)
}

/// The policy that is to be signed for what `signCookies` takes.
pub(super) fn prepare_cookies(identity: &Identity, resource: &JsValue, conditions: &JsValue) -> Result<UnsignedGrant> {
    if !resource.is_object() {
        return prepare_grant(identity, resource, conditions);
    }
    if !conditions.is_undefined() {
        return Err(Error::new(ErrorCode::InvalidOption, "conditions are given beside policy, and would be ignored"));
    }
    identity.prepare_policy(&options::read::<PolicyOptions>(resource, "options")?.ready_policy()?)
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
    pub fn new(options: &JsValue, host: &JsValue) -> Result<Self, JsValue> {
        let SignerOptions { key_pair_id: id, private_key, passphrase, algorithm: hash, allow_unsupported_key, engine } =
            options::read(options, "options")?;
        let id = key_pair_id(&id)?;
        let algorithm = algorithm(&hash)?;
        let engine = EngineName::read(&engine)?;
        let allow_unsupported_key = options::boolean(&allow_unsupported_key, "allowUnsupportedKey")?;
        let key = KeySource::read(&private_key, &passphrase)?.find(allow_unsupported_key)?;
        let identity = Identity::new(&id, key.key_type(), algorithm)?;
        let engine = Engine::choose(engine, key, identity.algorithm(), host)?;
        Ok(Self { identity, engine })
    }

    #[wasm_bindgen(getter, js_name = keyPairId)]
    pub fn key_pair_id(&self) -> String {
        self.identity.key_pair_id().to_owned()
    }

    #[wasm_bindgen(getter, js_name = keyType)]
    pub fn key_type(&self) -> String {
        self.identity.key_type().to_string()
    }

    #[wasm_bindgen(getter)]
    pub fn algorithm(&self) -> String {
        self.identity.algorithm().to_string()
    }

    #[wasm_bindgen(getter)]
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
        let Some(url) = WireUrl::plain(url)? else { return Ok(None) };
        let date = number.map(DateInput::Number).or(milliseconds.map(DateInput::Milliseconds)).or(text.map(DateInput::Text));
        let Some(date) = date else { return Ok(None) };
        let unsigned = self.identity.prepare_url(&url, None, &Conditions::new(date).now(DateInput::Milliseconds(now)))?;
        Ok(Some(self.engine.seal(unsigned)?.wire_url(&url)?))
    }

    #[wasm_bindgen(js_name = signUrls)]
    pub fn sign_urls(&self, urls: &JsValue, conditions: &JsValue) -> Result<Array, JsValue> {
        let signed = Array::new();
        for (url, unsigned) in prepare_urls(&self.identity, urls, conditions)? {
            signed.push(&self.engine.seal(unsigned)?.wire_url(&url)?.into());
        }
        Ok(signed)
    }

    #[wasm_bindgen(js_name = signCookies)]
    pub fn sign_cookies(&self, resource: &JsValue, conditions: &JsValue) -> Result<Object, JsValue> {
        let grant = self.engine.seal(prepare_cookies(&self.identity, resource, conditions)?)?;
        Ok(cookies_object(&grant.cookies()?.pairs()))
    }

    pub fn grant(&self, resource: &JsValue, conditions: &JsValue) -> Result<GrantCore, JsValue> {
        Ok(GrantCore::new(self.engine.seal(prepare_grant(&self.identity, resource, conditions)?)?))
    }
}

/// Everything that an iterable of URLs gives.
pub(super) fn items(urls: &JsValue) -> Result<Array> {
    options::items(urls).ok_or_else(|| {
        let kind = options::kind(urls);
        Error::new(
            ErrorCode::InvalidUrl,
            format!("urls is {kind}; it takes an array or another iterable of strings, that does not throw"),
        )
    })
}
