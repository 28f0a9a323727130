// Grant.manifest on manifests that others test with: every address that m3u8-parser or mpd-parser finds in the signed manifest is signed
// and verifies, other hosts' addresses are unchanged, and without the parameters the manifest is the original.
import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { AsyncSigner, CountersignError, Grant, Signer, Verifier } from "countersign";
import fc from "fast-check";
import { Parser } from "m3u8-parser";
import { parse } from "mpd-parser";

import { HOST, KEY_PAIR_ID, pem, publicKeys } from "./keys.mjs";
import { ORIGIN_NAMES, publicManifests } from "./public_manifests.mjs";

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

function ofHls(text) {
  const parser = new Parser();
  parser.push(text);
  parser.end();
  return found(parser.manifest, ["uri", "URI", "serverUri", "xAssetUri", "xAssetList"]);
}

function ofDash(text, url) {
  // A live stream has segments until now. Without a start time they would be all since 1970.
  const begin = Date.parse(/availabilityStartTime="([^"]+)/.exec(text)?.[1] ?? 0);
  const { playlists, mediaGroups } = parse(text, { manifestUri: url, NOW: begin + 60_000 });
  const sets = Object.values(mediaGroups).flatMap(Object.values).flatMap(Object.values);
  // The resolvedUri of a playlist itself is the manifest's URL.
  return found([...playlists, ...sets.flatMap(({ playlists = [] }) => playlists)].map(({ segments, sidx }) => ({ segments, sidx })), ["resolvedUri"]);
}

/** What the parser finds, or undefined if it cannot read the manifest. */
function addresses(text, url) {
  try {
    return (isHls(text) ? ofHls : ofDash)(text, url);
  } catch {
    return undefined;
  }
}

const isHls = (text) => text.trimStart().startsWith("#EXTM3U");

/** Verifying takes a hundred times as long as signing. Of a template's thousands of addresses, about this many are verified. */
const VERIFIED = 200;

/** Signs with a grant for the host of `url`, by both protocols, and compares each address that the parser finds. */
function compare(text, url) {
  const { host } = new URL(url);
  const grant = grantFor(`http*://${host}`);
  const signed = grant.manifest(text, url);
  assert.equal(without(signed), text);
  assert.equal(grant.manifest(signed, url), signed, "signing twice is signing once");
  const before = addresses(text, url);
  if (!before) return { unread: 1, own: 0 };
  const after = addresses(signed, url);
  assert.equal(after?.length, before.length);
  const [parameters] = signed.match(PARAMETERS) ?? [""];
  const own = new Set();
  before.forEach((address, index) => {
    const asked = new URL(after[index], url).href;
    const { protocol, host: of, href } = new URL(address, url);
    if (!/^https?:$/.test(protocol) || of !== host) {
      // With one BaseURL here and one elsewhere, clients request a relative address from both.
      return assert.equal(isHls(text) ? after[index] : without(after[index]), address);
    }
    // Nobody requests a folder. The parser gives a segment without an address that of the manifest.
    if ((asked.endsWith("/") && !asked.includes("?")) || href === url) return;
    assert.ok(asked.includes(parameters.replace(/^(?:&amp;|[?&])/, "").replaceAll("&amp;", "&")), `${asked} of ${address}`);
    own.add(asked);
  });
  const each = Math.ceil(own.size / VERIFIED);
  [...own].filter((_, index) => index % each === 0).forEach((asked) => assert.ok(isAllowed(asked), asked));
  return { unread: 0, own: own.size };
}

/** How many manifests each origin has at least, and how many addresses that get a signature. */
const MANY = {
  "m3u8-parser": [60, 300],
  "@eyevinn/hls-vodtolive": [160, 9_000],
  "m3u8-rs": [25, 150],
  "hls.js": [28, 80],
  "mpd-parser": [17, 200],
  "dash-mpd": [27, 20_000],
  "Shaka Player": [230, 400],
};

/** Texts that are refused, most of them broken on purpose, and what the error says. */
const REFUSED = {
  "m3u8-parser": {
    "empty.m3u8": /begins with nothing/,
    "manifestNoExtM3u.m3u8": /begins with "#EXT-X-TARGETDURATION/,
    "master.m3u8": /begins with "# A simple/,
    "start.m3u8": /begins with "#EXT-X-VERSION/,
    "streamInfInvalid.m3u8": /begins with "# A simple/,
  },
  "dash-mpd": { "incomplete.mpd": /line 3 .* ends before its elements do/ },
  "Shaka Player": {
    "dash_parser_manifest_unit.js 12": /line 6 .* an end tag is missing/,
    // EXT-X-DEFINE:IMPORT takes its value from another playlist.
    "hls_parser_unit.js 181": /line 4 .* the variable "auth"/,
  },
};

for (const origin of ORIGIN_NAMES) {
  describe(`the manifests of ${origin}`, () => {
    const all = publicManifests(origin);
    const counts = { manifests: all.length, refused: 0, unread: 0, own: 0 };
    for (const { name, text } of all) {
      test(name, () => {
        const own = `https://${HOST}/a/${encodeURIComponent(name)}`;
        const refused = REFUSED[origin]?.[name];
        if (refused) {
          counts.refused++;
          return assert.throws(() => grantFor(`https://${HOST}`).manifest(text, own), ({ code, message }) => code === "INVALID_MANIFEST" && refused.test(message));
        }
        // If a manifest names a host itself, sign for that host, too.
        const hosts = [...text.matchAll(/(?:^|>\s*)(https?:\/\/[^/\s<{$]+)\//gm)].map(([, host]) => `${host}/a/index`);
        for (const url of new Set([own, ...hosts])) {
          const { unread, own } = compare(text, url);
          counts.unread += unread;
          counts.own += own;
        }
      });
    }
    test("they are many, and the parser reads most", (t) => {
      t.diagnostic(JSON.stringify(counts));
      const [manifests, own] = MANY[origin];
      assert.ok(counts.manifests >= manifests && counts.own >= own && counts.unread < manifests / 10, JSON.stringify(counts));
      assert.equal(counts.refused, Object.keys(REFUSED[origin] ?? {}).length);
    });
  });
}

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
  const signed = signer.signUrl(`https://${HOST}/a?b=c`, until);
  const canned = Grant.fromUrl(signed);
  assert.ok(isAllowed(canned.url(`https://${HOST}/a?b=c`)));
  assert.throws(() => canned.url(`https://${HOST}/a`), { code: "RESOURCE_MISMATCH" });
  assert.throws(() => canned.manifest("#EXTM3U\n", `https://${HOST}/a`), { code: "RESOURCE_MISMATCH" });
  for (const url of [undefined, "", "a", `https://${HOST}/a`, `https://${HOST}/a?Policy=x`, `https://${HOST}/a?Signature=AAAA&Key-Pair-Id=K1`, `https://${HOST}/a?Signature=!&Key-Pair-Id=K1&Expires=1`, signed.replace("Expires=", "Expires=0")]) {
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
