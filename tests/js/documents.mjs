// The project's Markdown files: headings, links, and code blocks with the mark before each.
import { readFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

import GithubSlugger from "github-slugger";
import MarkdownIt from "markdown-it";

const root = new URL("../../", import.meta.url);
export const path = (name) => fileURLToPath(new URL(name, root));

/** Folders with other people's code or with generated files. */
const LEFT_OUT = /^(?:\..+|node_modules|target|dist)$/;

/** Every file with this ending, as a path from the project's root. */
function files(ending, folder = "") {
  return readdirSync(new URL(folder, root), { withFileTypes: true }).flatMap((entry) => {
    if (LEFT_OUT.test(entry.name)) return [];
    if (entry.isDirectory()) return files(ending, `${folder}${entry.name}/`);
    return ending.test(entry.name) ? [`${folder}${entry.name}`] : [];
  });
}

export const markdownFiles = () => files(/\.md$/);

/** Documents and sources, except the test that searches them. */
export const textFiles = () => files(/\.(?:md|rs|[cm]?[jt]s|html|py|toml|json|txt)$/).filter((name) => name !== "tests/js/docs.test.mjs");

const markdown = new MarkdownIt({ html: true });

/**
 * The contents of a file. A block is `{ language, code, line, mark, heading }`: `mark` is the text of the comment right before it, such as
 * `run` or `not run: it needs an account`, and `section` the level-two heading above it.
 */
export function read(name) {
  const slugger = new GithubSlugger();
  const [blocks, anchors, links] = [[], [], []];
  const tokens = markdown.parse(readFileSync(path(name), "utf8"), {});
  let section;
  tokens.forEach((token, index) => {
    if (token.type === "fence") {
      const before = tokens[index - 1];
      const [, mark] = (before?.type === "html_block" && /<!--\s*([^]*?)\s*-->\s*$/.exec(before.content)) || [];
      blocks.push({ language: token.info.trim(), code: token.content.trimEnd(), line: token.map[0] + 1, mark, section });
    }
    if (token.type !== "inline") return;
    for (const part of token.children) if (part.type === "link_open") links.push(part.attrGet("href"));
    if (tokens[index - 1].type !== "heading_open") return;
    const heading = token.children.filter(({ type }) => type === "text" || type === "code_inline").map(({ content }) => content).join("");
    if (tokens[index - 1].tag === "h2") section = heading;
    anchors.push(slugger.slug(heading));
  });
  return { name, blocks, anchors, links };
}
