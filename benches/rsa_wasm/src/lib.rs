//! `sign` of the crate `rsa`, blinded, with a key that is read once.

use rsa::pkcs1v15::Pkcs1v15Sign;
use rsa::pkcs8::DecodePrivateKey;
use sha1::{Digest, Sha1};
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
pub struct Key(rsa::PrivateKey);

#[wasm_bindgen]
impl Key {
    pub fn read(der: &[u8]) -> Option<Key> {
        rsa::PrivateKey::from_pkcs8_der(der).ok().map(Self)
    }

    pub fn sign(&self, message: &[u8]) -> Option<Vec<u8>> {
        self.0.sign_with_rng(&mut getrandom::SysRng, Pkcs1v15Sign::new::<Sha1>(), &Sha1::digest(message)).ok()
    }
}
