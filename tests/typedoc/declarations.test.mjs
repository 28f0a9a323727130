// TypeDoc makes the package's documentation without a warning. Every export says what it takes, returns and throws; functions and classes
// have an example.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { before, test } from "node:test";

import { Application, LogLevel, ReflectionKind } from "typedoc";

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));
const ERRORS = /`[A-Z]+(?:_[A-Z0-9]+)+`|`FREED`|as (?:for|above)/;

/** Exports that throw nothing. */
const THROWS_NOTHING = /^(?:(?:Async)?Signer\.(?:free|\[dispose\])|CountersignError\.toJSON)$/;
/** Implemented by users of the package. */
const CALLBACKS = /^(?:ExternalSignerOptions|GuardOptions|ManifestAnswers|NodeResponse)\./;
/** Stand-ins for the host's types, and types of parameters and results, which the function's comment describes. */
const ELSEWHERE = /^(?:GuardedRequest|CoreInput|CoreModule)\.|\.__type\./;

let project, signatures;
const warnings = [];
before(async () => {
  const application = await Application.bootstrapWithPlugins({ options: path("typedoc.json"), tsconfig: path("tsconfig.json") });
  application.logger.level = LogLevel.None;
  const { log } = application.logger;
  application.logger.log = (message, level) => (level >= LogLevel.Warn ? warnings.push(message) : log.call(application.logger, message, level));
  project = await application.convert();
  application.validate(project);
  await application.generateDocs(project, path("../../target/doc/js"));
  signatures = project
    .getReflectionsByKind(ReflectionKind.SomeSignature)
    .filter((signature) => !signature.inheritedFrom)
    .map((signature) => ({ signature, name: signature.parent.getFullName().replace(/^(?:index|slim|express|hono)\./, "") }))
    .filter(({ name }) => !ELSEWHERE.test(`${name}.`));
});

test("there is no warning, and the pages are there", () => {
  assert.deepEqual(warnings, []);
  assert.ok(existsSync(path("../../target/doc/js/classes/index.Signer.html")));
  assert.ok(signatures.length > 25, `${signatures.length} signatures`);
});

const text = (parts) => parts.map((part) => part.text).join("");
const withoutTag = (tag, wanted) =>
  signatures.filter(({ signature, name }) => wanted(signature, name) && !signature.comment?.blockTags.some((block) => block.tag === tag && text(block.content).trim())).map(({ name }) => name);

test("every parameter says what it is", () => {
  const bare = signatures.flatMap(({ signature, name }) =>
    (signature.parameters ?? []).filter(({ comment }) => !comment || !text(comment.summary).trim()).map((parameter) => `${name}: ${parameter.name}`));
  assert.deepEqual(bare, []);
});

test("every result says what it is", () => {
  const nothing = /^(?:Promise<)?void\b/;
  assert.deepEqual(withoutTag("@returns", ({ kind, type }) => kind !== ReflectionKind.ConstructorSignature && !nothing.test(type)), []);
});

test("every function that can fail names its errors", () => {
  assert.deepEqual(withoutTag("@throws", (_, name) => !THROWS_NOTHING.test(name) && !CALLBACKS.test(name)), []);
  for (const { signature, name } of signatures) {
    for (const { content } of signature.comment?.blockTags.filter(({ tag }) => tag === "@throws") ?? []) assert.match(text(content), ERRORS, name);
  }
});

test("every exported function and class shows how it is used", () => {
  const exported = project.getReflectionsByKind(ReflectionKind.Class | ReflectionKind.Function);
  assert.ok(exported.length >= 14, `${exported.length} functions and classes`);
  const comments = ({ comment, signatures = [] }) => [comment, ...signatures.map((signature) => signature.comment)];
  const bare = exported.filter((reflection) => !comments(reflection).some((comment) => comment && text(comment.summary).includes("```js")));
  assert.deepEqual(bare.map((reflection) => reflection.getFullName()), []);
});

test("whatever follows a rule of AWS's or a standard says where it stands", () => {
  const named = ["Signer.signUrl", "Signer.signCookies", "Conditions", "SignerOptions.privateKey", "SignedCookies", "CookieAttributes", "Verifier", "AsyncSigner.fromKey", "ExternalSignerOptions.sign"];
  for (const name of named) {
    const reflection = project.getChildByName(`index.${name}`) ?? assert.fail(name);
    const comments = [reflection.comment, ...(reflection.signatures ?? []).map((signature) => signature.comment)];
    assert.ok(comments.some((comment) => comment?.blockTags.some(({ tag, content }) => tag === "@see" && /https:\/\//.test(text(content)))), `${name} has no source`);
  }
});
