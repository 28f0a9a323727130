// Chromium plays private video from `countersign serve`: a film by a signed URL and on a page with cookies, and every form of stream that
// ffmpeg and Shaka Packager make, by hls.js, dash.js, Shaka and the browser itself, with only a signed manifest; and, with the code
// of the guide, from another origin with cookies. Unsigned requests get 403.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createReadStream, existsSync as exists, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join } from "node:path";
import { after, before, describe, test } from "node:test";

import { guard, toSetCookie } from "countersign";
import { chromium } from "playwright-core";

import { folderWith, serve, signer } from "./distribution.mjs";
import { path, read } from "./documents.mjs";
import { required } from "./environment.mjs";
import { KEY_PAIR_ID, publicKeys } from "./keys.mjs";
import { SECONDS, makeStreams } from "./streams.mjs";
import { matched } from "./waiting.mjs";

const until = { dateLessThan: "1h" };
/** On Debian the test run installs it; elsewhere you have to. */
const skip = process.platform !== "linux" && !process.env.FFMPEG && "there is no ffmpeg: install it";
const LIBRARIES = {
  "hls.js": "hls.js/dist/hls.min.js",
  "dash.js": "dashjs/dist/modern/umd/dash.all.min.js",
  Shaka: "shaka-player/dist/shaka-player.compiled.js",
};

