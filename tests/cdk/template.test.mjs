// What examples/cdk makes: a template that AWS's linter and cdk-nag accept, without a private key anywhere in it.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";

import { required } from "../js/environment.mjs";
import { all, example, only, requireOfExample, runApp, synthesise } from "./example.mjs";

const MINIMAL = { keys: "2026-11" };
const FULL = {
  keys: "2026-11,2027-05",
  keyType: "ECDSA",
  signedPrefix: "/films/",
  lifetime: "2h",
  domainName: "media.example.com",
  certificateArn: "arn:aws:acm:us-east-1:123456789012:certificate/11111111-2222-3333-4444-555555555555",
  cookieDomain: "example.com",
  siteOrigin: "https://app.example.com",
  open: "true",
};

let folder, minimal, full;
before(() => {
  folder = mkdtempSync(join(tmpdir(), "countersign-cdk-"));
  minimal = synthesise(join(folder, "minimal"), MINIMAL, { isBundled: true });
  full = synthesise(join(folder, "full"), FULL);
});
after(() => rmSync(folder, { recursive: true, force: true }));

const logicalId = (template, type) => Object.entries(template.Resources).find(([, { Type }]) => Type === type)[0];
const variables = (template) => only(template, "AWS::Lambda::Function").Environment.Variables;

test("every behaviour of the distribution trusts the key group, and no signer of the old kind", () => {
  for (const template of [minimal, full]) {
    const { DefaultCacheBehavior, CacheBehaviors = [] } = only(template, "AWS::CloudFront::Distribution").DistributionConfig;
    for (const behaviour of [DefaultCacheBehavior, ...CacheBehaviors]) {
      assert.deepEqual(behaviour.TrustedKeyGroups, [{ Ref: logicalId(template, "AWS::CloudFront::KeyGroup") }]);
      assert.equal(behaviour.TrustedSigners, undefined);
      assert.equal(behaviour.ViewerProtocolPolicy, "redirect-to-https");
    }
  }
});

test("Parameter Store → public key → key group: one key, or two", () => {
  for (const [template, names] of [[minimal, ["2026-11"]], [full, ["2026-11", "2027-05"]]]) {
    const keys = Object.entries(template.Resources).filter(([, { Type }]) => Type === "AWS::CloudFront::PublicKey");
    const parameters = keys.map(([, { Properties }]) => template.Parameters[Properties.PublicKeyConfig.EncodedKey.Ref]);
    assert.deepEqual(parameters, names.map((name) => ({ Type: "AWS::SSM::Parameter::Value<String>", Default: `/private-files/public-keys/${name}` })));
    assert.deepEqual(only(template, "AWS::CloudFront::KeyGroup").KeyGroupConfig.Items, keys.map(([Ref]) => ({ Ref })));
    // Equal references would make CloudFront take one for the other.
    assert.equal(new Set(keys.map(([, { Properties }]) => Properties.PublicKeyConfig.CallerReference)).size, names.length);
    keys.forEach(([Ref, { Properties }], index) => {
      assert.deepEqual(variables(template)[`KEY_PAIR_ID_${index}`], { Ref });
      assert.deepEqual(variables(template)[`PUBLIC_KEY_${index}`], Properties.PublicKeyConfig.EncodedKey);
    });
  }
});

test("a key keeps its resource and its reference when another comes and when it is left alone", () => {
  const second = synthesise(join(folder, "second"), { keys: "2027-05" });
  const keys = (template) => Object.fromEntries(Object.entries(template.Resources).filter(([, { Type }]) => Type === "AWS::CloudFront::PublicKey"));
  assert.deepEqual({ ...keys(minimal), ...keys(second) }, keys(full));
});

test("the bucket is closed to all but the distribution, by Origin Access Control", () => {
  const bucket = only(minimal, "AWS::S3::Bucket");
  assert.deepEqual(bucket.PublicAccessBlockConfiguration, { BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true });
  assert.deepEqual(bucket.OwnershipControls, { Rules: [{ ObjectOwnership: "BucketOwnerEnforced" }] });
  assert.ok(bucket.BucketEncryption);
  const [origin] = only(minimal, "AWS::CloudFront::Distribution").DistributionConfig.Origins;
  assert.deepEqual(origin.OriginAccessControlId, { "Fn::GetAtt": [logicalId(minimal, "AWS::CloudFront::OriginAccessControl"), "Id"] });
  assert.equal(origin.S3OriginConfig.OriginAccessIdentity, "");
  assert.deepEqual(all(minimal, "AWS::CloudFront::CloudFrontOriginAccessIdentity"), []);
  const { SigningBehavior, SigningProtocol } = only(minimal, "AWS::CloudFront::OriginAccessControl").OriginAccessControlConfig;
  assert.deepEqual([SigningBehavior, SigningProtocol], ["always", "sigv4"]);

  const { Statement } = only(minimal, "AWS::S3::BucketPolicy").PolicyDocument;
  const [allowed, ...others] = Statement.filter(({ Effect }) => Effect === "Allow");
  assert.deepEqual(others, []);
  assert.deepEqual([allowed.Action, allowed.Principal], ["s3:GetObject", { Service: "cloudfront.amazonaws.com" }]);
  assert.match(JSON.stringify(allowed.Condition.StringEquals["AWS:SourceArn"]), new RegExp(`:distribution/",\\{"Ref":"${logicalId(minimal, "AWS::CloudFront::Distribution")}"\\}`));
  assert.ok(Statement.some(({ Effect, Condition }) => Effect === "Deny" && Condition.Bool?.["aws:SecureTransport"] === "false"));
});

