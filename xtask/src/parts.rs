//! Divides the module into what a first signature needs, and the rest.
//!
//! JavaScriptCore compiles all functions of a module before the first one runs, and V8 checks them. Where a program compiles the module when
//! it starts, it compiles the first part only: a third. A function of the rest is a call through a table there, and the first such
//! call loads the rest, which has the same memory.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use walrus::ir::{Call, CallIndirect, Const, LocalGet, RefIsNull, TableGet, Value};
use walrus::{
    ConstExpr, ElementItems, ElementKind, FunctionBuilder, FunctionId, FunctionKind, GlobalKind, ImportedFunction, Module,
    ModuleConfig, RefType, TableId, passes,
};

use crate::project::{command, path};

pub struct Parts {
    pub first: Vec<u8>,
    pub rest: Vec<u8>,
}

/// Both parts, after a run of xtask/first_calls.mjs, which needs pkg/dist/api.js.
pub fn parts(module: &[u8], folder: &Path) -> Result<Parts> {
    let called = called(module, folder)?;
    divide(module, &called)
}

fn read(module: &[u8]) -> Result<Module> {
    let mut config = ModuleConfig::new();
    config.generate_producers_section(false).generate_name_section(false);
    config.parse(module)
}

/// The places of the functions that run until there is a first signature.
fn called(module: &[u8], folder: &Path) -> Result<BTreeSet<usize>> {
    let mut reporting = read(module)?;
    let parameters = reporting.types.add(&[walrus::ValType::I32], &[]);
    let (report, _) = reporting.add_import_func("calls", "report", parameters);
    for (function, body) in reporting.funcs.iter_local_mut() {
        let place = Value::I32(i32::try_from(function.index())?);
        body.builder_mut().func_body().instr_at(0, Const { value: place }).instr_at(1, Call { func: report });
    }
    fs::create_dir_all(folder)?;
    let file = folder.join("reporting.wasm");
    fs::write(&file, reporting.emit_wasm())?;
    let output = command("node").arg(path("xtask/first_calls.mjs")).arg(&file).output()?;
    if !output.status.success() {
        bail!("xtask/first_calls.mjs: {}", String::from_utf8_lossy(&output.stderr));
    }
    serde_json::from_slice(&output.stdout).context("xtask/first_calls.mjs prints no list")
}

fn divide(module: &[u8], called: &BTreeSet<usize>) -> Result<Parts> {
    let mut first = read(module)?;
    // What the first part refers to is left when the bodies of all others are gone.
    for function in others(&first, called) {
        replace(&mut first, function, |_, _| ());
    }
    passes::gc::run(&mut first);
    let entries: Vec<usize> = others(&first, called).iter().map(|function| function.index()).collect();

    let (rest, shared) = rest(module, called, &entries)?;

    let count = u64::try_from(entries.len())?;
    let table = first.tables.add_local(false, count, Some(count), RefType::FUNCREF);
    let nothing = first.types.add(&[], &[]);
    let (load, _) = first.add_import_func("rest", "load", nothing);
    let by_place: BTreeMap<usize, FunctionId> =
        first.funcs.iter().map(|function| (function.id().index(), function.id())).collect();
    for (at, place) in entries.iter().enumerate() {
        let at = i32::try_from(at)?;
        let function = *by_place.get(place).context("a function is gone")?;
        replace(&mut first, function, |builder, call| through_table(builder, call, table, at, load));
    }
    let tables: Vec<TableId> = first.tables.iter().map(|table| table.id()).collect();
    for table in tables {
        first.exports.add(&format!("first:table {}", table.index()), table);
    }
    let globals: Vec<_> = first.globals.iter().map(|global| global.id()).collect();
    for global in globals {
        first.exports.add(&format!("first:global {}", global.index()), global);
    }
    let function = |place| by_place.get(place).copied().context("the rest calls what the first part does not have");
    let shared = shared.iter().map(function).collect::<Result<Vec<FunctionId>>>()?;
    let count = u64::try_from(shared.len())?;
    let table = first.tables.add_local(false, count, Some(count), RefType::FUNCREF);
    fill(&mut first, table, shared);
    first.exports.add(SHARED, table);
    Ok(Parts { first: first.emit_wasm(), rest })
}

/// The first part's functions that the rest calls, in one table: an engine makes a JavaScript function of each that is exported, at every
/// start. JavaScript knows by the colon that it is not for the glue.
const SHARED: &str = "first:shared";

fn fill(module: &mut Module, table: TableId, functions: Vec<FunctionId>) {
    let kind = ElementKind::Active { table, offset: ConstExpr::Value(Value::I32(0)) };
    let element = module.elements.add(kind, ElementItems::Functions(functions));
    module.tables.get_mut(table).elem_segments.insert(element);
}

