// Many URLs as one text, a line each: two crossings into WebAssembly for a thousand URLs instead of several for each. No URL that
// was parsed has a line break in it.

/** What `new URL(url).href` makes of each, or undefined if one is no string or no URL: then they are looked at one by one. */
export function hrefs(urls) {
  let lines = "";
  for (const url of urls) {
    if (typeof url !== "string") return undefined;
    try {
      lines += new URL(url).href + "\n";
    } catch {
      return undefined;
    }
  }
  return lines;
}

/** Adds a string for each pair of lines, with the same text between the two. */
export function pushPairs(target, lines, between) {
  const parts = lines.split("\n");
  for (let i = 0; i + 1 < parts.length; i += 2) target.push(parts[i] + between + parts[i + 1]);
}
