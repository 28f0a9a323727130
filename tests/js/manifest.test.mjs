// Grant.manifest on the test manifests of m3u8-parser and mpd-parser: every address that the parser finds in the signed manifest is
// signed and verifies, other hosts' addresses are unchanged, and without the parameters the manifest is the original.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { describe, test } from "node:test";

import { AsyncSigner, CountersignError, Grant, Signer, Verifier } from "countersign";
import fc from "fast-check";
import { Parser } from "m3u8-parser";
import { parse } from "mpd-parser";

import { HOST, KEY_PAIR_ID, pem, publicKeys } from "./keys.mjs";
import { path } from "./documents.mjs";

const signer = new Signer({ keyPairId: KEY_PAIR_ID, privateKey: pem("p256") });
const verifier = new Verifier({ publicKeys: { [KEY_PAIR_ID]: publicKeys.ECDSA } });
const until = { dateLessThan: "2h" };
const PARAMETERS = /(&amp;|[?&])?Policy=[\w~-]+(&amp;|&)Signature=[\w~-]+(&amp;|&)Key-Pair-Id=\w+(&amp;|&)Hash-Algorithm=SHA256/g;

const grantFor = (host) => signer.grant(`${host}/*`, until);
const without = (text) => text.replace(PARAMETERS, "");
const isAllowed = (url) => verifier.verify({ url }).allowed;

/** Every string under one of these names, however deep. */
function found(value, names, into = []) {
  for (const [name, member] of Object.entries(value ?? {})) {
    if (typeof member === "string" && names.includes(name)) into.push(member);
    else if (typeof member === "object") found(member, names, into);
  }
  return into;
}

/** The manifests of a folder of a package. */
function manifests(folder, suffix) {
  const names = readdirSync(path(`tests/js/node_modules/${folder}`)).filter((name) => name.endsWith(suffix));
  return names.map((name) => ({ name, text: readFileSync(path(`tests/js/node_modules/${folder}/${name}`), "utf8") }));
}

function ofHls(text) {
  const parser = new Parser();
  parser.push(text);
  parser.end();
  return found(parser.manifest, ["uri", "URI", "serverUri", "xAssetUri", "xAssetList"]);
}

/** Signs with a grant for the host of `url`, by both protocols, and compares each address that the parser finds. */
function compare(text, url, addressesOf) {
  const grant = grantFor(`http*://${new URL(url).host}`);
  const signed = grant.manifest(text, url);
  const [before, after] = [text, signed].map((one) => addressesOf(one, url));
  assert.equal(after.length, before.length);
  let own = 0;
  before.forEach((address, index) => {
    const asked = new URL(after[index], url).href;
    if (new URL(address, url).host !== new URL(url).host) return assert.equal(after[index], address);
    // A folder is no file: nobody asks for it.
    if (asked.endsWith("/") && !asked.includes("?")) return;
    assert.ok(isAllowed(asked), `${asked} of ${address}`);
    own++;
  });
  assert.equal(without(signed), text);
  assert.equal(grant.manifest(signed, url), signed, "signing twice is signing once");
  return own;
}

