// `npx cdk synth` and `npx cdk deploy` run this; README.md lists what -c takes.
import { App, Validations } from "aws-cdk-lib";
import flags from "aws-cdk-lib/recommended-feature-flags.json" with { type: "json" };
import { AwsSolutionsChecks } from "cdk-nag";

import { PrivateFiles } from "./private_files.ts";
import { readSettings } from "./settings.ts";

// The behaviour that AWS recommends for new apps, as `cdk init` writes it into cdk.json.
const app = new App({ postCliContext: flags });
// No account and no region: the stack goes to those of the AWS command line.
new PrivateFiles(app, "PrivateFiles", readSettings(app.node));
// A finding that is neither fixed nor acknowledged with a reason stops `synth` and `deploy`.
Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
