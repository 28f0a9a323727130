// Chromium plays a private video from `countersign serve`: by a signed URL, on a page with cookies, and, with the code of the guide, as a
// stream of another origin, HLS by hls.js and DASH by dash.js; without them it gets nothing.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createReadStream, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { toSetCookie } from "countersign";
import { chromium } from "playwright-core";

import { signPlaylist } from "../../examples/node/playlist.mjs";
import { folderWith, serve, signer } from "./distribution.mjs";
import { path, read } from "./documents.mjs";
import { required } from "./environment.mjs";

const until = { dateLessThan: "1h" };
const page_ = '<!doctype html><title>film</title><video src="film.webm" muted></video>';

let files, server, browser;
before(async () => {
  files = folderWith({ "films/index.html": page_ });
  browser = await chromium.launch({ executablePath: required("CHROMIUM"), args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"] });
  writeFileSync(join(files.folder, "films/film.webm"), await record("video/webm;codecs=vp8"));
  server = await serve("--root", files.folder);
});
after(async () => {
  await browser?.close();
  await server?.stop();
  files?.remove();
});

/** A second of video, recorded from a canvas by the browser itself. */
async function record(mimeType) {
  const page = await browser.newPage();
  const base64 = await page.evaluate(async (mimeType) => {
    const canvas = document.body.appendChild(document.createElement("canvas"));
    const context = canvas.getContext("2d");
    const recorder = new MediaRecorder(canvas.captureStream(25), { mimeType, videoKeyFrameIntervalDuration: 200 });
    const parts = [];
    recorder.ondataavailable = ({ data }) => parts.push(data);
    const stopped = new Promise((resolve) => (recorder.onstop = resolve));
    recorder.start();
    for (let frame = 0; frame < 25; frame++) {
      context.fillStyle = `hsl(${frame * 14} 90% 50%)`;
      context.fillRect(0, 0, canvas.width, canvas.height);
      await new Promise((resolve) => setTimeout(resolve, 40));
    }
    recorder.stop();
    await stopped;
    const bytes = new Uint8Array(await new Blob(parts).arrayBuffer());
    return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
  }, mimeType);
  await page.close();
  const video = Buffer.from(base64, "base64");
  assert.ok(video.length > 1_000, "nothing was recorded");
  return video;
}

/** Plays the page's video to its end: how far it got, or the error's number. */
const play = (page) =>
  page.evaluate(async () => {
    const video = document.querySelector("video");
    const over = new Promise((resolve) => {
      video.onended = () => resolve({ played: video.currentTime, width: video.videoWidth });
      video.onerror = () => resolve({ error: video.error.code });
    });
    if (video.error) return { error: video.error.code };
    await video.play().catch(() => {});
    return over;
  });

test("by a signed URL", async () => {
  const page = await browser.newPage();
  await page.goto(signer.signUrl(`${server.address}/films/index.html`, until));
  await page.evaluate((url) => (document.querySelector("video").src = url), signer.signUrl(`${server.address}/films/film.webm`, until));
  const { played, width } = await play(page);
  assert.ok(played > 0.3 && width > 0, `it played ${played} s, ${width} pixels wide`);
  await page.evaluate((url) => (document.querySelector("video").src = url), signer.signUrl(`${server.address}/films/film.webm`, { dateLessThan: "-1m", allowExpired: true }));
  assert.deepEqual(await play(page), { error: 4 });
  await page.close();
});

test("by the cookies of a grant", async () => {
  const context = await browser.newContext();
  const page = await context.newPage();
  const url = `${server.address}/films/index.html`;
  assert.equal((await page.goto(url)).status(), 403);
  const cookies = signer.grant(`${server.address}/films/*`, until).cookies();
  await context.addCookies(Object.entries(cookies).map(([name, value]) => ({ name, value: String(value), url: server.address, httpOnly: true })));
  assert.equal((await page.goto(url)).status(), 200);
  const { played } = await play(page);
  assert.ok(played > 0.3, `it played ${played} s`);
  await context.close();
  assert.match(server.log(), /GET \/films\/film\.webm 206 allowed by cookies/, "the player asks for ranges");
});

describe("a stream of another origin, as in the guide", () => {
  const PLAYERS = {
    "hls.js": { library: "node_modules/hls.js/dist/hls.min.js", list: "index.m3u8", rewrite: (text, base, grant) => signPlaylist(text, base, grant) },
    "dash.js": { library: "node_modules/dashjs/dist/modern/umd/dash.all.min.js", list: "index.mpd", rewrite: signTemplate },
  };
  let stream, origin, distribution, site, page;

  before(async () => {
    stream = streamOf(await record("video/mp4;codecs=vp9"));
    // The origin sends what a response headers policy would add.
    origin = await listening((request, response) => {
      const content = stream[new URL(request.url, "http://origin").pathname];
      response.writeHead(content ? 200 : 404, { "access-control-allow-origin": address(site), "access-control-allow-credentials": "true" });
      response.end(content);
    });
    distribution = await serve("--origin", address(origin));
    // The site sets the cookies, and serves the page, the players and rewritten playlists.
    site = await listening((request, response) => {
      const rewritten = Object.values(PLAYERS).find(({ list }) => request.url === `/films/${list}`);
      if (rewritten) {
        const grant = signer.grant(`${distribution.address}/films/*`, until);
        return response.end(rewritten.rewrite(stream[request.url], `${distribution.address}/films/`, grant));
      }
      const { library } = PLAYERS[request.url.slice(1)] ?? {};
      if (library) return createReadStream(path(`tests/js/${library}`)).pipe(response.writeHead(200, { "content-type": "text/javascript" }));
      const cookies = signer.signCookies(`${distribution.address}/films/*`, until);
      const headers = request.url === "/with" ? { "set-cookie": toSetCookie(cookies, { path: "/films/", sameSite: "Lax" }) } : {};
      response.writeHead(200, { "content-type": "text/html", ...headers }).end("<!doctype html><title>stream</title><video muted></video>");
    });
  });
  after(async () => {
    for (const server of [origin, site]) {
      server?.close();
      server?.closeAllConnections();
    }
    await distribution?.stop();
  });

  /** Runs a player's code of the guide on a page of the site. */
  async function open(player, cookies, change = (code) => code) {
    const { code } = read("docs/cookies-for-hls-and-dash.md").blocks.find(({ mark }) => mark === `example: ${player}`);
    const context = await browser.newContext();
    page = await context.newPage();
    await page.goto(`${address(site)}/${cookies}`);
    await page.addScriptTag({ url: `${address(site)}/${player}` });
    await page.addScriptTag({ content: change(code.replaceAll("https://media.example.com", distribution.address)) });
    return context;
  }

  for (const [player, { list }] of Object.entries(PLAYERS)) {
    test(`${player} plays it with the cookies of one signature`, async () => {
      const logged = distribution.log().length;
      const context = await open(player, "with");
      await page.waitForFunction(() => document.querySelector("video").readyState >= 3);
      const { played, width } = await play(page);
      assert.ok(played > 0.3 && width > 0, `it played ${played} s, ${width} pixels wide`);
      await context.close();
      const log = distribution.log().slice(logged);
      for (const name of [list, "init.mp4", "1.m4s", "2.m4s"]) assert.match(log, new RegExp(`GET /films/${name} 200 allowed by cookies`));
      assert.doesNotMatch(log, / 403 /);
    });

    test(`${player} plays a rewritten playlist without cookies`, async () => {
      const logged = distribution.log().length;
      const context = await open(player, "without", (code) => code.replaceAll(distribution.address, address(site)).replaceAll("true", "false"));
      await page.waitForFunction(() => document.querySelector("video").readyState >= 3);
      const { played } = await play(page);
      assert.ok(played > 0.3, `it played ${played} s`);
      await context.close();
      const log = distribution.log().slice(logged);
      for (const name of ["init.mp4", "1.m4s", "2.m4s"]) assert.match(log, new RegExp(`GET /films/${name} 200 allowed by url`));
      assert.doesNotMatch(log, / 403 /);
    });

    for (const [what, cookies, change] of [
      ["without cookies", "without"],
      ["without credentials", "with", (code) => code.replaceAll("true", "false")],
    ]) {
      test(`${player} gets nothing ${what}`, async () => {
        const logged = distribution.log().length;
        const log = () => distribution.log().slice(logged);
        const context = await open(player, cookies, change);
        const denied = new RegExp(`GET /films/${list} 403 MissingKey`);
        for (let turn = 0; turn < 400 && !denied.test(log()); turn++) await page.waitForTimeout(50);
        assert.match(log(), denied);
        assert.equal(await page.evaluate(() => document.querySelector("video").readyState), 0);
        await context.close();
        assert.doesNotMatch(log(), / 200 /);
      });
    }
  }
});

/** What a program does that signs an MPD: the grant's query behind the addresses of the template. */
function signTemplate(text, base, grant) {
  const query = new URL(grant.url(`${base}x`)).search.replaceAll("&", "&amp;");
  return text.replaceAll(/\b(initialization|media)="([^"]*)"/g, (_, name, file) => `${name}="${base}${file}${query}"`);
}

const address = (server) => `http://127.0.0.1:${server.address().port}`;

async function listening(handler) {
  const server = createServer(handler).listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}

/** The files of a stream, HLS and DASH, out of a fragmented MP4: what stands before the first `moof`, and a segment from each. */
function streamOf(film) {
  // Chromium records level 0, which it does not play itself: level 1, after the box's name, its version and the profile.
  film[film.indexOf("vpcC") + 9] = 10;
  const cuts = [];
  for (let at = 0; at < film.length; at += film.readUInt32BE(at)) if (film.toString("latin1", at + 4, at + 8) === "moof") cuts.push(at);
  assert.ok(cuts.length >= 2, `${cuts.length} fragments`);
  const segments = cuts.map((cut, index) => film.subarray(cut, cuts[index + 1]));
  const names = segments.map((_, index) => `${index + 1}.m4s`);
  const seconds = 1 / segments.length;
  return {
    ...Object.fromEntries(segments.map((segment, index) => [`/films/${names[index]}`, segment])),
    "/films/init.mp4": film.subarray(0, cuts[0]),
    "/films/index.m3u8": `#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:1\n#EXT-X-PLAYLIST-TYPE:VOD\n#EXT-X-MAP:URI="init.mp4"\n${names.map((name) => `#EXTINF:${seconds},\n${name}\n`).join("")}#EXT-X-ENDLIST\n`,
    "/films/index.mpd":
      '<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" profiles="urn:mpeg:dash:profile:isoff-main:2011" mediaPresentationDuration="PT1S" minBufferTime="PT0.2S">' +
      '<Period><AdaptationSet mimeType="video/mp4" codecs="vp09.00.10.08" segmentAlignment="true"><Representation id="1" bandwidth="400000" width="300" height="150">' +
      `<SegmentTemplate timescale="1000" duration="${Math.round(seconds * 1000)}" startNumber="1" initialization="init.mp4" media="$Number$.m4s"/>` +
      "</Representation></AdaptationSet></Period></MPD>",
  };
}
