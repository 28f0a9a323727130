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
 * - ISO 8601 or RFC 3339, extended or basic; UTC without an offset, 00:00 without a time:
 *   `"2030-12-31"`, `"2030-12-31T23:59:59Z"`, `"20301231T23:59:59+09:00"`;
 * - a string of digits: seconds since 1970;
 * - a duration from now: `"30m"`, `"2h"`, `"7d"`, `"1h30m"`, `"PT15M"`; with a `-` before it, back from now.
 *
 * Fractions of a second are cut off. The last moment is 2262-04-11T23:47:16Z, CloudFront's limit.
 */
export type DateInput = Date | number | string;

/** The hash that a policy is signed with. */
export type Algorithm = "SHA1" | "SHA256";

/** The kinds of key that CloudFront accepts: RSA of 2048 bits, ECDSA on P-256. */
export type KeyType = "RSA" | "ECDSA";

/**
 * When a URL or a resource may be opened, and from which address. `undefined` means "not given"; `null`, empty strings and
 * unknown names are errors.
 * @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-creating-signed-url-custom-policy.html
 */
export interface Conditions extends Clock {
  /** Access ends at this moment. It must be in the future. */
  dateLessThan: DateInput;
  /**
   * Rounds the expiry up to a multiple of this duration, such as `"15m"` or `"1d"`, at most 366 days, counted from 1970. Everyone who
   * asks within the same 15 minutes gets the same URL, so browsers and proxies can cache it. This needs signatures that are the same
   * each time: RSA, or P-256 with `engine: "wasm"`. Default: no rounding.
   */
  roundUpTo?: string | undefined;
  /** Access begins after this moment. It must be earlier than `dateLessThan`. Default: at once. */
  dateGreaterThan?: DateInput | undefined;
  /** Access only from this IPv4 address, `"192.0.2.1"`, or range in CIDR notation, `"192.0.2.0/24"`. Default: from everywhere. */
  ipAddress?: string | undefined;
}

/** A URL: a string or a `URL` object. */
export type UrlInput = string | UrlObject;

/** A `URL` object of any host. */
export interface UrlObject {
  /** The whole URL: this is what is signed. */
  readonly href: string;
  /** Its query; it tells a `URL` from other objects. */
  readonly searchParams: object;
}

/** The time to count from. */
export interface Clock {
  /** The moment that durations and the expiry check count from. Default: the clock. */
  now?: DateInput | undefined;
  /** Sign even if the expiry has passed, for tests and fixed vectors. Default: `false`. */
  allowExpired?: boolean | undefined;
}

/** The conditions for one URL. */
export interface UrlConditions extends Conditions {
  /**
   * What the policy covers, with wildcards: `"https://d111111abcdef8.cloudfront.net/films/*"`. It must cover the URL.
   * Default: the URL.
   */
  resource?: UrlInput | undefined;
}

/** Your own policy. */
export interface ReadyPolicy extends Clock {
  /** The policy's JSON. We check it and sign it unchanged. */
  policy: string;
}

/** The key, and how it signs. */
export interface SignerOptions {
  /** The key pair id: CloudFront shows it for the public key, `"K2JCJMDEHXQW5F"`. */
  keyPairId: string;
  /**
   * The private key, RSA of 2048 bits or ECDSA on P-256. PEM as text or bytes, or DER as bytes; PKCS#1, PKCS#8, SEC1, or
   * encrypted. PEM whose line breaks were lost or became `\n` is repaired.
   * @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-trusted-signers.html
   */
  privateKey: string | Uint8Array;
  /** Opens an encrypted key. */
  passphrase?: string | undefined;
  /** Default: `"SHA1"` for RSA, which is CloudFront's default too; `"SHA256"` for ECDSA. */
  algorithm?: Algorithm | undefined;
  /** Accept RSA keys of other sizes, for tests with old vectors. CloudFront does not accept them. Default: `false`. */
  allowUnsupportedKey?: boolean | undefined;
  /**
   * What signs: the host's synchronous crypto (`node:crypto`) or this package's WebAssembly. Default: `"auto"`, which takes the
   * host's crypto if it signs correctly with this key and is the faster one, else WebAssembly. The first signature decides, and it
   * is right in either case. Only with `"host"` does the constructor sign to find out.
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
  /** Who does the private-key operation. With `engine: "auto"` and before the first signature, this signs once to find out. */
  readonly engine: "wasm" | "host";

