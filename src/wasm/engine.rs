//! The engine that signs: the host's synchronous crypto, or this module.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Object, Uint8Array};
use wasm_bindgen::prelude::*;

use crate::error::{Error, ErrorCode, Result, quoted};
use crate::grant::{Grant, UnsignedGrant};
use crate::key::{Algorithm, PrivateKey, PublicKey};
use crate::wasm::options::Options;
use crate::wasm::wiped;

/// Who is asked to do it.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum EngineName {
    Auto,
    Wasm,
    Host,
}

impl EngineName {
    pub(super) fn read(options: &Options) -> Result<Self> {
        match options.text("engine")?.as_deref() {
            None | Some("auto") => Ok(Self::Auto),
            Some("wasm") => Ok(Self::Wasm),
            Some("host") => Ok(Self::Host),
            Some(other) => Err(Error::new(
                ErrorCode::InvalidOption,
                format!("engine is {}; it is \"auto\", \"wasm\" or \"host\"", quoted(other)),
            )
            .about_option("engine")),
        }
    }
}

/// What signs.
pub(super) struct Engine(RefCell<Rc<Signing>>);

enum Signing {
    Wasm(Rc<PrivateKey>),
    /// The key that the host holds, and how many bytes a signature of RSA has.
    Host(Object, usize),
    /// The same, and the key for this module, until a signature shows whether the host signs right.
    Untried(Object, Algorithm, Rc<PrivateKey>),
}

#[wasm_bindgen(raw_module = "../host-crypto.js")]
extern "C" {
    #[wasm_bindgen(js_name = hasCrypto)]
    fn has_crypto() -> bool;

    /// Whether it signs with this type of key sooner than the module does.
    #[wasm_bindgen(js_name = isFaster)]
    fn is_faster(key_type: &str) -> bool;

    #[wasm_bindgen(js_name = importKey)]
    fn import_key(der: &[u8], form: &str, hash: &str) -> Option<Object>;

    #[wasm_bindgen(js_name = importPublicKey)]
    fn import_der(der: &[u8]) -> Option<Object>;

    /// The host's signature; nothing, if it did not sign. It is not written into the module's memory, which may have moved when the host
    /// called this module meanwhile.
    #[wasm_bindgen(js_name = callSign)]
    fn call_sign(held: &Object, message: &[u8]) -> Option<Uint8Array>;

    /// Whether it is a signature of the key that the host holds, as the host says.
    #[wasm_bindgen(js_name = isOwn)]
    fn is_own(held: &Object, message: &[u8], signature: &[u8]) -> bool;

    /// What the host says of a signature; nothing, if it does not say.
    #[wasm_bindgen(js_name = callVerify)]
    fn ask(key: &Object, hash: &str, message: &[u8], signature: &[u8]) -> Option<bool>;
}

impl Engine {
    /// Takes the engine that is asked for; with `"auto"`, the host's if there is one that takes this key. Its first signature decides
    /// whether it stays.
    pub(super) fn choose(asked: EngineName, key: PrivateKey, algorithm: Algorithm) -> Result<Self> {
        let key = Rc::new(key);
        let signing = if asked == EngineName::Wasm || (asked == EngineName::Auto && !is_faster(key.key_type().as_str())) {
            of_module(key)
        } else {
            match (import(&key, algorithm), asked) {
                (Ok(held), EngineName::Auto) => Signing::Untried(held, algorithm, key),
                (Ok(held), _) => {
                    let modulus = signature_of(&held, algorithm, PROBE)?.len();
                    Signing::Host(held, modulus)
                }
                (Err(_), EngineName::Auto) => of_module(key),
                (Err(error), _) => return Err(error),
            }
        };
        Ok(Self(RefCell::new(Rc::new(signing))))
    }

