//! Builds pkg/dist: the module, its glue, the module as Base64, the loaders' shared file, and the CommonJS copies.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest as _, Sha256};
use wasm_bindgen_cli_support::Bindgen;

use crate::function_order::named_by_place;
use crate::glue;
use crate::licences;
use crate::panics::end_at_once;
use crate::parts::{Parts, parts};
use crate::project::{command, crate_version, npm_ci, path, root, run, say};
use crate::wasm_toolchain::{TARGET, cargo_rustc, sysroot};

/// The limit for the module's size, compressed by gzip.
const GZIP_BUDGET: usize = 249_000;

/// WebAssembly features that every engine of recent years has. `--all-features` would allow some that none has.
const WASM_FEATURES: [&str; 8] = [
    "bulk-memory",
    "extended-const",
    "multivalue",
    "mutable-globals",
    "nontrapping-float-to-int",
    "reference-types",
    "sign-ext",
    "simd",
];

/// The package's folder for dist/slim.cjs, where a file system exists.
const PACKAGE_URL: &str = "const packageUrl = (() => { \
    try { return globalThis.process.getBuiltinModule(\"node:url\").pathToFileURL(__dirname).href; } catch { return undefined; } })();";

/// Lets tests replace these exports, as they can with the AWS SDK. esbuild's getters would not.
const PLAIN_EXPORTS: &str =
    "module.exports = Object.assign(Object.defineProperty({}, \"__esModule\", { value: true }), module.exports);";

/// A checkout to build from, the CARGO_HOME to build with, and the folder for the products.
pub struct Place {
    pub tree: PathBuf,
    pub cargo_home: PathBuf,
    pub target: PathBuf,
}

/// The module and its glue.
#[derive(PartialEq)]
pub struct Core {
    pub module: Vec<u8>,
    pub glue: Vec<u8>,
}

pub fn build() -> Result<()> {
    check_versions()?;
    npm_ci("xtask")?;
    let dist = path("pkg/dist");
    fs::create_dir_all(&dist)?;

    say("compiling the core to WebAssembly");
    let Core { module, glue } = core(&Place { tree: root(), cargo_home: cargo_home()?, target: path("target/wasm") })?;
    fs::write(dist.join("glue.js"), glue)?;
    fs::write(dist.join("core.wasm"), &module)?;

    api()?;
    let Parts { first, rest } = parts(&module, &path("target/wasm/parts"))?;
    // V8 reads past a function with a body, but not past an arrow function with an expression.
    let text = format!(
        "export const first = \"{}\";\nexport function rest() {{ return \"{}\"; }}\n",
        STANDARD.encode(&first),
        STANDARD.encode(&rest)
    );
    fs::write(dist.join("core.base64.js"), text)?;
    run(&mut bundled("index.js", "esm", "index.js"))?;
    for name in ["index", "slim"] {
        common_js(name)?;
    }
    for name in ["express", "hono"] {
        adapter(name)?;
    }

    for licence in ["LICENSE-MIT", "LICENSE-APACHE"] {
        fs::copy(path(licence), dist.join(licence))?;
    }

    fs::write(dist.join("LICENSE-THIRD-PARTY"), licences::of_the_module()?)?;

    let gzip = gzip_size(&module)?;
    say(&format!("core.wasm: {} bytes, {gzip} compressed by gzip (limit {GZIP_BUDGET})", module.len()));
    say(&format!("core.wasm: sha256 {}", sha256(&module)));
    say(&format!("index.js: {} bytes for a first signature, {} for the rest", first.len(), rest.len()));
    if gzip > GZIP_BUDGET {
        bail!("the module is {gzip} bytes compressed, above its limit of {GZIP_BUDGET}");
    }
    Ok(())
}

/// The same compiler and the same tools give the same bytes everywhere.
pub fn core(place: &Place) -> Result<Core> {
    let bindings = place.target.join("bindgen");
    generate(&link(place, &[])?, &bindings)?;

    say("optimising the module");
    let optimised = bindings.join("core.wasm");
    optimise(&bindings.join("countersign_bg.wasm"), &optimised)?;
    put_in_order(&optimised)?;
    let glue = glue::in_one_object(&fs::read_to_string(bindings.join("countersign_bg.js"))?)?;
    Ok(Core { module: fs::read(optimised)?, glue: glue.into_bytes() })
}

/// Builds the module in which the crate `rsa` signs instead of our kernel, and returns its path.
pub fn without_rsa_kernel() -> Result<PathBuf> {
    let place = Place { tree: root(), cargo_home: cargo_home()?, target: path("target/wasm") };
    let bindings = place.target.join("without-rsa-kernel");
    generate(&link(&place, &["--", "--cfg", "rsa_kernel=\"off\""])?, &bindings)?;
    Ok(bindings.join("countersign_bg.wasm"))
}

