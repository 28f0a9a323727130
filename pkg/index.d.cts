// The declarations of both formats; index.d.ts passes them on to ES modules.

// Without this line TypeScript would export the names below that have no `export` too.
export {};

declare global {
  // `--lib es2022` lacks it. Where another lib or @types/node declares it too, the two are one.
  interface SymbolConstructor {
    readonly dispose: unique symbol;
  }
}

/**
 * A moment:
 * - a `Date`;
 * - a number of seconds since 1970, or of milliseconds from 1e11 on;
 * - ISO 8601 or RFC 3339 in extended or basic form, UTC where no offset is written, 00:00 where no time is:
 *   `"2030-12-31"`, `"2030-12-31T23:59:59Z"`, `"20301231T23:59:59+09:00"`;
 * - a string of digits, which is seconds since 1970;
 * - a duration from now: `"30m"`, `"2h"`, `"7d"`, `"1h30m"`, `"PT15M"`; with a `-` before it, one back from now.
 *
 * Fractions of a second are cut off. The last moment is 2262-04-11T23:47:16Z, CloudFront's limit.
 */
export type DateInput = Date | number | string;

/** The hash that a policy is signed with. */
export type Algorithm = "SHA1" | "SHA256";

/** The kinds of key that CloudFront accepts: RSA of 2048 bits, ECDSA on P-256. */
export type KeyType = "RSA" | "ECDSA";

/**
 * When, and from which address, something may be opened. `undefined` means "not given"; `null`, an empty string and a
 * name that is not listed here are errors.
 * @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-creating-signed-url-custom-policy.html
 */
export interface Conditions extends Clock {
  /** Access ends at this moment. It has to be in the future. */
  dateLessThan: DateInput;
  /**
   * A duration, `"15m"`, `"1d"`, of up to 366 days: the end of access is rounded up to a multiple of it, counted from 1970. Everyone who
   * asks within it gets the same policy, and, where signatures are the same each time (RSA; P-256 with `engine: "wasm"`), the same URL,
   * which browsers and proxies keep in their caches. Default: no rounding.
   */
  roundUpTo?: string | undefined;
  /** Access begins after this moment. It has to be earlier than `dateLessThan`. Default: at once. */
  dateGreaterThan?: DateInput | undefined;
  /** The only viewers: an IPv4 address, `"192.0.2.1"`, or one range in CIDR notation, `"192.0.2.0/24"`. Default: all. */
  ipAddress?: string | undefined;
}

/** A URL: text, or a `URL` object, whose `href` is taken. */
export type UrlInput = string | UrlObject;

/** What a `URL` object has, whichever host's it is. */
export interface UrlObject {
  /** The whole address, which is what is taken. */
  readonly href: string;
  /** Its query; it tells a `URL` from other objects. */
  readonly searchParams: object;
}

/** How time is told. */
export interface Clock {
  /** The moment that durations and the expiry check count from. Default: the clock. */
  now?: DateInput | undefined;
  /** Sign although the expiry has passed: for tests and fixed vectors. Default: `false`. */
  allowExpired?: boolean | undefined;
}

/** The conditions for one URL. */
export interface UrlConditions extends Conditions {
  /**
   * What the policy covers, with wildcards: `"https://d111111abcdef8.cloudfront.net/films/*"`. It has to cover the URL.
   * Default: the URL.
   */
  resource?: UrlInput | undefined;
}

/** A policy that is ready. */
export interface ReadyPolicy extends Clock {
  /** The policy's JSON. It is checked, then signed byte for byte. */
  policy: string;
}

/** The key, and how it signs. */
export interface SignerOptions {
  /** The id that CloudFront shows for the public key, `"K2JCJMDEHXQW5F"`: letters and digits. */
  keyPairId: string;
  /**
   * The private key, RSA of 2048 bits or ECDSA on P-256. PEM as text or bytes, or DER as bytes; PKCS#1, PKCS#8, SEC1, or
   * encrypted. PEM whose line breaks were lost or became `\n` is repaired.
   * @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-trusted-signers.html
   */
  privateKey: string | Uint8Array;
  /** Opens an encrypted key. */
  passphrase?: string | undefined;
  /** Default: `"SHA1"` for RSA, which CloudFront assumes where nothing else is said; `"SHA256"` for ECDSA. */
  algorithm?: Algorithm | undefined;
  /** Accept an RSA key of another size, for tests with old vectors. CloudFront does not accept it. Default: `false`. */
  allowUnsupportedKey?: boolean | undefined;
  /**
   * Who does the private-key operation: the host's synchronous crypto (`node:crypto`) or this package's WebAssembly.
   * Default: `"auto"`, the host's if there is one that signs right with this key, else WebAssembly.
   */
  engine?: "auto" | "wasm" | "host" | undefined;
}

/**
 * Holds a private key and signs with it.
 *
 * ```js
 * const signer = new Signer({ keyPairId: "K2JCJMDEHXQW5F", privateKey: readFileSync("private_key.pem") });
 * const url = signer.signUrl("https://d111111abcdef8.cloudfront.net/invoice.pdf", { dateLessThan: "30m" });
 * ```
 */
export declare class Signer {
  /**
   * Reads the key.
   * @param options the key, and how it signs.
   * @throws {CountersignError} `INVALID_KEY_PAIR_ID`, `INVALID_PRIVATE_KEY`, `NOT_A_PRIVATE_KEY`, `UNSUPPORTED_KEY`,
   * `PASSPHRASE_REQUIRED`, `WRONG_PASSPHRASE`, `UNSUPPORTED_ALGORITHM`, `HOST_CRYPTO_UNAVAILABLE`, `INVALID_OPTION`
   */
  constructor(options: SignerOptions);
  /** The id that was given. */
  readonly keyPairId: string;
  /** What the key is. */
  readonly keyType: KeyType;
  /** The hash that it signs with. */
  readonly algorithm: Algorithm;
  /** Who does the private-key operation. */
  readonly engine: "wasm" | "host";

