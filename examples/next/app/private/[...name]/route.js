// Stands in for the bucket behind CloudFront. `proxy.js` lets only signed requests come here.
import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";

import { FILES } from "../../../files.js";

export async function GET(request, { params }) {
  const [name, ...rest] = (await params).name.map(decodeURIComponent);
  if (rest.length > 0 || basename(name) !== name) return new Response("there is no such file\n", { status: 404 });
  try {
    return new Response(await readFile(join(FILES, name)), { headers: { "cache-control": "private, no-store" } });
  } catch {
    return new Response("there is no such file\n", { status: 404 });
  }
}
