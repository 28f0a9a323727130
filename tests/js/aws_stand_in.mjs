// moto's server, which speaks AWS's wire format, for the SDK and the AWS CLI without an account.
import { spawn } from "node:child_process";
import { once } from "node:events";

import { required } from "./environment.mjs";
import { printed } from "./waiting.mjs";

/** Starts it, or a program that extends it. `environment` points every AWS program to it; `stop` ends it. */
export async function startAws(program = ["-m", "moto.server"]) {
  const server = spawn(required("PEER_PYTHON"), [...program, "-H", "127.0.0.1", "-p", "0"], { stdio: ["ignore", "pipe", "pipe"] });
  const [endpoint] = await printed(server, /http:\/\/127\.0\.0\.1:\d+/);
  return {
    endpoint,
    environment: { AWS_ENDPOINT_URL: endpoint, AWS_REGION: "us-east-1", AWS_DEFAULT_REGION: "us-east-1", AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test" },
    async stop() {
      server.kill();
      if (server.exitCode === null && server.signalCode === null) await once(server, "exit");
    },
  };
}