  /**
   * Signs one address. The policy is a canned one where `dateLessThan` is the only condition and there is no other
   * `resource`; else a custom one.
   * @param url absolute, `http:` or `https:`. It is brought to the form in which a client sends it.
   * @param conditions until when, and what else limits it.
   * @returns the URL with `Expires` or `Policy`, `Signature`, `Key-Pair-Id` and, for SHA-256, `Hash-Algorithm`.
   * @throws {CountersignError} `INVALID_URL`, `UNSUPPORTED_SCHEME`, `RESERVED_PARAMETER`, `WILDCARD_IN_URL`,
   * `RESOURCE_MISMATCH`, `INVALID_DATE`, `ALREADY_EXPIRED`, `INVALID_DATE_RANGE`, `INVALID_IP_ADDRESS`,
   * `IPV6_NOT_SUPPORTED`, `INVALID_OPTION`, `RANDOM_UNAVAILABLE`, `SIGNING_FAILED`, `FREED`
   * @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-creating-signed-url-canned-policy.html
   */
  signUrl(url: UrlInput, conditions: UrlConditions): string;
  /**
   * Signs one address with a policy that is ready, byte for byte. The policy's resource has to cover the address.
   * @param url as above.
   * @param policy the policy, and how time is told.
   * @returns the URL with `Policy`, `Signature`, `Key-Pair-Id` and, for SHA-256, `Hash-Algorithm`.
   * @throws {CountersignError} as above, and `INVALID_POLICY`
   * @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-creating-signed-url-custom-policy.html
   */
  signUrl(url: UrlInput, policy: ReadyPolicy): string;

  /**
   * Signs many addresses, each with a policy of its own.
   * @param urls an array or another iterable; not one string.
   * @param conditions for each of them.
   * @returns the signed URLs, in the same order.
   * @throws {CountersignError} as for `signUrl`; the first error ends it.
   */
  signUrls(urls: Iterable<UrlInput> & object, conditions: Conditions): string[];

  /**
   * Signs cookies. The policy is a canned one where `dateLessThan` is the only condition and the resource has no `*`, and
   * opens that one address; else a custom one.
   * @param resource begins with `http://`, `https://` or `http*://`; `*` stands for any run of characters.
   * @param conditions until when, and what else limits it.
   * @returns names and values; `toSetCookie` makes headers of them.
   * @throws {CountersignError} as for `signUrl`
   * @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-signed-cookies.html
   */
  signCookies(resource: UrlInput, conditions: Conditions): SignedCookies;
  /**
   * Signs cookies with a policy that is ready, byte for byte.
   * @param policy the policy, and how time is told.
   * @returns names and values; `toSetCookie` makes headers of them.
   * @throws {CountersignError} as for `signUrl`, and `INVALID_POLICY`
   * @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-setting-signed-cookie-custom-policy.html
   */
  signCookies(policy: ReadyPolicy): SignedCookies;

  /**
   * Signs once, for many URLs or for cookies.
   * @param resource one address, or a pattern with `*`: `"https://d111111abcdef8.cloudfront.net/stream/*"`.
   * @param conditions until when, and what else limits it.
   * @returns the policy with its signature; putting it on a URL signs nothing more.
   * @throws {CountersignError} as for `signUrl`
   */
  grant(resource: UrlInput, conditions: Conditions): Grant;

  /** Forgets the key. After that, everything but `free` throws `FREED`. Grants that were made go on working. */
  free(): void;
  /** The same as `free`, for `using`. */
  [Symbol.dispose](): void;
}

/**
 * Signs with a key that is not at hand synchronously: in WebCrypto, a KMS, an HSM. It has the methods of `Signer`, each with a
 * Promise; what goes wrong is a rejection, never a synchronous error.
 *
 * ```js
 * const signer = await AsyncSigner.fromKey({ keyPairId: "K2JCJMDEHXQW5F", privateKey: readFileSync("private_key.pem") });
 * const url = await signer.signUrl("https://d111111abcdef8.cloudfront.net/invoice.pdf", { dateLessThan: "30m" });
 * ```
 */
export declare class AsyncSigner {
  private constructor();
  /**
   * Hands the key to WebCrypto, once and not extractable, and forgets it.
   * @param options the key, and how it signs.
   * @returns the signer, when WebCrypto has taken the key.
   * @throws {CountersignError} (as a rejection) as for `new Signer`; `HOST_CRYPTO_UNAVAILABLE` where the runtime has no WebCrypto
   * (a page that is not secure) or refuses the key or the hash (SHA-1 under FIPS), unless `fallback` is `"wasm"`
   * @see https://www.w3.org/TR/webcrypto-2/
   */
  static fromKey(options: AsyncSignerKeyOptions): Promise<AsyncSigner>;
  /**
   * Signs with a function.
   * @param options the function, and what its key is.
   * @returns the signer; the function has not been called yet.
   * @throws {CountersignError} `INVALID_KEY_PAIR_ID`, `INVALID_PUBLIC_KEY`, `UNSUPPORTED_ALGORITHM`, `INVALID_OPTION`
   */
  static fromSign(options: ExternalSignerOptions): AsyncSigner;
  /** The id that was given. */
  readonly keyPairId: string;
  /** What the key is. */
  readonly keyType: KeyType;
  /** The hash that it signs with. */
  readonly algorithm: Algorithm;
  /** Who does the private-key operation: WebCrypto, this package's WebAssembly, or the function of `fromSign`. */
  readonly engine: "host" | "wasm" | "external";
  /**
   * As `Signer.signUrl`.
   * @param url absolute, `http:` or `https:`.
   * @param conditions until when, and what else limits it.
   * @returns the signed URL.
   * @throws {CountersignError} (as a rejection) as for `Signer.signUrl`. Whatever the function of `fromSign` or WebCrypto throws, and a
   * signature that cannot be right, give `SIGNING_FAILED`; `cause` has what was thrown.
   */
  signUrl(url: UrlInput, conditions: UrlConditions): Promise<string>;
  /**
   * The same with a policy that is ready.
   * @param url absolute, `http:` or `https:`.
   * @param policy the policy, and how time is told.
   * @returns the signed URL.
   * @throws {CountersignError} (as a rejection) as above, and `INVALID_POLICY`
   */
  signUrl(url: UrlInput, policy: ReadyPolicy): Promise<string>;
  /**
   * As `Signer.signUrls`. Everything is checked before anything is signed; then all signatures are asked for at once. Where each is a
   * request to a KMS, `grant` asks for one.
   * @param urls an array or another iterable; not one string.
   * @param conditions for each of them.
   * @returns the signed URLs, in the same order.
   * @throws {CountersignError} (as a rejection) as for `signUrl`; the first error ends it.
   */
  signUrls(urls: Iterable<UrlInput> & object, conditions: Conditions): Promise<string[]>;
  /**
   * As `Signer.signCookies`.
   * @param resource begins with `http://`, `https://` or `http*://`; `*` stands for any run of characters.
   * @param conditions until when, and what else limits it.
   * @returns names and values; `toSetCookie` makes headers of them.
   * @throws {CountersignError} (as a rejection) as for `signUrl`
   */
  signCookies(resource: UrlInput, conditions: Conditions): Promise<SignedCookies>;
  /**
   * The same with a policy that is ready.
   * @param policy the policy, and how time is told.
   * @returns names and values; `toSetCookie` makes headers of them.
   * @throws {CountersignError} (as a rejection) as for `signUrl`, and `INVALID_POLICY`
   */
  signCookies(policy: ReadyPolicy): Promise<SignedCookies>;
  /**
   * As `Signer.grant`: one signature for many URLs, which matters where each one is a request to a KMS.
   * @param resource one address, or a pattern with `*`.
   * @param conditions until when, and what else limits it.
   * @returns the policy with its signature.
   * @throws {CountersignError} (as a rejection) as for `signUrl`
   */
  grant(resource: UrlInput, conditions: Conditions): Promise<Grant>;
  /** Forgets the key or the function. What is under way is finished; everything after it gives `FREED`. */
  free(): void;
  /** The same as `free`, for `using`. */
  [Symbol.dispose](): void;
}

