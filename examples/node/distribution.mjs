// Stands in for a CloudFront distribution with a trusted key group: it serves the files of a folder to signed requests.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";

import { guard } from "countersign/express";

/** Starts it on this machine; returns its address and a function that stops it. */
export async function startDistribution(folder, publicKeys) {
  const check = guard({ publicKeys, clientAddress: ({ socket }) => socket.remoteAddress });
  const server = createServer((request, response) =>
    check(request, response, async (error) => {
      // The guard could not decide.
      if (error) return response.writeHead(500).end();
      try {
        // A verified path has no dot segments, so it stays in the folder.
        response.end(await readFile(join(folder, decodeURIComponent(new URL(request.url, "http://localhost").pathname))));
      } catch {
        response.writeHead(404).end("there is no such file\n");
      }
    }),
  );
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { address: `http://127.0.0.1:${server.address().port}`, stop: () => server.close() };
}
