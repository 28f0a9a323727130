//! Every test, with its set-up.

use std::path::PathBuf;

use anyhow::{Result, bail};

use crate::node_tests::{self, Suite, test_files};
use crate::programs::{
    browsers, ffmpeg, gnu_parallel, hls_of_webkit, install_for_key_advice, install_for_openssl, install_for_serve,
    install_japanese_letters,
};
use crate::project::{binary, cargo, npm_ci, path, run};
use crate::python::Environment;
use crate::side_by_side::each;
use crate::summary::{Counts, Summary, cargo_counts, counted};
use crate::{
    audit, bench, build, deadline, demo, docs, fuzz, miri, packaging, prose, published_crate, release, reproducible, spark, wasi,
};

/// The crate's features for servers. Without a system's OpenSSL, it is compiled along.
fn features() -> &'static str {
    match install_for_openssl() {
        Ok(()) => "countersign/cli,countersign/openssl",
        Err(_) => "countersign/cli,countersign/openssl-vendored",
    }
}

/// The native benchmarks, a workspace of their own, so that the peers are no dependencies of the crate's tests.
const NATIVE_BENCHES: &str = "benches/native/Cargo.toml";

/// The name of the test that needs GNU parallel.
const GNU_PARALLEL: &str = "gnu_parallel_counts_what_one_process_counts";

/// Runs all suites, or those with `only` in their names. These may need what an earlier suite makes.
pub fn test(only: Option<&str>) -> Result<()> {
    deadline::begin_run();
    // The network and the disk work while the compiler does.
    let installing = only.is_none().then(|| std::thread::spawn(install_ahead));
    let mut summary = Summary::only(only);
    summary.check("format", || {
        run(cargo().args(["fmt", "--all", "--check"]))?;
        run(cargo().args(["fmt", "--manifest-path", "fuzz/Cargo.toml", "--check"]))?;
        run(cargo().args(["fmt", "--manifest-path", NATIVE_BENCHES, "--check"]))
    });
    summary.check("clippy", || {
        run(cargo().args(["clippy", "--workspace", "--all-targets", "--features", features(), "--", "-D", "warnings"]))?;
        let native = ["clippy", "--all-targets", "--manifest-path", NATIVE_BENCHES, "--target-dir"];
        run(cargo().args(native).arg(path("target")).args(["--", "-D", "warnings"]))
    });
    summary.suite("rust", || {
        install_for_key_advice()?;
        let tests = ["test", "--features", "cli", "--no-fail-fast", "--", "--skip", GNU_PARALLEL];
        counted(cargo().args(tests), cargo_counts)
    });
    summary.check_or_skip("GNU parallel", || match gnu_parallel() {
        Err(error) => Ok(Some(format!("{error:#}"))),
        Ok(_) => {
            let test = ["test", "--features", "cli", "--test", "access_logs", GNU_PARALLEL, "--", "--ignored"];
            match counted(cargo().args(test), cargo_counts)? {
                Counts { failed: 0, .. } => Ok(None),
                _ => bail!("it failed"),
            }
        }
    });
    summary.suite("rust, feature openssl", || {
        install_for_key_advice()?;
        let tests = ["--lib", "--test", "corpus", "--test", "openssl_keys", "--test", "verifier", "--no-fail-fast"];
        // These do not use OpenSSL, and take long.
        let without = ["rsa_kernel", "rsa_key"].map(|name| ["--skip", name]).concat();
        counted(cargo().args(["test", "--features", features()]).args(tests).arg("--").args(without), cargo_counts)
    });
    summary.suite("fuzz", fuzz::suite);
    summary.check_or_skip("Miri", miri::check);
    summary.suite("chores", || counted(cargo().args(["test", "--package", "xtask"]), cargo_counts));
    audit::test(&mut summary);
    summary.check("rustdoc", docs::rustdoc);
    summary.suite("TypeDoc", docs::typedoc);
    summary.check("documents", docs::check);
    summary.suite("spelling and grammar", prose::suite);
    summary.check("module", build::build);
    other_modules(&mut summary);
    wasi::test(&mut summary);
    summary.check("release", release::test);
    summary.suite("workflows", release::workflows);
    summary.check("workflows, zizmor", release::dangerous_workflows);
    if let Some(installing) = installing {
        let _ = installing.join();
    }
    node_test_files(&mut summary, only);
    summary.check_or_skip("Spark", spark::check);
    summary.suite("bench", bench::quick);
    summary.check("demo", demo::show);
    if summary.print() { Ok(()) } else { bail!("a test failed, or there is no such suite") }
}

