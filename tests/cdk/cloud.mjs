// What moto lacks: hosts that respond. A distribution's host decides with guard, by the deployed key group, and reads the bucket.
// A function URL's host checks the caller's signature and runs the deployed code.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync, readFileSync } from "node:fs";
import { createServer } from "node:https";
import { createHash, createHmac } from "node:crypto";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

import { guard } from "../../pkg/dist/index.js";
import { startAws } from "../js/aws_stand_in.mjs";
import { required } from "../js/environment.mjs";
import { only, programs, requireOfExample } from "./example.mjs";

const { SignatureV4 } = requireOfExample("@smithy/signature-v4");

// The one that the guide names.
const REGION = "eu-central-1";

export async function startCloud() {
  const moto = await startAws([fileURLToPath(new URL("aws.py", import.meta.url))]);
  const environment = { ...moto.environment, AWS_REGION: REGION, AWS_DEFAULT_REGION: REGION, AWS_CONFIG_FILE: "/dev/null", AWS_SHARED_CREDENTIALS_FILE: "/dev/null" };
  const folder = mkdtempSync(join(tmpdir(), "countersign-cloud-"));
  const env = {
    ...process.env,
    ...environment,
    PATH: [programs, dirname(required("PEER_PYTHON")), dirname(required("COUNTERSIGN_BIN")), process.env.PATH].join(delimiter),
    CURL_HOME: folder,
    // There is nobody to ask.
    CDK_REQUIRE_APPROVAL: "never",
    CDK_DISABLE_CLI_TELEMETRY: "true",
    NODE_NO_WARNINGS: "1",
  };
  const run = (program, ...parameters) => execFileSync(program, parameters, { env, cwd: folder, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  const aws = (...parameters) => JSON.parse(run("aws", ...parameters, "--output", "json"));

  /** What is deployed: the trusted key group (key pair ID → PEM), the bucket, and a container with the function's code. */
  let deployed = {};
  async function look() {
    const [distribution] = aws("cloudfront", "list-distributions").DistributionList.Items;
    const groups = distribution.DefaultCacheBehavior.TrustedKeyGroups.Items.map((id) => aws("cloudfront", "get-key-group", "--id", id).KeyGroup.KeyGroupConfig.Items);
    const publicKeys = Object.fromEntries(groups.flat().map((id) => [id, aws("cloudfront", "get-public-key", "--id", id).PublicKey.PublicKeyConfig.EncodedKey]));
    const [stack] = aws("cloudformation", "describe-stacks", "--stack-name", "PrivateFiles").Stacks;
    const outputs = Object.fromEntries(stack.Outputs.map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]));
    const template = aws("cloudformation", "get-template", "--stack-name", "PrivateFiles").TemplateBody;
    const [{ Handler, Environment: { Variables } }] = aws("lambda", "list-functions").Functions;
    const { S3Key } = only(template, "AWS::Lambda::Function").Code;
    deployed = { publicKeys, outputs, template, handler: await container(S3Key, Handler, Variables) };
    return deployed;
  }

  /** A new one for each deployment. */
  let containers = 0;
  async function container(key, handler, variables) {
    const code = join(folder, `container-${containers++}`);
    mkdirSync(code);
    run("aws", "s3", "cp", "--quiet", `s3://cdk-hnb659fds-assets-123456789012-${REGION}/${key}`, join(code, "code.zip"));
    run(required("PEER_PYTHON"), "-m", "zipfile", "-e", join(code, "code.zip"), code);
    for (const name of Object.keys(process.env)) if (/^(PUBLIC_KEY|KEY_PAIR_ID)_/.test(name)) delete process.env[name];
    Object.assign(process.env, environment, variables);
    const [file, member] = handler.split(".");
    return (await import(pathToFileURL(join(code, `${file}.mjs`))))[member];
  }

  function edge(request) {
    const next = ({ url }) => fetch(`${moto.endpoint}/${deployed.outputs.BucketName}${new URL(url).pathname}`, { headers: { authorization: "AWS4-HMAC-SHA256 Credential=test/20260101/eu-central-1/s3/aws4_request, SignedHeaders=host, Signature=0" } });
    return guard({ publicKeys: deployed.publicKeys, next })(request);
  }

  async function functionUrl(request) {
    if (!(await signedByCaller(request))) return Response.json({ Message: "Forbidden" }, { status: 403 });
    const { pathname, search } = new URL(request.url);
    const { statusCode, headers, body, cookies = [] } = await deployed.handler(functionUrlEvent(pathname, search.slice(1), request.method));
    const response = new Response(body, { status: statusCode, headers });
    for (const cookie of cookies) response.headers.append("set-cookie", cookie);
    return response;
  }

  run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "tls.key", "-out", "tls.crt", "-days", "1", "-subj", "/CN=cloud");
  const server = createServer({ key: readFileSync(join(folder, "tls.key")), cert: readFileSync(join(folder, "tls.crt")) }, async (incoming, outgoing) => {
    const { host } = incoming.headers;
    const answer = host.endsWith(".cloudfront.net") ? edge : functionUrl;
    let response;
    try {
      response = await answer(new Request(`https://${host}${incoming.url}`, { method: incoming.method, headers: incoming.headers }));
    } catch (error) {
      response = new Response(String(error.stack), { status: 502 });
    }
    outgoing.writeHead(response.status, Object.fromEntries(response.headers)).end(Buffer.from(await response.arrayBuffer()));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  // curl connects here, whatever the host name.
  writeFileSync(join(folder, ".curlrc"), `connect-to = "::127.0.0.1:${server.address().port}"\ninsecure\n`);

  return {
    env,
    aws,
    look,
    edge,
    async stop() {
      server.close();
      server.closeAllConnections();
      await moto.stop();
      rmSync(folder, { recursive: true });
    },
  };
}

/** A hash with the interface that the AWS SDK's signer needs. */
class Sha256 {
  #hash;
  constructor(key) {
    this.#hash = key ? createHmac("sha256", key) : createHash("sha256");
  }
  update(data) {
    this.#hash.update(data);
  }
  async digest() {
    return new Uint8Array(this.#hash.digest());
  }
}

/** Whether the request has the version 4 signature that AWS's own signer makes for it with the caller's credentials. */
async function signedByCaller(request) {
  const { hostname, pathname, searchParams } = new URL(request.url);
  const authorization = request.headers.get("authorization") ?? "";
  const [, region, service, names] = /Credential=test\/\d+\/([\w-]+)\/(\w+)\/aws4_request, ?SignedHeaders=([\w;-]+)/.exec(authorization) ?? [];
  if (!names) return false;
  const date = request.headers.get("x-amz-date");
  const signingDate = new Date(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"));
  const headers = Object.fromEntries(names.split(";").map((name) => [name, request.headers.get(name) ?? (name === "host" ? hostname : "")]));
  const signer = new SignatureV4({ service, region, credentials: { accessKeyId: "test", secretAccessKey: "test" }, sha256: Sha256, applyChecksum: false });
  const expected = await signer.sign({ method: request.method, protocol: "https:", hostname, path: pathname, query: Object.fromEntries(searchParams), headers }, { signingDate });
  const signature = (text) => /Signature=([0-9a-f]+)/.exec(text)[1];
  return signature(expected.headers.authorization) === signature(authorization);
}

/** What a function URL hands to a function, payload format 2.0 (AWS Lambda Developer Guide, urls-invocation). */
export function functionUrlEvent(rawPath, rawQueryString, method = "GET", headers = {}) {
  const parameters = [...new URLSearchParams(rawQueryString).keys()].map((name) => [name, new URLSearchParams(rawQueryString).getAll(name).join(",")]);
  return {
    version: "2.0",
    routeKey: "$default",
    rawPath,
    rawQueryString,
    headers,
    ...(parameters.length > 0 && { queryStringParameters: Object.fromEntries(parameters) }),
    requestContext: {
      accountId: "123456789012",
      apiId: "exampleid",
      domainName: "exampleid.lambda-url.eu-central-1.on.aws",
      domainPrefix: "exampleid",
      http: { method, path: rawPath, protocol: "HTTP/1.1", sourceIp: "192.0.2.1", userAgent: "test" },
      requestId: "id",
      routeKey: "$default",
      stage: "$default",
      time: "12/Mar/2026:19:03:58 +0000",
      timeEpoch: 1773342238000,
    },
    isBase64Encoded: false,
  };
}
