// The same tests in Firefox and in WebKit. Each engine is started before them and ended after them, or skipped if it is not installed.
import { after, before, describe } from "node:test";

import { programsOf } from "../js/environment.mjs";
import { ENGINES } from "./engines.mjs";

/** `suite(name, open)` defines an engine's tests; `open(url)` opens a page. */
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
