// As before Next.js 16, which runs it in the edge runtime; the example has proxy.js, its successor.
import { guard } from "countersign";
import { NextResponse } from "next/server";

const check = guard({
  publicKeys: { K2JCJMDEHXQW5F: JSON.parse(process.env.NEXT_PUBLIC_KEYS).RSA.publicKey },
  // Next.js says localhost here, whatever name the visitor used.
  url: ({ nextUrl }) => `https://files.example.com${nextUrl.pathname}${nextUrl.search}`,
});

export default async function middleware(request) {
  return (await check(request)) ?? NextResponse.next();
}

export const config = { matcher: "/private/:path*" };
