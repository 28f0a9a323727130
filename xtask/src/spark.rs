//! Tests the Spark example: its counts on parts of a log are those of one process on the whole log, and those that it was made with.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::programs::java;
use crate::project::{binary, cargo, command, output, path, run};
use crate::python::Environment;

const KEYS: [&str; 2] = ["K2JCJMDEHXQW5F=tests/keys/rsa2048.pub.pem", "K36X4X2EO997HM=tests/keys/p256.pub.pem"];

/// Enough lines to give several parts work.
const LINES: &str = "20000";

/// The Python that has PySpark.
pub fn install() -> Result<PathBuf> {
    java()?;
    let environment = Environment::of("examples/spark/requirements.txt", "spark").context("PySpark cannot be installed")?;
    Ok(environment.program("python"))
}

/// Or says why it cannot run here.
pub fn check() -> Result<Option<String>> {
    let python = match install() {
        Ok(python) => python,
        Err(error) => return Ok(Some(format!("{error:#}"))),
    };
    run(cargo().args(["build", "--features", "cli", "--bin", "countersign", "--example", "access_log"]))?;
    let folder = path("target/spark");
    fs::create_dir_all(&folder)?;
    let (log, answers) = (folder.join("access.log"), folder.join("answers.json"));
    let generator = path("target/debug/examples").join(format!("access_log{}", std::env::consts::EXE_SUFFIX));
    let mut generate = command(&generator.to_string_lossy());
    fs::write(&log, output(generate.args(["--lines", LINES, "--answers"]).arg(&answers))?)?;

    let keys = KEYS.iter().flat_map(|key| ["--public-key", *key]);
    let mut one = command(&binary().to_string_lossy());
    let mut alone = BTreeMap::<String, u64>::new();
    for line in output(one.arg("logs").arg(&log).args(["--output", "json"]).args(keys.clone()))?.lines() {
        let row: Value = serde_json::from_str(line)?;
        let text = |name: &str| row.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        *alone.entry(format!("{} {}", text("decision"), text("reasonCode"))).or_default() += 1;
    }
    let mut spark = command(&python.to_string_lossy());
    spark.arg("examples/spark/reasons.py").arg(&log).args(["--partitions", "4", "--countersign"]).arg(binary()).args(keys);
    let printed = output(spark.env("SPARK_LOCAL_IP", "127.0.0.1").env("PYSPARK_PYTHON", &python))?;
    let counted: BTreeMap<String, u64> = serde_json::from_str(printed.lines().last().context("it printed nothing")?)?;
    ensure!(counted == alone, "Spark counts {counted:?}, and one process {alone:?}");

    let answers: Value = serde_json::from_slice(&fs::read(answers)?)?;
    let known: BTreeMap<String, u64> = serde_json::from_value(answers.get("reasons").context("no reasons")?.clone())?;
    let without_decision =
        counted.iter().map(|(reason, count)| (reason.split(' ').next_back().unwrap_or_default().to_owned(), *count));
    ensure!(
        without_decision.collect::<BTreeMap<_, _>>() == known,
        "Spark counts {counted:?}, and the log was made with {known:?}"
    );
    Ok(None)
}
