// A Worker that makes its signers when it starts, and answers with a signed URL: `/wasm` with one that is signed in WebAssembly, `/` with
// the engine that is chosen there. `/empty` does nothing.
import { env } from "cloudflare:workers";
import { Signer } from "countersign";

const options = { keyPairId: "K2JCJMDEHXQW5F", privateKey: env.PRIVATE_KEY };
const signers = { "/": new Signer(options), "/wasm": new Signer({ ...options, engine: "wasm" }) };

export default {
  fetch(request) {
    const signer = signers[new URL(request.url).pathname];
    return new Response(signer?.signUrl("https://d111111abcdef8.cloudfront.net/films/trailer.mp4", { dateLessThan: "30m" }));
  },
};
