// Chromium plays a private video from `countersign serve`: by a signed URL, and on a page with cookies; without them it gets nothing.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { chromium } from "playwright-core";

import { folderWith, serve, signer } from "./distribution.mjs";
import { required } from "./environment.mjs";

const until = { dateLessThan: "1h" };
const page_ = '<!doctype html><title>film</title><video src="film.webm" muted></video>';

let files, server, browser;
before(async () => {
  files = folderWith({ "films/index.html": page_ });
  browser = await chromium.launch({ executablePath: required("CHROMIUM"), args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"] });
  writeFileSync(join(files.folder, "films/film.webm"), await record());
  server = await serve("--root", files.folder);
});
after(async () => {
  await browser?.close();
  await server?.stop();
  files?.remove();
});

/** A second of video, recorded from a canvas by the browser itself. */
async function record() {
  const page = await browser.newPage();
  const base64 = await page.evaluate(async () => {
    const canvas = document.body.appendChild(document.createElement("canvas"));
    const context = canvas.getContext("2d");
    const recorder = new MediaRecorder(canvas.captureStream(25), { mimeType: "video/webm;codecs=vp8" });
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
  });
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
