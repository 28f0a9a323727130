// The function behind the function URL: /url?path=… answers with a signed URL, /cookies?path=… with signed cookies.
import { CountersignError, toSetCookie } from "countersign";
import type { Signer } from "countersign";
import type { LambdaFunctionURLEvent, LambdaFunctionURLResult } from "aws-lambda";

import { currentSigner } from "./key.ts";

const { DISTRIBUTION, SIGNED_PREFIX, LIFETIME, COOKIE_DOMAIN } = process.env as Record<string, string>;

export async function handler(event: LambdaFunctionURLEvent): Promise<LambdaFunctionURLResult> {
  const sign = { "/url": signUrl, "/cookies": signCookies }[event.rawPath];
  if (!sign) return answer(404, { error: "there are /url and /cookies" });
  if (event.requestContext.http.method !== "GET") return answer(405, { error: "GET" }, { allow: "GET" });
  const paths = new URLSearchParams(event.rawQueryString).getAll("path");
  const url = paths.length === 1 && inside(paths[0]!);
  if (!url) return answer(400, { error: `path is needed, once: a path below ${SIGNED_PREFIX}` });
  let signer;
  try {
    signer = await currentSigner();
  } catch (error) {
    // The log says what is wrong with the key; the caller need not know.
    console.error(error instanceof Error ? `${error.name}: ${error.message}` : error);
    return answer(500, { error: "there is no key to sign with; the function's log says why" });
  }
  try {
    return sign(signer, url);
  } catch (error) {
    if (!(error instanceof CountersignError)) throw error;
    return answer(400, { error: error.message, code: error.code, hint: error.hint });
  }
}

/** One file. */
function signUrl(signer: Signer, url: string) {
  return answer(200, { url: signer.signUrl(url, { dateLessThan: LIFETIME! }) });
}

/** One file, or with a `*` many: /files/films/7/*. The answer has the cookies by name, and as Set-Cookie for callers that pass it on. */
function signCookies(signer: Signer, url: string) {
  const cookies = signer.signCookies(url, { dateLessThan: LIFETIME! });
  const { pathname } = new URL(url);
  const path = pathname.slice(0, pathname.lastIndexOf("/", (pathname + "*").indexOf("*")) + 1);
  return { ...answer(200, { cookies }), cookies: toSetCookie(cookies, { domain: COOKIE_DOMAIN, path, sameSite: "Lax" }) };
}

/** The URL of the distribution with this path, if it may be signed. Dot segments are resolved first, as the viewer's browser will. */
function inside(path: string): string | undefined {
  if (!path.startsWith("/") || !URL.canParse(path, DISTRIBUTION)) return undefined;
  const { href, origin, pathname, hash } = new URL(path, DISTRIBUTION);
  return origin === DISTRIBUTION && pathname.startsWith(SIGNED_PREFIX!) && !hash ? href : undefined;
}

function answer(statusCode: number, body: object, headers: Record<string, string> = {}) {
  return { statusCode, headers: { "content-type": "application/json", "cache-control": "no-store", ...headers }, body: JSON.stringify(body) };
}