/** A key that WebCrypto holds: a `CryptoKey`. */
export interface WebCryptoKey {
  /** `"private"`. */
  readonly type: string;
  /** Whether WebCrypto would hand it out; it does not matter here. */
  readonly extractable: boolean;
  /** What it signs with. */
  readonly algorithm: WebCryptoAlgorithm;
  /** What it may do; `"sign"` among it. */
  readonly usages: readonly string[];
}

/** The algorithm of a `CryptoKey`. */
export interface WebCryptoAlgorithm {
  /** `"RSASSA-PKCS1-v1_5"` or `"ECDSA"`. */
  readonly name: string;
}

/** The key that is handed to WebCrypto, or is there already, and how it signs. */
export interface AsyncSignerKeyOptions extends Omit<SignerOptions, "engine" | "privateKey"> {
  /**
   * PEM or DER, as for `Signer`; or a `CryptoKey` that may `"sign"`: RSASSA-PKCS1-v1_5 of 2048 bits with SHA-1 or SHA-256, or ECDSA on
   * P-256. The hash of an RSA CryptoKey is fixed, and is the default of `algorithm`. A CryptoKey goes with no `passphrase` and no `fallback`.
   */
  privateKey: string | Uint8Array | WebCryptoKey;
  /** Sign in WebAssembly where WebCrypto does not sign with this key and hash. Default: an error. */
  fallback?: "wasm" | undefined;
}

/** A function that signs, and what its key is. */
export interface ExternalSignerOptions {
  /** The id that CloudFront shows for the public key: letters and digits. */
  keyPairId: string;
  /** What the key is. */
  keyType: KeyType;
  /** The hash that `sign` uses. Default: as for `Signer`. */
  algorithm?: Algorithm | undefined;
  /** The public key, PEM or DER. With it every signature is checked before it is used. */
  publicKey?: string | Uint8Array | undefined;
  /**
   * Signs the message, which is the policy itself and not a hash of it (in AWS KMS: `MessageType: "RAW"`), with the key, as
   * PKCS#1 v1.5 or ECDSA, and gives the signature's bytes; ECDSA in DER or as the 64 bytes of r and s.
   * @param message the policy's JSON in UTF-8.
   * @returns the signature: 256 bytes for RSA.
   * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html
   */
  sign(message: Uint8Array): Uint8Array | ArrayBuffer | Promise<Uint8Array | ArrayBuffer>;
}

/**
 * A policy that is signed once. `grant` of `Signer` and `AsyncSigner` makes it.
 *
 * ```js
 * const signer = new Signer({ keyPairId: "K2JCJMDEHXQW5F", privateKey: readFileSync("private_key.pem") });
 * const grant = signer.grant("https://d111111abcdef8.cloudfront.net/stream/*", { dateLessThan: "2h" });
 * const segments = grant.urls(["https://d111111abcdef8.cloudfront.net/stream/1.ts", "https://d111111abcdef8.cloudfront.net/stream/2.ts"]);
 * ```
 */
export declare class Grant {
  private constructor();
  /** The policy's JSON, as it was signed. */
  readonly policy: string;
  /** The id that CloudFront knows the key by. */
  readonly keyPairId: string;
  /** What it covers; `"*"` where a policy that somebody else wrote names nothing. */
  readonly resource: string;
  /** When access ends: make a new grant some time before. */
  readonly expires: Date;
  /**
   * Puts the grant on a URL.
   * @param url absolute, `http:` or `https:`.
   * @returns the URL with the grant's parameters.
   * @throws {CountersignError} `RESOURCE_MISMATCH` if the grant does not cover it; `INVALID_URL`, `UNSUPPORTED_SCHEME`,
   * `RESERVED_PARAMETER`
   */
  url(url: UrlInput): string;
  /**
   * Puts the grant on many URLs.
   * @param urls an array or another iterable; not one string.
   * @returns the URLs with the grant's parameters, in the same order.
   * @throws {CountersignError} as for `url`; the first error ends it.
   */
  urls(urls: Iterable<UrlInput> & object): string[];
  /**
   * Signs an HLS playlist or a DASH MPD: every address in it that the grant covers gets the grant's parameters. Everything else stays as
   * it is, byte for byte. Players drop the query of the manifest's own URL, so a signed URL alone opens the manifest and no segment.
   *
   * ```js
   * const signer = new Signer({ keyPairId: "K2JCJMDEHXQW5F", privateKey: readFileSync("private_key.pem") });
   * const grant = signer.grant("https://media.example.com/films/*", { dateLessThan: "2h" });
   * const playlist = "#EXTM3U\n#EXTINF:4,\n1.ts\n#EXT-X-ENDLIST\n";
   * console.log(grant.manifest(playlist, "https://media.example.com/films/index.m3u8")); // 1.ts?Policy=…&Signature=…
   * ```
   *
   * An address of another scheme or host (`skd:`, `data:`, an ad or license server) is left alone, and so is one that is signed already:
   * signing twice is signing once. The playlists that a playlist names have to be signed too.
   * @param text the text of the manifest, at most 10,000,000 bytes. HLS begins with `#EXTM3U`, DASH is XML.
   * @param url where viewers fetch the manifest; relative addresses begin there, and stay relative. It may be signed.
   * @param options `absolute: true` makes relative addresses absolute, for a manifest that your own site hands out.
   * @returns the text with its addresses signed.
   * @throws {CountersignError} each with its line: `RESOURCE_MISMATCH` for an address of the grant's own host that the grant does not
   * cover, and for a grant of one address; `INVALID_MANIFEST` for what is neither HLS nor DASH, or cannot be read, and for a DOCTYPE or
   * XInclude; `INVALID_URL`, `RESERVED_PARAMETER`, `INVALID_OPTION`
   * @see https://www.rfc-editor.org/rfc/rfc8216
   */
  manifest(text: string, url: string, options?: { absolute?: boolean | undefined }): string;
  /**
   * The grant that a signed URL carries, to put it on more addresses of its resource. It takes no key. The signature is not checked:
   * verify the request first.
   *
   * ```js
   * const signer = new Signer({ keyPairId: "K2JCJMDEHXQW5F", privateKey: readFileSync("private_key.pem") });
   * const signed = signer.grant("https://media.example.com/films/*", { dateLessThan: "2h" }).url("https://media.example.com/films/index.m3u8");
   * console.log(Grant.fromUrl(signed).url("https://media.example.com/films/1.ts"));
   * ```
   * @param url a signed URL.
   * @returns the grant; its addresses are those that the URL's policy names.
   * @throws {CountersignError} `INVALID_URL` for what is no signed URL, `INVALID_POLICY`, `INVALID_DATE`, `INVALID_KEY_PAIR_ID`
   */
  static fromUrl(url: string): Grant;
  /**
   * The grant as cookies.
   * @returns names and values; `toSetCookie` makes headers of them.
   * @throws {CountersignError} `UNSUPPORTED_SCHEME` if the resource begins with neither `http://`, `https://` nor `http*://`
   */
  cookies(): SignedCookies;
}

