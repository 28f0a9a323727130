// What a TypeScript program may write, and what the compiler must refuse. Never run.
import {
  AsyncSigner,
  CountersignError,
  Grant,
  Signer,
  Verifier,
  describeKey,
  generateKeyPair,
  getSignedCookies,
  getSignedUrl,
  guard,
  inspect,
  derivePublicKey,
  stripSignature,
  toSetCookie,
  type Algorithm,
  type CloudfrontSignInput,
  type CloudfrontSignInputWithParameters,
  type CloudfrontSignInputWithPolicy,
  type CloudfrontSignedCookiesOutput,
  type CloudfrontSignerCredentials,
  type Conditions,
  type CookieAttributes,
  type DateInput,
  type Decision,
  type ErrorCode,
  type GuardedRequest,
  type Inspection,
  type KeyType,
  type SignedCookies,
  type SignerOptions,
  type UrlObject,
} from "countersign";

const url = "https://d111111abcdef8.cloudfront.net/a.jpg";
const options: SignerOptions = { keyPairId: "K2JCJMDEHXQW5F", privateKey: "-----BEGIN…" };
const signer = new Signer(options);
new Signer({ ...options, privateKey: new Uint8Array(3), passphrase: "x", algorithm: "SHA256", allowUnsupportedKey: true, engine: "wasm" });

// Every form of a date.
const dates: DateInput[] = [new Date(), 1893456000, "30m"];
const conditions: Conditions = { dateLessThan: "2h", dateGreaterThan: new Date(), ipAddress: "192.0.2.0/24", now: 0, allowExpired: true };
const signed: string = signer.signUrl(url, conditions);
signer.signUrl(url, { dateLessThan: dates[0]!, resource: `${url}*` });
signer.signUrl(url, { policy: "{}" });
signer.signUrl(url, { policy: "{}", now: 0, allowExpired: true });
const many: string[] = signer.signUrls([url, signed], conditions);
signer.signUrls(new Set(many), { dateLessThan: "2h" });
const cookies: SignedCookies = signer.signCookies(url, conditions);
signer.signCookies({ policy: "{}" });
const expires: number | undefined = cookies["CloudFront-Expires"];
const id: string = cookies["CloudFront-Key-Pair-Id"] + cookies["CloudFront-Signature"];
const grant: Grant = signer.grant(`${url}*`, conditions);
const granted: string[] = [grant.policy, grant.url(url), ...grant.urls(many)];
const manifests: string[] = [grant.manifest("#EXTM3U", url), grant.manifest("#EXTM3U", url, { absolute: true }), Grant.fromUrl(signed).policy];
declare const object: UrlObject;
const byObject: string[] = [grant.url(object), grant.manifest("#EXTM3U", object), Grant.fromUrl(object).policy, stripSignature(object)];
console_(byObject);
// @ts-expect-error a manifest has an address
grant.manifest("#EXTM3U");
// @ts-expect-error relative is no option
grant.manifest("#EXTM3U", url, { relative: true });
const keyType: KeyType = signer.keyType;
const algorithm: Algorithm = signer.algorithm;
const engine: "wasm" | "host" = signer.engine;
signer.free();

// An option whose value may be undefined means "not given".
declare const maybe: string | undefined;
signer.signUrl(url, { dateLessThan: "2h", ipAddress: maybe, dateGreaterThan: maybe, resource: maybe });
new Signer({ ...options, passphrase: maybe });

const attributes: CookieAttributes = { domain: "example.com", path: "/", maxAge: 60, expires: new Date(), secure: true, httpOnly: true, sameSite: "Lax", partitioned: false };
const lines: string[] = [...toSetCookie(cookies), ...toSetCookie(grant.cookies(), attributes)];

const pair: { privateKey: string; publicKey: string } = await generateKeyPair();
generateKeyPair({ type: "ECDSA" });
const pem: string = derivePublicKey(pair.privateKey) + derivePublicKey(new Uint8Array(3), "passphrase");

// The edge's decision.
const verifier = new Verifier({ publicKeys: { K2JCJMDEHXQW5F: pem, K3: new Uint8Array(3) }, engine: "auto" });
const decision: Decision = verifier.verify({ url, cookies, ipAddress: null, now: 0 });
verifier.verify({ url, cookies: "a=b", ipAddress: maybe });
verifier.verify({ url, cookies: { "CloudFront-Policy": "x" } });
const told: string = decision.allowed ? decision.policy.resource + decision.source + decision.remaining : decision.reason + decision.body;
const look: Inspection = inspect(signed, { now: "1h" });
const severities: ("error" | "warning" | "note")[] = [...look.findings, ...inspect(cookies).findings].map(({ severity }) => severity);
const ends: string | undefined = look.policy?.dateLessThan?.relative;
declare const request: GuardedRequest;
const denied: Promise<unknown> = guard<GuardedRequest>({ publicKeys: { K2: pem }, clientAddress: ({ headers }) => headers.get("x-real-ip"), now: () => 0, onDecision: ({ allowed }) => void allowed })(request);
declare function answer(url: string, remaining: number): never;
guard<GuardedRequest>({ publicKeys: { K2: pem }, url: () => object, methods: ["GET"], manifests: { grant: (_, { source }) => (source === "url" ? grant : undefined), maximumBytes: 1 } });
guard({ publicKeys: { K2: pem }, next: (request, { remaining }) => answer(stripSignature(request.url), remaining) });

const described: string[] = describeKey(pem).repairs.concat(describeKey(new Uint8Array(3), "x").container);
console_(described);