describe("HLS: the manifests of m3u8-parser", () => {
  const all = manifests("m3u8-parser/test/fixtures/integration", ".m3u8");
  let own = 0;
  for (const { name, text } of all) {
    test(name, () => {
      if (!text.trimStart().startsWith("#EXTM3U")) {
        return assert.throws(() => grantFor(`https://${HOST}`).manifest(text, `https://${HOST}/a/${name}`), { code: "INVALID_MANIFEST" });
      }
      own += compare(text, `https://${HOST}/a/${name}`, ofHls);
      // Those that name a host themselves are signed for it.
      for (const [, host] of text.matchAll(/^(https?:\/\/[^/\s]+)\//gm)) own += compare(text, `${host}/${name}`, ofHls);
    });
  }
  test("they are many", () => assert.ok(all.length > 50 && own > 300, `${all.length} manifests, ${own} addresses`));
});

describe("DASH: the manifests of mpd-parser", () => {
  const all = manifests("mpd-parser/test/manifests", ".mpd");
  const ofDash = (text, url) => {
    const { playlists, mediaGroups } = parse(text, { manifestUri: url });
    return found({ playlists: playlists.map(({ segments, sidx }) => ({ segments, sidx })), mediaGroups: segmentsOf(mediaGroups) }, ["resolvedUri"]);
  };
  // A playlist's own resolvedUri is where the manifest is.
  const segmentsOf = (groups) => Object.values(groups).flatMap((group) => Object.values(group).flatMap((set) => Object.values(set).flatMap(({ playlists = [] }) => playlists.map(({ segments, sidx }) => ({ segments, sidx })))));
  let own = 0;
  for (const { name, text } of all) {
    test(name, () => {
      const hosts = new Set([`https://${HOST}`, ...[...text.matchAll(/>\s*(https?:\/\/[^/\s<]+)\//g)].map(([, host]) => host)]);
      for (const host of hosts) own += compare(text, `${host}/a/${name}`, ofDash);
    });
  }
  test("they are many", () => assert.ok(all.length > 15 && own > 300, `${all.length} manifests, ${own} addresses`));
});

test("an AsyncSigner's grant does the same", async () => {
  const asyncSigner = await AsyncSigner.fromKey({ keyPairId: KEY_PAIR_ID, privateKey: pem("p256") });
  const grant = await asyncSigner.grant(`https://${HOST}/a/*`, until);
  const signed = grant.manifest("#EXTM3U\n1.ts\n", `https://${HOST}/a/index.m3u8`);
  assert.ok(isAllowed(`https://${HOST}/a/${signed.split("\n")[1]}`), signed);
});

test("the grant of a signed URL puts the same parameters on others", () => {
  for (const [key, algorithm] of [["p256"], ["rsa2048"], ["rsa2048", "SHA256"]]) {
    const grant = new Signer({ keyPairId: KEY_PAIR_ID, privateKey: pem(key), algorithm }).grant(`https://${HOST}/a/*`, until);
    const again = Grant.fromUrl(grant.url(`https://${HOST}/a/x?y=z#t`));
    assert.ok(again instanceof Grant);
    assert.equal(again.policy, grant.policy);
    assert.equal(again.url(`https://${HOST}/a/1.ts`), grant.url(`https://${HOST}/a/1.ts`));
    assert.deepEqual(again.cookies(), grant.cookies());
  }
  const canned = Grant.fromUrl(signer.signUrl(`https://${HOST}/a?b=c`, until));
  assert.ok(isAllowed(canned.url(`https://${HOST}/a?b=c`)));
  assert.throws(() => canned.url(`https://${HOST}/a`), { code: "RESOURCE_MISMATCH" });
  assert.throws(() => canned.manifest("#EXTM3U\n", `https://${HOST}/a`), { code: "RESOURCE_MISMATCH" });
  for (const url of [undefined, "", "a", `https://${HOST}/a`, `https://${HOST}/a?Policy=x`, `https://${HOST}/a?Signature=AAAA&Key-Pair-Id=K1`, `https://${HOST}/a?Signature=!&Key-Pair-Id=K1&Expires=1`]) {
    assert.throws(() => Grant.fromUrl(url), (error) => error instanceof CountersignError, String(url));
  }
});

test("errors name the line, and hostile arguments are refused", () => {
  const grant = grantFor(`https://${HOST}`);
  const url = `https://${HOST}/index.m3u8`;
  assert.throws(() => grant.manifest("#EXTM3U\n\nhttp://" + HOST + "/1.ts\n", url), ({ code, message, hint }) => code === "RESOURCE_MISMATCH" && message.startsWith("line 3 ") && hint.length > 0);
  for (const bad of [undefined, null, 7, {}, [], Symbol("x"), new Proxy({}, {})]) {
    assert.throws(() => grant.manifest("#EXTM3U\n", bad), (error) => error instanceof CountersignError);
    assert.throws(() => grant.manifest(bad, url), { code: "INVALID_MANIFEST" });
    if (bad !== undefined) assert.throws(() => grant.manifest("#EXTM3U\n", url, { absolute: bad }), { code: "INVALID_OPTION" });
  }
  assert.throws(() => grant.manifest("#EXTM3U\n", url, { relative: true }), { code: "INVALID_OPTION" });
});

test("absolute addresses, for a manifest that another site hands out", () => {
  const grant = grantFor(`https://${HOST}`);
  const list = grant.manifest('#EXTM3U\n#EXT-X-KEY:METHOD=SAMPLE-AES,URI="skd://123"\n1.ts\n', `https://${HOST}/a/index.m3u8`, { absolute: true });
  assert.equal(without(list), `#EXTM3U\n#EXT-X-KEY:METHOD=SAMPLE-AES,URI="skd://123"\nhttps://${HOST}/a/1.ts\n`);
  const mpd = grant.manifest("<MPD><Period/></MPD>", `https://${HOST}/a/index.mpd`, { absolute: true });
  assert.equal(mpd, `<MPD><BaseURL>https://${HOST}/a/</BaseURL><Period/></MPD>`);
});

test("text that is not ASCII comes out as it went in", () => {
  const text = '\ufeff#EXTM3U\r\n#EXT-X-MEDIA:NAME="日本語 🎬",URI="é/日本.m3u8"\r\n名前 1.ts';
  assert.equal(without(grantFor(`https://${HOST}`).manifest(text, `https://${HOST}/x`)), text);
});

test("any text gives a result or a coded error, and signing twice is signing once", () => {
  const grant = grantFor(`https://${HOST}`);
  const url = `https://${HOST}/a/b.m3u8`;
  const line = fc.oneof(fc.constantFrom("#EXTINF:1,", '#EXT-X-MAP:URI="', '#EXT-X-DEFINE:NAME="a",VALUE="b"', "{$a}.ts", "<MPD>", "<BaseURL>", "]]>", "</BaseURL>", "<![CDATA[", "&amp;", "?", "#"), fc.string({ unit: "grapheme" }));
  const text = fc.tuple(fc.constantFrom("#EXTM3U\n", "\ufeff#EXTM3U\r\n", "<MPD>", "<MPD><BaseURL>", "<MPD><SegmentTemplate media='", ""), fc.array(line), fc.constantFrom("\n", "\r\n", "")).map(([head, lines, end]) => head + lines.join(end));
  fc.assert(
    fc.property(text, (text) => {
      let signed;
      try {
        signed = grant.manifest(text, url);
      } catch (error) {
        return assert.ok(error instanceof CountersignError && error.message.length > 0, error);
      }
      assert.equal(grant.manifest(signed, url), signed);
    }),
    { numRuns: 3000 },
  );
});
