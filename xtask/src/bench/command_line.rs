//! The command line's rows: lists of URLs against `openssl speed`, access logs against bare verification, and the memory that logs
//! take. Each without and with the feature `openssl`.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::{available_parallelism, sleep};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::report::{LogMemory, Row, Times};
use crate::programs::install_for_openssl;
use crate::project::{cargo, command, output, run, say};

pub const SECTION: &str = "The command line";

const URLS: usize = 100_000;
/// Each has its own signature.
const REQUESTS: usize = 100_000;
const EXPIRES: u64 = 1_924_959_599;
const BEFORE: &str = "2029-12-31";
/// How many of each list `openssl dgst` verifies.
const SAMPLE: usize = 5;
const KEYS: [&str; 2] = ["K2JCJMDEHXQW5F=tests/keys/rsa2048.pub.pem", "K36X4X2EO997HM=tests/keys/p256.pub.pem"];
const ROUNDS: usize = 3;

/// A key with its name, its default hash, and its name in `openssl speed`.
struct Key {
    file: &'static str,
    name: &'static str,
    id: &'static str,
    digest: &'static str,
    speed: &'static str,
}

const SIGNING: [Key; 2] = [
    Key { file: "rsa2048", name: "RSA-2048", id: "K2JCJMDEHXQW5F", digest: "-sha1", speed: "rsa2048" },
    Key { file: "p256", name: "ECDSA P-256", id: "K36X4X2EO997HM", digest: "-sha256", speed: "ecdsap256" },
];

/// The command and the log generator, compiled as for a release.
struct Programs {
    folder: PathBuf,
}

impl Programs {
    fn compile(folder: &Path, features: &str) -> Result<Self> {
        say(&format!("compiling the command line with {features}"));
        let target = folder.join("command_line");
        let examples = ["--example", "access_log", "--example", "bare_verification"];
        let build = ["build", "--release", "--bin", "countersign", "--features", features, "--target-dir"];
        run(cargo().args(build).arg(&target).args(examples))?;
        let own = folder.join(features.replace(',', "-"));
        fs::create_dir_all(&own)?;
        // The next features overwrite it.
        for (from, name) in
            [("release", "countersign"), ("release/examples", "access_log"), ("release/examples", "bare_verification")]
        {
            let name = format!("{name}{}", std::env::consts::EXE_SUFFIX);
            fs::copy(target.join(from).join(&name), own.join(name))?;
        }
        Ok(Self { folder: own })
    }

    fn program(&self, name: &str) -> Command {
        command(&self.folder.join(format!("{name}{}", std::env::consts::EXE_SUFFIX)).to_string_lossy())
    }
}

pub fn rows(folder: &Path) -> Result<(Vec<Row>, Vec<LogMemory>)> {
    install_for_openssl()?;
    let plain = Programs::compile(folder, "cli")?;
    let with_openssl = Programs::compile(folder, "cli,openssl")?;
    let urls = folder.join("urls.txt");
    let list: String =
        (0..URLS).map(|index| format!("https://d111111abcdef8.cloudfront.net/films/{index}.mp4?size={index}\n")).collect();
    fs::write(&urls, list)?;

    let mut rows = Vec::new();
    for key in &SIGNING {
        for (programs, feature, rounds, target) in
            [(&plain, "", 1, None), (&with_openssl, ", with the feature `openssl`", ROUNDS, Some(0.9))]
        {
            say(&format!("signing {URLS} URLs, {}{feature}", key.name));
            let (mut ours, mut peer) = (Vec::new(), Vec::new());
            for round in 0..rounds {
                peer.push(openssl_speed(key)? / cores());
                let signed = folder.join("signed.txt");
                ours.push(sign(programs, key, &urls, &signed)? / URLS as f64);
                if round == 0 {
                    check(programs, key, &signed)?;
                }
            }
            let work = format!("`countersign sign --url -`, {URLS} URLs, {}{feature}, per URL", key.name);
            let row = Row::new(SECTION, &work, times(ours), "`openssl speed` of one core, by the number of cores", times(peer));
            rows.push(match target {
                Some(least) => row.with_least(least),
                None => row,
            });
        }
    }
    // Signing dominates the time of making a log.
    let log = folder.join("access.log");
    make_log(&with_openssl, REQUESTS, &log)?;
    say(&format!("deciding {REQUESTS} requests"));
    let (mut ours, mut peer) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        peer.push(bare_verification(&plain)? / cores());
        let mut logs = plain.program("countersign");
        logs.arg("logs").arg(&log).args(public_keys());
        ours.push(timed(logs.stdout(Stdio::null()))? / REQUESTS as f64);
    }
    let work = format!("`countersign logs`, {REQUESTS} requests, each with a signature of its own, per request");
    let peer_name = "`PublicKey::verify` of the same keys and nothing else, by the number of cores";
    rows.push(Row::new(SECTION, &work, times(ours), peer_name, times(peer)).with_least(0.7));

    let memory = if cfg!(target_os = "linux") {
        [10_000, 100_000, 1_000_000, 10_000_000].map(|lines| log_memory(&plain, lines)).into_iter().collect::<Result<_>>()?
    } else {
        Vec::new()
    };
    Ok((rows, memory))
}

fn cores() -> f64 {
    available_parallelism().map_or(1.0, |cores| cores.get() as f64)
}

