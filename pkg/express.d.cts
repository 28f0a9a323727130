// The declarations of countersign/express, in both formats; express.d.ts passes them on to ES modules.

import type { GuardOptions } from "./index.cjs";

/** What the middleware needs of a request: Node's `IncomingMessage`, or a framework's request. */
export interface NodeRequest {
  /** `GET`, `HEAD` and the like. */
  method?: string | undefined;
  /** The path and the query; beside `originalUrl`, without the path that the middleware is mounted at. */
  url?: string | undefined;
  /** By their names, in lower case. */
  headers: Record<string, string | string[] | undefined>;
}

/** What the middleware needs of a response: Node's `ServerResponse`. */
export interface NodeResponse {
  /** The status. */
  statusCode: number;
  /**
   * Sets a header.
   * @param name its name.
   * @param value its value.
   * @returns whatever it returns.
   */
  setHeader(name: string, value: string): unknown;
  /**
   * Ends the answer.
   * @param text the last part of it.
   * @returns whatever it returns.
   */
  end(text?: string): unknown;
}

/**
 * `guard` of `countersign` as middleware of the form `(request, response, next)`: Express 4 and 5, Connect, Fastify with
 * `@fastify/middie`, and plain `node:http`. Unsigned requests get CloudFront's answer; signed ones go on without CloudFront's parameters
 * and cookies.
 *
 * ```js
 * import { guard } from "countersign/express";
 * import express from "express";
 *
 * const app = express();
 * app.use("/films", guard({ publicKeys: { K2JCJMDEHXQW5F: readFileSync("public_key.pem", "utf8") }, manifests: true }));
 * app.use("/films", express.static("films"));
 * ```
 *
 * It verifies `originalUrl`, byte for byte, with the request's `Host` and `request.protocol`, which follows Express's `trust proxy`. If a
 * proxy changes the host or the path, give the right URL with `url`.
 * @typeParam R the type of requests.
 * @param options as for `guard` of `countersign`; there is no `next`.
 * @returns the middleware. Errors of callbacks, and of manifests that cannot be signed, go to `next`.
 * @throws {CountersignError} `INVALID_OPTION` and others, as for `new Verifier`
 */
export declare function guard<R extends NodeRequest = NodeRequest>(
  options: GuardOptions<R>,
): (request: R, response: NodeResponse, next: (error?: unknown) => void) => Promise<void>;
