// What a project's own tests and programs do with the package: sign, verify, and get an error. Returns what is wrong.
export async function wrong({ AsyncSigner, CountersignError, Signer, Verifier, inspect }, keys) {
  const keyPairId = "K2JCJMDEHXQW5F";
  const url = "https://d111111abcdef8.cloudfront.net/a?b=c";
  const found = [];
  for (const [type, { privateKey, publicKey }] of Object.entries(keys)) {
    const signer = new Signer({ keyPairId, privateKey });
    const verifier = new Verifier({ publicKeys: { [keyPairId]: publicKey } });
    const signed = [signer.signUrl(url, { dateLessThan: "1h" }), new Signer({ keyPairId, privateKey, engine: "wasm" }).signUrl(url, { dateLessThan: new Date(Date.now() + 60_000) })];
    if (globalThis.crypto?.subtle) signed.push(await (await AsyncSigner.fromKey({ keyPairId, privateKey })).signUrl(url, { dateLessThan: "1h" }));
    for (const one of signed) {
      const decision = verifier.verify({ url: one });
      if (!decision.allowed) found.push(`${type}: ${decision.reason}`);
      if (verifier.verify({ url: one.replace("/a?", "/b?") }).allowed) found.push(`${type}: another path is allowed`);
      if (inspect(one).keyPairId !== keyPairId) found.push(`${type}: ${inspect(one).keyPairId}`);
    }
  }
  try {
    new Signer({ keyPairId, privateKey: "nothing" });
    found.push("no error");
  } catch (error) {
    if (!(error instanceof CountersignError) || error.code !== "INVALID_PRIVATE_KEY") found.push(String(error));
  }
  return found;
}