let files, names, server, browser;
before(async () => {
  if (skip) return;
  files = folderWith({ "films/index.html": '<!doctype html><link rel="icon" href="data:,"><title>film</title><video src="film.mp4" muted></video>', "films/player.html": '<!doctype html><link rel="icon" href="data:,"><title>stream</title><video muted></video>' });
  names = makeStreams(join(files.folder, "films"));
  browser = await chromium.launch({ executablePath: required("CHROMIUM"), args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"] });
  server = await serve("--root", files.folder);
});
after(async () => {
  await browser?.close();
  await server?.stop();
  files?.remove();
});

/** Plays the page's video to its end at four times the speed. Returns how far it got, the error's number, or where it stands still. */
const play = (page) =>
  page.evaluate(async () => {
    const video = document.querySelector("video");
    const end = performance.now() + 60_000;
    for (let hasBegun = false; performance.now() < end; await new Promise((resolve) => setTimeout(resolve, 20))) {
      if (video.error) return { error: video.error.code };
      // dash.js looks at the clock too: if it sees the end before the browser does, it stops the video there, and nothing ends any more.
      const isStopped = hasBegun && video.paused && video.currentTime >= video.duration;
      if (video.ended || isStopped) return { played: video.currentTime, width: video.videoWidth };
      // What a player does when its source comes would end an earlier play().
      if (hasBegun || video.readyState < 3) continue;
      hasBegun = true;
      video.playbackRate = 4;
      video.play().catch(() => {});
    }
    const { currentTime, duration, readyState, networkState, paused, seeking, buffered } = video;
    const ranges = Array.from(buffered, (_, at) => [buffered.start(at), buffered.end(at)]);
    return { hangs: { currentTime, duration, readyState, networkState, paused, seeking, ranges } };
  });

function assertPlayed({ played, width, ...instead }) {
  assert.ok(played > SECONDS - 0.5 && width > 0, `it played ${played} s of ${SECONDS}, ${width} pixels wide; ${JSON.stringify(instead)}`);
}

test("a film by a signed URL", { skip }, async () => {
  const page = await browser.newPage();
  await page.goto(signer.signUrl(`${server.address}/films/index.html`, until));
  await page.evaluate((url) => (document.querySelector("video").src = url), signer.signUrl(`${server.address}/films/film.mp4`, until));
  assertPlayed(await play(page));
  await page.evaluate((url) => (document.querySelector("video").src = url), signer.signUrl(`${server.address}/films/film.mp4`, { dateLessThan: "-1m", allowExpired: true }));
  assert.deepEqual(await play(page), { error: 4 });
  await page.close();
});

test("a film by the cookies of a grant", { skip }, async () => {
  const context = await browser.newContext();
  const page = await context.newPage();
  const url = `${server.address}/films/index.html`;
  assert.equal((await page.goto(url)).status(), 403);
  const cookies = signer.grant(`${server.address}/films/*`, until).cookies();
  await context.addCookies(Object.entries(cookies).map(([name, value]) => ({ name, value: String(value), url: server.address, httpOnly: true })));
  assert.equal((await page.goto(url)).status(), 200);
  assertPlayed(await play(page));
  await context.close();
  assert.match(server.log(), /GET \/films\/film\.mp4 206 allowed by cookies/, "the player asks for ranges");
});

/** How each player is told to play a manifest. */
const START = {
  "hls.js": (url) => {
    const hls = new Hls();
    hls.loadSource(url);
    hls.attachMedia(document.querySelector("video"));
  },
  "dash.js": (url) => dashjs.MediaPlayer().create().initialize(document.querySelector("video"), url, true),
  Shaka: async (url) => {
    shaka.polyfill.installAll();
    const player = new shaka.Player();
    await player.attach(document.querySelector("video"));
    // If it fails, the test shows what the log says.
    await player.load(url).catch(() => {});
  },
  Chromium: (url) => (document.querySelector("video").src = url),
};

const NO_HLS = "this Chromium plays no HLS by itself";
const playsHls = (page) => page.evaluate(() => document.querySelector("video").canPlayType("application/vnd.apple.mpegurl"));

/** I-frames are single pictures, which a player shows while it seeks. */
const canPlay = (player, name) => name !== "hls-iframes" && ((player === "hls.js" || player === "Chromium" ? name.startsWith("hls") : player === "dash.js" ? name.startsWith("dash") : true));

describe("streams by a signed manifest alone", { skip }, () => {
  /** The name of each signed playlist and MPD, beside the unsigned ones. */
  const signedName = (name) => name.replace(/\.(m3u8|mpd)$/, ".signed.$1");

  /** Writes a signed copy of each manifest of a stream. Where it names other playlists, the copy names their signed copies. */
  function signStream(name) {
    const folder = join(files.folder, "films", name);
    const grant = signer.grant(`${server.address}/films/*`, until);
    for (const file of readdirSync(folder).filter((file) => /(?<!\.signed)\.(?:m3u8|mpd)$/.test(file))) {
      const text = readFileSync(join(folder, file), "utf8").replaceAll(/(?<=^|")[\w./-]+\.m3u8/gm, signedName);
      writeFileSync(join(folder, signedName(file)), grant.manifest(text, `${server.address}/films/${name}/${file}`));
    }
    const manifest = name.startsWith("hls") ? "index.m3u8" : "index.mpd";
    return [manifest, signedName(manifest)].map((file) => grant.url(`${server.address}/films/${name}/${file}`));
  }

  async function open(player) {
    const page = await browser.newPage();
    await page.goto(signer.signUrl(`${server.address}/films/player.html`, until));
    if (LIBRARIES[player]) await page.addScriptTag({ path: path(`tests/js/node_modules/${LIBRARIES[player]}`) });
    return page;
  }

  for (const player of Object.keys(START)) {
    test(`${player} plays each to its end`, async (t) => {
      for (const name of names.filter((name) => canPlay(player, name))) {
        await t.test(name, async (t) => {
          const [, signed] = signStream(name);
          signStream("hls-iframes");
          const page = await open(player);
          // Here, so that nothing counts that the page before still asked for.
          const logged = server.log().length;
          if (player === "Chromium" && !(await playsHls(page))) {
            await page.close();
            return t.skip(NO_HLS);
          }
          await page.evaluate(START[player], signed);
          assertPlayed(await play(page));
          await page.close();
          const log = server.log().slice(logged);
          assert.doesNotMatch(log, / 403 /);
          assert.ok(log.split("\n").filter((line) => /GET \S+\.(?:ts|m4s|mp4|vtt) 20[06] allowed by url/.test(line)).length >= 2, log);
          if (name === "hls-aes-128") assert.match(log, /key\.bin 20[06] allowed by url/);
        });
      }
    });

    test(`${player} gets 403 for what a manifest names that is not signed`, async (t) => {
      const name = player === "dash.js" ? "dash-numbers" : "hls-ts";
      const [plain] = signStream(name);
      const logged = server.log().length;
      const page = await open(player);
      if (player === "Chromium" && !(await playsHls(page))) {
        await page.close();
        return t.skip(NO_HLS);
      }
      // Players retry until the page is closed.
      page.evaluate(START[player], plain).catch(() => {});
      await matched(() => server.log().slice(logged), /GET \S+\.(?:ts|m4s) 403 MissingKey/);
      assert.equal(await page.evaluate(() => document.querySelector("video").readyState), 0);
      await page.close();
    });
  }

  test("each address of the I-frames and the subtitles opens", async () => {
    signStream("hls-multivariant");
    signStream("hls-iframes");
    for (const [folder, file] of [["hls-multivariant", "index.signed.m3u8"], ["hls-multivariant", "stream_0_vtt.signed.m3u8"], ["hls-iframes", "index.signed.m3u8"]]) {
      const base = `${server.address}/films/${folder}/`;
      const text = readFileSync(join(files.folder, "films", folder, file), "utf8");
      const addresses = [...text.matchAll(/^[^#\n]+|(?<=URI=")[^"]+/gm)].map(([address]) => new URL(address, base));
      assert.ok(addresses.length >= 3, text);
      for (const address of addresses) assert.equal((await fetch(address)).status, 200, address.href);
    }
  });
});

test("guard signs a stream on its way, and hls.js and dash.js play it", { skip }, async () => {
  const TYPES = { ".m3u8": "application/vnd.apple.mpegurl", ".mpd": "application/dash+xml" };
  // As a Worker in front of a bucket.
  const handler = guard({
    publicKeys: { [KEY_PAIR_ID]: publicKeys.RSA },
    manifests: true,
    next: ({ url }) => {
      const { pathname } = new URL(url);
      return new Response(readFileSync(join(files.folder, pathname)), { headers: { "content-type": TYPES[extname(pathname)] ?? "application/octet-stream", "access-control-allow-origin": "*" } });
    },
  });
  const statuses = [];
  const site = await listening(async (request, response) => {
    const answer = await handler(new Request(`http://${request.headers.host}${request.url}`, { method: request.method }));
    statuses.push(`${answer.status} ${extname(request.url.split("?")[0])}`);
    response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(Buffer.from(await answer.arrayBuffer()));
  });
  const grant = signer.grant(`${address(site)}/films/*`, until);
  for (const [player, name] of [["hls.js", "hls-multivariant/index.m3u8"], ["dash.js", "dash-timeline/index.mpd"]]) {
    const page = await browser.newPage();
    await page.goto(signer.signUrl(`${server.address}/films/player.html`, until));
    await page.addScriptTag({ path: path(`tests/js/node_modules/${LIBRARIES[player]}`) });
    await page.evaluate(START[player], grant.url(`${address(site)}/films/${name}`));
    assertPlayed(await play(page));
    await page.close();
  }
  site.close();
  site.closeAllConnections();
  assert.deepEqual([...new Set(statuses)].sort(), ["200 .m3u8", "200 .m4s", "200 .mpd", "200 .ts"]);
});

describe("a stream of another origin, as in the guide", { skip }, () => {
  const STREAMS = { "hls.js": "hls-fmp4/index.m3u8", "dash.js": "dash-numbers/index.mpd" };
  let origin, distribution, site, page;

  before(async () => {
    // The origin sends what a response headers policy would add.
    origin = await listening((request, response) => {
      const name = request.url.replace("/films/index.m3u8", "/films/hls-fmp4/index.m3u8").replace("/films/index.mpd", "/films/dash-numbers/index.mpd");
      response.setHeader("access-control-allow-origin", address(site));
      response.setHeader("access-control-allow-credentials", "true");
      // The manifests of the guide lie at /films/, and what they name in the folders of the streams.
      const file = ["", "hls-fmp4", "dash-numbers"].map((folder) => join(files.folder, "films", folder, name.slice("/films/".length))).find((file) => exists(file));
      if (!file) return response.writeHead(404).end();
      createReadStream(file).pipe(response);
    });
    distribution = await serve("--origin", address(origin));
    // The site sets the cookies and serves the page and the players.
    site = await listening((request, response) => {
      const library = LIBRARIES[request.url.slice(1)];
      if (library) return createReadStream(path(`tests/js/node_modules/${library}`)).pipe(response.writeHead(200, { "content-type": "text/javascript" }));
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

  /** Runs the guide's code for a player on a page of the site. */
  async function open(player, cookies, change = (code) => code) {
    const { code } = read("docs/private-streams.md").blocks.find(({ mark }) => mark === `example: ${player}`);
    const context = await browser.newContext();
    page = await context.newPage();
    await page.goto(`${address(site)}/${cookies}`);
    await page.addScriptTag({ url: `${address(site)}/${player}` });
    await page.addScriptTag({ content: change(code.replaceAll("https://media.example.com", distribution.address)) });
    return context;
  }

  for (const [player, stream] of Object.entries(STREAMS)) {
    const list = stream.split("/")[1];
    test(`${player} plays it with the cookies of one signature`, async () => {
      const logged = distribution.log().length;
      const context = await open(player, "with");
      assertPlayed(await play(page));
      await context.close();
      const log = distribution.log().slice(logged);
      for (const name of [list.replace(".", "\\."), "init\\S*", "\\S+1\\.m4s", "\\S+2\\.m4s"]) assert.match(log, new RegExp(`GET /films/${name} 200 allowed by cookies`));
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
        await matched(log, new RegExp(`GET /films/${list} 403 MissingKey`));
        assert.equal(await page.evaluate(() => document.querySelector("video").readyState), 0);
        await context.close();
        assert.doesNotMatch(log(), / 200 /);
      });
    }
  }
});

const address = (server) => `http://127.0.0.1:${server.address().port}`;

async function listening(handler) {
  const server = createServer(handler).listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}
