//! The JavaScript face: options in, results and `CountersignError`s out. What is decided is decided in the core.

#![allow(unreachable_pub, reason = "wasm-bindgen exports `pub` items, which nothing in Rust reaches")]

mod aws_sdk;
mod cookies;
mod engine;
mod error;
mod grant;
mod keys;
mod options;
mod signer;
mod url;

/// Every block is wiped when it is freed: what the libraries leave of a key in temporaries, and what wasm-bindgen leaves
/// of the strings that crossed.
#[global_allocator]
static ALLOCATOR: zeroizing_alloc::ZeroAlloc<std::alloc::System> = zeroizing_alloc::ZeroAlloc(std::alloc::System);

/// Wipes the part of the stack that the calls before this one have used.
#[inline(never)]
fn wipe_stack() {
    let mut used = [0u64; 8192];
    zeroize::Zeroize::zeroize(std::hint::black_box(&mut used));
}
