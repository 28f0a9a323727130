//! What has been found out of a signature before.

use std::cell::RefCell;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, DefaultHasher};

/// The same in every process, so that chunks that were read apart can be joined.
pub(super) const LINKS: BuildHasherDefault<DefaultHasher> = BuildHasherDefault::new();

/// So many are remembered in each thread; then it begins anew.
const MOST: usize = 20_000;

thread_local! {
    // Without a lock: threads that find out the same twice cost less than threads that wait.
    static SEEN: RefCell<HashMap<u64, Option<bool>>> = RefCell::default();
}

/// What is known of `what`, or else what `find` finds.
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
