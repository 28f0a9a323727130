//! `Verifier`, `inspect` and `stripSignature`.

use js_sys::Object;
use wasm_bindgen::prelude::*;

use crate::credentials::Credentials;
use crate::error::{Error, ErrorCode, Problems, Result};
use crate::inspect::inspect_with;
use crate::key::{Algorithm, PublicKey};
use crate::parameter::Parameter;
use crate::verifier::{Asked, TrustedKeys, check_ids, decide};
use crate::wasm::engine::{self, EngineName};
use crate::wasm::options::{self, Options, whole_number};
use crate::wasm::url::{beginning_of_url, parser, url_text_of};

#[wasm_bindgen(raw_module = "../cookies.js")]
extern "C" {
    /// Cookies as lines, from the forms in which programs keep them.
    #[wasm_bindgen(js_name = cookieLines)]
    fn cookie_lines(cookies: &JsValue) -> Option<String>;
}

struct TrustedKey {
    id: String,
    key: PublicKey,
    /// The same key, held by the host.
    host: Option<Object>,
}

/// A trusted key group.
#[wasm_bindgen]
pub struct VerifierCore {
    /// In the order of their ids, few as they are.
    keys: Vec<TrustedKey>,
}

impl TrustedKeys for VerifierCore {
    fn verify(&self, id: &str, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> Option<bool> {
        let TrustedKey { key, host, .. } = self.keys.iter().find(|key| key.id == id)?;
        // A host may refuse a hash (FIPS): then it has not answered, and the module does.
        let answer = host.as_ref().and_then(|key| engine::call_verify(key, algorithm, message, signature));
        Some(answer.unwrap_or_else(|| key.verify(algorithm, message, signature)))
    }

    fn ids(&self) -> Vec<&str> {
        self.keys.iter().map(|key| key.id.as_str()).collect()
    }
}

#[wasm_bindgen]
impl VerifierCore {
    #[wasm_bindgen(constructor)]
    pub fn new(options: &JsValue) -> Result<Self, JsValue> {
        let options = Options::read(options, "options", &["publicKeys", "engine"])?;
        let mut problems = Problems::default();
        let engine = problems.take(EngineName::read(&options));
        let entries = problems.take(options::record(options.get("publicKeys"), "publicKeys")).unwrap_or_default();
        if !entries.is_empty() || problems.is_empty() {
            problems.take(check_ids(entries.iter().map(|(id, _)| id)).map_err(|error| error.about_option("publicKeys")));
        }
        // Read the keys even if the engine is wrong, to report all errors at once.
        let engine = engine.unwrap_or(EngineName::Wasm);
        let keys = entries.into_iter().filter_map(|(id, value)| problems.take(trusted_key(id, &value, engine))).collect();
        problems.end()?;
        Ok(Self { keys })
    }

    #[wasm_bindgen(getter, js_name = keyPairIds)]
    pub fn key_pair_ids(&self) -> Vec<String> {
        self.keys.iter().map(|key| key.id.clone()).collect()
    }

    #[wasm_bindgen(getter)]
    pub fn engine(&self) -> String {
        let by_host = self.keys.iter().all(|key| key.host.is_some());
        if by_host { "host" } else { "wasm" }.to_owned()
    }

