// A Worker that answers with a URL signed by the AWS SDK.
import { getSignedUrl } from "@aws-sdk/cloudfront-signer";

export default {
  fetch(request, env) {
    const dateLessThan = new Date(Date.now() + 1_800_000);
    return new Response(getSignedUrl({ url: "https://d111111abcdef8.cloudfront.net/films/trailer.mp4", keyPairId: "K2JCJMDEHXQW5F", privateKey: env.PRIVATE_KEY, dateLessThan }));
  },
};
