//! `AsyncSigner`: policies go out, signatures from WebCrypto or an external signer come in.

use js_sys::{Array, Object, Uint8Array};
use wasm_bindgen::prelude::*;

use crate::error::{Error, ErrorCode, Problems, Result, quoted};
use crate::grant::{Grant, Identity, UnsignedGrant, check_key_pair_id};
use crate::key::{Algorithm, KeyType, PrivateKey, PublicKey, in_der};
use crate::parameter::Parameter;
use crate::wasm::options::{Options, bytes_of_signature, kind, nothing};
use crate::wasm::signer::{KeySource, Product, algorithm, describe, key_pair_id, prepare};
use crate::wasm::wiped;

/// A private key on its way to the host's WebCrypto, or kept where that is asked for.
#[wasm_bindgen]
pub struct KeyCore {
    identity: Identity,
    key: PrivateKey,
    may_fall_back: bool,
}

#[wasm_bindgen]
impl KeyCore {
    #[wasm_bindgen(constructor)]
    pub fn new(options: &JsValue) -> Result<Self, JsValue> {
        const KNOWN: [&str; 6] = ["keyPairId", "privateKey", "passphrase", "algorithm", "allowUnsupportedKey", "fallback"];
        let options = Options::read(options, "options", &KNOWN)?;
        let mut problems = Problems::default();
        let id = problems.take(checked_id(&options));
        let algorithm = problems.take(algorithm(&options)).flatten();
        let may_fall_back = problems.take(fallback(&options)).unwrap_or_default();
        let allow_unsupported_key = problems.take(options.boolean("allowUnsupportedKey")).flatten().unwrap_or_default();
        let key = problems.take(KeySource::of(&options).and_then(|source| source.load(allow_unsupported_key)));
        problems.end()?;
        let (Some(id), Some(key)) = (id, key) else { return Err(nothing().into()) };
        Ok(Self { identity: Identity::new(&id, key.key_type(), algorithm)?, key, may_fall_back })
    }

    #[wasm_bindgen(getter, js_name = mayFallBack)]
    pub fn may_fall_back(&self) -> bool {
        self.may_fall_back
    }

    pub fn identity(&self) -> IdentityCore {
        let modulus = Some(wiped(|| self.key.public_key()).bits() / 8);
        IdentityCore { identity: self.identity.clone(), public_key: None, sign: JsValue::UNDEFINED, modulus }
    }

    /// The key as PKCS#8 in DER, for the host alone, which wipes it.
    pub fn pkcs8(&self) -> Result<Uint8Array, JsValue> {
        Ok(wiped(|| self.key.to_pkcs8_der().map(|der| Uint8Array::from(der.as_slice())))?)
    }

    /// Whether the host's signature is one of this key: a host may refuse a hash, or do something else with it.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        let in_der = match self.identity.key_type() {
            KeyType::Rsa => None,
            KeyType::Ecdsa => in_der(signature),
        };
        wiped(|| self.key.public_key()).verify(self.identity.algorithm(), message, in_der.as_deref().unwrap_or(signature))
    }

    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, JsValue> {
        Ok(wiped(|| self.key.sign(self.identity.algorithm(), message))?)
    }
}

fn checked_id(options: &Options) -> Result<String> {
    key_pair_id(options).and_then(|id| check_key_pair_id(&id).map(|()| id))
}

fn fallback(options: &Options) -> Result<bool> {
    match options.text("fallback")?.as_deref() {
        None => Ok(false),
        Some("wasm") => Ok(true),
        Some(other) => {
            let message = format!("fallback is {}; it takes \"wasm\"", quoted(other));
            Err(Error::new(ErrorCode::InvalidOption, message).about_option("fallback"))
        }
    }
}

/// Who signs, for policies whose signatures come from outside of the module.
#[wasm_bindgen]
pub struct IdentityCore {
    identity: Identity,
    public_key: Option<PublicKey>,
    sign: JsValue,
    /// How many bytes a signature of RSA has, if the key was read here: one of another size may have been allowed.
    modulus: Option<usize>,
}