/**
 * Names and values of the cookies. There is either `CloudFront-Expires` (canned policy) or `CloudFront-Policy` (custom).
 * @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-setting-signed-cookie-canned-policy.html
 */
export interface SignedCookies {
  /** Seconds since 1970. */
  "CloudFront-Expires"?: number;
  /** The policy in CloudFront's Base64. */
  "CloudFront-Policy"?: string;
  /** The signature in CloudFront's Base64. */
  "CloudFront-Signature": string;
  /** The id that CloudFront shows for the public key. */
  "CloudFront-Key-Pair-Id": string;
  /** Only where the hash is SHA-256. */
  "CloudFront-Hash-Algorithm"?: "SHA256";
}

/**
 * The attributes of a cookie (RFC 6265, section 4.1.2).
 * @see https://www.rfc-editor.org/rfc/rfc6265#section-4.1.2
 */
export interface CookieAttributes {
  /** A host name that your site and the distribution share, `"example.com"`. Default: the host that sets the cookie. */
  domain?: string | undefined;
  /** Begins with `/`. Default: the folder of the address that sets the cookie. */
  path?: string | undefined;
  /** Whole seconds. Default: none; the cookie ends with the browser's session, as AWS recommends. */
  maxAge?: number | undefined;
  /** Default: none, as for `maxAge`. */
  expires?: Date | undefined;
  /** Default: `true`. */
  secure?: boolean | undefined;
  /** Default: `true`. */
  httpOnly?: boolean | undefined;
  /** Default: none, which most browsers take for `"Lax"`. */
  sameSite?: "Strict" | "Lax" | "None" | undefined;
  /** Default: `false`. */
  partitioned?: boolean | undefined;
}

/**
 * Writes the values of `Set-Cookie` headers, one a cookie.
 *
 * ```js
 * const signer = new Signer({ keyPairId: "K2JCJMDEHXQW5F", privateKey: readFileSync("private_key.pem") });
 * const cookies = signer.signCookies("https://media.example.com/films/*", { dateLessThan: "2h" });
 * const headers = new Headers(toSetCookie(cookies, { domain: "example.com", path: "/films" }).map((value) => ["set-cookie", value]));
 * ```
 * @param cookies what `signCookies`, `Grant.cookies` or `getSignedCookies` gave.
 * @param attributes for each of them. Default: `Secure` and `HttpOnly`, nothing else.
 * @returns three values or, for SHA-256, four.
 * @throws {CountersignError} `INVALID_OPTION` for cookies that are not a whole set, and for an attribute that no browser
 * accepts: a `domain` of `cloudfront.net`, `sameSite: "None"` or `partitioned` without `secure`; `INVALID_DATE`
 */
export declare function toSetCookie(
  cookies: SignedCookies | CloudfrontSignedCookiesOutput,
  attributes?: CookieAttributes,
): string[];

/**
 * Writes the values of `Set-Cookie` headers that take CloudFront's cookies away, for logging out. Browsers take away what has the same
 * name, domain, path and partition: pass the attributes that the cookies were set with.
 *
 * ```js
 * const response = new Response("You are logged out.");
 * for (const line of clearCookies({ domain: "example.com", path: "/films" })) response.headers.append("set-cookie", line);
 * ```
 * @param attributes as for `toSetCookie`; `maxAge` and `expires` have no effect.
 * @returns five values, one for each cookie that CloudFront knows.
 * @throws {CountersignError} `INVALID_OPTION`
 * @see https://www.rfc-editor.org/rfc/rfc6265#section-3.1
 */
export declare function clearCookies(attributes?: CookieAttributes): string[];

/**
 * Answers as CloudFront does with a trusted key group, and says why. In every point that AWS's pages leave open, it denies.
 *
 * ```js
 * const verifier = new Verifier({ publicKeys: { K2JCJMDEHXQW5F: readFileSync("public_key.pem", "utf8") } });
 * const decision = verifier.verify({ url: "https://d111111abcdef8.cloudfront.net/invoice.pdf?Expires=1893456000" });
 * if (!decision.allowed) console.log(decision.status, decision.code, decision.reason);
 * ```
 * @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-trusted-signers.html
 */
