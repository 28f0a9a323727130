// Generated cases, the same in every run: a pseudo-random generator with a fixed seed.

export class Random {
  #state;

  constructor(seed) {
    this.#state = seed;
  }

  /** Mulberry32: a number in [0, 1). */
  next() {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  integer(from, to) {
    return from + Math.floor(this.next() * (to - from + 1));
  }

  chance(probability) {
    return this.next() < probability;
  }

  pick(list) {
    return list[this.integer(0, list.length - 1)];
  }
}

const HOST = "d111111abcdef8.cloudfront.net";

// Each list begins with what all signers agree on. `to be encoded` is what clients send in another form than it is written
// in; `awkward` is what signers disagree on or cannot sign.
const ORIGINS = {
  plain: [`https://${HOST}`, `http://${HOST}`, "https://media.example.com", "https://media.example.com:8443", "http://192.0.2.7:8080", "https://xn--eckwd4c7c.example"],
  awkward: [
    `https://${HOST.toUpperCase()}`, `HTTPS://${HOST}`, `https://${HOST}:443`, `http://${HOST}:80`, "https://ドメイン.example", "https://user:secret@media.example.com",
    "wss://media.example.com", "ftp://media.example.com", "rtmp://media.example.com", "s3://bucket", "//media.example.com", "media.example.com", " https://media.example.com",
    "http*://media.example.com", "*://media.example.com", "https://[2001:db8::1]", "https://me dia.example.com",
  ],
};

const PATHS = {
  plain: [
    "/", "/a.jpg", "/films/2030/trailer.mp4", "/a-b_c.d~e", "/(1)!.txt", "/%20", "/caf%C3%A9.jpg", "/a%2Fb", "//double//slash", "/trailing/",
    "/deep/er/and/deep/er/still.ts", "/it's.txt", "/%F0%9F%98%80.png", "/index.html", "/...",
  ],
  "to be encoded": ["/a b.jpg", "/café.jpg", "/😀.png", "/日本語/ファイル.txt", '/"quoted"', "/<a>", "/`{x}", "/%c3%a9", "/a^b", "/\u00a0"],
  awkward: [
    "/a+b.jpg", "/a=b,c@d;e:f$g&h", "/[1].jpg", "/a|b", "/%zz", "/100%", "/%E9.jpg", "/a/../b.jpg", "/./a", "/a/%2e%2e/b", "/..", "/a\\b", "/a\nb", "/a\tb", "/a\0b", "/private/*",
    "/x*y.jpg", "*", "", "/a.jpg;v=1",
  ],
};

const QUERIES = {
  plain: ["", "", "", "", "?x=1", "?a=1&b=2", "?d=x+y", "?a=1&a=2", "?q=caf%C3%A9", "?x=a%26b%3Dc", "?empty=&b=2", "?size=800x600&format=webp", "?expires=1&policy=2"],
  "to be encoded": ["?d=x y", "?q='quoted'", "?n=UTF-8''file", "?é=ü", '?x="<>', "?q=日本"],
  awkward: [
    "?flag", "?flag&x=1", "?a[]=1&a[]=2", "?u=https://example.com/?z=1", "?x=%c3%a9", "?x=%zz&y=%", "?x=;,/:@$!()~", "?x=`{}|\\^", "?", "?&&", "?x=1&&y=2&", "?=v", "?a==b", "?x=*", "?a?b=1", "?x=a%2ab",
    "?Expires=1", "?a=1&Policy=eyJ9", "?Signature=x", "?Key-Pair-Id=OLD", "?Hash-Algorithm=SHA1", "?%45xpires=1",
  ],
};

const FRAGMENTS = { plain: [""], awkward: ["#top", "#", "#a?b=c"] };

function part(random, lists, { encoded, awkward }) {
  if (random.chance(awkward)) return random.pick(lists.awkward);
  if (lists["to be encoded"] && random.chance(encoded)) return random.pick(lists["to be encoded"]);
  return random.pick(lists.plain);
}

/** A URL. `encoded` and `awkward` are the chances that a part of it is not plain. */
export function url(random, { encoded = 0.2, awkward = 0.1 } = {}) {
  const odds = { encoded, awkward };
  return (
    part(random, ORIGINS, { encoded: 0, awkward: awkward / 2 }) +
    part(random, PATHS, odds) +
    part(random, QUERIES, odds) +
    part(random, FRAGMENTS, { encoded: 0, awkward: awkward / 4 })
  );
}

/** An IPv4 address or range as policies accept it. */
export const ipAddress = (random) => {
  const octets = Array.from({ length: 4 }, () => random.integer(0, 255)).join(".");
  return random.chance(0.5) ? octets : `${octets}/${random.integer(0, 32)}`;
};

/** A moment between 2027 and 2199, in epoch seconds. */
export const moment = (random) => random.integer(1_798_761_600, 7_258_118_399);