#[wasm_bindgen]
impl IdentityCore {
    /// What `fromSign` takes.
    #[wasm_bindgen(constructor)]
    pub fn new(options: &JsValue) -> Result<Self, JsValue> {
        const KNOWN: [&str; 5] = ["keyPairId", "keyType", "algorithm", "publicKey", "sign"];
        let options = Options::read(options, "options", &KNOWN)?;
        let mut problems = Problems::default();
        let id = problems.take(checked_id(&options));
        let key_type = problems.take(options.text("keyType").and_then(|name| {
            let missing = || {
                Error::new(ErrorCode::InvalidOption, "keyType is missing; it is \"RSA\" or \"ECDSA\"").about(Parameter::KeyType)
            };
            name.ok_or_else(missing)?.parse::<KeyType>()
        }));
        let public_key = options.bytes("publicKey").map_err(|error| error.with_code(ErrorCode::InvalidPublicKey));
        let public_key =
            problems.take(public_key.and_then(|bytes| bytes.map(|bytes| PublicKey::load(&bytes)).transpose())).flatten();
        if let Some((key, key_type)) = public_key.as_ref().zip(key_type).filter(|(key, key_type)| key.key_type() != *key_type) {
            let message = format!("keyType is \"{key_type}\", and publicKey is an {} key", key.key_type());
            problems.take::<()>(Err(Error::new(ErrorCode::InvalidOption, message).about(Parameter::KeyType)));
        }
        let sign = options.get("sign").clone();
        if !sign.is_function() {
            let message = format!("sign is {}; it takes a function", kind(&sign));
            problems.take::<()>(Err(Error::new(ErrorCode::InvalidOption, message).about_option("sign")));
        }
        let algorithm = problems.take(algorithm(&options)).flatten();
        problems.end()?;
        let (Some(id), Some(key_type)) = (id, key_type) else { return Err(nothing().into()) };
        Ok(Self { identity: Identity::new(&id, key_type, algorithm)?, public_key, sign, modulus: None })
    }

    /// What `fromKey` takes with a key that WebCrypto holds, and what that key says of itself.
    #[wasm_bindgen(js_name = ofCryptoKey)]
    pub fn of_crypto_key(options: &JsValue, key: &JsValue) -> Result<Self, JsValue> {
        const KNOWN: [&str; 6] = ["keyPairId", "privateKey", "passphrase", "algorithm", "allowUnsupportedKey", "fallback"];
        let options = Options::read(options, "options", &KNOWN)?;
        let id = key_pair_id(&options)?;
        for name in ["passphrase", "fallback"] {
            if options.is_given(name) {
                let message = format!("{name} is given with a CryptoKey, which needs none");
                return Err(Error::new(ErrorCode::InvalidOption, message).about_option(name).into());
            }
        }
        let key = CryptoKeyDescription::read(key)
            .map_err(|_| Error::new(ErrorCode::UnsupportedKey, "the CryptoKey cannot be read").about(Parameter::PrivateKey))?;
        let asked = algorithm(&options)?;
        let (key_type, bound_to) = key.check(options.boolean("allowUnsupportedKey")?.unwrap_or_default())?;
        if let (Some(asked), Some(bound_to)) = (asked, bound_to)
            && asked != bound_to
        {
            let message = format!("algorithm is \"{asked}\", and the CryptoKey was made for {bound_to}");
            return Err(Error::new(ErrorCode::UnsupportedAlgorithm, message)
                .about(Parameter::Algorithm)
                .with_hint("WebCrypto binds an RSA key to its hash: import the key with this one, or leave algorithm out.")
                .into());
        }
        let identity = Identity::new(&id, key_type, asked.or(bound_to))?;
        let modulus = key.modulus_length.and_then(|bits| usize::try_from(bits / 8).ok());
        Ok(Self { identity, public_key: None, sign: JsValue::UNDEFINED, modulus })
    }

    /// The caller's function.
    #[wasm_bindgen(getter)]
    pub fn sign(&self) -> JsValue {
        self.sign.clone()
    }

    pub fn describe(&self) -> Object {
        describe(&self.identity)
    }

    /// What waits for its signature, in an array, for a method by its name.
    pub fn prepare(&self, method: &str, first: &JsValue, second: &JsValue) -> Result<Array, JsValue> {
        let waiting = Array::new();
        for (product, unsigned) in prepare(&self.identity, method, first, second)? {
            let public_key = self.public_key.clone();
            waiting.push(&UnsignedCore { unsigned, product, public_key, modulus: self.modulus }.into());
        }
        Ok(waiting)
    }
}

/// What a CryptoKey says of itself.
struct CryptoKeyDescription {
    r#type: String,
    can_sign: bool,
    name: String,
    modulus_length: Option<i64>,
    named_curve: Option<String>,
    hash: Option<String>,
}

