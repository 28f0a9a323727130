//! Every chore of the project, each with all of its own set-up: `cargo xtask build | demo | test | audit | load | timing | bench | size | release | fuzz | coverage | docs`.

mod audit;
mod bench;
mod build;
mod coverage;
mod demo;
mod docs;
mod fuzz;
mod licences;
mod load;
mod miri;
mod packaging;
mod programs;
mod project;
mod python;
mod release;
mod reproducible;
mod sbom;
mod size;
mod summary;
mod test;
mod timing;
mod wasm_toolchain;
mod welch;

use std::process::ExitCode;

const USAGE: &str = "usage: cargo xtask COMMAND

  build   build the WebAssembly module and everything else that pkg/dist holds
  demo    sign in Node and with the binary, check with OpenSSL, then serve the demo page; with --export DIR, write the page alone
  test    run every test; a line for each suite at the end
  audit   check licences, sources, known faults and the pinning of all dependencies; fetches RustSec's database
  bench   time everything side by side with its peers, and compare with the documents' figures; with --write, write them there;
          with --quick, see that every row comes out, in a few rounds and without what has to be compiled
  load    sign and verify a million times over four threads, and look at the memory
  timing  time and trace signatures with different secrets, in a compiled program and in Node; takes ten minutes, on a quiet machine
  size    weigh the WebAssembly module and each of its features
  release make everything that is published, in target/release-files; with a tag, only if nothing is missing for it
  fuzz    run the fuzz targets, each for --minutes N
  coverage  list the lines of the core that no Rust test reaches
  docs    write the error codes of src/error.rs into README.md and pkg/index.d.cts; make the pages of rustdoc and TypeDoc";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let result = match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["build"] => build::build(),
        ["demo"] => demo::demo(),
        ["demo", "--export", folder] => demo::export(folder),
        ["test"] => test::test(),
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
