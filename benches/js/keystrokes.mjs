// What a keystroke costs in the demo page, in Chromium: everything the page does before the browser can draw again.
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { batchesSideBySide } from "./measure.mjs";
import { begin, row } from "./rows.mjs";

const packaging = createRequire(new URL("../../tests/packaging/", import.meta.url));
/** People notice a longer delay, in microseconds. */
const TARGET = { median: 50_000, low: 50_000, high: 50_000 };
const MODES = { sign: "the signing form", look: "the box of *Look inside*" };

/** In the page: types so many letters into a field and deletes them again. */
function type({ id, count }) {
  const field = globalThis.document.getElementById(id);
  const before = field.value;
  const start = performance.now();
  for (let typed = 0; typed < count; typed++) {
    field.value = `${before}${typed % 10}`;
    field.dispatchEvent(new InputEvent("input", { bubbles: true }));
  }
  const taken = performance.now() - start;
  field.value = before;
  return taken * 1000;
}

/** `folder` has the exported page. */
export async function keystrokes(executablePath, folder) {
  begin("The demo page, Chromium");
  const args = ["--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
  const browser = await packaging("playwright-core").chromium.launch({ executablePath, chromiumSandbox: process.getuid?.() !== 0, args });
  try {
    const page = await browser.newPage();
    await page.goto(`${pathToFileURL(join(folder, "index.html"))}#mode=sign&lang=en`);
    await page.locator('body[data-mode="sign"]').waitFor();
    for (const [key, name] of [["RSA", "RSA-2048"], ["ECDSA", "P-256"]]) {
      await page.locator(`[data-generate=${key}]`).click();
      await page.locator("#key-fact").getByText(key).waitFor();
      const signed = await page.locator("#result").textContent();
      await page.locator("#pasted").evaluate((field, signed) => (field.value = signed), signed);
      for (const [mode, id] of [["sign", "url"], ["look", "pasted"]]) {
        await page.locator(`#tab-${mode}`).click();
        const { typing } = await batchesSideBySide({ typing: (count) => page.evaluate(type, { id, count }) }, { rounds: 15, milliseconds: 200 });
        row(`a keystroke in ${MODES[mode]}, ${name}, Chromium`, typing, "a delay that people notice", TARGET, 1);
      }
      await page.locator("#tab-sign").click();
    }
  } finally {
    await browser.close();
  }
}
