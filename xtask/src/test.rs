//! Every test, with its set-up.

use std::path::PathBuf;

use anyhow::{Result, bail};

use crate::node_tests;
use crate::programs::{
    browsers, ffmpeg, gnu_parallel, hls_of_webkit, install_for_key_advice, install_for_openssl, install_for_serve,
    install_japanese_letters,
};
use crate::project::{cargo, npm_ci, path, run};
use crate::python::Environment;
use crate::summary::{Summary, cargo_counts, counted};
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
        Ok(_) => run(cargo().args(["test", "--features", "cli", "--test", "access_logs", GNU_PARALLEL])).map(|()| None),
    });
    summary.suite("rust, feature openssl", || {
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
    summary.check("the same module from another folder", reproducible::check);
    wasi::test(&mut summary);
    summary.check("release", release::test);
    summary.suite("workflows", release::workflows);
    summary.check("workflows, zizmor", release::dangerous_workflows);
    summary.suite("javascript", || {
        let python = Environment::of("tests/js/requirements.txt", "python")?.program("python");
        install_for_serve()?;
        install_japanese_letters()?;
        // The library too: a sample of the demo page is compiled against it.
        run(cargo().args(["build", "--features", "cli", "--lib", "--bin", "countersign"]))?;
        npm_ci("tests/js")?;
        npm_ci("tests/browsers")?;
        npm_ci("www")?;
        npm_ci("examples/kms")?;
        npm_ci("examples/node")?;
        let without_rsa_kernel = build::without_rsa_kernel()?;
        let exported = path("target/page");
        demo::write_page(&exported)?;
        let ffmpeg = ffmpeg()?;
        let browsers = browsers()?;
        let webkit_hls = hls_of_webkit();
        // Their tests have many manifests.
        let dash_mpd = published_crate::sources("dash-mpd", "0.21.0")?;
        let m3u8_rs = published_crate::sources("m3u8-rs", "6.0.1")?;
        node_tests::run_all(&suites("tests/js")?, |node| {
            node.envs(browsers.iter().map(|(name, program)| (name, program)))
                .envs(ffmpeg.as_ref().map(|ffmpeg| ("FFMPEG", ffmpeg)))
                .envs(webkit_hls.as_ref().map(|plugin| ("WEBKIT_HLS", plugin)))
                .env("PEER_PYTHON", &python)
                .env("DASH_MPD_CRATE", &dash_mpd)
                .env("M3U8_RS_CRATE", &m3u8_rs)
                .env("EXPORTED_PAGE", &exported)
                .env("CORPUS_NATIVE", path("target/tmp/corpus-native.json"))
                .env("WYCHEPROOF", path("target/tmp/wycheproof.json"))
                .env("WITHOUT_RSA_KERNEL", &without_rsa_kernel)
                .env("COUNTERSIGN_BIN", binary());
        })
    });
    summary.suite("cdk", || {
        let python = Environment::of("tests/cdk/requirements.txt", "cdk")?.program("python");
        install_for_serve()?;
        run(cargo().args(["build", "--features", "cli", "--bin", "countersign"]))?;
        // The packages that read the documents.
        npm_ci("tests/js")?;
        npm_ci("examples/cdk")?;
        node_tests::run_all(&suites("tests/cdk")?, |node| {
            node.env("PEER_PYTHON", &python).env("COUNTERSIGN_BIN", binary());
        })
    });
    let wants_packaging = only.is_none_or(|only| only.starts_with("packaging"));
    if wants_packaging && let Err(error) = packaging::test(&mut summary) {
        summary.check("packaging", || Err(error));
    }
    summary.check_or_skip("Spark", spark::check);
    summary.suite("bench", bench::quick);
    summary.check("demo", demo::show);
    if summary.print() { Ok(()) } else { bail!("a test failed, or there is no such suite") }
}

pub fn binary() -> PathBuf {
    path("target/debug").join(format!("countersign{}", std::env::consts::EXE_SUFFIX))
}

/// The test files of a folder.
pub fn suites(folder: &str) -> Result<Vec<PathBuf>> {
    let mut suites: Vec<PathBuf> = std::fs::read_dir(path(folder))?.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    suites.retain(|file| file.to_string_lossy().ends_with(".test.mjs"));
    suites.sort();
    Ok(suites)
}
