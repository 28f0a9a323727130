// The same tests in Firefox and in WebKit: each engine is started before them and ended after them, and skipped where it is not installed.
import { after, before, describe } from "node:test";

import { programsOf } from "../js/environment.mjs";
import { ENGINES } from "./engines.mjs";

/** `suite(name, open)` writes down the tests of an engine; `open(url)` opens a page. */
export function inEachEngine(suite) {
  for (const [name, start] of Object.entries(ENGINES)) {
    const { programs, skip } = programsOf(name);
    describe(name, { skip }, () => {
      let browser;
      before(async () => {
        browser = await start(programs);
      });
      after(() => browser?.close());
      suite(name, (url) => browser.open(url));
    });
  }
}
