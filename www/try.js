// "Try it": requests a private file from the local distribution in five ways. In the exported page, the page's verifier answers.
import { Grant, Verifier } from "./countersign.js";
import { element, make } from "./dom.js";
import { partsOf } from "./parts.js";
import { explain } from "./reasons.js";
import { word } from "./words.js";

const FILES = { picture: "picture.svg", document: "document.pdf", video: "film.webm", stream: "stream/index.m3u8", text: "notes.txt" };
/** The playlist's contents, for the page without a server. */
const PLAYLIST = `#EXTM3U
#EXT-X-VERSION:7
#EXT-X-TARGETDURATION:2
#EXT-X-MEDIA-SEQUENCE:0
#EXT-X-PLAYLIST-TYPE:VOD
#EXT-X-MAP:URI="init.mp4"
#EXTINF:2.000000,
part-0.m4s
#EXTINF:2.000000,
part-1.m4s
#EXTINF:2.000000,
part-2.m4s
#EXT-X-ENDLIST
`;
const HLS = "application/vnd.apple.mpegurl";
/** An address of the documentation block, which nobody has. */
const ANOTHER_ADDRESS = "192.0.2.1";
const VIEWER_OF_THE_EXPORTED_PAGE = "198.51.100.7";

/** The requests, and which part of each is wrong. `scope` is a stream's resource: all of its files. */
const CASES = {
  signed: (signer, url, scope) => ({ url: signer.signUrl(url, { dateLessThan: "5m", ...scope }) }),
  unsigned: (_, url) => ({ url }),
  expired: (signer, url, scope) => ({ url: signer.signUrl(url, { dateLessThan: "-1m", allowExpired: true, ...scope }), changed: "policy" }),
  address: (signer, url, scope) => ({ url: signer.signUrl(url, { dateLessThan: "5m", ipAddress: ANOTHER_ADDRESS, ...scope }), changed: "policy" }),
  // Signed for another file.
  tampered: (signer, url) => ({ url: signer.signUrl(`${url}.old`, { dateLessThan: "5m" }).replace(".old", ""), changed: "address" }),
};

export class Try {
  #key;
  #isExported;
  #latest;
  file = "picture";
  case = "signed";

  constructor({ key, isExported }) {
    this.#key = key;
    this.#isExported = isExported;
    for (const [id, name] of [["files", "file"], ["cases", "case"]]) {
      element(id).addEventListener("change", ({ target }) => {
        this[name] = target.value;
        this.run();
      });
    }
    element("ask").addEventListener("click", () => this.run());
  }

  showWords() {
    element("try-text").textContent = word(this.#isExported ? "try.exported" : "try.text");
    const choices = (id, name, names, chosen, text) => element(id).replaceChildren(element(id).firstElementChild, ...names.map((value) => make("label", {}, make("input", { type: "radio", name, value, checked: value === chosen }), make("span", {}, text(value)))));
    choices("files", "file", Object.keys(FILES), this.file, (kind) => word(`file.${kind}`));
    choices("cases", "case", Object.keys(CASES), this.case, (name) => word(`try.${name}`));
  }

  async run() {
    const { signer, described } = this.#key;
    const answer = element("answer");
    if (!signer) return answer.replaceChildren(make("p", { className: "body" }, word("try.none")));
    const place = location.protocol === "file:" ? "https://d111111abcdef8.cloudfront.net/" : document.baseURI;
    const file = new URL(`private/${FILES[this.file]}`, place).href.split("#")[0];
    const scope = this.file === "stream" ? { resource: file.replace(/[^/]*$/, "*") } : {};
    const asked = CASES[this.case](signer, file, scope);
    this.#latest = asked;
    const request = { ...asked, keyPairId: signer.keyPairId, publicKey: described.publicKey };
    const got = this.#isExported ? verify(request) : await ask(request);
    // Another request was made meanwhile, and its answer may be there already.
    if (asked !== this.#latest) return;
    if (this.#isExported && got.status === 200 && this.file === "stream") got.body = Grant.fromUrl(asked.url).manifest(PLAYLIST, asked.url);
    answer.replaceChildren(...this.#exchange(asked, got));
  }

  #exchange({ url, changed }, { status, body, reason }) {
    const { host, pathname, search } = new URL(url);
    const line = partsOf(`${pathname}${search}`, true);
    for (const part of line) if (changed && part.dataset?.part === changed) part.classList.add("changed");
    const rows = [
      make("h3", {}, word("try.request")),
      make("pre", { className: "body http", role: "group", tabIndex: 0, "aria-label": word("try.request") }, "GET ", ...line, `\nHost: ${host}`),
      make("p", { className: "body told" }, word(`try.${this.case}.what`, { address: ANOTHER_ADDRESS })),
      make("div", { className: "banner", "data-state": status === 200 ? "good" : "bad" }, make("h3", {}, `${status} ${status === 200 ? "OK" : "Forbidden"}`), make("p", {}, status === 200 ? word("try.allowed") : word("try.because", { reason: explain(reason) }))),
    ];
    if (status === 200) rows.push(make("div", { className: "body file" }, this.#shown(url)));
    if (body) rows.push(make("h3", {}, word("try.body")), make("pre", { className: "body http", role: "group", tabIndex: 0, "aria-label": word("try.body") }, body));
    return rows;
  }

  #shown(url) {
    const source = this.#isExported ? `files/${FILES[this.file]}` : url;
    if (this.file === "stream") {
      const video = make("video", { src: source, controls: true, muted: true, "aria-label": word("file.stream") });
      const isPlayed = !this.#isExported && video.canPlayType(HLS);
      return make("div", {}, make("p", { className: "told" }, word("try.stream")), ...(isPlayed ? [video] : [make("p", { className: "told" }, word(this.#isExported ? "try.stream.exported" : "try.stream.unplayed"))]));
    }
    if (this.file === "picture") return make("img", { src: source, alt: word("file.picture.alt") });
    if (this.file === "video" && !this.#isExported) return make("video", { src: source, controls: true, muted: true, "aria-label": word("file.video") });
    return make("a", { className: "button", href: source, target: "_blank", rel: "noopener" }, word("try.open", { file: FILES[this.file] }));
  }
}

/** The server's answer: status, body and, because this is a demo, the reason. */
async function ask({ url, keyPairId, publicKey }) {
  await fetch("demo/key", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ keyPairId, publicKey }) });
  const response = await fetch(url);
  const reason = JSON.parse(decodeURIComponent(response.headers.get("x-demo-reason") ?? "{}"));
  const isText = !response.ok || response.headers.get("content-type").startsWith(HLS);
  return { status: response.status, body: isText ? await response.text() : "", reason };
}

function verify({ url, keyPairId, publicKey }) {
  const decision = new Verifier({ publicKeys: { [keyPairId]: publicKey } }).verify({ url, ipAddress: VIEWER_OF_THE_EXPORTED_PAGE });
  return decision.allowed ? { status: 200, body: "" } : { ...decision, reason: { code: decision.reasonCode, values: decision.values, message: decision.reason } };
}