const later: Promise<AsyncSigner> = AsyncSigner.fromKey({ keyPairId: "K2", privateKey: pem, passphrase: maybe, fallback: "wasm" });
later.then(async (signer) => console_(await signer.signUrl(url, conditions), await signer.signUrls([url], conditions), (await signer.grant(url, conditions)).urls([url])));
const outside: AsyncSigner = AsyncSigner.fromSign({ keyPairId: "K2", keyType: "RSA", publicKey: pem, sign: (message) => message.slice() });
const outsideEngine: "host" | "wasm" | "external" = AsyncSigner.fromSign({ keyPairId: "K2", keyType: "ECDSA", sign: async () => new Uint8Array(64) }).engine;
console_(outside.signCookies({ policy: "{}" }), outsideEngine);

// The drop-in functions.
const credentials: CloudfrontSignerCredentials = { keyPairId: "K2JCJMDEHXQW5F", privateKey: new Uint8Array(3), algorithm: "SHA1" };
const withParameters: CloudfrontSignInputWithParameters = { ...credentials, url, dateLessThan: "2030-01-01" };
const withPolicy: CloudfrontSignInputWithPolicy = { ...credentials, policy: "{}" };
const inputs: CloudfrontSignInput[] = [withParameters, withPolicy, { ...withParameters, dateLessThan: 1893456000000, dateGreaterThan: new Date(), ipAddress: "192.0.2.1" }];
const dropIn: string[] = inputs.map(getSignedUrl);
const dropInCookies: CloudfrontSignedCookiesOutput = getSignedCookies(withPolicy);
toSetCookie(dropInCookies);

try {
  signer.signUrl(url, conditions);
} catch (error) {
  if (error instanceof CountersignError) {
    const plain: Error = error;
    const code: ErrorCode = error.code;
    const hint: string | undefined = error.hint;
    if (error.code === "ALREADY_EXPIRED") console_(plain.message, code, hint);
    // @ts-expect-error no such code
    if (error.code === "EXPIRED") console_();
    // @ts-expect-error read only
    error.code = "INVALID_URL";
  }
}
declare function console_(...values: unknown[]): void;
console_(told, severities, ends, denied, expires, id, granted, keyType, algorithm, engine, lines, pem, dropIn);

// @ts-expect-error no options
new Signer();
// @ts-expect-error no key
new Signer({ keyPairId: "K2JCJMDEHXQW5F" });
// @ts-expect-error a number is no key
new Signer({ ...options, privateKey: 1 });
// @ts-expect-error null is no passphrase
new Signer({ ...options, passphrase: null });
// @ts-expect-error small letters
new Signer({ ...options, algorithm: "sha256" });
// @ts-expect-error no such engine
new Signer({ ...options, engine: "native" });
// @ts-expect-error no such option
new Signer({ ...options, keyId: "K" });
// @ts-expect-error no conditions
signer.signUrl(url);
// @ts-expect-error no expiry
signer.signUrl(url, { ipAddress: "192.0.2.1" });
// @ts-expect-error null is no date
signer.signUrl(url, { dateLessThan: null });
// @ts-expect-error no such condition
signer.signUrl(url, { dateLessThan: "2h", datelessthan: "2h" });
// @ts-expect-error conditions beside a policy
signer.signUrl(url, { policy: "{}", dateLessThan: "2h" });
// @ts-expect-error a URL is a string
signer.signUrl({ href: url }, conditions);
// @ts-expect-error one string is no list
signer.signUrls(url, conditions);
// @ts-expect-error each URL is its own resource
signer.signUrls([url], { dateLessThan: "2h", resource: url });
// @ts-expect-error no conditions
signer.signCookies(url);
// @ts-expect-error conditions beside a policy
signer.signCookies({ policy: "{}", dateLessThan: "2h" });
// @ts-expect-error no conditions
signer.grant(url);
// @ts-expect-error read only
signer.keyPairId = "K";
// @ts-expect-error made by Signer.grant
new Grant();
// @ts-expect-error one string is no list
grant.urls(url);
// @ts-expect-error not a set of signed cookies
toSetCookie({ session: "x" });
// @ts-expect-error small letters
toSetCookie(cookies, { sameSite: "lax" });
// @ts-expect-error no such attribute
toSetCookie(cookies, { samesite: "Lax" });
// @ts-expect-error no such type
generateKeyPair({ type: "EC" });
// @ts-expect-error no key
derivePublicKey();
// @ts-expect-error made by fromKey and fromSign
new AsyncSigner();
// @ts-expect-error WebCrypto is the engine
AsyncSigner.fromKey({ keyPairId: "K2", privateKey: pem, engine: "host" });
// @ts-expect-error no kind of key
AsyncSigner.fromSign({ keyPairId: "K2", sign: (message: Uint8Array) => message });
// @ts-expect-error Base64 is no signature
AsyncSigner.fromSign({ keyPairId: "K2", keyType: "RSA", sign: () => "c2ln" });
// @ts-expect-error no keys
new Verifier({});
// @ts-expect-error a list is no key group
new Verifier({ publicKeys: [pem] });
// @ts-expect-error no URL
verifier.verify({ cookies });
// @ts-expect-error only where it is denied
decision.reason;
// @ts-expect-error no such option
guard({ publicKeys: { K2: pem }, trustProxy: true });
// @ts-expect-error a header's name is no function
guard({ publicKeys: { K2: pem }, clientAddress: "x-real-ip" });
// @ts-expect-error nothing to look at
inspect();
// @ts-expect-error no expiry
getSignedUrl({ ...credentials, url });
// @ts-expect-error conditions beside a policy
getSignedUrl({ ...withPolicy, dateLessThan: "2030-01-01" });
// @ts-expect-error neither
getSignedCookies(credentials);
