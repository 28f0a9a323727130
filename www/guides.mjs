// Renders the project's documents as pages beside the demo page, with markdown-it. `node guides.mjs FOLDER` writes them there.
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join, posix } from "node:path";
import { fileURLToPath } from "node:url";

import GithubSlugger from "github-slugger";
import MarkdownIt from "markdown-it";

const root = join(import.meta.dirname, "..");

/** The repository's address, once it has one. */
const [, home] = /^git\+(https:\/\/github\.com\/(?!OWNER\/).+)\.git$/.exec(JSON.parse(readFileSync(join(root, "pkg/package.json"), "utf8")).repository.url) ?? [];

/** The documents and their pages. */
const PAGES = new Map([
  ["docs/README.md", "index.html"],
  ["CONTRIBUTING.md", "source.html"],
  ["README.md", "readme.html"],
  ["SECURITY.md", "security.html"],
  ["CHANGELOG.md", "changelog.html"],
  ...readdirSync(join(root, "docs"))
    .filter((name) => name.endsWith(".md") && name !== "README.md")
    .map((name) => [`docs/${name}`, name.replace(/\.md$/, ".html")]),
]);

/** Each page's content by its path. */
export function guides() {
  return new Map(Array.from(PAGES, ([file, page]) => [`docs/${page}`, htmlOf(file)]));
}

function htmlOf(file) {
  const slugger = new GithubSlugger();
  const markdown = new MarkdownIt({ html: false });
  const tokens = markdown.parse(readFileSync(join(root, file), "utf8").replace(/<!--[^]*?-->/g, ""), {});
  let title;
  tokens.forEach((token, index) => {
    if (token.type !== "inline") return;
    const before = tokens[index - 1];
    if (before.type === "heading_open") {
      const text = token.children.filter(({ type }) => type === "text" || type === "code_inline").map(({ content }) => content).join("");
      before.attrSet("id", slugger.slug(text));
      title ??= text;
    }
    token.children = linked(token.children, file);
  });
  // Wide tables can be scrolled by keyboard.
  markdown.renderer.rules.fence = (all, index) => `<pre class="code" tabindex="0"><code>${markdown.utils.escapeHtml(all[index].content)}</code></pre>\n`;
  markdown.renderer.rules.table_open = () => '<div class="wide" tabindex="0"><table>\n';
  markdown.renderer.rules.table_close = () => "</table></div>\n";
  return pageOf({ title, language: file.includes(".ja.") ? "ja" : "en", content: markdown.renderer.render(tokens, markdown.options, {}) });
}

/** Points links at these pages, or else at the repository. Without a repository they become text, and pictures are dropped. */
function linked(children, file) {
  let isLost = false;
  return children.flatMap((token) => {
    if (token.type === "image") return [];
    if (token.type === "link_close" && isLost) return [];
    if (token.type !== "link_open") return [token];
    const [address, anchor] = token.attrGet("href").split("#");
    isLost = false;
    if (/^https?:/.test(address)) return [token];
    const target = posix.normalize(posix.join(posix.dirname(file), address)).replace(/^docs\/?$/, "docs/README.md");
    const page = address ? (PAGES.get(target) ?? (home && `${home}/blob/main/${target}`)) : "";
    isLost = page === undefined;
    if (isLost) return [];
    token.attrSet("href", page + (anchor ? `#${anchor}` : ""));
    return [token];
  });
}

const pageOf = ({ title, language, content }) => `<!doctype html>
<html lang="${language}">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <!-- policy -->
    <title>${title} · Countersign</title>
    <link rel="icon" href="../icon.svg" />
    <link rel="stylesheet" href="../style.css" />
  </head>
  <body>
    <header class="top"><a class="logo" href="../index.html">Countersign</a><nav class="links" aria-label="Documentation"><a href="index.html">Documentation</a><a href="debugging-a-403.html">Guide to 403s</a>${home ? `<a href="${home}">GitHub</a>` : ""}</nav></header>
    <main class="guide">
${content}
    </main>
  </body>
</html>
`;

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folder = process.argv[2];
  mkdirSync(join(folder, "docs"), { recursive: true });
  for (const [path, html] of guides()) writeFileSync(join(folder, path), html);
}
