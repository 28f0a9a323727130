//! Makes a panic end the module at once.
//!
//! Nobody sees a panic's message in WebAssembly: the module stops, and the caller gets `MODULE_STOPPED`. Stable Rust still compiles
//! the message, its numbers and its place in the source into the module: 4 per cent of the download.

use std::ops::Range;

use anyhow::{Context as _, Result};
use walrus::ir::Value;
use walrus::{ConstExpr, DataId, DataKind, FunctionBuilder, FunctionId, FunctionKind, Module};

/// How the names of functions begin that only a panic calls, or nothing at all.
const NEVER_CALLED: [&str; 13] = [
    "core::panicking::",
    "core::option::unwrap_failed",
    "core::option::expect_failed",
    "core::result::unwrap_failed",
    "core::slice::index::slice_",
    "core::str::slice_error_fail",
    "core::cell::panic_",
    "std::panicking::",
    "<std::panicking::",
    "alloc::raw_vec::handle_error",
    "alloc::alloc::handle_alloc_error",
    "<core::fmt::builders::",
    // The crate `rsa` takes the root where it is not given the primes, and PKCS#1 always has them (RFC 8017, appendix A.1.2).
    "crypto_bigint::uint::ref_type::sqrt::",
];

/// The end of the names of what `unwrap` and `expect` would print. No message has it: ours quote text themselves.
const DEBUG: &str = " as core::fmt::Debug>::fmt";

/// The size of a `core::panic::Location`: where the file's name is, how long it is, line and column.
const LOCATION: usize = 16;

/// Replaces what is never called but by a panic by a trap, and the places in the source by zeros. wasm-opt then drops both.
pub fn end_at_once(module: &mut Module) -> Result<()> {
    let functions: Vec<FunctionId> = module
        .funcs
        .iter_local()
        .map(|(function, _)| function)
        .filter(|function| is_never_called(&name_of(module, *function)))
        .collect();
    for function in functions {
        replace_by_trap(module, function);
    }
    forget_places(module)
}

fn is_never_called(name: &str) -> bool {
    name.contains(DEBUG) || NEVER_CALLED.iter().any(|beginning| name.starts_with(beginning))
}

/// A function's name without crate hashes: `rsa[c91de836b8f058de]::…`.
pub fn name_of(module: &Module, function: FunctionId) -> String {
    let mut parts = module.funcs.get(function).name.as_deref().unwrap_or_default().split('[');
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.split_once(']') {
            Some((hash, rest)) if !hash.is_empty() && hash.bytes().all(|byte| byte.is_ascii_hexdigit()) => plain.push_str(rest),
            _ => plain.extend(["[", part]),
        }
    }
    plain
}

pub fn replace_by_trap(module: &mut Module, function: FunctionId) {
    let signature = module.types.get(module.funcs.get(function).ty());
    let (parameters, results) = (signature.params().to_vec(), signature.results().to_vec());
    let arguments = parameters.iter().map(|parameter| module.locals.add(*parameter)).collect();
    let mut builder = FunctionBuilder::new(&mut module.types, &parameters, &results);
    builder.func_body().unreachable();
    module.funcs.get_mut(function).kind = FunctionKind::Local(builder.local_func(arguments));
}

fn forget_places(module: &mut Module) -> Result<()> {
    let segments: Vec<(DataId, usize)> = module.data.iter().filter_map(|data| Some((data.id(), address(&data.kind)?))).collect();
    let mut gone: Vec<(DataId, Range<usize>)> = Vec::new();
    for (data, start) in &segments {
        let bytes = &module.data.get(*data).value;
        for at in (start.next_multiple_of(4) - start..bytes.len().saturating_sub(LOCATION - 1)).step_by(4) {
            let word = |nth: usize| bytes[at + 4 * nth..][..4].try_into().map(|word| u32::from_le_bytes(word) as usize);
            let (name, length) = (word(0)?, word(1)?);
            let Some((data_of_name, range)) = segments.iter().find_map(|(data, start)| {
                let range = name.checked_sub(*start)?..name.checked_sub(*start)?.checked_add(length)?;
                is_source_file(module.data.get(*data).value.get(range.clone())?).then_some((*data, range))
            }) else {
                continue;
            };
            gone.extend([(*data, at..at + LOCATION), (data_of_name, range)]);
        }
    }
    for (data, range) in gone {
        module.data.get_mut(data).value.get_mut(range).context("a place is outside its segment")?.fill(0);
    }
    Ok(())
}

/// Where the segment comes to lie in memory.
fn address(kind: &DataKind) -> Option<usize> {
    match kind {
        DataKind::Active { offset: ConstExpr::Value(Value::I32(offset)), .. } => usize::try_from(*offset).ok(),
        _ => None,
    }
}

/// Whether it is a name such as `rsa-0.10.0/src/public_key.rs`.
fn is_source_file(bytes: &[u8]) -> bool {
    bytes.ends_with(b".rs") && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || b"/._-".contains(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_a_trap_and_its_place_is_gone_but_other_data_stays() {
        const NAME: &[u8] = b"src/lib.rs";
        let place = |length: u32| [1048576, length, 7, 9].map(u32::to_le_bytes).concat();
        let data = [NAME, b"..", &place(10), &place(9), b"other.rs"].concat();

        let mut module = Module::default();
        let memory = module.memories.add_local(false, false, 17, None, None);
        let offset = ConstExpr::Value(Value::I32(1048576));
        let segment = module.data.add(DataKind::Active { memory, offset }, data.clone());
        for name in ["core[0123abcd]::panicking::panic_fmt", "countersign::sign"] {
            let mut builder = FunctionBuilder::new(&mut module.types, &[], &[]);
            builder.name(name.to_owned()).func_body().i32_const(1).drop();
            let function = builder.finish(Vec::new(), &mut module.funcs);
            module.exports.add(name, function);
        }
        end_at_once(&mut module).unwrap();

        let sizes: Vec<u64> = module.funcs.iter_local().map(|(_, function)| function.size()).collect();
        assert_eq!(sizes.iter().filter(|size| **size == 1).count(), 1);
        let expected = [&[0; 10], b"..".as_slice(), &[0; 16], &place(9), b"other.rs"].concat();
        assert_eq!(module.data.get(segment).value, expected);
    }
}
