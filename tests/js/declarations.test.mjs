// Every example in the declarations' comments runs. Names that an example does not import are the package's exports.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, describe, test } from "node:test";

import * as countersign from "countersign";

import { DocumentSession } from "./document_session.mjs";
import { path } from "./documents.mjs";

const IMPORTS = `import { readFileSync } from "node:fs";\nimport { ${Object.keys(countersign).join(", ")} } from "countersign";\n`;

for (const name of ["pkg/index.d.cts", "pkg/slim.d.cts", "pkg/express.d.cts", "pkg/hono.d.cts"]) {
  describe(name, () => {
    const blocks = [...readFileSync(path(name), "utf8").matchAll(/^ *\* ```js\n([^]*?)^ *\* ```$/gm)];
    const session = new DocumentSession([]);
    after(() => session.end());
    test("it has examples", () => assert.ok(blocks.length > 0, `${blocks.length} were found`));
    blocks.forEach(([, comment], index) => {
      const code = comment.replace(/^ *\* ?/gm, "");
      const imports = /countersign\/(?:slim|express|hono)/.test(code) ? 'import { readFileSync } from "node:fs";\n' : IMPORTS;
      test(`example ${index + 1}`, () => session.run("js", imports + code));
    });
  });
}
