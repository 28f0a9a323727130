const memory = import("./memory.js");
memory.then(async ({ memories }) => {
  const countersign = require("countersign");
  const [{ conform }, { default: expected }] = await Promise.all([import("./conformance.js"), import("./expected.js")]);
  console.log(JSON.stringify(await conform({ countersign, expected, memories })));
});
