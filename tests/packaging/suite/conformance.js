// What holds in every runtime. It knows nothing of its host: it gets the package, the expected outputs and the memory of the module,
// and returns a list of checks, each with what is wrong.

export function run({ toSetCookie }, signer, { call, url, resource, policy, conditions, attributes }) {
  switch (call) {
    case "signUrl":
      return { url: signer.signUrl(url, policy === undefined ? { ...conditions, resource } : { ...conditions, policy }) };
    case "signCookies":
      return { cookies: policy === undefined ? signer.signCookies(resource, conditions) : signer.signCookies({ ...conditions, policy }) };
    case "grantUrl":
      return { url: signer.grant(resource, conditions).url(url) };
    case "toSetCookie":
      return toSetCookie(signer.signCookies("https://d111111abcdef8.cloudfront.net/*", { dateLessThan: "2h" }), attributes);
    case "privateKey":
      return signer.keyType;
    default:
      throw new Error(`no call is named ${call}`);
  }
}

/** Cookies in one order and as text, which is how the native build writes them. */
export const text = ({ cookies, ...rest }) =>
  JSON.stringify(cookies ? { ...rest, cookies: Object.entries(cookies).map(([name, value]) => [name, String(value)]).sort() } : rest);

export async function conform({ countersign, expected, memories, signatures = 10_000 }) {
  const { AsyncSigner, CountersignError, Signer, Verifier, generateKeyPair, guard, inspect, stripSignature } = countersign;
  const { cases, errors, keys, keyPairId } = expected;
  const checks = [];
  const check = async (name, work) => {
    try {
      checks.push({ name, wrong: (await work()) ?? [] });
    } catch (error) {
      checks.push({ name, wrong: [`${error?.code ?? ""} ${error?.stack ?? error}`] });
    }
  };
  const options = (key, more) => ({ keyPairId, privateKey: keys[key].privateKey, ...more });

  function differences(cases, engine) {
    const signers = new Map();
    const wrong = [];
    for (const one of cases) {
      const id = `${one.key} ${one.algorithm}`;
      if (!signers.has(id)) signers.set(id, new Signer(options(one.key, { algorithm: one.algorithm ?? undefined, engine })));
      let mine;
      try {
        mine = run(countersign, signers.get(id), one);
      } catch (error) {
        mine = { error: error.code ?? String(error) };
      }
      if (text(mine) !== text(one.output)) wrong.push(`${one.name}: ${text(mine)}, natively ${text(one.output)}`);
    }
    for (const signer of signers.values()) signer.free();
    return wrong;
  }
  await check(`${cases.length} cases give the bytes of the native build in WebAssembly`, () => differences(cases, "wasm"));
  const rsa = cases.filter(({ key }) => key === "rsa2048");
  await check(`${rsa.length} of them, RSA, give the same bytes by the engine that the runtime has`, () => differences(rsa, "auto"));

  const engines = {};
  await check("what the engine of the runtime signs is allowed, and denied when it is changed", () => {
    const wrong = [];
    for (const key of ["rsa2048", "p256"]) {
      const signer = new Signer(options(key));
      engines[signer.keyType] = signer.engine;
      const url = signer.signUrl("https://d111111abcdef8.cloudfront.net/a?b=c", { dateLessThan: "1h", ipAddress: "192.0.2.0/24" });
      signer.free();
      const verifier = new Verifier({ publicKeys: { [keyPairId]: keys[key].publicKey } });
      const decide = (url) => verifier.verify({ url, ipAddress: "192.0.2.7" });
      if (!decide(url).allowed) wrong.push(`${key}: ${decide(url).reason}`);
      if (decide(url.replace("/a?", "/b?")).allowed) wrong.push(`${key}: another path is allowed`);
      if (inspect(url).keyPairId !== undefined && stripSignature(url) !== "https://d111111abcdef8.cloudfront.net/a?b=c") wrong.push(stripSignature(url));
    }
    return wrong;
  });

  await check("AsyncSigner signs with the runtime's WebCrypto, RSA as Signer does", async () => {
    const wrong = [];
    for (const key of ["rsa2048", "p256"]) {
      for (const algorithm of ["SHA1", "SHA256"]) {
        const signer = await AsyncSigner.fromKey(options(key, { algorithm }));
        const [url, conditions] = ["https://d111111abcdef8.cloudfront.net/a?b=c", { dateLessThan: "2030-01-01", now: "2029-01-01" }];
        const signed = await signer.signUrl(url, conditions);
        const decision = new Verifier({ publicKeys: { [keyPairId]: keys[key].publicKey } }).verify({ url: signed, now: "2029-01-01" });
        if (signer.engine !== "host" || !decision.allowed) wrong.push(`${key}, ${algorithm}: ${signer.engine}, ${decision.reason}`);
        if (key === "rsa2048" && signed !== new Signer(options(key, { algorithm })).signUrl(url, conditions)) wrong.push(`${key}, ${algorithm}: ${signed}`);
      }
    }
    return wrong;
  });

  await check("guard answers with the runtime's own Response", async () => {
    const check = guard({ publicKeys: { [keyPairId]: keys.p256.publicKey } });
    const signer = new Signer(options("p256"));
    const url = "https://d111111abcdef8.cloudfront.net/a";
    const [allowed, denied] = [await check(new Request(signer.signUrl(url, { dateLessThan: "1h" }))), await check(new Request(url))];
    signer.free();
    return allowed === undefined && denied instanceof Response && denied.status === 403 ? [] : [`${allowed} ${denied?.status}`];
  });

  await check("guard signs a manifest on its way, as it is and compressed by gzip", async () => {
    const list = "#EXTM3U\n1.ts\n";
    const packed = Uint8Array.from(atob("H4sIAAAAAAACA1N2jQjxNQ7lMtQrKeYCAC6k+EQNAAAA"), (character) => character.charCodeAt(0));
    const signer = new Signer(options("p256"));
    const grant = signer.grant("https://d111111abcdef8.cloudfront.net/a/*", { dateLessThan: "1h" });
    const url = grant.url("https://d111111abcdef8.cloudfront.net/a/index.m3u8");
    signer.free();
    const expected = list.replace("1.ts", () => `1.ts${new URL(url).search}`);
    const wrong = [];
    for (const [body, encoding] of [[list], [packed, { "content-encoding": "gzip" }]]) {
      const headers = { "content-type": "application/vnd.apple.mpegurl", etag: '"of the origin"', ...encoding };
      const handler = guard({ publicKeys: { [keyPairId]: keys.p256.publicKey }, manifests: true, next: () => new Response(body, { headers }) });
      if (encoding && typeof DecompressionStream === "undefined") {
        const code = await handler(new Request(url)).then(() => "none", (error) => error.code);
        if (code !== "INVALID_MANIFEST") wrong.push(`without DecompressionStream: ${code}`);
        continue;
      }
      const answer = await handler(new Request(url));
      const [text, etag] = [await answer.text(), answer.headers.get("etag")];
      if (text !== expected || answer.headers.get("content-encoding") !== null || !/^"[0-9a-f]{32}"$/.test(etag)) wrong.push(`${text} ${etag}`);
      const again = await handler(new Request(url, { headers: { "if-none-match": etag } }));
      if (again.status !== 304) wrong.push(`${again.status} to the tag of what was sent`);
    }
    return wrong;
  });

  await check(`${errors.length} bad inputs give a CountersignError with their code`, () => {
    const wrong = [];
    for (const { code, name, key = "p256", keyText, keyPairId: id = keyPairId, passphrase, algorithm, ...call } of errors) {
      try {
        const privateKey = keyText ?? keys[key].privateKey;
        run(countersign, new Signer({ keyPairId: id, privateKey, passphrase, algorithm }), call);
        wrong.push(`${name}: no error`);
      } catch (error) {
        const right = error instanceof CountersignError && error instanceof Error && error.name === "CountersignError" && error.message;
        if (!right || error.code !== code) wrong.push(`${name}: ${error.code} ${error}, not ${code}`);
      }
    }
    return wrong;
  });

  await check("new keys sign", async () => {
    const { privateKey, publicKey } = await generateKeyPair({ type: "ECDSA" });
    const url = new Signer({ keyPairId, privateKey }).signUrl("https://d111111abcdef8.cloudfront.net/a", { dateLessThan: "1h" });
    const decision = new Verifier({ publicKeys: { [keyPairId]: publicKey } }).verify({ url });
    return decision.allowed ? [] : [decision.reason];
  });

  await check("after free() a signer says that it was freed", () => {
    const signer = new Signer(options("rsa2048"));
    signer.free();
    try {
      return [signer.signUrl("https://d111111abcdef8.cloudfront.net/a", { dateLessThan: "1h" })];
    } catch (error) {
      return error instanceof CountersignError && error.code === "FREED" && error.hint ? [] : [String(error)];
    }
  });

  const memory = { signatures };
  await check(`${signatures} signatures leave memory flat`, () => {
    if (memories.length !== 1) return [`${memories.length} instances of WebAssembly were made`];
    const signer = new Signer(options("p256"));
    const sign = (count) => {
      for (let i = 0; i < count; i++) signer.signUrl(`https://d111111abcdef8.cloudfront.net/${i}.ts`, { dateLessThan: "1h" });
      globalThis.gc?.();
      return { wasm: memories[0].buffer.byteLength, heap: globalThis.gc ? (globalThis.process?.memoryUsage?.().heapUsed ?? 0) : 0 };
    };
    memory.before = sign(500);
    memory.after = sign(signatures);
    signer.free();
    if (memory.after.wasm !== memory.before.wasm) return [`WebAssembly: ${memory.before.wasm} to ${memory.after.wasm} bytes`];
    // 10,000 URLs that are kept take about 4 MB.
    return memory.after.heap - memory.before.heap < 1_000_000 ? [] : [`JavaScript: ${memory.before.heap} to ${memory.after.heap} bytes`];
  });

  return { engines, memory, checks };
}