impl CryptoKeyDescription {
    fn read(key: &JsValue) -> Result<Self> {
        let key = Options::read(key, "privateKey", &["type", "canSign", "name", "modulusLength", "namedCurve", "hash"])?;
        Ok(Self {
            r#type: key.text("type")?.ok_or_else(nothing)?,
            can_sign: key.boolean("canSign")?.unwrap_or_default(),
            name: key.text("name")?.ok_or_else(nothing)?,
            modulus_length: key.whole_number("modulusLength")?,
            named_curve: key.text("namedCurve")?,
            hash: key.text("hash")?,
        })
    }

    /// Its type and, for RSA, the hash that it is bound to.
    fn check(&self, allow_unsupported_key: bool) -> Result<(KeyType, Option<Algorithm>)> {
        if self.r#type != "private" {
            let message = format!("privateKey is a CryptoKey of the type {}; a private one is needed", quoted(&self.r#type));
            return Err(Error::new(ErrorCode::NotAPrivateKey, message).about(Parameter::PrivateKey));
        }
        if !self.can_sign {
            return Err(self.unsupported("its usages have no \"sign\""));
        }
        match (self.name.as_str(), self.modulus_length, self.named_curve.as_deref()) {
            ("RSASSA-PKCS1-v1_5", Some(bits), _) if bits == 2048 || allow_unsupported_key => match self.hash.as_deref() {
                Some("SHA-1") => Ok((KeyType::Rsa, Some(Algorithm::Sha1))),
                Some("SHA-256") => Ok((KeyType::Rsa, Some(Algorithm::Sha256))),
                hash => Err(self.unsupported(&format!("it is bound to the hash {}", quoted(hash.unwrap_or("?"))))),
            },
            ("RSASSA-PKCS1-v1_5", Some(bits), _) => Err(self.unsupported(&format!("its modulus has {bits} bits"))),
            ("ECDSA", _, Some("P-256")) => Ok((KeyType::Ecdsa, None)),
            ("ECDSA", _, curve) => Err(self.unsupported(&format!("its curve is {}", quoted(curve.unwrap_or("?"))))),
            (name, ..) => Err(self.unsupported(&format!("its algorithm is {}", quoted(name)))),
        }
    }

    fn unsupported(&self, why: &str) -> Error {
        let is_rsa = self.name.starts_with("RSA") && self.modulus_length == Some(2048);
        Error::new(
            ErrorCode::UnsupportedKey,
            format!(
                "the CryptoKey is not one that CloudFront accepts: {why}; RSASSA-PKCS1-v1_5 of 2048 bits with SHA-1 or SHA-256 and \
                 ECDSA on P-256 are, with the usage \"sign\""
            ),
        )
        .about(Parameter::PrivateKey)
        .with_hint(if is_rsa {
            "Import the key again as { name: \"RSASSA-PKCS1-v1_5\", hash: \"SHA-256\" }."
        } else if self.named_curve.as_deref() == Some("P-256") {
            "Import the key again as { name: \"ECDSA\", namedCurve: \"P-256\" }."
        } else {
            "Make a new one: generateKeyPair."
        })
    }
}

/// A policy that waits for its signature.
#[wasm_bindgen]
pub struct UnsignedCore {
    unsigned: UnsignedGrant,
    product: Product,
    public_key: Option<PublicKey>,
    modulus: Option<usize>,
}

#[wasm_bindgen]
impl UnsignedCore {
    #[wasm_bindgen(getter)]
    pub fn message(&self) -> Uint8Array {
        Uint8Array::from(self.unsigned.message())
    }

    pub fn finish(&self, signature: &JsValue) -> Result<JsValue, JsValue> {
        Ok(self.product.make(self.seal(signature)?)?)
    }

    fn seal(&self, signature: &JsValue) -> Result<Grant> {
        let bytes = bytes_of_signature(signature).map(|bytes| bytes.to_vec()).ok_or_else(|| {
            Error::new(ErrorCode::SigningFailed, format!("the signer returned {}; it must return a Uint8Array", kind(signature)))
                .with_hint(
                    "Return the signature's bytes: of AWS KMS's answer, its Signature; of Base64, Buffer.from(text, \"base64\").",
                )
        })?;
        let unsigned = self.unsigned.clone();
        match self.modulus {
            Some(modulus) => unsigned.finish_own(&bytes, modulus, None),
            None => unsigned.finish(&bytes, self.public_key.as_ref()),
        }
    }
}
