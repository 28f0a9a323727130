//! The programs that the tests use. On Debian, missing ones are installed.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use anyhow::{Context, Result, bail};

use crate::project::{command, output, run, say};
use crate::side_by_side::alone;

/// Each program's name, and the Debian package that has it.
const CHROMIUM: ([&str; 4], &str) = (["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"], "chromium");
const FIREFOX: ([&str; 2], &str) = (["firefox-esr", "firefox"], "firefox-esr");
const WEBKIT_DRIVER: ([&str; 1], &str) = (["WebKitWebDriver"], "webkit2gtk-driver");
const XVFB: ([&str; 1], &str) = (["Xvfb"], "xvfb");
const CURL: ([&str; 1], &str) = (["curl"], "curl");
const FFMPEG: ([&str; 1], &str) = (["ffmpeg"], "ffmpeg");
const VALGRIND: ([&str; 1], &str) = (["valgrind"], "valgrind");
const FC_LIST: ([&str; 1], &str) = (["fc-list"], "fontconfig");
const JAVA: ([&str; 1], &str) = (["java"], "default-jre-headless");
const OPENSSL: ([&str; 1], &str) = (["openssl"], "openssl");
const PS: ([&str; 1], &str) = (["ps"], "procps");
const SSH_KEYGEN: ([&str; 1], &str) = (["ssh-keygen"], "openssh-client");

/// A browser. The variable `CHROMIUM` can name another one.
pub fn chromium() -> Result<PathBuf> {
    if let Some(named) = std::env::var_os("CHROMIUM") {
        return Ok(named.into());
    }
    let places = chromium_places(std::env::consts::OS, |name| std::env::var(name).ok());
    match places.into_iter().find(|place| place.is_file()) {
        Some(found) => Ok(found),
        None => program(&CHROMIUM.0, CHROMIUM.1).context("the variable CHROMIUM can name a Chromium or Chrome"),
    }
}

/// Where the engines are that browsers have, by the variables that tell a test: `CHROMIUM`, `FIREFOX` and, on Linux, WebKit's.
pub fn browsers() -> Result<Vec<(&'static str, PathBuf)>> {
    let mut browsers = vec![("CHROMIUM", chromium()?), ("FIREFOX", firefox()?)];
    if cfg!(target_os = "linux") {
        let driver = program(&WEBKIT_DRIVER.0, WEBKIT_DRIVER.1)?;
        browsers.extend([("WEBKIT_DRIVER", driver), ("WEBKIT_BROWSER", mini_browser()?), ("XVFB", program(&XVFB.0, XVFB.1)?)]);
    }
    Ok(browsers)
}

/// The variable `FIREFOX` can name another one.
fn firefox() -> Result<PathBuf> {
    if let Some(named) = std::env::var_os("FIREFOX") {
        return Ok(named.into());
    }
    let places = firefox_places(std::env::consts::OS, |name| std::env::var(name).ok());
    match places.into_iter().find(|place| place.is_file()) {
        Some(found) => Ok(found),
        None => program(&FIREFOX.0, FIREFOX.1).context("the variable FIREFOX can name a Firefox"),
    }
}

/// WebKit's own small browser, which comes with the driver and is not on the path.
fn mini_browser() -> Result<PathBuf> {
    let mut folders = vec![PathBuf::from("/usr/lib"), PathBuf::from("/usr/libexec")];
    let inside = std::fs::read_dir("/usr/lib").into_iter().flatten().flatten().map(|entry| entry.path());
    folders.extend(inside.filter(|folder| folder.is_dir()).collect::<Vec<_>>());
    let versions = ["webkit2gtk-4.1", "webkit2gtk-4.0", "webkitgtk-6.0"];
    let mut places =
        folders.iter().flat_map(|folder| versions.iter().map(move |version| folder.join(version).join("MiniBrowser")));
    places
        .find(|place| place.is_file())
        .context("WebKit's driver is there, and its MiniBrowser is not: install webkit2gtk-driver")
}

/// Where Firefox may be, if it is not on the path.
fn firefox_places(system: &str, variable: impl Fn(&str) -> Option<String>) -> Vec<PathBuf> {
    match system {
        "macos" => vec![PathBuf::from("/Applications/Firefox.app/Contents/MacOS/firefox")],
        "windows" => ["ProgramFiles", "ProgramFiles(x86)"]
            .into_iter()
            .filter_map(variable)
            .map(|folder| Path::new(&folder).join("Mozilla Firefox").join("firefox.exe"))
            .collect(),
        _ => Vec::new(),
    }
}

/// Where a browser may be, if it is not on the path.
fn chromium_places(system: &str, variable: impl Fn(&str) -> Option<String>) -> Vec<PathBuf> {
    match system {
        "macos" => ["Chromium", "Google Chrome"]
            .map(|name| Path::new("/Applications").join(format!("{name}.app/Contents/MacOS/{name}")))
            .to_vec(),
        "windows" => ["ProgramFiles", "ProgramFiles(x86)", "LocalAppData"]
            .into_iter()
            .filter_map(variable)
            .map(|folder| Path::new(&folder).join("Google").join("Chrome").join("Application").join("chrome.exe"))
            .collect(),
        _ => Vec::new(),
    }
}

/// The programs that the tests of `countersign serve` call. On Windows the tests use PowerShell, which is always there.
pub fn install_for_serve() -> Result<()> {
    program(&CURL.0, CURL.1)?;
    if !cfg!(windows) {
        program(&PS.0, PS.1)?;
    }
    Ok(())
}