test("the function may read one secret and write one log, and nothing else", () => {
  for (const template of [minimal, full]) {
    const { Statement } = only(template, "AWS::IAM::Policy").PolicyDocument;
    assert.deepEqual(
      Statement.map(({ Action, Effect, Resource }) => [Effect, Action, Resource]),
      [
        ["Allow", ["logs:CreateLogStream", "logs:PutLogEvents"], { "Fn::GetAtt": [logicalId(template, "AWS::Logs::LogGroup"), "Arn"] }],
        ["Allow", "secretsmanager:GetSecretValue", { Ref: logicalId(template, "AWS::SecretsManager::Secret") }],
      ],
    );
    const role = only(template, "AWS::IAM::Role");
    assert.deepEqual([role.ManagedPolicyArns, role.Policies], [undefined, undefined]);
    assert.deepEqual(role.AssumeRolePolicyDocument.Statement.map(({ Principal }) => Principal), [{ Service: "lambda.amazonaws.com" }]);
  }
});

test("who may call the function: who has the permission, or, if it is said so, everyone", () => {
  assert.equal(only(minimal, "AWS::Lambda::Url").AuthType, "AWS_IAM");
  assert.deepEqual(all(minimal, "AWS::Lambda::Permission"), []);
  assert.equal(only(full, "AWS::Lambda::Url").AuthType, "NONE");
  assert.deepEqual(all(full, "AWS::Lambda::Permission").map(({ Action, Principal }) => [Action, Principal]), [["lambda:InvokeFunctionUrl", "*"], ["lambda:InvokeFunction", "*"]]);
  assert.equal(only(minimal, "AWS::Lambda::Function").Runtime, "nodejs24.x");
});