    pub(super) fn name(&self) -> &'static str {
        let signing = self.signing();
        match &*signing {
            Signing::Wasm(_) => "wasm",
            Signing::Host(..) => "host",
            Signing::Untried(held, algorithm, key) => {
                self.decide(held, *algorithm, key, PROBE);
                self.name()
            }
        }
    }

    pub(super) fn seal(&self, unsigned: UnsignedGrant) -> Result<Grant> {
        let signing = self.signing();
        match &*signing {
            Signing::Wasm(key) => {
                let signature = wiped(|| key.sign(unsigned.algorithm(), unsigned.message()))?;
                unsigned.finish_own(&signature, signature.len(), None)
            }
            Signing::Host(held, modulus) => {
                let signature = call_sign(held, unsigned.message())
                    .ok_or_else(|| Error::new(ErrorCode::SigningFailed, "node:crypto failed to sign"))?;
                unsigned.finish_own(&signature.to_vec(), *modulus, None)
            }
            Signing::Untried(held, algorithm, key) => match self.decide(held, *algorithm, key, unsigned.message()) {
                Some(signature) => unsigned.finish_own(&signature, signature.len(), None),
                None => self.seal(unsigned),
            },
        }
    }

    /// No borrow is left: the host may call this signer while it signs.
    fn signing(&self) -> Rc<Signing> {
        Rc::clone(&self.0.borrow())
    }

    /// Keeps the host's crypto if its signature verifies, and returns the signature; takes the module otherwise.
    fn decide(&self, held: &Object, algorithm: Algorithm, key: &Rc<PrivateKey>, message: &[u8]) -> Option<Vec<u8>> {
        let signature = signature_of(held, algorithm, message).ok();
        let decided = match &signature {
            Some(signature) => Signing::Host(held.clone(), signature.len()),
            None => of_module(Rc::clone(key)),
        };
        self.0.replace(Rc::new(decided));
        signature
    }
}

/// What the first signature needs is made now: a Worker has the time when it starts, not in a request.
fn of_module(key: Rc<PrivateKey>) -> Signing {
    wiped(|| key.prepare());
    Signing::Wasm(key)
}

/// As the host calls it.
fn hash(algorithm: Algorithm) -> &'static str {
    match algorithm {
        Algorithm::Sha1 => "sha1",
        Algorithm::Sha256 => "sha256",
    }
}

/// What the host says of a signature; `None` if it does not say.
pub(super) fn call_verify(key: &Object, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> Option<bool> {
    ask(key, hash(algorithm), message, signature)
}

/// Hands a public key to the host.
pub(super) fn import_public_key(key: &PublicKey) -> Result<Object> {
    import_der(&key.to_der()?).ok_or_else(|| unavailable("it cannot verify with this key"))
}

fn unavailable(why: &str) -> Error {
    Error::new(ErrorCode::HostCryptoUnavailable, format!("the runtime's crypto cannot be used: {why}"))
        .about_option("engine")
        .with_hint("Leave engine out, or use engine: \"wasm\".")
}

/// Hands the key to the host.
fn import(key: &PrivateKey, algorithm: Algorithm) -> Result<Object> {
    if !has_crypto() {
        return Err(unavailable("this runtime has no synchronous crypto"));
    }
    let (der, form) = wiped(|| key.to_der())?;
    import_key(&der, form, hash(algorithm)).ok_or_else(|| unavailable("it does not accept this key"))
}

/// What is signed where there is nothing else to find out with whether the host signs.
const PROBE: &[u8] = b"countersign";

/// The host's signature, if it verifies: a host may refuse the hash (FIPS, RHEL 9). The host has the public key with the private one,
/// and their numbers were checked when the file was read.
fn signature_of(held: &Object, algorithm: Algorithm, message: &[u8]) -> Result<Vec<u8>> {
    let refused = || unavailable(&format!("it refuses to sign with {algorithm}"));
    let signature = call_sign(held, message).ok_or_else(refused)?.to_vec();
    if is_own(held, message, &signature) { Ok(signature) } else { Err(unavailable("its signatures do not verify")) }
}
