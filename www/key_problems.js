// Recognises what is wrong with a key by the core's message, because the core has one code for all of it, and the page a sentence in each
// language. An unrecognised problem is explained by its code.

const PROBLEMS = {
  empty: /is empty$/,
  unset: /is (?:the text ".*"|a placeholder .*|the name of a variable)$/,
  path: /is a path, "(.*)"$/,
  secret: /is (?:the name of an? (?:AWS )?secret|an address)$/,
  jwk: /JSON Web Key/,
  "no-key": /is (?:JSON with no PEM in it|a web page or XML|neither PEM nor DER|binary data .*)$/,
  id: /is the ID of /,
  cut: /PEM block has no end, or nothing in it$/,
  character: /holds (?:'(.)'|the character (U\+\w+)), which is not Base64$/,
  symbols: /holds text that is not Base64|letters only, and Base64 has both|capitals only, and/,
  two: /the text holds more than one$/,
  "first-line": /first line is damaged$/,
  certificate: /is a certificate(?: request)?$/,
  public: /^the private key is (?:a|an OpenSSH) public key$/,
  private: /^the public key is (?:a|an OpenSSH) private key$/,
  bits: /is an RSA key of (\d+) bits/,
  type: /is .*?(?:\b(Ed25519|Ed448|X25519|X448|RSA-PSS|DSA|P-\d+|secp256k1)\b|(?:type|curve) ([a-z\d][\w.@-]*)).*; CloudFront accepts RSA/,
  kind: /; CloudFront accepts RSA of 2048 bits and ECDSA|is a key of age$/,
  openssh: /OpenSSH/,
  format: /(PuTTY|\.NET's XML|SSH2|PKCS#12|Java key store|gzip)|is a PEM block of another kind, "(.*)"$/,
  encryption: /encrypted (?:with|in|by)|asks for too much work/,
  changed: /cannot be (?:read|written)|numbers do not match|holds \d+ bytes instead|header DEK-Info is damaged/,
};

/** The name of the page's words for a key error, with their values; undefined if it has none. */
export function keyProblem({ code, message = "", hint = "" }) {
  if (!/^(?:INVALID_PRIVATE_KEY|INVALID_PUBLIC_KEY|NOT_A_PRIVATE_KEY|UNSUPPORTED_KEY)$/.test(code)) return undefined;
  for (const [problem, pattern] of Object.entries(PROBLEMS)) {
    const match = pattern.exec(message);
    if (match) return { problem, values: { found: match[1] ?? match[2], command: /: ((?:ssh-keygen|openssl) .*?)\.$/.exec(hint)?.[1] } };
  }
  return undefined;
}

export const KEY_PROBLEMS = Object.keys(PROBLEMS);
