//! Faults of the machine, for tests: a bit of one number flips, once, after one of the steps of a calculation.

use std::cell::{Cell, RefCell};
use std::ops::{BitXorAssign, Shl};

thread_local! {
    /// The steps that were taken, by what they are.
    static STEPS: RefCell<Vec<&'static str>> = const { RefCell::new(Vec::new()) };
    static FAULT: Cell<Option<Fault>> = const { Cell::new(None) };
}

#[derive(Clone, Copy, Debug)]
pub(in crate::key) struct Fault {
    /// After how many other steps.
    pub(in crate::key) step: usize,
    /// Of the step's result; what is more than it has counts from the beginning again.
    pub(in crate::key) limb: usize,
    pub(in crate::key) bit: u32,
}

/// A step is done. `bits` are those of its limbs that can be set.
pub(in crate::key) fn strike<L: From<u32> + BitXorAssign + Shl<u32, Output = L>>(
    step: &'static str,
    result: &mut [L],
    bits: u32,
) {
    let taken = STEPS.with_borrow_mut(|steps| {
        steps.push(step);
        steps.len() - 1
    });
    if let Some(fault) = FAULT.get().filter(|fault| fault.step == taken) {
        let length = result.len();
        result[fault.limb % length] ^= L::from(1) << (fault.bit % bits);
    }
}

/// Does something with a fault in it, or without; and which steps it took.
pub(in crate::key) fn with<T>(fault: Option<Fault>, work: impl FnOnce() -> T) -> (T, Vec<&'static str>) {
    STEPS.take();
    FAULT.set(fault);
    let result = work();
    FAULT.set(None);
    (result, STEPS.take())
}
