//! Faults of the machine, for tests: a bit of one number flips, once, after one of the steps of a calculation.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fmt::Debug;
use std::ops::{BitXorAssign, Shl};

use super::tests::Numbers;

thread_local! {
    /// The steps that were taken, by what they are.
    static STEPS: RefCell<Vec<&'static str>> = const { RefCell::new(Vec::new()) };
    static FAULT: Cell<Option<Fault>> = const { Cell::new(None) };
}

#[derive(Clone, Copy, Debug)]
struct Fault {
    /// After how many other steps.
    step: usize,
    /// Of the step's result; what is more than it has counts from the beginning again.
    limb: usize,
    bit: u32,
}

/// A step is done. `bits` are those of its limbs that can be set.
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

/// Does something with a fault in it, or without; and which steps it took.
fn with<T>(fault: Option<Fault>, work: impl FnOnce() -> T) -> (T, Vec<&'static str>) {
    STEPS.take();
    FAULT.set(fault);
    let result = work();
    FAULT.set(None);
    (result, STEPS.take())
}

/// Flips a bit of any number after steps of every kind: what comes out is right, or nothing does. By kind, how often it was nothing.
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
        // Each step, where there are few, with several bits; or some of the many.
        for at in 0..36 {
            let step = if steps.len() <= 36 { steps[at % steps.len()] } else { steps[next(steps.len())] };
            let fault = Fault { step, limb: next(1 << 20), bit: next(1 << 20) as u32 };
            match with(Some(fault), &work).0 {
                None => *times += 1,
                // What is above a number, or the factor of a blinding, may be any.
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
