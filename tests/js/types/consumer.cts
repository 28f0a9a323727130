// The same package from CommonJS. Never run.
import countersign = require("countersign");
const { Signer, CountersignError, getSignedUrl } = countersign;

const signer: countersign.Signer = new Signer({ keyPairId: "K2JCJMDEHXQW5F", privateKey: "-----BEGIN…" });
const conditions: countersign.Conditions = { dateLessThan: "2h" };
const signed: string = signer.signUrl("https://d111111abcdef8.cloudfront.net/a.jpg", conditions);
const cookies: countersign.SignedCookies = signer.signCookies(signed, conditions);
const lines: string[] = countersign.toSetCookie(cookies, { path: "/" });

try {
  const input: countersign.CloudfrontSignInput = { keyPairId: "K", privateKey: "-----BEGIN…", url: lines[0] ?? "", dateLessThan: 1893456000000 };
  getSignedUrl(input);
} catch (error) {
  if (error instanceof CountersignError) {
    const code: countersign.ErrorCode = error.code;
    code satisfies string;
  }
}

// @ts-expect-error null is no date
signer.signUrl(signed, { dateLessThan: null });
// @ts-expect-error there is no default export
countersign.default;
