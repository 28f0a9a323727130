// WebKit, Safari's engine, plays an HLS stream by itself from `countersign serve`, with only a signed playlist. An unsigned one gets 403.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { ENGINES } from "../browsers/engines.mjs";
import { folderWith, serve, signer } from "./distribution.mjs";
import { programsOf } from "./environment.mjs";
import { SECONDS, makeFilm, makeStream } from "./streams.mjs";

const until = { dateLessThan: "1h" };
const { programs, skip } = programsOf("WebKit");
const reason = skip ?? (!process.env.WEBKIT_HLS && "this WebKit plays no HLS: Debian's gstreamer1.0-plugins-bad and gstreamer1.0-libav are not there");
/** Milliseconds after which playing counts as hung: a stream takes five seconds here. */
const timeout = 60_000;
const PLAYER = '<!doctype html><link rel="icon" href="data:,"><title>stream</title><video muted></video>';

describe("WebKit plays HLS by itself", () => {
  let files, server, browser;
  before(
    async () => {
      if (reason) return;
      files = folderWith({ "films/player.html": PLAYER });
      makeFilm(join(files.folder, "films"));
      server = await serve("--root", files.folder);
      // WebKitGTK leaves HLS to GStreamer if this is set.
      browser = await ENGINES.WebKit(programs, { WEBKIT_GST_ENABLE_HLS_SUPPORT: "1" });
    },
    { timeout },
  );
  after(
    async () => {
      await browser?.close();
      await server?.stop();
      files?.remove();
    },
    { timeout },
  );

  /** Opens a playlist by its signed URL. Returns how playing ended, and what was requested. */
  async function play(name, playlist) {
    const logged = server.log().length;
    const page = await browser.open(signer.signUrl(`${server.address}/films/player.html`, until));
    const url = signer.grant(`${server.address}/films/*`, until).url(`${server.address}/films/${name}/${playlist}`);
    const result = await page.evaluate((url) => {
      const video = document.querySelector("video");
      const over = new Promise((resolve) => {
        video.onended = () => resolve({ played: video.currentTime, width: video.videoWidth });
        video.onerror = () => resolve({ error: video.error.code });
      });
      video.src = url;
      video.play().catch(() => {});
      return over;
    }, url);
    await page.close();
    return { ...result, log: server.log().slice(logged) };
  }

  for (const [name, segment] of [
    ["hls-ts", "ts"],
    ["hls-fmp4", "m4s"],
    ["hls-aes-128", "ts"],
  ]) {
    test(name, { skip: reason, timeout }, async () => {
      const folder = join(files.folder, "films", name);
      makeStream(join(files.folder, "films"), name);
      const plain = readFileSync(join(folder, "index.m3u8"), "utf8");
      const grant = signer.grant(`${server.address}/films/*`, until);
      writeFileSync(join(folder, "signed.m3u8"), grant.manifest(plain, `${server.address}/films/${name}/index.m3u8`));

      const signed = await play(name, "signed.m3u8");
      assert.ok(signed.played > SECONDS - 0.5 && signed.width > 0, JSON.stringify(signed));
      for (const [file] of plain.matchAll(/^[^#\n]+|(?<=URI=")[^"]+/gm)) assert.ok(signed.log.includes(`GET /films/${name}/${file} 20`), `${file}: ${signed.log}`);
      assert.doesNotMatch(signed.log, / 403 /);

      const denied = await play(name, "index.m3u8");
      assert.equal(denied.error, 4, JSON.stringify(denied));
      assert.match(denied.log, /GET \S+\/index\.m3u8 200 allowed by url/);
      assert.match(denied.log, / 403 MissingKey/);
      assert.doesNotMatch(denied.log, new RegExp(`\\.(?:${segment}|mp4|bin) 20`));
    });
  }
});