export declare class Verifier {
  /**
   * Reads the public keys.
   * @param options the trusted key group, and who checks the signatures.
   * @throws {CountersignError} `INVALID_KEY_PAIR_ID`, `INVALID_PUBLIC_KEY`, `HOST_CRYPTO_UNAVAILABLE`; `INVALID_OPTION`, also for
   * a group without keys
   */
  constructor(options: VerifierOptions);
  /** Who checks the signatures. */
  readonly engine: "wasm" | "host";
  /** The ids of the key group, in their order. */
  readonly keyPairIds: string[];
  /**
   * Decides on one request. Whatever the URL, the cookies and the address hold, there is a decision and no error.
   * @param request what was asked for, with which cookies, by whom and when.
   * @returns whether it is allowed, and why not.
   * @throws {CountersignError} `INVALID_OPTION` for an option of a wrong type or name; `INVALID_DATE` for `now`
   */
  verify(request: VerifyRequest): Decision;
}

/** A trusted key group. */
export interface VerifierOptions {
  /** The trusted key group: key pair id → public key, RSA of 2048 bits or ECDSA on P-256, in PEM (or DER as bytes). */
  publicKeys: Record<string, string | Uint8Array>;
  /** Who checks the signatures, as in `SignerOptions`. Default: `"auto"`. */
  engine?: "auto" | "wasm" | "host" | undefined;
}

/** A request as it reaches the edge. */
export interface VerifyRequest {
  /** The absolute URL, as the viewer asked for it. */
  url: UrlInput;
  /**
   * The value of the `Cookie` header, names and values, or whatever `signCookies`, `toSetCookie` or `countersign sign-cookies` gave.
   * Default: none, as for `null`. They count where the URL has no credentials.
   */
  cookies?: string | string[] | Record<string, string> | SignedCookies | null | undefined;
  /** The viewer's address. Where it is not known, a policy with an address is denied. An IPv6 address is in no policy. */
  ipAddress?: string | null | undefined;
  /** The moment to decide for. Default: the clock. */
  now?: DateInput | undefined;
}

/** What the edge answers; `allowed` tells which it is. */
export type Decision = AllowedDecision | DeniedDecision;

/** The request goes on to the origin. */
export interface AllowedDecision {
  /** Tells it from a denial. */
  allowed: true;
  /** Where the credentials were. */
  source: "url" | "cookies";
  /** The key that they were signed with. */
  keyPairId: string;
  /** The URL without the signing parameters and the fragment: what is asked of the origin. */
  url: string;
  /** What was granted. */
  policy: PolicyView;
  /** For how many more seconds it is; at least 1. */
  remaining: number;
  /** What is accepted, but worth a look. */
  warnings: string[];
}

/** The request is answered with 403. */
export interface DeniedDecision {
  /** Tells it from a permission. */
  allowed: false;
  /** The status of CloudFront's answer. */
  status: 403;
  /** CloudFront's code. */
  code: "MissingKey" | "InvalidKey" | "MalformedSignature" | "MalformedPolicy" | "AccessDenied";
  /** CloudFront's message. */
  message: string;
  /** What is wrong, for whoever debugs it. CloudFront does not tell the viewer; neither should you. */
  reason: string;
  /** The same for programs: statistics, translations, tests. Stable; `docs/verifying.md` has the table. */
  reasonCode: ReasonCode;
  /** What was found, by the names that stand in braces in that table. Moments are seconds since 1970, spans are seconds. */
  values: Record<string, string | number>;
  /** The XML that CloudFront sends, as `text/xml`. */
  body: string;
}

/** Why a request is denied, and what `inspect` finds. A new code may come with any version. */
// reasons: begin
export type ReasonCode =
  | "not-signed"
  | "cookies-ignored"
  | "key-pair-id-missing"
  | "signature-missing"
  | "policy-missing"
  | "hash-algorithm-alone"
  | "given-twice"
  | "unknown-key"
  | "wrong-signature"
  | "other-hash"
  | "other-resource"
  | "other-protocol"
  | "other-host"
  | "query-not-covered"
  | "expired"
  | "not-yet-valid"
  | "other-address"
  | "address-unknown"
  | "address-not-ipv4"
  | "invalid-url"
  | "ambiguous-path"
  | "url-too-long"
  | "cookies-too-long"
  | "cookie-too-long"
  | "escaped-for-html"
  | "escaped-for-json"
  | "quoted-printable"
  | "escaped-twice"
  | "other-case"
  | "second-question-mark"
  | "escaped"
  | "invalid-key-pair-id"
  | "key-group-id"
  | "access-key-id"
  | "distribution-id"
  | "account-key-pair"
  | "not-a-value"
  | "ordinary-base64"
  | "base64url"
  | "hexadecimal"
  | "not-base64"
  | "not-utf8"
  | "signature-length"
  | "raw-ecdsa-signature"
  | "other-rsa-size"
  | "ecdsa-with-sha1"
  | "unknown-hash"
  | "s3-signature"
  | "malformed-policy"
  | "malformed-expires"
  | "impossible-policy"
  | "several-statements"
  | "statement-is-object"
  | "milliseconds"
  | "negative"
  | "quoted-number"
  | "not-whole-number"
  | "expires-beside-policy"
  | "white-space-in-policy"
  | "ampersand-in-policy"
  | "escapes-in-policy"
  | "policy-too-deep"
  | "no-resource"
  | "resource-protocol"
  | "resource-in-cookies"
  | "unescaped-character"
  | "wildcard-in-canned-url"
  | "folder-without-wildcard"
  | "canned-cookies"
  | "private-address"
  | "documentation-address"
  | "s3-host"
  | "not-as-sent"
  | "fragment"
  | "empty-query-part"
  | "http"
  | "nothing-wrong";
// reasons: end

/** A policy as it was read. Moments are seconds since 1970. */
export interface PolicyView {
  /** What it covers. None: everything that the key may open. */
  resource?: string;
  /** Access ends at this moment. */
  dateLessThan: number;
  /** Access begins after this moment. None: at once. */
  dateGreaterThan?: number;
  /** The viewers, an IPv4 range in CIDR notation. None: all. */
  ipAddress?: string;
}

// The Fetch API's types where the program's `lib` has them.
type HostRequest = typeof globalThis extends { Request: { prototype: infer R } } ? R : GuardedRequest;
type HostResponse = typeof globalThis extends { Response: { prototype: infer R } } ? R : unknown;

/** What `guard` needs of a `Request`. */
export interface GuardedRequest {
  /** The absolute URL. */
  readonly url: string;
  /** `"GET"`, `"HEAD"`, … */
  readonly method: string;
  /** Read for `Cookie`. */
  readonly headers: {
    /** The value of a header; `null` where there is none. */
    get(name: string): string | null;
  };
}

