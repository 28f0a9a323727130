//! Measures signature verification alone, with the keys of `access_log.rs`: microseconds on one core, as JSON. `countersign logs` is
//! compared with it.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use countersign::{LoadOptions, PrivateKey};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

const KEYS: [&str; 2] = ["rsa2048", "p256"];
const TIME: Duration = Duration::from_millis(700);

/// The length of a policy.
const MESSAGE: [u8; 200] = [b'a'; 200];

fn main() -> ExitCode {
    match measured() {
        Ok(times) => {
            println!("{}", serde_json::json!(times));
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn measured() -> Result<BTreeMap<&'static str, f64>> {
    KEYS.into_iter().map(|name| Ok((name, of_key(name)?))).collect()
}

fn of_key(name: &str) -> Result<f64> {
    let pem = std::fs::read(format!("{}/tests/keys/{name}.pem", env!("CARGO_MANIFEST_DIR")))?;
    let key = PrivateKey::load(&pem, &LoadOptions::new())?;
    let algorithm = key.key_type().default_algorithm();
    let (public_key, signature) = (key.public_key(), key.sign(algorithm, &MESSAGE)?);
    let (begun, busy, mut count) = (Instant::now(), processor_time(), 0_u32);
    while begun.elapsed() < TIME {
        if !public_key.verify(algorithm, black_box(&MESSAGE), &signature) {
            return Err(format!("a signature of {name} does not verify").into());
        }
        count += 1;
    }
    let taken = match (busy, processor_time()) {
        (Some(before), Some(after)) => after.saturating_sub(before),
        _ => begun.elapsed(),
    };
    Ok(taken.as_secs_f64() * 1e6 / f64::from(count))
}

/// This thread's processor time, where the system reports it, because other programs run at the same time.
fn processor_time() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    Some(Duration::from_nanos(text.split_whitespace().next()?.parse().ok()?))
}
