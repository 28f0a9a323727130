//! A cache of checked signatures.

use std::cell::RefCell;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, DefaultHasher};

/// The same in every process, so that results of separate chunks can be joined.
pub(super) const LINKS: BuildHasherDefault<DefaultHasher> = BuildHasherDefault::new();

/// How many each thread remembers before it starts again.
const MOST: usize = 20_000;

thread_local! {
    // Without a lock: checking twice costs less than waiting.
    static SEEN: RefCell<HashMap<u64, Option<bool>>> = RefCell::default();
}

/// What is known of `what`, or what `find` returns.
pub(super) fn or_find(what: u64, find: impl FnOnce() -> Option<bool>) -> Option<bool> {
    if let Some(known) = SEEN.with_borrow(|seen| seen.get(&what).copied()) {
        return known;
    }
    let found = find();
    SEEN.with_borrow_mut(|seen| {
        if seen.len() >= MOST {
            seen.clear();
        }
        seen.insert(what, found);
    });
    found
}
