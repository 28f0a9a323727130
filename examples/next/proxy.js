// Guards /private/ as CloudFront would: requests without a valid signature get CloudFront's own 403. Up to Next.js 15 this file is called
// middleware.js and its function middleware; nothing else differs.
import { guard } from "countersign";
import { NextResponse } from "next/server";

const { KEY_PAIR_ID, PUBLIC_KEY, DISTRIBUTION } = process.env;

let check;

export default async function proxy(request) {
  check ??= guard({
    publicKeys: { [KEY_PAIR_ID]: PUBLIC_KEY },
    // The address that visitors use: behind another server, Next.js sees its own.
    url: ({ nextUrl }) => DISTRIBUTION + nextUrl.pathname + nextUrl.search,
    onDecision: (decision) => decision.allowed || console.log(decision.code, decision.reason),
  });
  return (await check(request)) ?? NextResponse.next();
}

export const config = { matcher: "/private/:path*" };