/// Runs it and returns the microseconds.
fn timed(command: &mut Command) -> Result<f64> {
    let begun = Instant::now();
    run(command)?;
    Ok(begun.elapsed().as_secs_f64() * 1e6)
}

fn sign(programs: &Programs, key: &Key, urls: &Path, signed: &Path) -> Result<f64> {
    let private_key = format!("tests/keys/{}.pem", key.file);
    let mut sign = programs.program("countersign");
    sign.args(["sign", "--url", "-", "--key-pair-id", key.id, "--private-key", &private_key])
        .args(["--date-less-than", &EXPIRES.to_string()]);
    timed(sign.stdin(File::open(urls)?).stdout(File::create(signed)?))
}

/// Our verifier allows every URL, and OpenSSL a sample.
fn check(programs: &Programs, key: &Key, signed: &Path) -> Result<()> {
    let public_key = format!("tests/keys/{}.pub.pem", key.file);
    let trusted = format!("{}={public_key}", key.id);
    let mut verify = programs.program("countersign");
    verify.args(["verify", "--url", "-", "--at", BEFORE, "--output", "json", "--public-key", &trusted]);
    let answers = output(verify.stdin(File::open(signed)?))?;
    let allowed = answers.lines().filter(|line| line.contains("\"allowed\":true")).count();
    ensure!(allowed == URLS, "{allowed} of {URLS} URLs are allowed");
    let lines = fs::read_to_string(signed)?;
    for line in lines.lines().step_by(URLS / SAMPLE) {
        let (url, query) = line.split_once("&Expires=").with_context(|| format!("{line} is not signed"))?;
        let signature = query.split_once("&Signature=").and_then(|(_, rest)| rest.split('&').next()).context("no signature")?;
        let signature = STANDARD.decode(signature.replace('-', "+").replace('_', "=").replace('~', "/"))?;
        let policy =
            format!(r#"{{"Statement":[{{"Resource":"{url}","Condition":{{"DateLessThan":{{"AWS:EpochTime":{EXPIRES}}}}}}}]}}"#);
        let (policy_file, signature_file) = (signed.with_extension("policy"), signed.with_extension("signature"));
        fs::write(&policy_file, policy)?;
        fs::write(&signature_file, signature)?;
        let mut openssl = command("openssl");
        openssl.args(["dgst", key.digest, "-verify", &public_key, "-signature"]).arg(signature_file).arg(policy_file);
        output(&mut openssl)?;
    }
    Ok(())
}

/// Microseconds for a signature on one core.
fn openssl_speed(key: &Key) -> Result<f64> {
    // `+F2:2:2048:2689.8:50193.4`, for ECDSA `+F4:…`: signatures per second of processor time.
    let printed = output(command("openssl").args(["speed", "-mr", "-seconds", "2", key.speed]).stderr(Stdio::null()))?;
    let line = printed.lines().find(|line| line.starts_with("+F2:") || line.starts_with("+F4:"));
    let a_second: f64 = line.and_then(|line| line.split(':').nth(3)?.parse().ok()).context("`openssl speed` says nothing")?;
    Ok(1e6 / a_second)
}

fn make_log(programs: &Programs, lines: usize, log: &Path) -> Result<()> {
    let lines = lines.to_string();
    let mut generator = programs.program("access_log");
    run(generator.args(["--lines", &lines, "--distinct", &lines]).stdout(File::create(log)?))
}

fn public_keys() -> impl Iterator<Item = &'static str> {
    KEYS.into_iter().flat_map(|key| ["--public-key", key])
}

/// Microseconds to verify a line's signature, weighted by how often the generator uses each key.
fn bare_verification(programs: &Programs) -> Result<f64> {
    let printed: Value = serde_json::from_str(&output(&mut programs.program("bare_verification"))?)?;
    let takes = |key: &str| printed.get(key).and_then(Value::as_f64).with_context(|| format!("no time of {key}"));
    Ok(0.4 * takes("rsa2048")? + 0.6 * takes("p256")?)
}

/// The peak memory of `countersign logs` on a stream of so many lines.
fn log_memory(programs: &Programs, lines: usize) -> Result<LogMemory> {
    say(&format!("the memory of {lines} lines"));
    let mut generator = programs.program("access_log");
    let mut generator = generator.args(["--lines", &lines.to_string()]).stdout(Stdio::piped()).spawn()?;
    let mut logs = programs.program("countersign");
    logs.args(["logs", "-"]).args(public_keys()).stdin(generator.stdout.take().context("no output")?).stdout(Stdio::null());
    let mut logs = logs.spawn()?;
    let mut bytes = 0.0;
    let status = loop {
        // The system reports the peak until the process ends.
        if let Some(peak) = peak(logs.id()) {
            bytes = peak;
        }
        if let Some(status) = logs.try_wait()? {
            break status;
        }
        sleep(Duration::from_millis(2));
    };
    if !status.success() || !generator.wait()?.success() || bytes == 0.0 {
        bail!("the memory of {lines} lines could not be measured");
    }
    Ok(LogMemory { lines, bytes })
}

fn peak(process: u32) -> Option<f64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(peak.trim().strip_suffix(" kB")?.parse::<f64>().ok()? * 1024.0)
}

fn times(mut measured: Vec<f64>) -> Times {
    measured.sort_by(f64::total_cmp);
    let at = |part: usize| measured.get((measured.len() - 1) * part / 2).copied().unwrap_or(f64::NAN);
    Times { median: at(1), low: at(0), high: at(2) }
}