fn generate(linked: &Path, bindings: &Path) -> Result<()> {
    let mut output =
        Bindgen::new().input_path(linked).bundler(true)?.typescript(false).remove_producers_section(true).generate_output()?;
    end_at_once(output.wasm_mut())?;
    output.emit(bindings)
}

/// Compiles the core. wasm-bindgen still has to process it.
pub fn link(place: &Place, more: &[&str]) -> Result<PathBuf> {
    run(cargo_rustc()?
        .args(["--profile", "wasm", "--lib", "--crate-type", "cdylib", "--features", "js", "--config", &flags(place)])
        .arg("--target-dir")
        .arg(&place.target)
        .args(more)
        .env("CARGO_HOME", &place.cargo_home)
        .current_dir(&place.tree))?;
    Ok(place.target.join(TARGET).join("wasm/countersign.wasm"))
}

pub fn optimise(module: &Path, optimised: &Path) -> Result<()> {
    wasm_opt(module, optimised, &["--strip-debug"])
}

/// Puts the functions into an order that compresses well.
fn put_in_order(module: &Path) -> Result<()> {
    let named = module.with_extension("named.wasm");
    fs::write(&named, named_by_place(&fs::read(module)?)?)?;
    wasm_opt(&named, module, &["--reorder-functions-by-name", "--strip-debug"])
}

fn wasm_opt(module: &Path, optimised: &Path, last: &[&str]) -> Result<()> {
    run(command("node")
        .arg(path("xtask/node_modules/binaryen/bin/wasm-opt"))
        .args(["-Os", "--converge", "--low-memory-unused", "--strip-target-features", "--flexible-inline-max-function-size=5"])
        // Inline a function that is called once only if it is small: large ones would take more bytes.
        .arg("--one-caller-inline-max-function-size=200")
        .args(last)
        .args(WASM_FEATURES.map(|feature| format!("--enable-{feature}")))
        .arg(module)
        .arg("-o")
        .arg(optimised))
}

pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The loaders' shared code, in one file.
fn api() -> Result<()> {
    run(&mut bundled("api.js", "esm", "api.js"))
}

/// A loader with all its imports, in one CommonJS file.
fn common_js(name: &str) -> Result<()> {
    let mut esbuild = bundled(&format!("{name}.js"), "cjs", &format!("{name}.cjs"));
    esbuild.arg(format!("--footer:js={PLAIN_EXPORTS}"));
    if name == "slim" {
        // It finds core.wasm from the package's folder, because CommonJS has no `import.meta.url`.
        esbuild.args(["--define:import.meta.url=packageUrl", &format!("--banner:js={PACKAGE_URL}")]);
    }
    run(&mut esbuild)
}

/// A framework's adapter, as an ES module and as CommonJS. It imports the package, so the package's own loader is used.
fn adapter(name: &str) -> Result<()> {
    for (format, suffix) in [("esm", "js"), ("cjs", "cjs")] {
        run(bundled(&format!("{name}.js"), format, &format!("{name}.{suffix}")).arg("--external:countersign"))?;
    }
    Ok(())
}

fn bundled(from: &str, format: &str, to: &str) -> Command {
    let mut esbuild = command("node");
    esbuild
        .arg(path("xtask/node_modules/esbuild/bin/esbuild"))
        .arg(path("pkg").join(from))
        .args(["--bundle", "--platform=neutral", "--target=es2022", "--log-level=warning"])
        // The glue creates both on import, even if the host lacks one.
        .arg(format!("--inject:{}", path("pkg/utf8.js").display()))
        .arg(format!("--format={format}"))
        .arg(format!("--outfile={}", path("pkg/dist").join(to).display()));
    esbuild
}

/// Sets the packages' version to the crate's.
pub fn check_versions() -> Result<()> {
    let line = format!("\"version\": \"{}\"", crate_version()?);
    for package in ["pkg/package.json", "pkg/cli/package.json"] {
        if !fs::read_to_string(path(package))?.contains(&line) {
            bail!("{package} does not say {line}, as Cargo.toml does");
        }
    }
    Ok(())
}

/// The compiler's flags. Warnings are errors.
fn flags(place: &Place) -> String {
    let mut flags = vec!["'-Dwarnings'".to_owned()];
    // Keep the build machine's paths out of the module. The last match counts.
    let registries =
        fs::read_dir(place.cargo_home.join("registry/src")).into_iter().flatten().flatten().map(|entry| entry.path());
    let folders = [place.cargo_home.clone(), place.tree.clone(), sysroot().join("lib/rustlib/src/rust")];
    for folder in folders.into_iter().chain(registries) {
        flags.push(format!("'--remap-path-prefix={}='", folder.display()));
    }
    format!("target.{TARGET}.rustflags=[{}]", flags.join(","))
}

pub fn cargo_home() -> Result<PathBuf> {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    home.or_else(|| std::env::home_dir().map(|home| home.join(".cargo"))).context("no home folder")
}

pub fn gzip_size(bytes: &[u8]) -> Result<usize> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?.len())
}
