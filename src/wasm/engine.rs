//! Who does the private-key operation: the host's synchronous crypto, or this module.

use js_sys::{Function, Object, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;

use crate::error::{Error, ErrorCode, Result, quoted};
use crate::grant::{Grant, UnsignedGrant};
use crate::key::{Algorithm, FoundKey, HostPair, KeyType, PrivateKey};
use crate::wasm::{options, wiped};

/// Who is asked to do it.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum EngineName {
    Auto,
    Wasm,
    Host,
}

impl EngineName {
    pub(super) fn read(value: &JsValue) -> Result<Self> {
        match options::text(value, "engine")?.as_deref() {
            None | Some("auto") => Ok(Self::Auto),
            Some("wasm") => Ok(Self::Wasm),
            Some("host") => Ok(Self::Host),
            Some(other) => Err(Error::new(
                ErrorCode::InvalidOption,
                format!("engine is {}; it is \"auto\", \"wasm\" or \"host\"", quoted(other)),
            )),
        }
    }
}

pub(super) enum Engine {
    Wasm(PrivateKey),
    /// `sign(message)` of the host, with its own object for the key, and how many bytes a signature of RSA has.
    Host(Function, usize),
}

/// No signature is longer: that of the largest RSA key which may be loaded.
const LONGEST_SIGNATURE: usize = 1024;

#[wasm_bindgen(raw_module = "../host-crypto.js")]
extern "C" {
    /// How many bytes of `signature` are the host's; nothing, if it did not sign.
    #[wasm_bindgen(js_name = callSign)]
    fn call_sign(sign: &Function, message: &[u8], signature: &mut [u8]) -> Option<u32>;
}

impl Engine {
    /// Takes the engine that is asked for; with `"auto"`, the host's if there is one that signs right with this key.
    pub(super) fn choose(asked: EngineName, found: FoundKey, algorithm: Algorithm, host: &JsValue) -> Result<Self> {
        let load = |found: FoundKey| wiped(|| found.load());
        if asked == EngineName::Wasm || (asked == EngineName::Auto && host.is_undefined()) {
            return Ok(Self::Wasm(load(found)?));
        }
        // Most keys need not be calculated with here. Whatever is wrong with this one or with the host, it is found below.
        if let Some(pair) = wiped(|| found.pair())
            && let Ok(engine) = import(&pair, algorithm, host)
        {
            return Ok(engine);
        }
        let key = load(found)?;
        let pair = wiped(|| HostPair::of(&key))?;
        match (import(&pair, algorithm, host), asked) {
            (Ok(engine), _) => Ok(engine),
            (Err(_), EngineName::Auto) => Ok(Self::Wasm(key)),
            (Err(error), _) => Err(error),
        }
    }

    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Wasm(_) => "wasm",
            Self::Host(..) => "host",
        }
    }

    pub(super) fn seal(&self, unsigned: UnsignedGrant) -> Result<Grant> {
        match self {
            Self::Wasm(key) => {
                let signature = wiped(|| key.sign(unsigned.algorithm(), unsigned.message()))?;
                unsigned.finish_own(&signature, signature.len(), None)
            }
            Self::Host(sign, modulus) => {
                let mut place = [0; LONGEST_SIGNATURE];
                let signature = call(sign, unsigned.message(), &mut place)
                    .ok_or_else(|| Error::new(ErrorCode::SigningFailed, "the host's crypto did not sign"))?;
                unsigned.finish_own(signature, *modulus, None)
            }
        }
    }
}

fn call<'a>(sign: &Function, message: &[u8], place: &'a mut [u8; LONGEST_SIGNATURE]) -> Option<&'a [u8]> {
    let length = call_sign(sign, message, place)?;
    place.get(..length as usize)
}

fn hash(algorithm: Algorithm) -> JsValue {
    match algorithm {
        Algorithm::Sha1 => "sha1",
        Algorithm::Sha256 => "sha256",
    }
    .into()
}

/// What the host says of a signature; `None` if it does not say.
pub(super) fn call_verify(verify: &Function, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> Option<bool> {
    let (message, signature) = (Uint8Array::from(message), Uint8Array::from(signature));
    verify.call3(&JsValue::UNDEFINED, &hash(algorithm), &message, &signature).ok()?.as_bool()
}

/// Hands a public key to the host, in PEM.
pub(super) fn import_public_key(pem: &str, host: &JsValue) -> Result<Function> {
    let imported = method(host, "importPublicKey").and_then(|import_key| import_key.call1(host, &JsValue::from_str(pem)).ok());
    imported
        .and_then(|verify| verify.dyn_into().ok())
        .ok_or_else(|| unavailable("this runtime has none that verifies with this key"))
}

fn unavailable(why: &str) -> Error {
    Error::new(ErrorCode::HostCryptoUnavailable, format!("the host's crypto is not available: {why}"))
        .with_hint("Leave engine out, or use engine: \"wasm\".")
}

/// Hands the key to the host, and takes it only if a first signature verifies with the public key: a host may refuse the hash
/// (FIPS, RHEL 9).
fn import(pair: &HostPair, algorithm: Algorithm, host: &JsValue) -> Result<Engine> {
    const PROBE: &[u8] = b"countersign";
    if host.is_undefined() {
        return Err(unavailable("this runtime has no synchronous crypto"));
    }
    let der = Uint8Array::from(pair.private_key.as_slice());
    let imported = method(host, "importKey").and_then(|import_key| import_key.call2(host, &der, &hash(algorithm)).ok());
    der.fill(0, 0, der.length());
    let sign: Function =
        imported.and_then(|sign| sign.dyn_into().ok()).ok_or_else(|| unavailable("it does not take this key"))?;
    let mut place = [0; LONGEST_SIGNATURE];
    let Some(signature) = call(&sign, PROBE, &mut place) else {
        return Err(unavailable(&format!("it refuses to sign with {algorithm}")));
    };
    let verify = import_public_key(&pair.public_key, host)?;
    match call_verify(&verify, algorithm, PROBE, signature) {
        Some(true) => Ok(Engine::Host(sign, signature.len())),
        _ => Err(unavailable("its signatures do not verify")),
    }
}

fn method(object: &JsValue, name: &str) -> Option<Function> {
    Reflect::get(object, &name.into()).ok()?.dyn_into().ok()
}

/// A key pair of the host's making, `{ privateKey, publicKey }` in PEM, if it makes any.
pub(super) fn generate(key_type: KeyType, host: &JsValue) -> Option<Object> {
    method(host, "generateKeyPair")?.call1(host, &key_type.as_str().into()).ok()?.dyn_into().ok()
}