  /**
   * Signs one URL. The policy is canned if `dateLessThan` is the only condition and there is no `resource`; else it is custom.
   * @param url absolute, `http:` or `https:`. It is first written as clients send it.
   * @param conditions until when, and what else limits it.
   * @returns the URL with `Expires` or `Policy`, `Signature`, `Key-Pair-Id` and, for SHA-256, `Hash-Algorithm`.
   * @throws {CountersignError} `INVALID_URL`, `UNSUPPORTED_SCHEME`, `RESERVED_PARAMETER`, `WILDCARD_IN_URL`,
   * `RESOURCE_MISMATCH`, `INVALID_DATE`, `ALREADY_EXPIRED`, `INVALID_DATE_RANGE`, `INVALID_IP_ADDRESS`,
   * `IPV6_NOT_SUPPORTED`, `INVALID_OPTION`, `RANDOM_UNAVAILABLE`, `SIGNING_FAILED`, `FREED`
   * @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-creating-signed-url-canned-policy.html
   */
  signUrl(url: UrlInput, conditions: UrlConditions): string;
  /**
   * Signs one URL with your own policy, byte for byte. The policy's resource must cover the URL.
   * @param url as above.
   * @param policy the policy.
   * @returns the URL with `Policy`, `Signature`, `Key-Pair-Id` and, for SHA-256, `Hash-Algorithm`.
   * @throws {CountersignError} as above, and `INVALID_POLICY`
   * @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-creating-signed-url-custom-policy.html
   */
  signUrl(url: UrlInput, policy: ReadyPolicy): string;

  /**
   * Signs many URLs, each with a policy of its own.
   * @param urls an array or another iterable; not one string.
   * @param conditions for each of them.
   * @returns the signed URLs, in the same order.
   * @throws {CountersignError} as for `signUrl`; the first error ends it.
   */
  signUrls(urls: Iterable<UrlInput> & object, conditions: Conditions): string[];

  /**
   * Signs cookies. If `dateLessThan` is the only condition and the resource has no `*`, the policy is canned and opens that one URL;
   * else it is custom.
   * @param resource begins with `http://`, `https://` or `http*://`; `*` stands for any run of characters.
   * @param conditions until when, and what else limits it.
   * @returns names and values; `toSetCookie` turns them into headers.
   * @throws {CountersignError} as for `signUrl`
   * @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-signed-cookies.html
   */
  signCookies(resource: UrlInput, conditions: Conditions): SignedCookies;
  /**
   * Signs cookies with your own policy, byte for byte.
   * @param policy the policy.
   * @returns names and values; `toSetCookie` turns them into headers.
   * @throws {CountersignError} as for `signUrl`, and `INVALID_POLICY`
   * @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-setting-signed-cookie-custom-policy.html
   */
  signCookies(policy: ReadyPolicy): SignedCookies;

  /**
   * Signs once, for many URLs or for cookies.
   * @param resource one address, or a pattern with `*`: `"https://d111111abcdef8.cloudfront.net/stream/*"`.
   * @param conditions until when, and what else limits it.
   * @returns the grant; putting it on a URL needs no further signature.
   * @throws {CountersignError} as for `signUrl`
   */
  grant(resource: UrlInput, conditions: Conditions): Grant;

  /** Forgets the key. Afterwards every method except `free` throws `FREED`. Existing grants go on working. */
  free(): void;
  /** The same as `free`, for `using`. */
  [Symbol.dispose](): void;
}

/**
 * Signs with a key in WebCrypto, a KMS or an HSM. It has the methods of `Signer`, but they return promises. Errors are rejections,
 * never thrown synchronously.
 *
 * ```js
 * const signer = await AsyncSigner.fromKey({ keyPairId: "K2JCJMDEHXQW5F", privateKey: readFileSync("private_key.pem") });
 * const url = await signer.signUrl("https://d111111abcdef8.cloudfront.net/invoice.pdf", { dateLessThan: "30m" });
 * ```
 */
