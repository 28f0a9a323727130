// publint and arethetypeswrong find nothing wrong with the tarball.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { required } from "../js/environment.mjs";
import { run, tool } from "./project.mjs";

const folder = required("PACKAGE_INSTALLED");
const tarball = join(folder, readdirSync(folder).find((name) => name.endsWith(".tgz")));

test("publint --strict", () => void run(process.execPath, [tool("publint/src/cli.js"), tarball, "--strict"], folder));

test("attw --profile node16", () => void run(process.execPath, [tool("@arethetypeswrong/cli/dist/index.js"), tarball, "--profile", "node16"], folder));
