//! Cookies as objects, and `toSetCookie`.

use js_sys::{Array, Object, Reflect};
use wasm_bindgen::prelude::*;

use crate::cookies::{CookieAttributes, NAMES, SameSite, clear_cookies, set_cookie};
use crate::error::{Error, ErrorCode, Result};
use crate::parameter::Parameter;
use crate::wasm::options::Options;

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
    let lines = set_cookie(&pairs(&Options::read(cookies, "cookies", &NAMES)?)?, &read_attributes(attributes)?)?;
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
    let mut attributes = CookieAttributes::new();
    if let Some(domain) = read.text("domain")? {
        attributes = attributes.domain(domain);
    }
    if let Some(path) = read.text("path")? {
        attributes = attributes.path(path);
    }
    if let Some(seconds) = read.whole_number("maxAge")? {
        attributes = attributes.max_age(seconds);
    }
    if let Some(date) = read.moment(Parameter::CookieExpires)? {
        attributes = attributes.expires(date);
    }
    if let Some(secure) = read.boolean("secure")? {
        attributes = attributes.secure(secure);
    }
    if let Some(http_only) = read.boolean("httpOnly")? {
        attributes = attributes.http_only(http_only);
    }
    if let Some(name) = read.text("sameSite")? {
        attributes = attributes.same_site(name.parse::<SameSite>()?);
    }
    if let Some(partitioned) = read.boolean("partitioned")? {
        attributes = attributes.partitioned(partitioned);
    }
    Ok(attributes)
}