/**
 * A trusted key group, and how a request is read.
 * @typeParam R the type of requests, `Request` where the program has it.
 */
export interface GuardOptions<R = HostRequest> extends VerifierOptions {
  /**
   * The viewer's address. There is no default: a header such as `x-forwarded-for` may be trusted only where your own proxy
   * sets it. `(request) => request.headers.get("cf-connecting-ip")` is right behind Cloudflare. Without it, policies with an
   * address are denied.
   * @param request the request.
   * @returns an IPv4 address, or nothing where it is not known.
   */
  clientAddress?(request: R): string | null | undefined | Promise<string | null | undefined>;
  /**
   * The URL that the viewer asked for, where a proxy has changed it. Default: the request's.
   * @param request the request.
   * @returns the absolute URL.
   */
  url?(request: R): string | Promise<string>;
  /** The moment to decide for, or a function that gives it. Default: the clock. */
  now?: DateInput | (() => DateInput) | undefined;
  /**
   * The methods that are let through; the others get 405, signature or not. Default: `["GET", "HEAD"]`. The signature is over the
   * address alone: with `"DELETE"` here a link to a file is also one to delete it. A CORS preflight, `OPTIONS`, has neither parameters nor
   * cookies, and CloudFront refuses it too: let what answers it stand before the guard.
   */
  methods?: readonly string[] | undefined;
  /**
   * Signs manifests on their way, HLS and DASH, known by the `Content-Type` of the answer, so that a player that opens a signed playlist gets
   * its segments too. `true` puts the parameters of the viewer's own URL on the addresses, which takes no private key; its policy has to
   * have a `*`. Where cookies let the viewer in, the manifest stays as it is. Default: `false`.
   *
   * What is signed is the whole: for a name that ends in `.m3u8`, `.m3u` or `.mpd` the handler gets `GET` without `Range` and without
   * conditions. `Content-Length` and `ETag` become those of the signed text, and `Cache-Control` becomes private. A manifest that cannot
   * be signed, or is too long, ends the request with an error, `INVALID_MANIFEST` or `RESOURCE_MISMATCH`.
   */
  manifests?: boolean | ManifestAnswers<R> | undefined;
  /**
   * Told of each decision, for logs and metrics. What it throws, and what the others throw, ends the request with an error.
   * @param decision what was decided.
   * @param request the request.
   */
  onDecision?(decision: Decision, request: R): void | Promise<void>;
}

/**
 * How manifests are signed on their way.
 * @typeParam R the type of requests.
 */
export interface ManifestAnswers<R = HostRequest> {
  /**
   * Makes the grant whose parameters the addresses get, with your private key. Default: that of the viewer's own URL.
   * @param request the request.
   * @param decision why it was let in.
   * @returns the grant; nothing, where the manifest is to stay as it is.
   */
  grant?(request: R, decision: AllowedDecision): Grant | undefined | Promise<Grant | undefined>;
  /** How many bytes a manifest may have, compressed or not. Default: 1,048,576; at most 10,000,000. */
  maximumBytes?: number | undefined;
}

/**
 * Puts a `Verifier` in front of a handler of the Fetch API: Workers, Deno, Bun, Hono, Node. `GET`, `HEAD`, `Range` and every
 * other request need the same signature.
 *
 * With `next`, what is allowed goes on to it, without CloudFront's parameters in its URL and without its cookies. `countersign/express` and
 * `countersign/hono` are the same for those frameworks.
 *
 * ```js
 * const fetch = guard({
 *   publicKeys: { K2JCJMDEHXQW5F: readFileSync("public_key.pem", "utf8") },
 *   next: (request) => new Response(`the file at ${request.url}`),
 * });
 * const { status } = await fetch(new Request("https://media.example.com/films/1.mp4"));
 * console.log(status); // 403
 * ```
 * @typeParam R the type of requests, `Request` where the program has it.
 * @param options the trusted key group, how a request is read, and what answers one that is allowed.
 * @returns a handler of the Fetch API. It answers what is denied with CloudFront's status, headers and body.
 * @throws {CountersignError} as for `new Verifier`
 */
export declare function guard<R extends GuardedRequest = HostRequest>(
  options: GuardOptions<R> & { next(request: R, decision: AllowedDecision): HostResponse | Promise<HostResponse> },
): (request: R) => Promise<HostResponse>;
/**
 * Without `next`, `undefined` means that the request is allowed; `stripSignature` takes the signing parameters off its URL.
 * @typeParam R the type of requests, `Request` where the program has it.
 * @param options the trusted key group, and how a request is read.
 * @returns a function that gives CloudFront's answer to what is denied.
 * @throws {CountersignError} as for `new Verifier`
 */
export declare function guard<R extends GuardedRequest = HostRequest>(
  options: GuardOptions<R>,
): (request: R) => Promise<HostResponse | undefined>;

/**
 * A URL without CloudFront's query parameters, `Expires`, `Policy`, `Signature`, `Key-Pair-Id` and `Hash-Algorithm`, and without
 * its fragment. Everything else is left as it is.
 *
 * ```js
 * console.log(stripSignature("https://media.example.com/1.mp4?size=hd&Expires=1893456000&Signature=AAAA&Key-Pair-Id=K2JCJMDEHXQW5F"));
 * // https://media.example.com/1.mp4?size=hd
 * ```
 * @param url absolute or not.
 * @returns what is asked of the origin.
 * @throws {CountersignError} `INVALID_OPTION` for what is no string
 */
export declare function stripSignature(url: UrlInput): string;

/**
 * Decodes a signed URL or cookies and names what looks wrong. It takes no key, trusts nothing, and does not say whether the
 * signature is right.
 *
 * ```js
 * const found = inspect("https://d111111abcdef8.cloudfront.net/a?Expires=1893456000000&Signature=AAAA&Key-Pair-Id=K2JCJMDEHXQW5F");
 * for (const { severity, message } of found.findings) console.log(severity, message);
 * ```
 * @param urlOrCookies a URL, or cookies: the value of a `Cookie` header, `Set-Cookie` lines, names and values, JSON
 * @param options `now`, the moment that times are compared with; by default the clock
 * @returns what they hold, and what looks wrong.
 * @throws {CountersignError} `INVALID_URL` for what is neither a URL nor cookies of CloudFront's, `INVALID_OPTION`, `INVALID_DATE`
 */
