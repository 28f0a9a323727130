//! The JavaScript interface: options in, results and `CountersignError`s out. The core decides everything.
#![allow(unreachable_pub, reason = "wasm-bindgen exports `pub` items, which nothing in Rust reaches")]
#![allow(missing_debug_implementations, reason = "only JavaScript sees these types, and pkg/ says how to print them")]

mod async_signer;
mod aws_sdk;
mod cookies;
mod engine;
mod error;
mod grant;
mod keys;
mod options;
mod signer;
mod url;
mod verifier;

/// Every block is wiped when it is freed: what the libraries leave of a key in temporaries, and what wasm-bindgen leaves
/// of the strings that crossed.
#[global_allocator]
static ALLOCATOR: zeroizing_alloc::ZeroAlloc<std::alloc::System> = zeroizing_alloc::ZeroAlloc(std::alloc::System);

/// Does something with a key, and wipes the part of the stack that was used for it. What comes back may hold a key only
/// behind a pointer: it is moved about on the stack of the callers.
fn wiped<T>(work: impl FnOnce() -> T) -> T {
    wiped_words::<8192, T>(work)
}

/// The same for work that takes no more than so many words of eight bytes.
fn wiped_words<const WORDS: usize, T>(work: impl FnOnce() -> T) -> T {
    // A frame of its own, below the one of this function, and not merged with it.
    #[inline(never)]
    fn run<T>(work: impl FnOnce() -> T) -> T {
        work()
    }

    #[inline(never)]
    fn wipe<const WORDS: usize>() {
        let mut used = [0u64; WORDS];
        zeroize::Zeroize::zeroize(std::hint::black_box(&mut used));
    }

    let result = run(work);
    wipe::<WORDS>();
    result
}
