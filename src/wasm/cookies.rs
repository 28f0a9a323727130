//! Cookies as objects, and `toSetCookie`.

use js_sys::{Array, Object, Reflect};
use wasm_bindgen::prelude::*;

use crate::cookies::{CookieAttributes, SameSite, set_cookie};
use crate::error::{Error, ErrorCode, Result};
use crate::wasm::options;
use crate::wasm::options::options_object;

/// `{ "CloudFront-…": … }`, where `CloudFront-Expires` is a number and all else text.
pub(super) fn cookies_object(pairs: &[(&'static str, String)]) -> Object {
    let object = Object::new();
    for (name, value) in pairs {
        let value = match value.parse::<i64>() {
            Ok(seconds) if *name == "CloudFront-Expires" => JsValue::from_f64(seconds as f64),
            _ => JsValue::from_str(value),
        };
        // Setting a member of an object that was just made cannot fail.
        let _ = Reflect::set(&object, &(*name).into(), &value);
    }
    object
}

options_object! {
    Cookies {
        expires = "CloudFront-Expires",
        policy = "CloudFront-Policy",
        signature = "CloudFront-Signature",
        key_pair_id = "CloudFront-Key-Pair-Id",
        hash_algorithm = "CloudFront-Hash-Algorithm",
    }
}

options_object! {
    AttributeOptions { domain, path, max_age, expires, secure, http_only, same_site, partitioned }
}

/// One `Set-Cookie` value for each cookie.
#[wasm_bindgen(js_name = toSetCookie)]
pub fn to_set_cookie(cookies: &JsValue, attributes: &JsValue) -> Result<Array, JsValue> {
    let lines = set_cookie(&pairs(&options::read(cookies, "cookies")?)?, &read_attributes(attributes)?)?;
    Ok(lines.iter().map(|line| JsValue::from_str(line)).collect())
}

fn pairs(cookies: &Cookies) -> Result<Vec<(&'static str, String)>> {
    let expires = whole_number(&cookies.expires, "CloudFront-Expires")?;
    let policy = options::text(&cookies.policy, "CloudFront-Policy")?;
    let signature = options::text(&cookies.signature, "CloudFront-Signature")?;
    let key_pair_id = options::text(&cookies.key_pair_id, "CloudFront-Key-Pair-Id")?;
    let hash_algorithm = options::text(&cookies.hash_algorithm, "CloudFront-Hash-Algorithm")?;
    let (Some(signature), Some(key_pair_id), true) = (signature, key_pair_id, expires.is_some() != policy.is_some()) else {
        return Err(Error::new(ErrorCode::InvalidOption, "the cookies are not a whole set of signed cookies")
            .with_hint("Pass what signCookies returned."));
    };
    let access = match (expires, policy) {
        (Some(seconds), _) => ("CloudFront-Expires", seconds.to_string()),
        (None, policy) => ("CloudFront-Policy", policy.unwrap_or_default()),
    };
    let mut pairs = vec![access, ("CloudFront-Signature", signature), ("CloudFront-Key-Pair-Id", key_pair_id)];
    pairs.extend(hash_algorithm.map(|hash| ("CloudFront-Hash-Algorithm", hash)));
    Ok(pairs)
}

pub(super) fn whole_number(value: &JsValue, name: &str) -> Result<Option<i64>> {
    match options::number(value, name)? {
        Some(number) if number.fract() == 0.0 && number.abs() <= 9_007_199_254_740_991.0 => Ok(Some(number as i64)),
        Some(_) => Err(Error::new(ErrorCode::InvalidOption, format!("{name} is not a whole number of seconds"))),
        None => Ok(None),
    }
}

fn read_attributes(attributes: &JsValue) -> Result<CookieAttributes> {
    let defaults = CookieAttributes::default();
    if attributes.is_undefined() {
        return Ok(defaults);
    }
    let read: AttributeOptions = options::read(attributes, "attributes")?;
    let flag = |value: &JsValue, name, default| if value.is_undefined() { Ok(default) } else { options::boolean(value, name) };
    Ok(CookieAttributes {
        domain: options::text(&read.domain, "domain")?,
        path: options::text(&read.path, "path")?,
        max_age: whole_number(&read.max_age, "maxAge")?,
        expires: options::moment(&read.expires, "expires")?,
        secure: flag(&read.secure, "secure", defaults.secure)?,
        http_only: flag(&read.http_only, "httpOnly", defaults.http_only)?,
        same_site: options::text(&read.same_site, "sameSite")?.map(|text| text.parse::<SameSite>()).transpose()?,
        partitioned: flag(&read.partitioned, "partitioned", defaults.partitioned)?,
    })
}
