//! Signs with secrets of two classes, using src/key/rsa_kernel.rs (`--cfg 'rsa_kernel="on"'`).
//!
//! - `sample SUBJECT COUNT` makes that many signatures, classes in random order, and prints each one's class and nanoseconds.
//! - `trace SUBJECT CLASS` prints an address, waits for a line, and signs once between two writes to that address, for valgrind.
//! - `prepare FOLDER` writes the keys and the messages for Node.

use std::fmt::Write as _;
use std::hint::black_box;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use anyhow::{Context as _, Result, bail};
use countersign::{Algorithm, LoadOptions, PrivateKey};
use crypto_bigint::modular::{BoxedMontyForm, BoxedMontyParams};
use crypto_bigint::{BoxedUint, Odd, Resize as _};
use rsa::pkcs8::{EncodePrivateKey as _, LineEnding};

/// The classes differ in one secret only.
const SUBJECTS: [&str; 3] = ["rsa-message", "rsa-key", "control"];

/// The messages of a class.
const MESSAGES: usize = 64;

/// How often each key is loaded, in turns. A key's place in memory matters more than anything else.
const COPIES: usize = 16;

/// A URL's policy with an eight-digit number in it, for Node to sign.
fn message(number: u64) -> Vec<u8> {
    let url = format!("https://d111111abcdef8.cloudfront.net/{number:08}.jpg");
    format!(r#"{{"Statement":[{{"Resource":"{url}","Condition":{{"DateLessThan":{{"AWS:EpochTime":1893456000}}}}}}]}}"#)
        .into_bytes()
}

/// Primes next to powers of two: nearly all bits are zeros, or ones.
fn rsa_key(dense: bool) -> Result<String> {
    let (zero, power) = (BoxedUint::zero_with_precision(1024), |bits| BoxedUint::one_with_precision(1024).shl(bits));
    let small = |number: u64| BoxedUint::from(number).resize_unchecked(1024);
    let [p, q] = if dense {
        [105, 179].map(|less| zero.wrapping_sub(small(less)))
    } else {
        [1037, 1697].map(|more| power(1023).wrapping_add(power(1022)).wrapping_add(small(more)))
    };
    let key = rsa::PrivateKey::from_p_q(p, q, BoxedUint::from(65537u64))?;
    Ok(key.to_pkcs8_pem(LineEnding::LF)?.as_str().to_owned())
}

/// The messages of both classes.
fn messages(subject: &str, count: usize) -> [Vec<Vec<u8>>; 2] {
    let any = || (90_000_000..).take(count).map(message).collect::<Vec<_>>();
    let zero = if subject.ends_with("-message") { vec![message(90_000_000); count] } else { any() };
    [zero, any()]
}

/// Signs for a class, with one copy of its key and a message, and returns the signature's length. This is timed.
type Work = Box<dyn Fn(usize, usize, &[u8]) -> usize>;

fn work(subject: &str) -> Result<Work> {
    if subject == "control" {
        return Ok(textbook());
    }
    let classes = match subject {
        "rsa-message" => [rsa_key(true)?, rsa_key(true)?],
        "rsa-key" => [rsa_key(false)?, rsa_key(true)?],
        _ => bail!("the subjects are {}", SUBJECTS.join(", ")),
    };
    let mut keys = [Vec::new(), Vec::new()];
    for _ in 0..COPIES {
        for (keys, pem) in keys.iter_mut().zip(&classes) {
            keys.push(PrivateKey::load(pem.as_bytes(), &LoadOptions::new())?);
        }
    }
    Ok(Box::new(move |class, copy, message| {
        black_box(keys[class][copy % COPIES].sign(Algorithm::Sha256, message)).map_or(0, |signature| signature.len())
    }))
}

/// Textbook square-and-multiply: an exponent with more ones takes longer.
fn textbook() -> Work {
    let modulus = Odd::new(BoxedUint::from_be_slice(&[0xab; 128], 1024).expect("it has 1024 bits")).expect("it is odd");
    let form = BoxedMontyForm::new(BoxedUint::from(3u64).resize_unchecked(1024), &BoxedMontyParams::new(modulus));
    Box::new(move |class, _, _| {
        // 30 and 34 of 64 bits are set.
        let exponent = [0x0f0f_0f0f_0f0f_0f0c, 0x0f0f_0f0f_0f0f_0f3fu64][class];
        let mut power = form.clone();
        for bit in (0..64).rev() {
            power = power.square();
            if exponent >> bit & 1 == 1 {
                power = power.mul(&form);
            }
        }
        black_box(power);
        0
    })
}

fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| anyhow::anyhow!("{error}"))?;
    Ok(bytes)
}

fn sample(subject: &str, count: usize) -> Result<()> {
    let work = work(subject)?;
    let messages = messages(subject, MESSAGES);
    let mut printed = String::new();
    for at in 0..count + count / 20 {
        let [class, which, copy] = random::<3>()?.map(usize::from);
        let class = class & 1;
        let message = &messages[class][which % MESSAGES];
        let begin = Instant::now();
        work(class, copy, message);
        let taken = begin.elapsed();
        // The first twentieth warms up caches.
        if at >= count / 20 {
            writeln!(printed, "{class} {}", taken.as_nanos())?;
        }
    }
    print!("{printed}");
    Ok(())
}

static MARK: AtomicU64 = AtomicU64::new(0);

fn trace(subject: &str, class: usize) -> Result<()> {
    let work = work(subject)?;
    // The first signature also pays for what is made once.
    let message = &messages(subject, 2)[class][class];
    work(class, 0, message);
    println!("{:p}", &raw const MARK);
    // Wait until the reader of the trace has read it.
    std::io::stdin().read_line(&mut String::new())?;
    MARK.store(1, Ordering::SeqCst);
    work(class, 0, message);
    MARK.store(2, Ordering::SeqCst);
    Ok(())
}

fn prepare(folder: &Path) -> Result<()> {
    for (name, pem) in [("rsa-sparse", rsa_key(false)?), ("rsa-dense", rsa_key(true)?)] {
        std::fs::write(folder.join(format!("{name}.pem")), pem)?;
    }
    Ok(())
}

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["sample", subject, count] => sample(subject, count.parse().context("COUNT is a number")?),
        ["trace", subject, class @ ("0" | "1")] => trace(subject, usize::from(*class == "1")),
        ["prepare", folder] => prepare(Path::new(folder)),
        _ => bail!("usage: timing sample SUBJECT COUNT | trace SUBJECT CLASS | prepare FOLDER"),
    }
}
