// Every marked example of the documents runs, prints what the document says, and signs what the signer that it replaces
// signs. Each block of the guides runs or says why not, and every link leads somewhere.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { after, before, describe, test } from "node:test";

import { Verifier } from "countersign";

import { startAws } from "./aws_stand_in.mjs";
import { DocumentSession } from "./document_session.mjs";
import { markdownFiles, path, read, textFiles } from "./documents.mjs";
import { required } from "./environment.mjs";
import { KEY_PAIR_ID } from "./keys.mjs";
import { REFUSED_REQUESTS } from "./refused_requests.mjs";
import { decodeBase64, takeApart } from "./signed_url.mjs";

const KINDS = { js: "js", cjs: "cjs", sh: "sh", bash: "sh", console: "console", py: "py", python: "py" };
/** Languages that no program here runs. */
const TEXTS = ["", "text", "json", "yaml", "toml", "xml", "http", "rust,no_run", "dockerfile"];

const documents = markdownFiles().map(read);
const guides = documents.filter(({ name }) => name.startsWith("docs/"));
const withExamples = [...documents.filter(({ name }) => ["README.md", "pkg/README.md"].includes(name)), ...guides];

/** The words of a mark `run: …`; undefined if the block is not to be run. */
const wordsOf = (mark) => (/^run(?:: |$)/.test(mark ?? "") ? mark.slice("run: ".length).split(", ") : undefined);

let aws, environment;
before(async () => {
  aws = await startAws();
  // An account with the tests' public key.
  const session = new DocumentSession([], aws.environment);
  const KEY_PAIR_ID = session.run("sh", `aws cloudfront create-public-key --query PublicKey.Id --output text \\
    --public-key-config "CallerReference=tests,Name=tests,EncodedKey='$(cat public_key.pem)'"`).trim();
  await session.end();
  environment = { ...aws.environment, KEY_PAIR_ID };
});
after(() => aws.stop());

for (const { name, blocks } of withExamples) {
  describe(name, () => {
    const text = readFileSync(path(name), "utf8");
    const toRun = blocks.filter(({ mark }) => wordsOf(mark) || mark === "prints");
    let session, printed, printedBefore;
    before(() => {
      session = new DocumentSession(toRun, environment);
    });
    after(() => session.end());

    test("every mark stands before a block", () => {
      const marks = [...text.matchAll(/<!-- (?:not run|run|prints|example)\b/g)].length;
      assert.equal(blocks.filter(({ mark }) => /^(?:not run|run|prints|example)\b/.test(mark ?? "")).length, marks);
      if (!name.startsWith("docs/")) assert.ok(toRun.length > 0, "no example was found");
    });

    for (const { language, code, line, mark, section } of toRun) {
      test(`${name}, line ${line} (${mark})`, async () => {
        if (mark === "prints") return assert.equal(printed.trimEnd(), code);
        const words = wordsOf(mark);
        if (words.includes("server")) return session.serve(code);
        const kind = words.includes("cjs") ? "cjs" : KINDS[language];
        const [, refused] = /^with (.*)$/.exec(words.find((word) => word.startsWith("with ")) ?? "") ?? [];
        if (refused) return checkRefused(session, kind, code, refused, section);
        printed = session.run(kind, code);
        assertComments(code, printed);
        if (words.includes("before")) printedBefore = printed;
        if (words.includes("the same bytes")) assert.equal(printed.trimEnd(), printedBefore.trimEnd());
        if (words.includes("the same request")) assertSameRequests(session, printed, printedBefore);
      });
    }
  });
}

/** A comment behind a `console.log` says what that line prints. `…` stands for what differs each time. */
function assertComments(code, printed) {
  const comments = [...code.matchAll(/^console\.log\(.*\); \/\/ (.*)$/gm)].map(([, comment]) => comment);
  if (comments.length === 0) return;
  const lines = printed.trimEnd().split("\n");
  assert.equal(lines.length, comments.length, printed);
  for (const [index, comment] of comments.entries()) {
    const [begin, end = ""] = comment.split("…");
    assert.ok(lines[index].startsWith(begin) && lines[index].endsWith(end), `${lines[index]}, and not ${comment}`);
    assert.ok(comment.includes("…") || lines[index] === comment, `${lines[index]}, and not ${comment}`);
  }
}