export declare class AsyncSigner {
  private constructor();
  /**
   * Gives the key to WebCrypto, not extractable, and forgets it.
   * @param options the key, and how it signs.
   * @returns the signer, when WebCrypto has taken the key.
   * @throws {CountersignError} (as a rejection) as for `new Signer`; `HOST_CRYPTO_UNAVAILABLE` where the runtime has no WebCrypto
   * (a page without HTTPS) or refuses the key or the hash (SHA-1 under FIPS), unless `fallback` is `"wasm"`
   * @see https://www.w3.org/TR/webcrypto-2/
   */
  static fromKey(options: AsyncSignerKeyOptions): Promise<AsyncSigner>;
  /**
   * Signs with a function.
   * @param options the function, and the kind of its key.
   * @returns the signer; it has not called the function yet.
   * @throws {CountersignError} `INVALID_KEY_PAIR_ID`, `INVALID_PUBLIC_KEY`, `UNSUPPORTED_ALGORITHM`, `INVALID_OPTION`
   */
  static fromSign(options: ExternalSignerOptions): AsyncSigner;
  /** The id that was given. */
  readonly keyPairId: string;
  /** What the key is. */
  readonly keyType: KeyType;
  /** The hash that it signs with. */
  readonly algorithm: Algorithm;
  /** What signs: WebCrypto, this package's WebAssembly, or the function of `fromSign`. */
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
   * The same with your own policy.
   * @param url absolute, `http:` or `https:`.
   * @param policy the policy.
   * @returns the signed URL.
   * @throws {CountersignError} (as a rejection) as above, and `INVALID_POLICY`
   */
  signUrl(url: UrlInput, policy: ReadyPolicy): Promise<string>;
  /**
   * As `Signer.signUrls`. Everything is checked before anything is signed; then all signatures run at once. With a KMS each is a
   * request: `grant` needs only one.
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
   * @returns names and values; `toSetCookie` turns them into headers.
   * @throws {CountersignError} (as a rejection) as for `signUrl`
   */
  signCookies(resource: UrlInput, conditions: Conditions): Promise<SignedCookies>;
  /**
   * The same with your own policy.
   * @param policy the policy.
   * @returns names and values; `toSetCookie` turns them into headers.
   * @throws {CountersignError} (as a rejection) as for `signUrl`, and `INVALID_POLICY`
   */
  signCookies(policy: ReadyPolicy): Promise<SignedCookies>;
  /**
   * As `Signer.grant`: one signature for many URLs, so only one request to a KMS.
   * @param resource one address, or a pattern with `*`.
   * @param conditions until when, and what else limits it.
   * @returns the policy with its signature.
   * @throws {CountersignError} (as a rejection) as for `signUrl`
   */
  grant(resource: UrlInput, conditions: Conditions): Promise<Grant>;
  /** Forgets the key or the function. Running calls finish; later ones reject with `FREED`. */
  free(): void;
  /** The same as `free`, for `using`. */
  [Symbol.dispose](): void;
}

/** A key that WebCrypto holds: a `CryptoKey`. */
export interface WebCryptoKey {
  /** `"private"`. */
  readonly type: string;
  /** Whether WebCrypto may export it; it does not matter here. */
  readonly extractable: boolean;
  /** What it signs with. */
  readonly algorithm: WebCryptoAlgorithm;
  /** What it may do; `"sign"` must be among it. */
  readonly usages: readonly string[];
}

/** The algorithm of a `CryptoKey`. */
export interface WebCryptoAlgorithm {
  /** `"RSASSA-PKCS1-v1_5"` or `"ECDSA"`. */
  readonly name: string;
}

/** The key for WebCrypto, or a `CryptoKey`, and how it signs. */
export interface AsyncSignerKeyOptions extends Omit<SignerOptions, "engine" | "privateKey"> {
  /**
   * PEM or DER, as for `Signer`; or a `CryptoKey` that may `"sign"`: RSASSA-PKCS1-v1_5 of 2048 bits with SHA-1 or SHA-256, or ECDSA on
   * P-256. The hash of an RSA CryptoKey is fixed, and is the default of `algorithm`. A CryptoKey takes no `passphrase` and no `fallback`.
   */
  privateKey: string | Uint8Array | WebCryptoKey;
  /** Sign in WebAssembly if WebCrypto cannot sign with this key and hash. Default: an error. */
  fallback?: "wasm" | undefined;
}

