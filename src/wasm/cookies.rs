//! Cookies as objects, and `toSetCookie`.

use js_sys::{Array, Object, Reflect};
use wasm_bindgen::prelude::*;

use crate::cookies::{CookieAttributes, NAMES, SameSite, clear_cookies, set_cookie};
use crate::error::{Error, ErrorCode, Problems, Result};
use crate::parameter::Parameter;
use crate::wasm::options::{self, Options};

/// An object with these members.
pub(super) fn object(members: &[(&str, &str)]) -> Object {
    let object = Object::new();
    for (name, value) in members {
        set(&object, name, &JsValue::from_str(value));
    }
    object
}

pub(super) fn set(object: &Object, name: &str, value: &JsValue) {
    // Setting a member of an object that was just made cannot fail.
    let _ = Reflect::set(object, &name.into(), value);
}

/// `{ "CloudFront-…": … }`, where `CloudFront-Expires` is a number and all else text.
pub(super) fn cookies_object(pairs: &[(&'static str, String)]) -> Object {
    let object = Object::new();
    for (name, value) in pairs {
        let value = match value.parse::<i64>() {
            Ok(seconds) if *name == "CloudFront-Expires" => JsValue::from_f64(seconds as f64),
            _ => JsValue::from_str(value),
        };
        set(&object, name, &value);
    }
    object
}

/// One `Set-Cookie` value for each cookie.
#[wasm_bindgen(js_name = toSetCookie)]
pub fn to_set_cookie(cookies: &JsValue, attributes: &JsValue) -> Result<Array, JsValue> {
    let mut problems = Problems::default();
    let pairs = problems.take(Options::read(cookies, "cookies", &NAMES).and_then(|cookies| pairs(&cookies)));
    let attributes = problems.take(read_attributes(attributes));
    // Check what was read even if the other could not be, to report all errors at once.
    let lines = problems.take(set_cookie(&pairs.unwrap_or_default(), &attributes.unwrap_or_default()));
    problems.end()?;
    let Some(lines) = lines else { return Err(options::nothing().into()) };
    Ok(lines.iter().map(|line| JsValue::from_str(line)).collect())
}

/// One `Set-Cookie` value for each cookie that CloudFront knows, which takes it away.
#[wasm_bindgen(js_name = clearCookies)]
pub fn clear(attributes: &JsValue) -> Result<Array, JsValue> {
    Ok(clear_cookies(&read_attributes(attributes)?)?.iter().map(|line| JsValue::from_str(line)).collect())
}

fn pairs(cookies: &Options) -> Result<Vec<(&'static str, String)>> {
    let [expires, policy, signature, key_pair_id, _] = NAMES.map(|name| cookies.is_given(name));
    if !signature || !key_pair_id || expires == policy {
        return Err(Error::new(ErrorCode::InvalidOption, "the cookies are not a whole set of signed cookies")
            .about(Parameter::Cookies)
            .with_hint("Pass what signCookies returned."));
    }
    let mut pairs = Vec::new();
    for name in NAMES {
        let value = match name {
            "CloudFront-Expires" => cookies.whole_number(name)?.map(|seconds| seconds.to_string()),
            _ => cookies.text(name)?,
        };
        pairs.extend(value.map(|value| (name, value)));
    }
    Ok(pairs)
}

fn read_attributes(attributes: &JsValue) -> Result<CookieAttributes> {
    const KNOWN: [&str; 8] = ["domain", "path", "maxAge", "expires", "secure", "httpOnly", "sameSite", "partitioned"];
    let read = Options::read_if_given(attributes, "attributes", &KNOWN)?;
    let mut problems = Problems::default();
    let mut attributes = CookieAttributes::new();
    if let Some(domain) = problems.take(read.text("domain")).flatten() {
        attributes = attributes.domain(domain);
    }
    if let Some(path) = problems.take(read.text("path")).flatten() {
        attributes = attributes.path(path);
    }
    if let Some(seconds) = problems.take(read.whole_number("maxAge")).flatten() {
        attributes = attributes.max_age(seconds);
    }
    if let Some(date) = problems.take(read.moment(Parameter::CookieExpires)).flatten() {
        attributes = attributes.expires(date);
    }
    if let Some(secure) = problems.take(read.boolean("secure")).flatten() {
        attributes = attributes.secure(secure);
    }
    if let Some(http_only) = problems.take(read.boolean("httpOnly")).flatten() {
        attributes = attributes.http_only(http_only);
    }
    let same_site = read.text("sameSite").and_then(|name| name.map(|name| name.parse::<SameSite>()).transpose());
    if let Some(same_site) = problems.take(same_site).flatten() {
        attributes = attributes.same_site(same_site);
    }
    if let Some(partitioned) = problems.take(read.boolean("partitioned")).flatten() {
        attributes = attributes.partitioned(partitioned);
    }
    // Attributes that were read may still be wrong.
    problems.take(clear_cookies(&attributes));
    problems.end()?;
    Ok(attributes)
}