/** A refused request prints what the document says. The same request, repaired, is allowed. */
function checkRefused(session, kind, code, name, section) {
  const { cured, COOKIES = "", URL } = REFUSED_REQUESTS[name] ?? assert.fail(`no request is named ${name}`);
  const [{ command, printed }] = session.run(kind, code, { COOKIES, URL });
  const [, answer] = /^CloudFront answers 403, (\w+): /m.exec(printed) ?? [];
  if (answer) assert.ok(section.includes(answer), `${answer} stands below "${section}"`);
  if (!cured) return;
  assert.match(session.run("sh", command, { COOKIES, URL, ...cured }), /^allowed, for another /, "the cure");
}

/** Both outputs are signed URLs, one per line, or cookies as JSON. Both of each pair open the same, for the same time and address. */
function assertSameRequests(session, one, other) {
  const verifier = new Verifier({ publicKeys: { [KEY_PAIR_ID]: session.file("public_key.pem") } });
  const [mine, theirs] = [one, other].map((printed) => {
    const requests = printed.startsWith("{") ? [asRequest(JSON.parse(printed))] : printed.trim().split("\n").map((url) => ({ url }));
    return requests.map((request) => {
      const { allowed, reason, policy, url, source } = verifier.verify(request);
      assert.ok(allowed, `${JSON.stringify(request)}: ${reason}`);
      if (source === "url") assert.equal(takeApart(request.url).resource, url);
      return { policy, url, source };
    });
  });
  assert.ok(mine.length > 0);
  assert.deepEqual(mine, theirs);
}

/** Cookies with a request for something that their resource covers. */
function asRequest(cookies) {
  const { Statement: [{ Resource }] } = JSON.parse(decodeBase64(cookies["CloudFront-Policy"]));
  return { url: Resource.replaceAll("*", "x"), cookies };
}

/** A Terraform configuration with valid syntax, in which each reference leads to something that is declared. */
function assertTerraform(code, where) {
  const { status, stdout, stderr } = spawnSync(required("PEER_PYTHON"), [path("tests/js/hcl.py")], { input: code, encoding: "utf8" });
  assert.equal(status, 0, `${where}: ${stderr}`);
  const { declared, references } = JSON.parse(stdout);
  assert.ok(declared.length > 0 && references.length > 0, `${where}: it declares ${declared}`);
  assert.deepEqual(references.filter((name) => !declared.includes(name)), [], `${where}: referred to, and not declared`);
}

test("every block of the guides runs, or says why not", (t) => {
  const tests = ["tests/js/video", "tests/packaging/next", "tests/packaging/browser", "tests/packaging/deno_bun", "tests/packaging/workerd"]
    .map((name) => readFileSync(path(`${name}.test.mjs`), "utf8"))
    .join("\n");
  const deployed = readFileSync(path("tests/cdk/deploy.test.mjs"), "utf8");
  const [without, run] = [[], []];
  for (const { name, blocks } of guides) {
    for (const { language, code, line, mark } of blocks) {
      const where = `${name}, line ${line}`;
      if (TEXTS.includes(language)) continue;
      if (language === "hcl") {
        assertTerraform(code, where);
        run.push(where);
        continue;
      }
      const [, example] = /^example: (.+)$/.exec(mark ?? "") ?? [];
      const [, reason] = /^not run: (.+)$/.exec(mark ?? "") ?? [];
      if (example) assert.ok(tests.includes(`"${example}"`), `${where}: no test runs the example ${example}`);
      else assert.ok(language in KINDS, `${where}: a block in ${language}`);
      const isDeployed = /^deploy: /.test(mark ?? "");
      if (isDeployed) assert.ok(deployed.includes(`"${name}"`), `${where}: no test deploys ${name}`);
      assert.ok(example || reason || isDeployed || wordsOf(mark), `${where}: the block is neither run, nor is it said why not`);
      if (reason) without.push(`${where}: not run: ${reason}`);
      else run.push(where);
    }
  }
  t.diagnostic(`${run.length} blocks are run, ${without.length} are not`);
  for (const one of without) t.diagnostic(one);
});

test("every refused request is in the guide", () => {
  const { blocks } = guides.find(({ name }) => name === "docs/debugging-a-403.md");
  const used = blocks.map(({ mark }) => /^run: with (.*)$/.exec(mark ?? "")?.[1]).filter(Boolean);
  assert.deepEqual([...used].sort(), Object.keys(REFUSED_REQUESTS).sort());
});

for (const document of ["README", "docs/private-files-in-ten-minutes"]) {
  test(`${document} in Japanese has the blocks of the one in English`, () => {
    const [english, japanese] = ["", ".ja"].map((language) => read(`${document}${language}.md`).blocks.map(({ language, code, mark }) => ({ language, code, mark })));
    assert.deepEqual(japanese, english);
  });
}