export declare function inspect(
  urlOrCookies: UrlInput | string[] | Record<string, string> | SignedCookies,
  options?: { now?: DateInput | undefined },
): Inspection;

/** What a signed URL or cookies hold. */
export interface Inspection {
  /** What was given. */
  source: "url" | "cookies";
  /** The address without the signing parameters, as a client asks for it; none for cookies. */
  url?: string;
  /** As it is written; none where it is missing. */
  keyPairId?: string;
  /** What `Hash-Algorithm` says, or `"SHA1"`, which CloudFront assumes. */
  algorithm: string;
  /** None where it is missing or cannot be decoded. */
  signature?: {
    /** How long it is. */
    bytes: number;
    /** Guessed from the signature's length and form. */
    keyType?: KeyType;
  };
  /** None where it is missing or cannot be decoded. */
  policy?: {
    /** `Expires` means a canned one, `Policy` a custom one. */
    kind: "canned" | "custom";
    /** The text that is signed, byte for byte. None for a canned policy in cookies: it depends on the request. */
    json?: string;
    /** The same, indented. */
    pretty?: string;
    /** What it covers. */
    resource?: string;
    /** When access ends. */
    dateLessThan?: Moment;
    /** When access begins. */
    dateGreaterThan?: Moment;
    /** The only viewers, as it is written. */
    ipAddress?: string;
  };
  /** What is wrong or looks so; the errors first. */
  findings: {
    /** `"error"`: CloudFront refuses this. `"warning"`: it may be let in, and is seldom meant. `"note"`: good to know. */
    severity: "error" | "warning" | "note";
    /** One or two sentences. */
    message: string;
    /** The same for programs. Stable; `docs/verifying.md` has the table. */
    code: ReasonCode;
    /** What was found, by the names that stand in braces in that table. Moments are seconds since 1970, spans are seconds. */
    values: Record<string, string | number>;
  }[];
}

/** A moment, for machines and for people. */
export interface Moment {
  /** Since 1970. */
  seconds: number;
  /** `"2030-01-01T00:00:00Z"` */
  utc: string;
  /** `"in 12 minutes"`, `"12 minutes ago"` */
  relative: string;
}

/**
 * Makes a new key pair by WebCrypto: RSA of 2048 bits or ECDSA on P-256.
 *
 * ```js
 * const pair = await generateKeyPair({ type: "ECDSA" });
 * console.log(pair.publicKey); // -----BEGIN PUBLIC KEY----- …
 * ```
 * @param options `type`, by default `"RSA"`
 * @returns both keys in PEM: the private one as PKCS#8, the public one as CloudFront takes it
 * @throws {CountersignError} `INVALID_OPTION`; `HOST_CRYPTO_UNAVAILABLE` where there is no WebCrypto, as on a page that is not secure
 */
export declare function generateKeyPair(options?: { type?: KeyType | undefined }): Promise<{
  /** PKCS#8 in PEM, not encrypted. */
  privateKey: string;
  /** SubjectPublicKeyInfo in PEM. */
  publicKey: string;
}>;

/**
 * The public key of a private key, in PEM: what is uploaded to CloudFront.
 *
 * ```js
 * console.log(derivePublicKey(readFileSync("private_key.pem"))); // -----BEGIN PUBLIC KEY----- …
 * ```
 * @param privateKey PEM as text or bytes, or DER as bytes.
 * @param passphrase opens an encrypted key.
 * @returns SubjectPublicKeyInfo in PEM.
 * @throws {CountersignError} `INVALID_PRIVATE_KEY`, `NOT_A_PRIVATE_KEY`, `UNSUPPORTED_KEY`, `PASSPHRASE_REQUIRED`,
 * `WRONG_PASSPHRASE`
 */
export declare function derivePublicKey(privateKey: string | Uint8Array, passphrase?: string): string;

/**
 * What a private key is, and what had to be repaired to read it. Nothing of the key itself is in the result.
 *
 * ```js
 * const { keyType, bits, container, repairs } = describeKey(readFileSync("private_key.pem", "utf8").replaceAll("\n", "\\n"));
 * console.log(keyType, bits, container, repairs); // RSA 2048 PKCS#8 [ 'its line breaks were the two characters \\n' ]
 * ```
 * @param privateKey PEM as text or bytes, or DER as bytes.
 * @param passphrase opens an encrypted key.
 * @returns the kind of key, its form and its public key.
 * @throws {CountersignError} as for `derivePublicKey`
 */
export declare function describeKey(
  privateKey: string | Uint8Array,
  passphrase?: string,
): {
  /** What the key is. */
  keyType: KeyType;
  /** Of the modulus, or of the curve. */
  bits: number;
  /** What it was written in. */
  encoding: "PEM" | "DER";
  /** `"PKCS#8"`, `"PKCS#1"`, `"SEC1"`, and how it is encrypted. */
  container: string;
  /** What had happened to the text on its way, and was undone. */
  repairs: string[];
  /** The public key in PEM. */
  publicKey: string;
};

// The names of the types below are those of @aws-sdk/cloudfront-signer, so that a program changes its import only.

/** The hash that a policy is signed with. */
export type CloudfrontSignerAlgorithm = "SHA1" | "SHA256";

/** The key, and how it signs. */
export type CloudfrontSignerCredentials = {
  /** The key pair id: letters and digits. */
  keyPairId: string;
  /** The private key; a `Buffer` is a `Uint8Array`. */
  privateKey: string | Uint8Array;
  /** Opens an encrypted key. */
  passphrase?: string;
  /** Default: `"SHA1"`, for every kind of key. */
  algorithm?: CloudfrontSignerAlgorithm;
};

/** What is signed, by its parts. */
export type CloudfrontSignInputWithParameters = CloudfrontSignerCredentials & {
  /** One address, without `*`, which is in a `policy` only. */
  url: UrlInput;
  /** The expiry. A number is milliseconds; text is what `new Date(text)` reads, local time where no offset is written. */
  dateLessThan: string | number | Date;
  /** The start, in the same forms. */
  dateGreaterThan?: string | number | Date;
  /** An IPv4 address or range. */
  ipAddress?: string;
  /** Does not go with the parts. */
  policy?: never;
};

