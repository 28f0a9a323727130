// The demo page in Firefox and in WebKit, Safari's engine: once through all of it, served and exported, without an error.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { inEachEngine } from "../browsers/each_engine.mjs";
import { BROKEN } from "./broken_urls.mjs";
import { serveDemo } from "./demo_page.mjs";
import { publicKeys } from "./keys.mjs";
import { verifyUrl } from "./signed_url.mjs";

let demo;
before(async () => {
  demo = await serveDemo();
});
after(() => demo?.stop());

/** Waits until an element shows a text. */
const shows = (page, id, text) => page.waitFor((id, text) => document.getElementById(id).textContent.includes(text), id, text);

inEachEngine((_, open) => {
  for (const exported of [false, true]) {
    test(exported ? "the exported page" : "the demo page", async () => {
      const page = await open(`${exported ? demo.exportedAddress : demo.address}#lang=en`);
      await page.waitFor(() => document.body.dataset.mode === "look");
      const { pasted, sentence } = BROKEN.find((broken) => broken.name === "changed after signing");
      await page.fill("#pasted", pasted);
      await shows(page, "banner-title", "Not verified: paste the public key");
      await page.fill("#trusted", publicKeys.RSA);
      await shows(page, "banner-title", "CloudFront would answer 403 AccessDenied");
      assert.match(await page.text("#banner-text"), sentence);

      await page.click("#tab-sign");
      await page.click("[data-generate=RSA]");
      await shows(page, "key-fact", "RSA 2048");
      await page.fill("#address", "192.0.2.0/24");
      const [signed, publicKey] = await page.evaluate(() => [document.getElementById("result").textContent, document.getElementById("public-key").textContent]);
      assert.equal(JSON.parse(verifyUrl(signed, publicKey).policy).Statement[0].Condition.IpAddress["AWS:SourceIp"], "192.0.2.0/24");

      await page.click("#tab-try");
      await page.waitFor(() => document.querySelector("#answer img")?.naturalWidth > 0);
      await page.evaluate(() => document.querySelector('#cases [value="tampered"]').click());
      await shows(page, "answer", "403 Forbidden");

      await page.click("#language");
      await page.click("#tab-look");
      await shows(page, "banner-title", "CloudFront は 403 AccessDenied を返します");
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true);
      // The engines report the 403 that the test provokes.
      assert.deepEqual((await page.complaints()).filter((complaint) => !complaint.includes("403")), []);
      await page.close();
    });
  }
});