test("no private key: not in the template, not in the assets, and the secret has no value", () => {
  assert.deepEqual(Object.keys(only(minimal, "AWS::SecretsManager::Secret")), ["Description"]);
  const files = readdirSync(join(folder, "minimal"), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  assert.ok(files.some(({ name }) => name === "index.mjs"), "the function's code is there");
  for (const { name, parentPath, path } of files) {
    const text = readFileSync(join(parentPath ?? path, name), "utf8");
    // The code has only these words, in messages and where it writes a key.
    assert.doesNotMatch(text, /PRIVATE KEY-----\s*(\\n)?\s*[A-Za-z0-9+/]{16}/, name);
  }
});

test("a domain with its certificate and TLS 1.2, and CORS that names the site, with credentials", () => {
  const { Aliases, ViewerCertificate } = only(full, "AWS::CloudFront::Distribution").DistributionConfig;
  assert.deepEqual(Aliases, ["media.example.com"]);
  assert.deepEqual(ViewerCertificate, { AcmCertificateArn: FULL.certificateArn, MinimumProtocolVersion: "TLSv1.2_2021", SslSupportMethod: "sni-only" });
  const { CorsConfig, SecurityHeadersConfig, CustomHeadersConfig } = only(full, "AWS::CloudFront::ResponseHeadersPolicy").ResponseHeadersPolicyConfig;
  assert.deepEqual([CorsConfig.AccessControlAllowOrigins.Items, CorsConfig.AccessControlAllowCredentials, CorsConfig.OriginOverride], [["https://app.example.com"], true, true]);
  // With credentials, browsers accept a `*` in none of them (Fetch standard, CORS protocol and credentials).
  assert.doesNotMatch(JSON.stringify(CorsConfig), /\*/);
  assert.ok(CorsConfig.AccessControlAllowMethods.Items.includes("HEAD"));
  assert.equal(SecurityHeadersConfig.ReferrerPolicy.ReferrerPolicy, "no-referrer");
  assert.deepEqual(CustomHeadersConfig.Items, [{ Header: "cache-control", Override: true, Value: "private, no-cache" }]);
  assert.deepEqual(only(full, "AWS::S3::Bucket").CorsConfiguration.CorsRules.map(({ AllowedOrigins }) => AllowedOrigins), [["https://app.example.com"]]);
  const { DISTRIBUTION, COOKIE_DOMAIN, KEY_TYPE, LIFETIME, SIGNED_PREFIX } = variables(full);
  assert.deepEqual([DISTRIBUTION, COOKIE_DOMAIN, KEY_TYPE, LIFETIME, SIGNED_PREFIX], ["https://media.example.com", "example.com", "ECDSA", "2h", "/films/"]);

  const without = only(minimal, "AWS::CloudFront::ResponseHeadersPolicy").ResponseHeadersPolicyConfig;
  assert.equal(without.CorsConfig, undefined);
  assert.equal(only(minimal, "AWS::S3::Bucket").CorsConfiguration, undefined);
});

test("cfn-lint finds nothing", () => {
  const templates = ["minimal", "full"].map((name) => join(folder, name, "PrivateFiles.template.json"));
  // W3005: CDK makes a function wait for its role and for the role's policy.
  const lint = spawnSync(join(dirname(required("PEER_PYTHON")), "cfn-lint"), ["--ignore-checks", "W3005", "--", ...templates], { encoding: "utf8" });
  assert.deepEqual([lint.status, lint.stdout], [0, ""], lint.stderr);
  // It does find a fault where there is one.
  const wrong = join(folder, "wrong.json");
  writeFileSync(wrong, JSON.stringify({ ...minimal, Resources: { ...minimal.Resources, Wrong: { Type: "AWS::CloudFront::KeyGroup", Properties: { KeyGroupConfig: { Name: "x" } } } } }));
  assert.match(spawnSync(join(dirname(required("PEER_PYTHON")), "cfn-lint"), ["--", wrong], { encoding: "utf8" }).stdout, /^E3003 'Items' is a required property/m);
});

test("cdk-nag finds what is acknowledged with a reason, and nothing else", () => {
  // A folder's name may have a space.
  const app = join(folder, "my app");
  cpSync(example, app, { recursive: true, filter: (path) => !/(node_modules|cdk\.out)$/.test(path) });
  symlinkSync(join(example, "node_modules"), join(app, "node_modules"), "dir");
  const source = readFileSync(join(example, "private_files.ts"), "utf8");
  const acknowledged = [...source.matchAll(/id: "AwsSolutions-(\w+)", reason: "[^"]{20,}"/g)].map(([, rule]) => rule);
  writeFileSync(join(app, "private_files.ts"), source.replaceAll('id: "AwsSolutions-', 'id: "NotAcknowledged-'));
  const { status } = runApp(join(folder, "nag"), MINIMAL, { app });
  assert.notEqual(status, 0, "what is not acknowledged stops the app");
  const { pluginReports } = JSON.parse(readFileSync(join(folder, "nag/validation-report.json"), "utf8"));
  const found = pluginReports.flatMap(({ violations }) => violations.map(({ ruleName }) => ruleName.replace("AwsSolutions-", "")));
  assert.deepEqual(found.sort(), acknowledged.sort());
});

test("settings that make no sense are refused before anything is made", async () => {
  const { code } = requireOfExample("esbuild").transformSync(readFileSync(join(example, "settings.ts"), "utf8"), { loader: "ts" });
  const { readSettings } = await import(`data:text/javascript,${encodeURIComponent(code)}`);
  const read = (settings) => readSettings({ tryGetContext: (name) => settings[name] });
  assert.deepEqual(read({ keys: "a" }).keys, ["a"]);
  assert.deepEqual(read(FULL).keys, ["2026-11", "2027-05"]);
  const without = (name) => Object.fromEntries(Object.entries(FULL).filter(([one]) => one !== name));
  for (const [settings, words] of [
    [{}, /keys=NAME is missing/],
    [{ keys: "" }, /one name of a key, or two/],
    [{ keys: "a,b,c" }, /one name of a key, or two/],
    [{ keys: "../x" }, /letters, digits and hyphens/],
    [{ keys: "2026-11,202611" }, /the same but for hyphens/],
    [{ keys: "a,a" }, /the same/],
    [{ ...FULL, keyType: "P-384" }, /RSA.* or ECDSA/],
    [{ ...FULL, signedPrefix: "films" }, /begins and ends with/],
    [{ ...FULL, signedPrefix: "/*/" }, /begins and ends with/],
    [{ ...FULL, lifetime: "0m" }, /such as 30m/],
    [{ ...FULL, siteOrigin: "*" }, /CORS allows no \*/],
    [{ ...FULL, certificateArn: FULL.certificateArn.replace("us-east-1", "eu-central-1") }, /in us-east-1/],
    [without("domainName"), /go together/],
    [without("certificateArn"), /go together/],
    [{ ...FULL, cookieDomain: "example.org" }, /must be below it/],
    [{ ...FULL, open: "yes" }, /true or false/],
  ]) assert.throws(() => read(settings), words, JSON.stringify(settings));
  const { status, stderr } = runApp(join(folder, "none"), {});
  assert.notEqual(status, 0);
  assert.match(stderr, /keys=NAME is missing/);
});

test("the types are right", () => {
  const { status, stdout, stderr } = spawnSync("npm", ["run", "--silent", "check"], { cwd: example, encoding: "utf8", shell: process.platform === "win32" });
  assert.equal(status, 0, stdout + stderr);
});