/** A function that signs, and the kind of its key. */
export interface ExternalSignerOptions {
  /** The id that CloudFront shows for the public key: letters and digits. */
  keyPairId: string;
  /** What the key is. */
  keyType: KeyType;
  /** The hash that `sign` uses. Default: as for `Signer`. */
  algorithm?: Algorithm | undefined;
  /** The public key, PEM or DER. If given, every signature is checked before it is used. */
  publicKey?: string | Uint8Array | undefined;
  /**
   * Signs the message and returns the signature's bytes: PKCS#1 v1.5, or ECDSA in DER or as the 64 bytes of r and s. The message is
   * the policy itself, not its hash (in AWS KMS: `MessageType: "RAW"`).
   * @param message the policy's JSON in UTF-8.
   * @returns the signature: 256 bytes for RSA.
   * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html
   */
  sign(message: Uint8Array): Uint8Array | ArrayBuffer | Promise<Uint8Array | ArrayBuffer>;
}

/**
 * A policy that is signed once, for many URLs or for cookies. Get it from `grant` of `Signer` or `AsyncSigner`.
 *
 * ```js
 * const signer = new Signer({ keyPairId: "K2JCJMDEHXQW5F", privateKey: readFileSync("private_key.pem") });
 * const grant = signer.grant("https://d111111abcdef8.cloudfront.net/stream/*", { dateLessThan: "2h" });
 * const segments = grant.urls(["https://d111111abcdef8.cloudfront.net/stream/1.ts", "https://d111111abcdef8.cloudfront.net/stream/2.ts"]);
 * ```
 */
export declare class Grant {
  private constructor();
  /** The signed policy's JSON. */
  readonly policy: string;
  /** The key pair id. */
  readonly keyPairId: string;
  /** What it covers; `"*"` if a policy from elsewhere has no resource. */
  readonly resource: string;
  /** When access ends. Make a new grant some time before. */
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
   * Addresses with another scheme or host (`skd:`, `data:`, an ad or license server) stay as they are, and so do addresses that are
   * signed already. Sign the playlists that a playlist names, too.
   * @param text the text of the manifest, at most 10,000,000 bytes. HLS begins with `#EXTM3U`, DASH is XML.
   * @param url where viewers fetch the manifest, signed or not. Relative addresses are resolved against it, and stay relative.
   * @param options `absolute: true` makes relative addresses absolute, for a manifest that your own site serves.
   * @returns the text with its addresses signed.
   * @throws {CountersignError} each with its line: `RESOURCE_MISMATCH` for an address of the grant's own host that the grant does not
   * cover, and for a grant of one address; `INVALID_MANIFEST` for what is neither HLS nor DASH, or cannot be read, and for a DOCTYPE or
   * XInclude; `INVALID_URL`, `RESERVED_PARAMETER`, `INVALID_OPTION`
   * @see https://www.rfc-editor.org/rfc/rfc8216
   */
  manifest(text: string, url: UrlInput, options?: { absolute?: boolean | undefined }): string;
  /**
   * Takes the grant out of a signed URL, to put it on other URLs that its resource covers. It needs no key and does not check the
   * signature: verify the request first.
   *
   * ```js
   * const signer = new Signer({ keyPairId: "K2JCJMDEHXQW5F", privateKey: readFileSync("private_key.pem") });
   * const signed = signer.grant("https://media.example.com/films/*", { dateLessThan: "2h" }).url("https://media.example.com/films/index.m3u8");
   * console.log(Grant.fromUrl(signed).url("https://media.example.com/films/1.ts"));
   * ```
   * @param url a signed URL.
   * @returns the grant; it covers what the URL's policy covers.
   * @throws {CountersignError} `INVALID_URL` for a URL that is not signed, `INVALID_POLICY`, `INVALID_DATE`, `INVALID_KEY_PAIR_ID`
   */
  static fromUrl(url: UrlInput): Grant;
  /**
   * The grant as cookies.
   * @returns names and values; `toSetCookie` turns them into headers.
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
  /** Only with SHA-256. */
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
  /** Default: none, which most browsers treat as `"Lax"`. */
  sameSite?: "Strict" | "Lax" | "None" | undefined;
  /** Default: `false`. */
  partitioned?: boolean | undefined;
}