test("what the README claims about speed is what its table says", () => {
  const text = readFileSync(path("README.md"), "utf8");
  const ratios = [...text.matchAll(/^\| `[^|]*\| ([\d.]+) µs \|[^|]*\|[^|]*\| ([\d.]+) \|$/gm)].map(([, takes, ratio]) => ({ takes, ratio }));
  const [p256, , grant] = ratios;
  const claims = { english: /^- \*\*Fast\.\*\* .*$/m.exec(text)[0], japanese: /^- \*\*高速。\*\* .*$/m.exec(readFileSync(path("README.ja.md"), "utf8"))[0] };
  for (const claim of Object.values(claims)) {
    assert.ok(claim.includes(`${Math.round(p256.takes)} µs`), claim);
    assert.match(claim, new RegExp(`\\b${Math.floor(p256.ratio)} (times|倍)`));
  }
  assert.ok(claims.english.includes(`more than ${(Math.floor(10 / grant.takes) / 10).toFixed(1)} million links a second`));
  assert.ok(claims.japanese.includes(`毎秒 ${Math.floor(10 / grant.takes) * 10} 万件以上`));
});

test("each answer that a 403 may have leads from the README to its cause", () => {
  const [, table] = /^## Got a 403\?$([^]*?)^## /m.exec(readFileSync(path("README.md"), "utf8"));
  const { anchors } = guides.find(({ name }) => name === "docs/debugging-a-403.md");
  const causes = [...table.matchAll(/\(docs\/debugging-a-403\.md#([\w-]+)\)/g)].map(([, anchor]) => anchor);
  assert.deepEqual(causes.filter((anchor) => !anchors.includes(anchor)), []);
  const codes = anchors.filter((anchor) => /^(?:missingkey|invalidkey|malformed\w+)-/.test(anchor));
  assert.deepEqual(codes.filter((anchor) => !causes.includes(anchor)), []);
});

test("what the badges say is what the packages say", () => {
  const badges = [...readFileSync(path("README.md"), "utf8").matchAll(/!\[([^\]]*)\]\(https:\/\/img/g)].map(([, text]) => text);
  const { engines, license, dependencies } = JSON.parse(readFileSync(path("pkg/package.json"), "utf8"));
  const [, rust] = /^rust-version = "(.*)"$/m.exec(readFileSync(path("Cargo.toml"), "utf8"));
  assert.equal(license, "MIT OR Apache-2.0");
  assert.equal(dependencies, undefined);
  assert.deepEqual(badges, ["licence: MIT or Apache 2.0", `Node ${engines.node.slice(2)} and newer`, `Rust ${rust} and newer`, "npm dependencies: none"]);
});

test("every link between documents leads to a file, and to a heading that is there", (t) => {
  const anchorsOf = new Map(documents.map(({ name, anchors }) => [name, anchors]));
  let count = 0;
  const broken = [];
  for (const { name, links } of documents) {
    // The npm page has whole addresses, of files that are here.
    const here = links.map((link) => link.replace(/^https:\/\/github\.com\/[\w-]+\/countersign\/blob\/main\//, "/"));
    for (const link of here.filter((link) => !/^[a-z]+:/.test(link))) {
      count += 1;
      const [file, anchor] = decodeURI(link).split("#");
      const target = file === "" ? name : file.startsWith("/") ? file.slice(1) : join(dirname(name), file);
      const isThere = existsSync(path(target)) && (anchor === undefined || (statSync(path(target)).isFile() && anchorsOf.get(target)?.includes(anchor)));
      if (!isThere) broken.push(`${name}: ${link}`);
    }
  }
  assert.deepEqual(broken, []);
  assert.ok(count > 50, `${count} links`);
  t.diagnostic(`${count} links in ${documents.length} documents`);
});

test("no file cites a design or an issue that is not in the repository", () => {
  const cited = textFiles().flatMap((name) => {
    const lines = readFileSync(path(name), "utf8").split("\n");
    return lines.flatMap((line, index) => (/\bDESIGN(?:\.md)?\b|\b[Ii]ssues? \d/.test(line) ? [`${name}, line ${index + 1}: ${line.trim()}`] : []));
  });
  assert.deepEqual(cited, []);
});

test("every document is linked to", () => {
  const linked = new Set(documents.flatMap(({ name, links }) => links.map((link) => join(dirname(name), link.split("#")[0]))));
  const alone = guides.map(({ name }) => name).filter((name) => !linked.has(name));
  assert.deepEqual(alone, []);
});
