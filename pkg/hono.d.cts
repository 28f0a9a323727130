// The declarations of countersign/hono, in both formats; hono.d.ts passes them on to ES modules.

import type { GuardOptions, GuardedRequest } from "./index.cjs";

/**
 * What the middleware needs of Hono's context.
 * @typeParam R the type of requests.
 */
export interface HonoContext<R> {
  /** The request; `raw` becomes the one without CloudFront's parameters and cookies. */
  req: {
    /** The request of the Fetch API. */
    raw: R;
  };
  /** The answer of the Fetch API. */
  res: any;
}

/**
 * `guard` of `countersign` as Hono middleware: unsigned requests get CloudFront's answer; signed ones go on without CloudFront's
 * parameters and cookies.
 *
 * ```js
 * import { guard } from "countersign/hono";
 * import { Hono } from "hono";
 *
 * const app = new Hono();
 * app.use("/films/*", guard({ publicKeys: { K2JCJMDEHXQW5F: readFileSync("public_key.pem", "utf8") }, manifests: true }));
 * app.get("/films/:name", (context) => context.text(`the file ${context.req.param("name")}`));
 * console.log((await app.request("https://media.example.com/films/1.mp4")).status); // 403
 * ```
 * @typeParam R the type of requests: `guard<Request>` has all of it in the callbacks.
 * @param options as for `guard` of `countersign`; there is no `next`.
 * @returns the middleware. Errors of callbacks, and of manifests that cannot be signed, go to Hono's `onError`.
 * @throws {CountersignError} `INVALID_OPTION` and others, as for `new Verifier`
 */
export declare function guard<R extends GuardedRequest = GuardedRequest>(
  options: GuardOptions<R>,
): (context: HonoContext<R>, next: () => Promise<void>) => Promise<any>;
