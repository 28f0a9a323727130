//! A million signatures and verifications. The tests run a part of them.

use anyhow::Result;

use crate::build;
use crate::project::{command, npm_ci, path, run};

const OPERATIONS: &str = "1000000";

pub fn load() -> Result<()> {
    build::build()?;
    npm_ci("tests/js")?;
    run(command("node").arg("--test").arg(path("tests/js/load.test.mjs")).env("LOAD_OPERATIONS", OPERATIONS))
}
