// Deno's and Bun's side: a request per line on standard input, an answer per line on standard output.
import { createInterface } from "node:readline";
import process from "node:process";

import * as awsSdk from "@aws-sdk/cloudfront-signer";
import * as countersign from "countersign";

import { host } from "./host.mjs";

const answer = host(countersign, awsSdk);
for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await answer(JSON.parse(line)))}\n`);
}
