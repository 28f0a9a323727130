// What stands in for a CloudFront distribution with a trusted key group: it hands out the files of a folder to requests that are signed.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";

import { guard } from "countersign/express";

/** Starts it on this machine; gives its address, and what ends it. */
export async function startDistribution(folder, publicKeys) {
  const check = guard({ publicKeys, clientAddress: ({ socket }) => socket.remoteAddress });
  const server = createServer((request, response) =>
    check(request, response, async () => {
      try {
        // What was verified has no dot segments: it stays in the folder.
        response.end(await readFile(join(folder, decodeURIComponent(new URL(request.url, "http://localhost").pathname))));
      } catch {
        response.writeHead(404).end("there is no such file\n");
      }
    }),
  );
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { address: `http://127.0.0.1:${server.address().port}`, stop: () => server.close() };
}
