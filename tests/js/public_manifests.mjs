// Manifests that other projects test with, from packages that ship them. Newer releases of hls.js and Shaka Player come without their
// tests.
import { readFileSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";

import { parse } from "acorn";

import { path } from "./documents.mjs";
import { required } from "./environment.mjs";

const installed = (folder) => path(`tests/js/node_modules/${folder}`);

/** Where each has its manifests: files of their own, or strings in the code of tests. */
const ORIGINS = {
  "m3u8-parser": () => inFiles(installed("m3u8-parser/test/fixtures/integration"), /\.m3u8$/),
  "@eyevinn/hls-vodtolive": () => inFiles(installed("@eyevinn/hls-vodtolive/testvectors"), /\.m3u8$/),
  "m3u8-rs": () => inFiles(required("M3U8_RS_CRATE"), /\.m3u8$/),
  "hls.js": () => inCode(installed("hls.js-with-tests/tests")),
  "mpd-parser": () => inFiles(installed("mpd-parser/test/manifests"), /\.mpd$/),
  "dash-mpd": () => inFiles(join(required("DASH_MPD_CRATE"), "tests/fixtures"), /\.(?:mpd|xml)$/),
  "Shaka Player": () => [...inCode(installed("shaka-player-with-tests/test")), ...inFiles(installed("shaka-player-with-tests/test"), /\.mpd$/)],
};

export const ORIGIN_NAMES = Object.keys(ORIGINS);

/** An origin's manifests as `{ name, text }`, without duplicates. */
export function publicManifests(origin) {
  const once = new Map(ORIGINS[origin]().map((manifest) => [manifest.text, manifest]));
  return [...once.values()];
}

function files(folder, ending) {
  return readdirSync(folder, { recursive: true }).sort().filter((name) => ending.test(name));
}

function inFiles(folder, ending) {
  return files(folder, ending).map((name) => ({ name, text: readFileSync(join(folder, name), "utf8") }));
}

function inCode(folder) {
  return files(folder, /\.js$/).flatMap((name) => {
    const strings = constants(parse(readFileSync(join(folder, name), "utf8"), { ecmaVersion: "latest", sourceType: "module" }));
    const whole = strings.filter((text) => /^\s*(?:#EXTM3U|(?:<\?xml[^>]*>\s*)?<MPD[^]*<\/MPD>\s*$)/.test(text));
    // `%(name)s` is filled in later.
    return whole.filter((text) => !/%\(\w+\)s/.test(text)).map((text, index) => ({ name: `${basename(name)} ${index}`, text }));
  });
}

/** The strings of a syntax tree. Concatenated constants are one string. Parts of a string that is not constant as a whole are left out. */
function constants(node) {
  const text = constant(node);
  if (text !== undefined) return [text];
  const whole = partsOf(node)?.filter((part) => constant(part) === undefined);
  const inside = Object.values(node).flat().filter((value) => typeof value?.type === "string");
  return (whole ?? inside).flatMap(constants);
}

function constant(node) {
  if (node?.type === "Literal" && typeof node.value === "string") return node.value;
  if (node?.type === "TemplateLiteral" && node.expressions.length === 0) return node.quasis[0].value.cooked;
  const parts = partsOf(node)?.map(constant);
  if (!parts || parts.includes(undefined)) return undefined;
  return parts.join(node.type === "CallExpression" ? constant(node.arguments[0]) : "");
}

/** The parts of `a + b` and `[a, b].join("")`. */
function partsOf(node) {
  if (node?.type === "BinaryExpression" && node.operator === "+") return [node.left, node.right];
  const { callee } = node?.type === "CallExpression" ? node : {};
  if (callee?.property?.name !== "join" || callee.object.type !== "ArrayExpression" || constant(node.arguments[0]) === undefined) return undefined;
  return callee.object.elements;
}