/** What is signed, as a policy that is ready. */
export type CloudfrontSignInputWithPolicy = CloudfrontSignerCredentials & {
  /** `getSignedUrl` takes the policy's resource where it is left out; `getSignedCookies` ignores it. */
  url?: UrlInput;
  /** The policy's JSON, signed byte for byte. */
  policy: string;
  /** Is in the policy. */
  dateLessThan?: never;
  /** Is in the policy. */
  dateGreaterThan?: never;
  /** Is in the policy. */
  ipAddress?: never;
};

/** What `getSignedUrl` and `getSignedCookies` take. */
export type CloudfrontSignInput = CloudfrontSignInputWithParameters | CloudfrontSignInputWithPolicy;

/** @deprecated Use `CloudfrontSignInput`. */
export type CloudfrontSignInputBase = {
  /** The address or the resource. */
  url: UrlInput;
  /** The key pair id. */
  keyPairId: string;
  /** The private key. */
  privateKey: string | Uint8Array;
  /** Opens an encrypted key. */
  passphrase?: string;
  /** The expiry. */
  dateLessThan?: string;
  /** An IPv4 address or range. */
  ipAddress?: string;
  /** The start. */
  dateGreaterThan?: string;
};

/** Names and values of the cookies. There is either `CloudFront-Expires` (canned policy) or `CloudFront-Policy` (custom). */
export interface CloudfrontSignedCookiesOutput {
  /** The key pair id. */
  "CloudFront-Key-Pair-Id": string;
  /** The signature in CloudFront's Base64. */
  "CloudFront-Signature": string;
  /** Seconds since 1970. */
  "CloudFront-Expires"?: number;
  /** The policy in CloudFront's Base64. */
  "CloudFront-Policy"?: string;
  /** `"SHA256"`, only where that is the hash. */
  "CloudFront-Hash-Algorithm"?: string;
}

/**
 * What `getSignedUrl` of `@aws-sdk/cloudfront-signer` 3.1138 and later does, byte for byte. The README lists every input
 * that is an error here.
 *
 * ```js
 * const url = getSignedUrl({
 *   url: "https://d111111abcdef8.cloudfront.net/invoice.pdf",
 *   keyPairId: "K2JCJMDEHXQW5F",
 *   privateKey: readFileSync("private_key.pem", "utf8"),
 *   dateLessThan: "2030-12-31T23:59:59+09:00",
 * });
 * ```
 * @param input what is signed, and the key.
 * @returns the signed URL.
 * @throws {CountersignError} as for `new Signer` and `Signer.signUrl`; never `ALREADY_EXPIRED`
 */
export declare function getSignedUrl(input: CloudfrontSignInput): string;

/**
 * What `getSignedCookies` of `@aws-sdk/cloudfront-signer` 3.1138 and later does, byte for byte. The README lists every
 * input that is an error here.
 *
 * ```js
 * const cookies = getSignedCookies({
 *   url: "https://media.example.com/films/1.mp4",
 *   keyPairId: "K2JCJMDEHXQW5F",
 *   privateKey: readFileSync("private_key.pem", "utf8"),
 *   dateLessThan: "2030-12-31T23:59:59+09:00",
 * });
 * ```
 * @param input what is signed, and the key.
 * @returns names and values; `toSetCookie` makes headers of them.
 * @throws {CountersignError} as for `getSignedUrl`
 */
export declare function getSignedCookies(input: CloudfrontSignInput): CloudfrontSignedCookiesOutput;

/**
 * Everything that this package throws. Recognise it by `code`; `instanceof` works across the ES module and the CommonJS
 * copy too.
 *
 * ```js
 * try {
 *   derivePublicKey(readFileSync("public_key.pem"));
 * } catch (error) {
 *   if (!(error instanceof CountersignError)) throw error;
 *   console.log(error.code, error.message, error.hint); // NOT_A_PRIVATE_KEY …
 * }
 * ```
 */
export declare class CountersignError extends Error {
  private constructor();
  /** As in what a program prints that does not catch it. */
  readonly name: "CountersignError";
  /** Stable: never renamed, never used for something else. */
  readonly code: ErrorCode;
  /** What to do about it, where there is more to say than in `message`. */
  readonly hint?: string;
  /** The option that is wrong, `"dateLessThan"`, or the name that is unknown; none where it is no single option's fault. */
  readonly option?: string;
  /**
   * What stands in `message`, by name, for writing it anew in another language: numbers, moments as `2030-01-01T00:00:00Z`, and
   * what was passed, shortened. `problem` tells apart what shares one code: `"empty"`, `"unreadable"`, `"before 1970"`, `"too late"`.
   */
  readonly values?: Readonly<Record<string, string | number>>;
  /** Where several options of one call are wrong, independently of one another: an error for each, this one among them. */
  readonly errors?: readonly CountersignError[];
  /**
   * What `JSON.stringify` writes; it would otherwise leave the message out.
   * @returns the members that the error has.
   */
  toJSON(): ErrorRecord;
}

/** A `CountersignError` as JSON. */
export type ErrorRecord = Pick<CountersignError, "name" | "code" | "message" | "hint" | "option" | "values" | "errors">;

/** What went wrong; the README says when each is given. A new one may come with any version. */
// codes: begin
export type ErrorCode =
  | "INVALID_URL"
  | "UNSUPPORTED_SCHEME"
  | "RESERVED_PARAMETER"
  | "WILDCARD_IN_URL"
  | "TOO_LONG"
  | "RESOURCE_MISMATCH"
  | "INVALID_DATE"
  | "ALREADY_EXPIRED"
  | "INVALID_DATE_RANGE"
  | "INVALID_IP_ADDRESS"
  | "IPV6_NOT_SUPPORTED"
  | "INVALID_KEY_PAIR_ID"
  | "INVALID_POLICY"
  | "INVALID_MANIFEST"
  | "INVALID_PRIVATE_KEY"
  | "UNSUPPORTED_KEY"
  | "NOT_A_PRIVATE_KEY"
  | "PASSPHRASE_REQUIRED"
  | "WRONG_PASSPHRASE"
  | "INVALID_PUBLIC_KEY"
  | "UNSUPPORTED_ALGORITHM"
  | "INVALID_OPTION"
  | "RANDOM_UNAVAILABLE"
  | "SIGNING_FAILED"
  | "HOST_CRYPTO_UNAVAILABLE"
  | "NOT_INITIALIZED"
  | "MODULE_STOPPED"
  | "FREED";
// codes: end