/// The rest, and the places of the functions that it takes from the first part.
fn rest(module: &[u8], called: &BTreeSet<usize>, entries: &[usize]) -> Result<(Vec<u8>, Vec<usize>)> {
    let mut rest = read(module)?;
    let exports: Vec<_> = rest.exports.iter().map(|export| export.id()).collect();
    exports.into_iter().for_each(|export| rest.exports.delete(export));
    // The first part has filled memory and tables.
    let data: Vec<_> = rest.data.iter().map(|data| data.id()).collect();
    data.into_iter().for_each(|data| rest.data.delete(data));
    let elements: Vec<_> = rest.elements.iter().map(|element| element.id()).collect();
    elements.into_iter().for_each(|element| rest.elements.delete(element));
    let memories: Vec<_> = rest.memories.iter().map(|memory| memory.id()).collect();
    for memory in memories {
        let import = rest.imports.add("first", "memory", memory);
        let memory = rest.memories.get_mut(memory);
        memory.import = Some(import);
        memory.data_segments.clear();
    }
    let next_table = rest.tables.iter().count();
    let tables: Vec<TableId> = rest.tables.iter().map(|table| table.id()).collect();
    for table in tables {
        let import = rest.imports.add("first", &format!("first:table {}", table.index()), table);
        let table = rest.tables.get_mut(table);
        table.import = Some(import);
        table.elem_segments.clear();
    }
    let globals: Vec<_> = rest.globals.iter().map(|global| global.id()).collect();
    for global in globals {
        let import = rest.imports.add("first", &format!("first:global {}", global.index()), global);
        rest.globals.get_mut(global).kind = GlobalKind::Import(import);
    }
    let of_first: Vec<FunctionId> =
        rest.funcs.iter_local().map(|(function, _)| function).filter(|function| called.contains(&function.index())).collect();
    for function in of_first {
        let ty = rest.funcs.get(function).ty();
        let import = rest.imports.add("shared", "", function);
        rest.funcs.get_mut(function).kind = FunctionKind::Import(ImportedFunction { import, ty });
    }
    let by_place: BTreeMap<usize, FunctionId> =
        rest.funcs.iter().map(|function| (function.id().index(), function.id())).collect();
    let functions: Vec<FunctionId> = entries.iter().filter_map(|place| by_place.get(place).copied()).collect();
    let count = u64::try_from(functions.len())?;
    let (table, _) =
        rest.add_import_table("first", &format!("first:table {next_table}"), false, count, Some(count), RefType::FUNCREF);
    fill(&mut rest, table, functions);
    passes::gc::run(&mut rest);
    let imported: Vec<_> = rest
        .funcs
        .iter()
        .filter_map(|function| match &function.kind {
            FunctionKind::Import(of_first) => Some((function.id().index(), of_first.import)),
            _ => None,
        })
        .filter(|(place, _)| called.contains(place))
        .collect();
    for (at, (_, import)) in imported.iter().enumerate() {
        rest.imports.get_mut(*import).name = at.to_string();
    }
    Ok((rest.emit_wasm(), imported.into_iter().map(|(place, _)| place).collect()))
}

/// What the first part does not have itself.
fn others(module: &Module, called: &BTreeSet<usize>) -> Vec<FunctionId> {
    module.funcs.iter_local().map(|(function, _)| function).filter(|function| !called.contains(&function.index())).collect()
}

/// How a body calls itself elsewhere: its type, and its parameters.
struct Signature {
    ty: walrus::TypeId,
    parameters: Vec<walrus::LocalId>,
}

fn replace(module: &mut Module, function: FunctionId, fill: impl FnOnce(&mut FunctionBuilder, &Signature)) {
    let ty = module.funcs.get(function).ty();
    let signature = module.types.get(ty);
    let (parameters, results) = (signature.params().to_vec(), signature.results().to_vec());
    let arguments: Vec<_> = parameters.iter().map(|parameter| module.locals.add(*parameter)).collect();
    let mut builder = FunctionBuilder::new(&mut module.types, &parameters, &results);
    fill(&mut builder, &Signature { ty, parameters: arguments.clone() });
    if builder.func_body().instrs().is_empty() {
        builder.func_body().unreachable();
    }
    module.funcs.get_mut(function).kind = FunctionKind::Local(builder.local_func(arguments));
}

/// Loads the rest if it is not there yet, and calls the function in the table.
fn through_table(builder: &mut FunctionBuilder, call: &Signature, table: TableId, at: i32, load: FunctionId) {
    let mut body = builder.func_body();
    body.i32_const(at).instr(TableGet { table }).instr(RefIsNull {}).if_else(
        None,
        |then| {
            then.call(load);
        },
        |_| (),
    );
    for parameter in &call.parameters {
        body.instr(LocalGet { local: *parameter });
    }
    body.i32_const(at).instr(CallIndirect { ty: call.ty, table });
}
