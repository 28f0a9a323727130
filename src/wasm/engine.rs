//! Who does the private-key operation: the host's synchronous crypto, or this module.

use js_sys::{Function, Object, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;

use crate::error::{Error, ErrorCode, Result, quoted};
use crate::grant::{Grant, UnsignedGrant};
use crate::key::{Algorithm, KeyType, PrivateKey};
use crate::wasm::wiped;

pub(super) enum Engine {
    Wasm(PrivateKey),
    /// `sign(hash, message)` of the host, with its own object for the key.
    Host(Function),
}

impl Engine {
    /// Takes the engine that is asked for; with `"auto"`, the host's if there is one that signs right with this key.
    pub(super) fn choose(asked: Option<&str>, key: PrivateKey, algorithm: Algorithm, host: &JsValue) -> Result<Self> {
        match asked {
            Some("wasm") => Ok(Self::Wasm(key)),
            Some("host") => Ok(Self::Host(import(&key, algorithm, host)?)),
            None | Some("auto") => Ok(match import(&key, algorithm, host) {
                Ok(sign) => Self::Host(sign),
                Err(_) => Self::Wasm(key),
            }),
            Some(other) => Err(Error::new(
                ErrorCode::InvalidOption,
                format!("engine is {}; it is \"auto\", \"wasm\" or \"host\"", quoted(other)),
            )),
        }
    }

    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Wasm(_) => "wasm",
            Self::Host(_) => "host",
        }
    }

    pub(super) fn seal(&self, unsigned: UnsignedGrant) -> Result<Grant> {
        let signature = match self {
            Self::Wasm(key) => wiped(|| key.sign(unsigned.algorithm(), unsigned.message()))?,
            Self::Host(sign) => call(sign, unsigned.algorithm(), unsigned.message())
                .ok_or_else(|| Error::new(ErrorCode::SigningFailed, "the host's crypto did not sign"))?,
        };
        unsigned.finish_own(&signature, None)
    }
}

fn call(sign: &Function, algorithm: Algorithm, message: &[u8]) -> Option<Vec<u8>> {
    let hash = match algorithm {
        Algorithm::Sha1 => "sha1",
        Algorithm::Sha256 => "sha256",
    };
    let signature = sign.call2(&JsValue::UNDEFINED, &hash.into(), &Uint8Array::from(message)).ok()?;
    signature.dyn_into::<Uint8Array>().ok().map(|bytes| bytes.to_vec())
}

/// Hands the key to the host, and takes it only if a first signature verifies: a host may refuse the hash (FIPS, RHEL 9).
fn import(key: &PrivateKey, algorithm: Algorithm, host: &JsValue) -> Result<Function> {
    const PROBE: &[u8] = b"countersign";
    let unavailable = |why: &str| {
        Error::new(ErrorCode::HostCryptoUnavailable, format!("the host's crypto is not available: {why}"))
            .with_hint("Leave engine out, or use engine: \"wasm\".")
    };
    if host.is_undefined() {
        return Err(unavailable("this runtime has no synchronous crypto"));
    }
    let der = wiped(|| key.to_pkcs8_der().map(|der| Uint8Array::from(der.as_slice())))?;
    let imported = method(host, "importKey").and_then(|import_key| import_key.call1(host, &der).ok());
    der.fill(0, 0, der.length());
    let sign: Function =
        imported.and_then(|sign| sign.dyn_into().ok()).ok_or_else(|| unavailable("it does not take this key"))?;
    match call(&sign, algorithm, PROBE) {
        Some(signature) if wiped(|| key.public_key()).verify(algorithm, PROBE, &signature) => Ok(sign),
        Some(_) => Err(unavailable("its signatures do not verify")),
        None => Err(unavailable(&format!("it refuses to sign with {algorithm}"))),
    }
}

fn method(object: &JsValue, name: &str) -> Option<Function> {
    Reflect::get(object, &name.into()).ok()?.dyn_into().ok()
}

/// A key pair of the host's making, `{ privateKey, publicKey }` in PEM, if it makes any.
pub(super) fn generate(key_type: KeyType, host: &JsValue) -> Option<Object> {
    method(host, "generateKeyPair")?.call1(host, &key_type.as_str().into()).ok()?.dyn_into().ok()
}
