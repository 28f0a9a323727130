// Prints which functions of the module run until there is a first signature, by a module that reports each call. xtask/src/parts.rs makes
// that module, and reads the list. Nothing here is random: the same module gives the same list.
import { readFileSync } from "node:fs";
import process from "node:process";

const [file] = process.argv.slice(2);
const called = new Set();
const real = WebAssembly;
globalThis.WebAssembly = {
  Module: real.Module,
  CompileError: real.CompileError,
  Instance: class {
    constructor(module, imports) {
      return new real.Instance(module, { ...imports, calls: { report: (place) => called.add(place) } });
    }
  },
};
const { default: loading, Signer, getSignedUrl, getSignedCookies } = await import("../pkg/dist/api.js");
loading.findCrypto();
loading.instantiate(loading.compile(readFileSync(file)));

const url = "https://d111111abcdef8.cloudfront.net/films/trailer.mp4?size=hd";
const folder = "https://d111111abcdef8.cloudfront.net/films/*";
const keyPairId = "K2JCJMDEHXQW5F";
const now = new Date("2026-01-01T00:00:00Z");
const ends = ["30m", new Date("2026-01-02T00:00:00Z"), "2026-01-02T00:00:00Z", 1_767_312_000];
// What most programs have: RSA, as openssl genrsa writes it today and wrote it before, as text and as bytes.
for (const name of ["rsa2048", "rsa2048.pkcs1"]) {
  const privateKey = readFileSync(new URL(`../tests/keys/${name}.pem`, import.meta.url));
  for (const key of [privateKey, privateKey.toString()]) {
    const signer = new Signer({ keyPairId, privateKey: key });
    for (const dateLessThan of ends) {
      signer.signUrl(url, { dateLessThan, now });
      signer.signUrl(url, { dateLessThan, now, resource: folder });
      signer.signCookies(folder, { dateLessThan, now });
    }
    signer.signUrl(url, { dateLessThan: "1d" });
    const grant = signer.grant(folder, { dateLessThan: "30m", now });
    grant.url(url);
    grant.cookies();
    getSignedUrl({ url, keyPairId, privateKey: key, dateLessThan: "2060-01-01" });
    getSignedCookies({ url, keyPairId, privateKey: key, dateLessThan: "2060-01-01" });
    signer.free();
  }
}
console.log(JSON.stringify([...called].sort((one, other) => one - other)));
