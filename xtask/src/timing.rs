//! Checks whether our arithmetic takes longer, or another path, for some secrets than for others.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::hash::{DefaultHasher, Hasher as _};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::sync::{Arc, OnceLock};
use std::thread::{self, JoinHandle};

use anyhow::{Context, Result, bail, ensure};

use crate::build;
use crate::programs::valgrind;
use crate::project::{cargo, command, output, path, run, say};
use crate::welch::{self, THRESHOLD};

/// Relative to the mean: as much as one key may differ from itself elsewhere in memory.
const LEAST: f64 = 0.002;

/// The comparisons, with the number of timed signatures: compiled, and in Node.
const SUBJECTS: [(&str, &str, u32, u32); 2] =
    [("rsa-message", "RSA, one message or any", 20_000, 10_000), ("rsa-key", "RSA, a key of zeros or of ones", 20_000, 10_000)];

const CONTROL: (&str, &str, u32, u32) = ("control", "a textbook exponentiation: has to leak", 50_000, 20_000);

pub fn timing() -> Result<()> {
    build::build()?;
    let timing = program()?;
    let folder = path("target/timing/keys");
    std::fs::create_dir_all(&folder)?;
    run(command(&timing).arg("prepare").arg(&folder))?;

    let mut table =
        String::from("| where | classes | signatures | t | difference | detectable |\n| --- | --- | --- | --- | --- | --- |\n");
    let mut leaks = Vec::new();
    for (subject, what, natively, in_node) in SUBJECTS.into_iter().chain([CONTROL]) {
        for (place, count, mut sampled) in
            [("compiled natively", natively, command(&timing)), ("Node, engine wasm", in_node, command("node"))]
        {
            say(&format!("timing: {what}, {place}"));
            if place == "compiled natively" {
                sampled.arg("sample");
            } else {
                sampled.arg(path("benches/timing/sample.mjs")).arg(&folder);
            }
            let printed = output(sampled.arg(subject).arg(count.to_string()))?;
            let worst = welch::worst(&welch::read(&printed).context("the samples cannot be read")?);
            let percent = |part: f64| part * 100.0;
            writeln!(
                table,
                "| {place} | {what} | {count} | {:.1} | {:.3} % | {:.3} % |",
                worst.t,
                percent(worst.difference),
                percent(worst.detectable)
            )?;
            let leaks_time = worst.t.abs() > THRESHOLD && worst.difference.abs() > LEAST;
            if leaks_time != (subject == CONTROL.0) {
                leaks.push(format!("{what}, {place}: t is {:.1}", worst.t));
            }
        }
    }
    println!("{table}");

    for (subject, what) in [("rsa-key", SUBJECTS[1].1), (CONTROL.0, CONTROL.1)] {
        say(&format!("tracing: {what}"));
        let [zero, one] = [trace(&timing, "0", subject)?, trace(&timing, "1", subject)?];
        let same = zero == one;
        println!(
            "{what}: {} and {} instructions and accesses, {}",
            zero.steps,
            one.steps,
            if same { "the same" } else { "not the same" }
        );
        if same == (subject == CONTROL.0) {
            leaks.push(format!("{what}: the traces are {}", if same { "the same" } else { "not the same" }));
        }
    }
    ensure!(leaks.is_empty(), "not as it should be: {}", leaks.join("; "));
    Ok(())
}

/// Compiled with the WebAssembly module's arithmetic.
fn program() -> Result<String> {
    say("compiling the arithmetic natively");
    let target = path("target/timing");
    run(cargo()
        .args(["build", "--release", "--manifest-path"])
        .arg(path("benches/timing/Cargo.toml"))
        .arg("--target-dir")
        .arg(&target)
        .env("RUSTFLAGS", "--cfg rsa_kernel=\"on\""))?;
    let program: PathBuf = target.join(format!("release/timing{}", std::env::consts::EXE_SUFFIX));
    Ok(program.to_string_lossy().into_owned())
}

/// A signature's trace: each instruction's address, and each memory address numbered by first use, because where the heap
/// puts a key depends on how it was read.
#[derive(PartialEq)]
struct Trace {
    steps: u64,
    hash: u64,
}

fn trace(timing: &str, class: &str, subject: &str) -> Result<Trace> {
    let mut traced = command(&valgrind()?.to_string_lossy())
        .args(["--tool=lackey", "--trace-mem=yes", timing, "trace", subject, class])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    // After printing the marks' address it waits for a line.
    let mark = Arc::new(OnceLock::new());
    let read = follow(&mut traced, Arc::clone(&mark))?;
    let mut address = String::new();
    BufReader::new(traced.stdout.take().context("it prints nothing")?).read_line(&mut address)?;
    let address = u64::from_str_radix(address.trim().trim_start_matches("0x"), 16)?;
    mark.get_or_init(|| address);
    traced.stdin.take().context("it reads nothing")?.write_all(b"\n")?;
    let status = traced.wait()?;
    let trace = read.join().map_err(|_| anyhow::anyhow!("the trace cannot be read"))??;
    if !status.success() {
        bail!("{timing} trace {subject} {class}: {status}");
    }
    Ok(trace)
}

/// Reads lines such as `I  0401ab70,3` and ` S 1fff000628,8`, between two changes of the mark.
fn follow(traced: &mut Child, mark: Arc<OnceLock<u64>>) -> Result<JoinHandle<Result<Trace>>> {
    let mut lines = BufReader::with_capacity(1 << 20, traced.stderr.take().context("there is no trace")?);
    Ok(thread::spawn(move || {
        let mut hasher = DefaultHasher::new();
        let mut first_used: HashMap<u64, u64> = HashMap::new();
        let (mut steps, mut marks) = (0, 0);
        let mut line = Vec::new();
        while lines.read_until(b'\n', &mut line)? > 0 {
            let parsed =
                line.get(3..).and_then(|rest| str::from_utf8(rest).ok()).and_then(|rest| rest.trim_end().split_once(','));
            if let (Some(kind @ (b'I' | b' ')), Some((address, size))) = (line.first(), parsed)
                && let (Ok(address), Ok(size)) = (u64::from_str_radix(address, 16), size.parse::<u64>())
            {
                if line[1] == b'M' && mark.get() == Some(&address) {
                    marks += 1;
                } else if marks == 1 {
                    steps += 1;
                    let next = first_used.len() as u64;
                    let place = if *kind == b'I' { address } else { *first_used.entry(address).or_insert(next) };
                    for part in [u64::from(line[0]), u64::from(line[1]), place, size] {
                        hasher.write_u64(part);
                    }
                }
            }
            line.clear();
        }
        ensure!(marks == 2 && steps > 0, "{marks} marks and {steps} steps were found in the trace");
        Ok(Trace { steps, hash: hasher.finish() })
    }))
}