/// What else is compiled to WebAssembly. Most of the time is the linker's, which takes one processor, so they are made side by side.
fn other_modules(summary: &mut Summary) {
    type Check = fn() -> Result<()>;
    let mut modules: Vec<(&str, Check)> = vec![
        (wasi::COMMAND_LINE, wasi::command_line),
        ("the same module from another folder", reproducible::check),
        ("the module without our kernel", || build::without_rsa_kernel().map(drop)),
    ];
    modules.retain(|(name, _)| summary.wants(name) && (*name != wasi::COMMAND_LINE || wasi::has_target()));
    if modules.is_empty() {
        return;
    }
    summary.suites("other modules", |_| {
        let made = each(modules, |(name, make)| anyhow::Ok((name.to_owned(), make().map(|()| Counts::PASSED))));
        made.unwrap_or_else(|error| vec![("other modules".to_owned(), Err(error))])
    });
}

/// All that Node's test runner runs, the longest suite first, in one queue: what waits for a browser leaves its processor to the next.
fn node_test_files(summary: &mut Summary, only: Option<&str>) {
    const CDK: &str = "cdk";
    const JAVASCRIPT: &str = "javascript";
    let wants_packaging = only.is_none_or(|only| only.starts_with(packaging::NAME));
    if !wants_packaging && !summary.wants(CDK) && !summary.wants(JAVASCRIPT) {
        return;
    }
    summary.suites("Node's test files", |summary| {
        let mut suites = Vec::new();
        if summary.wants(CDK) {
            suites.push((CDK.to_owned(), cdk()));
        }
        if wants_packaging {
            match packaging::suites() {
                Ok(all) => suites.extend(all.into_iter().map(|(name, suite)| (name, Ok(suite)))),
                Err(error) => suites.push((packaging::NAME.to_owned(), Err(error))),
            }
            suites.retain(|(name, suite)| suite.is_err() || summary.wants(name));
        }
        if summary.wants(JAVASCRIPT) {
            suites.push((JAVASCRIPT.to_owned(), javascript()));
        }
        node_tests::run_all(suites)
    });
}

/// Installs what the last suites need. What cannot be installed is said by the suite that needs it, which tries again.
fn install_ahead() {
    let _ = install_for_cdk();
    let _ = packaging::install();
    let _ = install_for_javascript();
    let _ = spark::install();
}

/// Programs, by the variables that name them, and npm packages.
fn install_for_javascript() -> Result<Vec<(&'static str, PathBuf)>> {
    let python = Environment::of("tests/js/requirements.txt", "python")?.program("python");
    install_for_serve()?;
    install_japanese_letters()?;
    for folder in ["tests/js", "tests/browsers", "www", "examples/kms", "examples/node"] {
        npm_ci(folder)?;
    }
    let mut variables = browsers()?;
    variables.extend(ffmpeg()?.map(|ffmpeg| ("FFMPEG", ffmpeg)));
    variables.extend(hls_of_webkit().map(|plugin| ("WEBKIT_HLS", plugin)));
    variables.push(("PEER_PYTHON", python));
    Ok(variables)
}

fn javascript() -> Result<Suite> {
    let mut variables = install_for_javascript()?;
    // The library too: a sample of the demo page is compiled against it.
    run(cargo().args(["build", "--features", "cli", "--lib", "--bin", "countersign"]))?;
    let exported = path("target/page");
    demo::write_page(&exported)?;
    variables.extend([
        // Their tests have many manifests.
        ("DASH_MPD_CRATE", published_crate::sources("dash-mpd", "0.21.0")?),
        ("M3U8_RS_CRATE", published_crate::sources("m3u8-rs", "6.0.1")?),
        ("EXPORTED_PAGE", exported),
        ("CORPUS_NATIVE", path("target/tmp/corpus-native.json")),
        ("WYCHEPROOF", path("target/tmp/wycheproof.json")),
        ("WITHOUT_RSA_KERNEL", build::without_rsa_kernel()?),
        ("COUNTERSIGN_BIN", binary()),
    ]);
    Ok(Suite { files: test_files("tests/js")?, variables })
}

/// Python's path.
fn install_for_cdk() -> Result<PathBuf> {
    let python = Environment::of("tests/cdk/requirements.txt", "cdk")?.program("python");
    install_for_serve()?;
    // The packages that read the documents.
    npm_ci("tests/js")?;
    npm_ci("examples/cdk")?;
    Ok(python)
}

fn cdk() -> Result<Suite> {
    let python = install_for_cdk()?;
    run(cargo().args(["build", "--features", "cli", "--bin", "countersign"]))?;
    Ok(Suite { files: test_files("tests/cdk")?, variables: vec![("PEER_PYTHON", python), ("COUNTERSIGN_BIN", binary())] })
}