/**
 * Writes `Set-Cookie` headers, one for each cookie.
 *
 * ```js
 * const signer = new Signer({ keyPairId: "K2JCJMDEHXQW5F", privateKey: readFileSync("private_key.pem") });
 * const cookies = signer.signCookies("https://media.example.com/films/*", { dateLessThan: "2h" });
 * const headers = new Headers(toSetCookie(cookies, { domain: "example.com", path: "/films" }).map((value) => ["set-cookie", value]));
 * ```
 * @param cookies from `signCookies`, `Grant.cookies` or `getSignedCookies`.
 * @param attributes for each of them. Default: `Secure` and `HttpOnly`, nothing else.
 * @returns three values or, for SHA-256, four.
 * @throws {CountersignError} `INVALID_OPTION` for an incomplete set of cookies, and for attributes that no browser
 * accepts: a `domain` of `cloudfront.net`, `sameSite: "None"` or `partitioned` without `secure`; `INVALID_DATE`
 */
export declare function toSetCookie(
  cookies: SignedCookies | CloudfrontSignedCookiesOutput,
  attributes?: CookieAttributes,
): string[];

/**
 * Writes `Set-Cookie` headers that delete CloudFront's cookies, for logging out. Browsers delete a cookie only if name, domain, path and
 * partition agree: pass the attributes that the cookies were set with.
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
 * Answers as CloudFront does with a trusted key group, and says why. Where AWS's documentation is silent, it denies.
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
   * Decides on one request. A malformed URL, cookie or address is a denial, not an error.
   * @param request the URL, the cookies, the viewer's address and the time.
   * @returns whether it is allowed, and why not.
   * @throws {CountersignError} `INVALID_OPTION` for an option of a wrong type or name; `INVALID_DATE` for `now`
   */
  verify(request: VerifyRequest): Decision;
}

/**
 * Cookies: as text, as names and values (an object, a `Map`, `URLSearchParams`, pairs, `{ name, value }`), or as headers (`Headers`, the
 * headers of a request in Node).
 */
export type CookiesInput =
  | string
  | readonly string[]
  | readonly {
      /** The cookie's name. */
      name: string;
      /** Its value, as it came. */
      value: string;
    }[]
  | Iterable<readonly [string, string]>
  | Readonly<Record<string, string | string[] | undefined>>
  | SignedCookies;

/** A trusted key group. */
export interface VerifierOptions {
  /** Key pair id → public key, RSA of 2048 bits or ECDSA on P-256, in PEM (or DER as bytes). */
  publicKeys: Record<string, string | Uint8Array>;
  /** Who checks the signatures, as in `SignerOptions`. Default: `"auto"`. */
  engine?: "auto" | "wasm" | "host" | undefined;
}

/** A request as it reaches CloudFront. */
export interface VerifyRequest {
  /** The absolute URL, as the viewer asked for it. */
  url: UrlInput;
  /**
   * The value of the `Cookie` header, what your framework keeps the cookies in, or the output of `signCookies`, `toSetCookie` or
   * `countersign sign-cookies`. Default, also for `null`: none. They count only if the URL has no credentials.
   */
  cookies?: CookiesInput | null | undefined;
  /** The viewer's address. Without it, policies with an address are denied. Policies never cover IPv6 addresses. */
  ipAddress?: string | null | undefined;
  /** The moment to decide for. Default: the clock. */
  now?: DateInput | undefined;
}

/** CloudFront's answer: allowed or denied. */
export type Decision = AllowedDecision | DeniedDecision;

/** The request goes on to the origin. */
export interface AllowedDecision {
  /** Tells it from a denial. */
  allowed: true;
  /** Where the credentials were. */
  source: "url" | "cookies";
  /** The key that they were signed with. */
  keyPairId: string;
  /** The URL without the signing parameters and the fragment, as the origin gets it. */
  url: string;
  /** The policy that allows it. */
  policy: PolicyView;
  /** How many more seconds it is valid; at least 1. */
  remaining: number;
  /** What is accepted, but worth a look. */
  warnings: string[];
  /** The same warnings for programs, in the same order. Missing if there are none. */
  warningDetails?: Warning[];
}

