//! A toolchain that compiles to `wasm32-unknown-unknown`: the active one, whose target is installed if necessary, or
//! Debian's.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result};

use crate::programs::install;
use crate::project::{cargo, command, output, run, say};

pub const TARGET: &str = "wasm32-unknown-unknown";

/// The target of what runs without JavaScript.
pub const WASI: &str = "wasm32-wasip1";

const DEBIAN_PACKAGES: [&str; 5] = ["rustc-web", "cargo-web", "rust-web-src", "rust-web-llvm", "lld-22"];

/// Debian packages the standard library only as source.
const BUILD_STD: &str = "-Zbuild-std=std,panic_abort";

/// `cargo rustc` for the target.
pub fn cargo_rustc() -> Result<Command> {
    if has_target(TARGET) {
        let mut cargo = cargo();
        cargo.args(["rustc", "--target", TARGET]);
        // These may be set for the host, and would replace the flags of .cargo/config.toml.
        cargo.env_remove("RUSTFLAGS").env_remove("CARGO_ENCODED_RUSTFLAGS");
        return Ok(cargo);
    }
    if !has_debian_packages() {
        let packages = DEBIAN_PACKAGES.join(" ");
        say(&format!("there is no Rust with the target {TARGET}; installing Debian's {packages}"));
        install(&DEBIAN_PACKAGES).with_context(|| {
            format!(
                "there is no Rust with the target {TARGET}: rustup could not install it, and Debian's packages {packages} could not be \
                 installed (that needs Debian and root). Run: rustup target add {TARGET}"
            )
        })?;
    }
    let mut cargo = command("/usr/bin/cargo");
    cargo.args(["rustc", "--target", TARGET, BUILD_STD]);
    cargo.env("RUSTC", "/usr/bin/rustc").env("RUSTC_BOOTSTRAP", "1");
    for variable in ["CARGO", "RUSTUP_TOOLCHAIN", "RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "RUSTDOC"] {
        cargo.env_remove(variable);
    }
    Ok(cargo)
}

/// The module's compiler, such as `rustc 1.96.0 (ac68faa20 2026-05-25)`.
pub fn compiler() -> Result<String> {
    let cargo = cargo_rustc()?;
    let chosen = cargo.get_envs().find_map(|(name, value)| value.filter(|_| name == "RUSTC")).map(ToOwned::to_owned);
    let rustc = chosen.or_else(|| std::env::var_os("RUSTC")).unwrap_or_else(|| "rustc".into());
    Ok(output(command(&rustc.to_string_lossy()).arg("--version"))?.trim().to_owned())
}

/// The active compiler's folder, with the sources of its standard library if they are installed.
pub fn sysroot() -> PathBuf {
    PathBuf::from(rustc(&["--print", "sysroot"]))
}

/// Whether the active toolchain has this target, which is installed if possible.
pub fn has_target(target: &str) -> bool {
    let is_there = || Path::new(&rustc(&["--print", "target-libdir", "--target", target])).is_dir();
    is_there() || (succeeds(command("rustup").args(["target", "add", target])) && is_there())
}

/// What the active compiler prints; nothing if it fails.
fn rustc(arguments: &[&str]) -> String {
    let rustc = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned());
    let printed = command(&rustc).args(arguments).stderr(Stdio::null()).output().ok().filter(|printed| printed.status.success());
    printed.map(|printed| String::from_utf8_lossy(&printed.stdout).trim().to_owned()).unwrap_or_default()
}

fn has_debian_packages() -> bool {
    succeeds(command("dpkg").arg("--status").args(DEBIAN_PACKAGES).stdout(Stdio::null()).stderr(Stdio::null()))
}

fn succeeds(command: &mut Command) -> bool {
    run(command).is_ok()
}