/// OpenSSL's program, which makes keys and checks signatures.
pub fn install_openssl() -> Result<()> {
    program(&OPENSSL.0, OPENSSL.1).map(drop)
}

/// The programs that key errors recommend and the tests run.
pub fn install_for_key_advice() -> Result<()> {
    install_openssl()?;
    program(&SSH_KEYGEN.0, SSH_KEYGEN.1).map(drop)
}

/// What the crate's feature `openssl` is compiled against.
pub fn install_for_openssl() -> Result<()> {
    let is_there = command("pkg-config").args(["--exists", "openssl"]).status().is_ok_and(|status| status.success());
    if !is_there {
        say("installing Debian's packages libssl-dev and pkg-config");
        install(&["libssl-dev", "pkg-config"])
            .context("there are no headers of OpenSSL, which the feature `openssl` is compiled against: install them")?;
    }
    Ok(())
}

/// Japanese fonts for the demo page: without them its screenshots show boxes.
pub fn install_japanese_letters() -> Result<()> {
    if !cfg!(target_os = "linux") {
        return Ok(());
    }
    let fonts = program(&FC_LIST.0, FC_LIST.1)?;
    if !output(command(&fonts.to_string_lossy()).arg(":lang=ja"))?.trim().is_empty() {
        return Ok(());
    }
    say("installing Debian's package fonts-noto-cjk");
    install(&["fonts-noto-cjk"])
}

/// ffmpeg, which makes the tests' streams. `None` if it is missing and cannot be installed.
pub fn ffmpeg() -> Result<Option<PathBuf>> {
    if cfg!(target_os = "linux") { program(&FFMPEG.0, FFMPEG.1).map(Some) } else { Ok(on_the_path(&FFMPEG.0)) }
}

/// GStreamer's demuxers and ffmpeg's decoders, with which WebKit plays HLS. `None` if they are missing and cannot be
/// installed.
pub fn hls_of_webkit() -> Option<PathBuf> {
    const PARTS: [(&str, &str); 2] = [("libgsthls.so", "gstreamer1.0-plugins-bad"), ("libgstlibav.so", "gstreamer1.0-libav")];
    if !cfg!(target_os = "linux") {
        return None;
    }
    for (plugin, package) in PARTS {
        if gstreamer_plugin(plugin).is_none() {
            say(&format!("installing Debian's package {package}"));
            install(&[package]).ok()?;
        }
    }
    gstreamer_plugin(PARTS[0].0)
}

/// The path of a GStreamer plugin.
fn gstreamer_plugin(name: &str) -> Option<PathBuf> {
    let folders = std::fs::read_dir("/usr/lib").into_iter().flatten().flatten().map(|entry| entry.path());
    folders.map(|folder| folder.join("gstreamer-1.0").join(name)).find(|place| place.is_file())
}

/// Java, which Spark needs.
pub fn java() -> Result<PathBuf> {
    program(&JAVA.0, JAVA.1)
}

/// GNU parallel: runs a command for each line, as many at a time as there are cores.
pub fn gnu_parallel() -> Result<PathBuf> {
    program(&["parallel"], "parallel")
}

/// Valgrind: lists each instruction and each memory access.
pub fn valgrind() -> Result<PathBuf> {
    program(&VALGRIND.0, VALGRIND.1)
}

fn program(names: &[&str], package: &str) -> Result<PathBuf> {
    // A program is on the path before its installation is done.
    if let Some(found) = alone(Path::new(APT), || on_the_path(names)) {
        return Ok(found);
    }
    say(&format!("installing Debian's package {package}"));
    install(&[package]).with_context(|| format!("there is no {}: install it", names.join(" or ")))?;
    on_the_path(names).with_context(|| format!("there is no {}: install it", names.join(" or ")))
}

const APT: &str = "apt-get";

/// Installs Debian's packages. Needs root.
pub fn install(packages: &[&str]) -> Result<()> {
    static LISTS: OnceLock<()> = OnceLock::new();
    if on_the_path(&[APT]).is_none() {
        bail!("only Debian's packages are installed here, and this machine has no apt-get");
    }
    alone(Path::new(APT), || {
        if LISTS.get().is_none() {
            run(command(APT).args(["update", "-qq"]))?;
            LISTS.get_or_init(|| ());
        }
        run(command(APT)
            .args(["install", "-y", "-qq", "--no-install-recommends"])
            .args(packages)
            .env("DEBIAN_FRONTEND", "noninteractive"))
    })
}

fn on_the_path(names: &[&str]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let suffix = std::env::consts::EXE_SUFFIX;
    let mut files = names.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(format!("{name}{suffix}"))));
    files.find(|file| file.is_file())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{chromium_places, firefox_places};

    #[test]
    fn browsers_are_looked_for_where_each_system_keeps_them() {
        let places = chromium_places("macos", |_| None);
        assert!(places.contains(&Path::new("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome").to_owned()));
        let places = chromium_places("windows", |name| (name == "ProgramFiles").then(|| "programs".to_owned()));
        assert_eq!(places, [Path::new("programs").join("Google").join("Chrome").join("Application").join("chrome.exe")]);
        assert!(chromium_places("linux", |_| Some("anything".to_owned())).is_empty());
        let places = firefox_places("windows", |name| (name == "ProgramFiles").then(|| "programs".to_owned()));
        assert_eq!(places, [Path::new("programs").join("Mozilla Firefox").join("firefox.exe")]);
        assert!(firefox_places("linux", |_| Some("anything".to_owned())).is_empty());
    }
}
