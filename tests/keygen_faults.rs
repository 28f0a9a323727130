//! `countersign keygen` never leaves half a key under its name and never overwrites anything, even if it is killed, the disk is
//! full, or the folder is read-only.
#![cfg(all(feature = "cli", unix))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod folder;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use countersign::{LoadOptions, PrivateKey, PublicKey};
use folder::folder;

const NAMES: [&str; 2] = ["private_key.pem", "public_key.pem"];

fn keygen(key_type: &str, out: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_countersign"));
    command.args(["keygen", "--type", key_type, "--out"]).arg(out).stdin(Stdio::null());
    command
}

fn entries(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// Asserts that files under the two names are complete and belong together. Returns which exist, and whether there are other files.
fn check(folder: &Path) -> (bool, bool, bool) {
    let [private, public] = NAMES.map(|name| fs::read(folder.join(name)).ok());
    let private = private.map(|pem| PrivateKey::load(&pem, &LoadOptions::new()).expect("half of a private key"));
    let public = public.map(|pem| PublicKey::load(&pem).expect("half of a public key"));
    if let Some(public) = &public {
        assert_eq!(private.as_ref().expect("a public key alone").public_key(), *public);
    }
    let others: Vec<String> = entries(folder).into_iter().filter(|name| !NAMES.contains(&name.as_str())).collect();
    for other in &others {
        // Temporary files have telling names, and only the owner can read them.
        assert!(NAMES.iter().any(|name| other.starts_with(&format!(".{name}."))), "{other}");
        assert_eq!(fs::metadata(folder.join(other)).unwrap().permissions().mode() & 0o777, 0o600, "{other}");
    }
    (private.is_some(), public.is_some(), !others.is_empty())
}

#[test]
fn killed_at_any_moment() {
    let out = folder("killed");
    // The duration of an undisturbed run. The kills are spread over that and a little more.
    let longest = (0..10)
        .map(|round| {
            let begin = Instant::now();
            assert!(keygen("ecdsa", &out.join(format!("whole-{round}"))).output().unwrap().status.success());
            begin.elapsed()
        })
        .max()
        .unwrap();
    let (mut killed, mut finished, mut interrupted) = (0, 0, 0);
    for round in 0..150 {
        let out = out.join(round.to_string());
        let mut child = keygen("ecdsa", &out).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        // Two thirds of the kills come after the first file appears. The golden ratio spreads them evenly.
        let part = (f64::from(round) * 0.618_033_988_749_895).fract();
        if round % 3 == 0 {
            std::thread::sleep(longest.mul_f64(part * 1.1));
        } else {
            let begin = Instant::now();
            while fs::read_dir(&out).map_or(true, |mut entries| entries.next().is_none()) && begin.elapsed() < longest * 4 {}
            let begin = Instant::now();
            while begin.elapsed() < Duration::from_micros((part * 1_500.0) as u64) {}
        }
        let _ = child.kill();
        match child.wait().unwrap().signal() {
            Some(_) => killed += 1,
            None => finished += 1,
        }
        if !out.exists() {
            continue;
        }
        let (private, public, others) = check(&out);
        if others || private != public {
            interrupted += 1;
        }
        // A second run adds nothing to half a pair, and changes nothing.
        let before: Vec<_> = entries(&out).into_iter().map(|name| (fs::read(out.join(&name)).unwrap(), name)).collect();
        let again = keygen("ecdsa", &out).output().unwrap();
        assert_eq!(again.status.success(), !private && !public, "{}", String::from_utf8_lossy(&again.stderr));
        for (content, name) in before {
            assert_eq!(fs::read(out.join(&name)).unwrap(), content, "{name} was overwritten");
        }
        let (private, public, _) = check(&out);
        assert!(private && (public || !again.status.success()));
    }
    println!("{killed} killed, {interrupted} of them with something written, {finished} finished before");
    assert!(killed >= 20 && interrupted >= 10, "{killed} killed, {interrupted} of them with something written");
    fs::remove_dir_all(out).unwrap();
}

/// Runs the command with a resource limit set by a shell.
fn limited(limit: &str, out: &Path) -> Output {
    Command::new("sh")
        .args([
            "-c",
            &format!("{limit}; exec \"$0\" \"$@\""),
            env!("CARGO_BIN_EXE_countersign"),
            "keygen",
            "--type",
            "rsa",
            "--out",
        ])
        .arg(out)
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

/// The private key has 1,704 bytes; a block has 512.
#[test]
fn no_room_for_the_files() {
    let out = folder("no-room");
    for blocks in 0..=3 {
        let out = out.join(blocks.to_string());
        // A larger write ends the process, unless it ignores the signal: then the write fails, as on a full disk.
        let ended = limited(&format!("ulimit -f {blocks}"), &out);
        assert!(ended.status.signal().is_some(), "{ended:?}");
        assert_eq!(check(&out), (false, false, true));
        fs::remove_dir_all(&out).unwrap();

        let failed = limited(&format!("trap '' XFSZ; ulimit -f {blocks}"), &out);
        let shown = String::from_utf8(failed.stderr).unwrap();
        assert_eq!(failed.status.code(), Some(1), "{shown}");
        assert!(shown.starts_with("error: ") && shown.contains("cannot be written"), "{shown}");
        assert_eq!((failed.stdout.len(), entries(&out).len()), (0, 0), "a part was left: {:?}", entries(&out));
    }
    assert!(limited("ulimit -f 4", &out.join("4")).status.success());
    assert_eq!(check(&out.join("4")), (true, true, false));
}

/// A folder in which even root may not write.
#[cfg(target_os = "linux")]
#[test]
fn no_folder_for_the_files() {
    for out in ["/proc/countersign", "/proc/self", "/sys/kernel", "/dev/null", "/dev/null/keys"] {
        let failed = keygen("ecdsa", Path::new(out)).output().unwrap();
        let shown = String::from_utf8(failed.stderr).unwrap();
        assert_eq!(failed.status.code(), Some(1), "{out}: {shown}");
        assert!(shown.starts_with("error: ") && failed.stdout.is_empty(), "{out}: {shown}");
    }
}

/// If another program takes one of the names during the run, keygen fails and leaves only that file.
#[test]
fn one_name_is_taken_in_the_middle() {
    let mut lost = 0;
    for round in 0..40 {
        let out = folder("taken");
        let mut child = keygen("ecdsa", &out).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let begin = Instant::now();
        while entries(&out).len() < 1 + round % 2 && begin.elapsed() < Duration::from_secs(5) {}
        let mine = fs::File::create_new(out.join("public_key.pem"));
        let status = child.wait().unwrap();
        if mine.is_ok() {
            lost += 1;
            assert!(!status.success());
            assert_eq!(entries(&out), ["public_key.pem"], "round {round}");
            assert_eq!(fs::metadata(out.join("public_key.pem")).unwrap().len(), 0, "it was overwritten");
        } else {
            assert!(status.success());
            assert_eq!(check(&out), (true, true, false));
        }
    }
    println!("{lost} of 40 lost its name");
    assert!(lost >= 1);
}