    pub fn verify(&self, request: &JsValue) -> Result<JsValue, JsValue> {
        let request = Options::read(request, "request", &["url", "cookies", "ipAddress", "now"])?;
        let mut problems = Problems::default();
        let url = problems.take(requested_url(&request));
        let cookies = problems.take(cookie_header(&options::beginning(request.get("cookies")))).unwrap_or_default();
        // Headers that a request lacks are null.
        let is_null = request.get("ipAddress").is_null();
        let ip_address = if is_null { None } else { problems.take(request.text("ipAddress")).flatten() };
        let now = problems.take(seconds(&request));
        problems.end()?;
        let (Some(url), Some(now)) = (url, now) else { return Err(options::nothing().into()) };
        let mut request = Asked::new(&url, now).cookies(&cookies);
        if let Some(address) = &ip_address {
            request = request.ip_address(address);
        }
        options::to_object(&decide(self, &request, parser))
    }
}

fn requested_url(request: &Options) -> Result<String> {
    if !request.is_given("url") {
        return Err(Error::new(ErrorCode::InvalidOption, "the request has no url")
            .about(Parameter::Url)
            .with_hint("Pass the URL that the viewer requested."));
    }
    let not_a_url = || options::not_of_type(request.get("url"), "url", "a string or a URL object");
    beginning_of_url(request.get("url")).ok_or_else(not_a_url)
}

fn trusted_key(id: String, value: &JsValue, engine: EngineName) -> Result<TrustedKey> {
    let name = format!("the public key of {id}");
    let bytes =
        options::bytes(value, &name).map_err(|error| error.with_code(ErrorCode::InvalidPublicKey).about_option("publicKeys"))?;
    let bytes = bytes.ok_or_else(|| {
        Error::new(ErrorCode::InvalidPublicKey, format!("{name} is undefined; it takes PEM as a string or a Uint8Array"))
            .about(Parameter::PublicKeys)
            .with_hint("Is the variable set?")
    })?;
    let key = PublicKey::load(&bytes).map_err(|error| error.about(Parameter::PublicKeys))?;
    let import = || engine::import_public_key(&key);
    let host = match engine {
        EngineName::Wasm => None,
        EngineName::Auto => import().ok(),
        EngineName::Host => Some(import()?),
    };
    Ok(TrustedKey { id, key, host })
}

/// The value of a `Cookie` header, from itself or from names and values; `null` is what `headers.get("cookie")` gives where
/// there is none.
fn cookie_header(value: &JsValue) -> Result<String> {
    if value.is_null() || value.is_undefined() {
        return Ok(String::new());
    }
    if value.is_string() {
        return Ok(options::text(value, "the text")?.unwrap_or_default());
    }
    // What toSetCookie returns, and what requests have.
    if let Some(lines) = cookie_lines(value) {
        return Ok(lines);
    }
    let mut header = String::new();
    // Whoever wrote the names in another way is told so.
    let is_ours = |name: &str| name.get(..10).is_some_and(|start| start.eq_ignore_ascii_case("CloudFront"));
    for (name, value) in options::record(value, "cookies")?.iter().filter(|(name, _)| is_ours(name)) {
        // What signCookies returns has a number for CloudFront-Expires.
        let value = match value.as_f64() {
            Some(_) => whole_number(value, name)?.map(|number| number.to_string()),
            None => options::text(&options::beginning(value), name)?,
        };
        let value = value.unwrap_or_default();
        header.extend([name, "=", &value, "; "]);
    }
    Ok(header)
}

fn seconds(options: &Options) -> Result<i64> {
    options.now()?.resolve(Parameter::Now, 0)
}

/// What is in a signed URL or in cookies.
#[wasm_bindgen]
pub fn inspect(input: &JsValue, options: &JsValue) -> Result<JsValue, JsValue> {
    let options = Options::read_if_given(options, "options", &["now"])?;
    let text = if input.is_object() { url_text_of(input, Parameter::Url).ok() } else { None };
    let text = text.map_or_else(|| cookie_header(input), Ok)?;
    options::to_object(&inspect_with(&text, seconds(&options)?, parser)?)
}

/// A URL without its signing parameters.
#[wasm_bindgen(js_name = stripSignature)]
pub fn strip_signature(url: &JsValue) -> Result<String, JsValue> {
    if url.is_undefined() {
        return Err(Error::new(ErrorCode::InvalidOption, "url is undefined").about(Parameter::Url).into());
    }
    let url = url_text_of(url, Parameter::Url).map_err(|_| options::not_of_type(url, "url", "a string or a URL object"))?;
    let (plain, _) = Credentials::take_from_url(&url);
    Ok(plain)
}
