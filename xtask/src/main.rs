//! Every chore of the project, with its own set-up.

mod audit;
mod bench;
mod build;
mod coverage;
mod deadline;
mod demo;
mod docs;
mod function_order;
mod fuzz;
mod glue;
mod home;
mod licences;
mod load;
mod miri;
mod node_tests;
mod packaging;
mod panics;
mod parts;
mod programs;
mod project;
mod prose;
mod published_crate;
mod python;
mod release;
mod reproducible;
mod sbom;
mod side_by_side;
mod size;
mod spark;
mod summary;
mod test;
mod timing;
mod wasi;
mod wasm_toolchain;
mod welch;

use std::process::ExitCode;

const USAGE: &str = "usage: cargo xtask COMMAND

  build     compile the core to WebAssembly and write pkg/dist
          with --cli, the command line in WebAssembly, which pkg/cli/dist holds
  demo      sign in Node and with the binary, check with OpenSSL, then serve the demo page; --export DIR writes the page alone
  test      run every test; prints a line for each suite at the end; with a word, the suites alone that have it in their names
  audit     check licences, sources, advisories and the pinning of all dependencies; fetches RustSec's database
  bench     measure everything side by side with its peers and list figures that are out of date; --write updates them;
            --quick only checks that every row comes out
  load      sign and verify a million times over four threads, and watch the memory
  timing    look for timing leaks, in a compiled program and in Node; takes ten minutes on a quiet machine
  size      weigh the WebAssembly module and each of its features
  release   make everything that is published in target/release-files; with a tag, only if nothing is missing
  fuzz      run each fuzz target for --minutes N
  coverage  list the lines of the core that no Rust test reaches
  prose     check the spelling and grammar of the documents
  docs      write the error codes of src/error.rs into docs/errors.md and pkg/index.d.cts; make the pages of rustdoc and TypeDoc";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let result = match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["build"] => build::build(),
        ["build", "--cli"] => wasi::command_line(),
        ["demo"] => demo::demo(),
        ["demo", "--export", folder] => demo::export(folder),
        ["test"] => test::test(None),
        ["test", suite] => test::test(Some(suite)),
        ["bench"] => bench::bench(false),
        ["bench", "--write"] => bench::bench(true),
        ["bench", "--quick"] => bench::quick().map(|rows| println!("{} rows came out", rows.passed)),
        ["load"] => load::load(),
        ["timing"] => timing::timing(),
        ["size"] => size::size(),
        ["release"] => release::release(None),
        ["release", tag] => release::release(Some(tag)),
        ["fuzz", "--minutes", minutes] => fuzz::fuzz(minutes),
        ["coverage"] => coverage::coverage(),
        ["prose"] => prose::prose(),
        ["docs"] => docs::docs(),
        ["audit"] => audit::audit(),
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}