/** Accepted, but worth a look. */
export interface Warning {
  /** One sentence. */
  message: string;
  /** The same for programs. Stable; `docs/verifying.md` has the table. */
  code: ReasonCode;
  /** What was found, by the names in braces in that table. */
  values: Record<string, string | number>;
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

/** Why a request is denied, and what `inspect` finds. Any version may add codes. */
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
  | "parameter-added"
  | "rewritten"
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
  | "other-name"
  | "no-question-mark"
  | "second-question-mark"
  | "escaped-as-value"
  | "in-fragment"
  | "invisible-character"
  | "framework-cookie"
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
  | "other-signature"
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
  | "other-service-host"
  | "other-port"
  | "stray-percent"
  | "not-as-sent"
  | "after-the-signature"
  | "fragment"
  | "empty-query-part"
  | "http"
  | "nothing-wrong";
// reasons: end

/** A policy. Moments are seconds since 1970. */
export interface PolicyView {
  /** What it covers. None: everything that the key may open. */
  resource?: string;
  /** Access ends at this moment. */
  dateLessThan: number;
  /** Access begins after this moment. None: at once. */
  dateGreaterThan?: number;
  /** The addresses that may open it, an IPv4 range in CIDR notation. None: all. */
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
   * The viewer's address. There is no default: trust a header such as `x-forwarded-for` only if your own proxy sets it. `(request) => request.headers.get("cf-connecting-ip")` is right behind Cloudflare. Without it, policies with an
   * address are denied.
   * @param request the request.
   * @returns an IPv4 address, or nothing if it is unknown.
   */
  clientAddress?(request: R): string | null | undefined | Promise<string | null | undefined>;
  /**
   * The URL that the viewer asked for, if a proxy changed it. Default: the request's.
   * @param request the request.
   * @returns the absolute URL.
   */
  url?(request: R): UrlInput | Promise<UrlInput>;
  /** The moment to decide for, or a function that gives it. Default: the clock. */
  now?: DateInput | (() => DateInput) | undefined;
  /**
   * The methods that are let through; others get 405, signed or not. Default: `["GET", "HEAD"]`. The signature does not cover the
   * method: if you add `"DELETE"`, a link to a file can also delete it. A CORS preflight, `OPTIONS`, has neither parameters nor cookies,
   * and CloudFront refuses it too: answer it before the guard.
   */
  methods?: readonly string[] | undefined;
  /**
   * Signs HLS and DASH manifests in answers, recognised by their `Content-Type` or, where that says nothing, by their name and their
   * text, so that a player gets the segments too. `true` puts the parameters of the viewer's own URL on the addresses; this needs no
   * private key, but a policy with a `*`. If cookies let the viewer in, the manifest stays as it is. Default: `false`.
   *
   * Only a whole manifest can be signed: for names that end in `.m3u8`, `.m3u` or `.mpd` the handler gets `GET` without `Range` and
   * conditional headers. `Content-Length` and `ETag` become those of the signed text, and `Cache-Control` becomes private. If a manifest
   * cannot be signed or is too long, the request ends with an error, `INVALID_MANIFEST` or `RESOURCE_MISMATCH`.
   */
  manifests?: boolean | ManifestAnswers<R> | undefined;
  /**
   * Gets each decision, for logs and metrics. If this or another function throws, the request ends with that error.
   * @param decision what was decided.
   * @param request the request.
   */
  onDecision?(decision: Decision, request: R): void | Promise<void>;
}

/**
 * How manifests in answers are signed.
 * @typeParam R the type of requests.
 */
export interface ManifestAnswers<R = HostRequest> {
  /**
   * Makes the grant whose parameters the addresses get, with your private key. Default: the grant of the viewer's own URL.
   * @param request the request.
   * @param decision why it was allowed.
   * @returns the grant, or nothing to leave the manifest as it is.
   */
  grant?(request: R, decision: AllowedDecision): Grant | undefined | Promise<Grant | undefined>;
  /** How many bytes a manifest may have, compressed or not. Default: 1,048,576; at most 10,000,000. */
  maximumBytes?: number | undefined;
}

/**
 * Puts a `Verifier` in front of a handler of the Fetch API: Workers, Deno, Bun, Hono, Node. `GET`, `HEAD`, `Range` and every
 * other request need the same signature.
 *
 * With `next`, allowed requests go on to it, without CloudFront's parameters and cookies. `countersign/express` and `countersign/hono`
 * do the same for those frameworks.
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
 * @returns a handler of the Fetch API. It answers denied requests with CloudFront's status, headers and body.
 * @throws {CountersignError} as for `new Verifier`
 */
export declare function guard<R extends GuardedRequest = HostRequest>(
  options: GuardOptions<R> & { next(request: R, decision: AllowedDecision): HostResponse | Promise<HostResponse> },
): (request: R) => Promise<HostResponse>;
/**
 * Without `next`, `undefined` means that the request is allowed; `stripSignature` removes the signing parameters from its URL.
 * @typeParam R the type of requests, `Request` where the program has it.
 * @param options the trusted key group, and how a request is read.
 * @returns a function that gives CloudFront's answer to denied requests.
 * @throws {CountersignError} as for `new Verifier`
 */
export declare function guard<R extends GuardedRequest = HostRequest>(
  options: GuardOptions<R>,
): (request: R) => Promise<HostResponse | undefined>;

/**
 * Removes CloudFront's query parameters, `Expires`, `Policy`, `Signature`, `Key-Pair-Id` and `Hash-Algorithm`, and the fragment from a
 * URL. Everything else stays as it is.
 *
 * ```js
 * console.log(stripSignature("https://media.example.com/1.mp4?size=hd&Expires=1893456000&Signature=AAAA&Key-Pair-Id=K2JCJMDEHXQW5F"));
 * // https://media.example.com/1.mp4?size=hd
 * ```
 * @param url absolute or not.
 * @returns the URL that the origin gets.
 * @throws {CountersignError} `INVALID_OPTION` if it is not a string or a `URL`
 */
export declare function stripSignature(url: UrlInput): string;

/**
 * Decodes a signed URL or cookies and names what looks wrong. It needs no key, so it cannot check the signature.
 *
 * ```js
 * const found = inspect("https://d111111abcdef8.cloudfront.net/a?Expires=1893456000000&Signature=AAAA&Key-Pair-Id=K2JCJMDEHXQW5F");
 * for (const { severity, message } of found.findings) console.log(severity, message);
 * ```
 * @param urlOrCookies a URL, or cookies: the value of a `Cookie` header, `Set-Cookie` lines, names and values, JSON
 * @param options `now`, the moment to compare times with; default: the clock
 * @returns the content, and what looks wrong.
 * @throws {CountersignError} `INVALID_URL` for text that is neither a URL nor CloudFront's cookies, `INVALID_OPTION`, `INVALID_DATE`
 */
export declare function inspect(
  urlOrCookies: UrlInput | CookiesInput,
  options?: { now?: DateInput | undefined },
): Inspection;

/** The content of a signed URL or cookies. */
export interface Inspection {
  /** What was given. */
  source: "url" | "cookies";
  /** The URL without the signing parameters; none for cookies. */
  url?: string;
  /** As written; none if it is missing. */
  keyPairId?: string;
  /** `Hash-Algorithm`, or `"SHA1"`, which is CloudFront's default. */
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
    /** Canned with `Expires`, custom with `Policy`. */
    kind: "canned" | "custom";
    /** The signed text, byte for byte. None for a canned policy in cookies: it depends on the request. */
    json?: string;
    /** The same, indented. */
    pretty?: string;
    /** What it covers. */
    resource?: string;
    /** When access ends. */
    dateLessThan?: Moment;
    /** When access begins. */
    dateGreaterThan?: Moment;
    /** The addresses that may open it, as written. */
    ipAddress?: string;
  };
  /** Everything that is or looks wrong; errors first. */
  findings: {
    /** `"error"`: CloudFront refuses this. `"warning"`: accepted, but rarely what you want. `"note"`: good to know. */
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
 * Makes a new key pair with WebCrypto: RSA of 2048 bits or ECDSA on P-256.
 *
 * ```js
 * const pair = await generateKeyPair({ type: "ECDSA" });
 * console.log(pair.publicKey); // -----BEGIN PUBLIC KEY----- …
 * ```
 * @param options `type`, by default `"RSA"`
 * @returns both keys in PEM: the private one as PKCS#8, the public one to upload to CloudFront
 * @throws {CountersignError} `INVALID_OPTION`; `HOST_CRYPTO_UNAVAILABLE` without WebCrypto, as on a page without HTTPS
 */
export declare function generateKeyPair(options?: { type?: KeyType | undefined }): Promise<{
  /** PKCS#8 in PEM, not encrypted. */
  privateKey: string;
  /** SubjectPublicKeyInfo in PEM. */
  publicKey: string;
}>;

/**
 * Derives the public key of a private key, in PEM, to upload to CloudFront.
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
 * Says what a private key is and what was repaired to read it. The result has nothing of the private key itself.
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
  /** The size of the modulus or of the curve. */
  bits: number;
  /** The encoding of the key. */
  encoding: "PEM" | "DER";
  /** `"PKCS#8"`, `"PKCS#1"`, `"SEC1"`, and how it is encrypted. */
  container: string;
  /** What was repaired in the text. */
  repairs: string[];
  /** The public key in PEM. */
  publicKey: string;
};

// The types below have the names of @aws-sdk/cloudfront-signer, so that you change only the import.

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

/** The URL and the conditions to sign. */
export type CloudfrontSignInputWithParameters = CloudfrontSignerCredentials & {
  /** One URL without `*`; wildcards are for `policy` only. */
  url: UrlInput;
  /** The expiry. A number is milliseconds; text is read as `new Date(text)` does, local time without an offset. */
  dateLessThan: string | number | Date;
  /** The start, in the same forms. */
  dateGreaterThan?: string | number | Date;
  /** An IPv4 address or range. */
  ipAddress?: string;
  /** Not together with the other members. */
  policy?: never;
};

/** Your own policy to sign. */
export type CloudfrontSignInputWithPolicy = CloudfrontSignerCredentials & {
  /** Without it, `getSignedUrl` takes the policy's resource; `getSignedCookies` ignores it. */
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
  /** `"SHA256"`, only with that hash. */
  "CloudFront-Hash-Algorithm"?: string;
}

/**
 * What `getSignedUrl` of `@aws-sdk/cloudfront-signer` 3.1138 and later does, byte for byte.
 * `docs/from-aws-sdk-js.md` lists every input that is an error here.
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
 * What `getSignedCookies` of `@aws-sdk/cloudfront-signer` 3.1138 and later does, byte for byte.
 * `docs/from-aws-sdk-js.md` lists every input that is an error here.
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
 * @returns names and values; `toSetCookie` turns them into headers.
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
  /** The name that an uncaught error shows. */
  readonly name: "CountersignError";
  /** Stable: never renamed, never used for something else. */
  readonly code: ErrorCode;
  /** What to do about it, if `message` does not say so already. */
  readonly hint?: string;
  /** The wrong option, `"dateLessThan"`, or the unknown name; none if it is no single option. */
  readonly option?: string;
  /**
   * The values in `message`, by name, so that you can write it in another language: numbers, moments as `2030-01-01T00:00:00Z`, and
   * your input, shortened. `problem` distinguishes cases of one code: `"empty"`, `"unreadable"`, `"before 1970"`, `"too late"`.
   */
  readonly values?: Readonly<Record<string, string | number>>;
  /** If several options of one call are wrong: an error for each of them, this one included. */
  readonly errors?: readonly CountersignError[];
  /**
   * What `JSON.stringify` writes; by default it would leave out the message.
   * @returns the error's members.
   */
  toJSON(): ErrorRecord;
}

/** A `CountersignError` as JSON. */
export type ErrorRecord = Pick<CountersignError, "name" | "code" | "message" | "hint" | "option" | "values" | "errors">;

/** What went wrong; `docs/errors.md` has the cause and cure of each. Any version may add codes. */
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
