//! Simulated hardware faults for tests: one bit of one number flips, once, after a chosen step.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fmt::Debug;
use std::ops::{BitXorAssign, Shl};

use super::pseudo_random::Numbers;

thread_local! {
    /// The kinds of the steps so far.
    static STEPS: RefCell<Vec<&'static str>> = const { RefCell::new(Vec::new()) };
    static FAULT: Cell<Option<Fault>> = const { Cell::new(None) };
}

#[derive(Clone, Copy, Debug)]
struct Fault {
    /// The index of the step.
    step: usize,
    /// Taken modulo the length of the step's result; `bit` likewise.
    limb: usize,
    bit: u32,
}

/// Marks the end of a step. `bits` is the width of a limb of its result.
pub(super) fn strike<L: From<u32> + BitXorAssign + Shl<u32, Output = L>>(step: &'static str, result: &mut [L], bits: u32) {
    let taken = STEPS.with_borrow_mut(|steps| {
        steps.push(step);
        steps.len() - 1
    });
    if let Some(fault) = FAULT.get().filter(|fault| fault.step == taken) {
        let length = result.len();
        result[fault.limb % length] ^= L::from(1) << (fault.bit % bits);
    }
}

/// Runs `work`, with a fault if one is given. Returns its result and the steps it took.
fn with<T>(fault: Option<Fault>, work: impl FnOnce() -> T) -> (T, Vec<&'static str>) {
    STEPS.take();
    FAULT.set(fault);
    let result = work();
    FAULT.set(None);
    (result, STEPS.take())
}

/// Flips bits after steps of every kind, and asserts that each result is right or `None`. Returns how often it was `None`, by kind.
pub(super) fn everywhere<T: PartialEq + Debug>(expected: &T, work: impl Fn() -> Option<T>) -> BTreeMap<&'static str, usize> {
    let (result, steps) = with(None, &work);
    assert_eq!(result.as_ref(), Some(expected));
    let mut kinds: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, kind) in steps.iter().enumerate() {
        kinds.entry(kind).or_default().push(at);
    }
    let mut numbers = Numbers(0x853c_49e6_748f_ea9b);
    let mut next = |below: usize| (numbers.next() >> 20) as usize % below;
    let (mut refused, mut harmless) = (BTreeMap::new(), 0);
    for (kind, steps) in &kinds {
        let times = refused.entry(*kind).or_insert(0);
        // Few steps: each of them, with several bits. Many steps: a sample.
        for at in 0..36 {
            let step = if steps.len() <= 36 { steps[at % steps.len()] } else { steps[next(steps.len())] };
            let fault = Fault { step, limb: next(1 << 20), bit: next(1 << 20) as u32 };
            match with(Some(fault), &work).0 {
                None => *times += 1,
                // Harmless: a bit above the number, or in a blinding factor.
                Some(result) => {
                    assert_eq!(&result, expected, "{kind}, {fault:?}");
                    harmless += 1;
                }
            }
        }
    }
    println!("{} steps; refused {refused:?}, harmless {harmless}", steps.len());
    refused
}
