// A Worker that answers with a signed URL. Its key is in a secret.
import { Signer } from "countersign";

let signer;

export default {
  fetch(request, env) {
    signer ??= new Signer({ keyPairId: "K2JCJMDEHXQW5F", privateKey: env.PRIVATE_KEY });
    return new Response(signer.signUrl("https://d111111abcdef8.cloudfront.net/films/trailer.mp4", { dateLessThan: "30m" }));
  },
};
