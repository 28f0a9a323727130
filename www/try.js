// "Try it": asks the local distribution for a private file in five ways; in the exported page, asks the verifier in the page.
import { Verifier } from "./countersign/dist/api.js";

const FILES = { picture: "picture.svg", document: "document.pdf", video: "film.webm", text: "notes.txt" };
const element = (id) => document.getElementById(id);

const CASES = {
  signed: (signer, url) => signer.signUrl(url, { dateLessThan: "5m" }),
  unsigned: (_, url) => url,
  expired: (signer, url) => signer.signUrl(url, { dateLessThan: "-1m", allowExpired: true }),
  address: (signer, url) => signer.signUrl(url, { dateLessThan: "5m", ipAddress: "192.0.2.1" }),
  // Signed for another file.
  tampered: (signer, url) => signer.signUrl(`${url}.old`, { dateLessThan: "5m" }).replace(".old", ""),
};

export function tryOut({ exported, word, signer, publicKey }) {
  /** What the server says: status, body and, because it is a demo, the reason. */
  async function ask(url) {
    await fetch("demo/key", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ keyPairId: signer().keyPairId, publicKey: publicKey() }) });
    const response = await fetch(url);
    const reason = decodeURIComponent(response.headers.get("x-demo-reason") ?? "");
    return { status: response.status, body: response.ok ? "" : await response.text(), reason };
  }

  function verify(url) {
    const decision = new Verifier({ publicKeys: { [signer().keyPairId]: publicKey() } }).verify({ url, ipAddress: "198.51.100.7" });
    return decision.allowed ? { status: 200, body: "", reason: "" } : decision;
  }

  function shown(kind, url) {
    if (kind === "picture") return Object.assign(document.createElement("img"), { src: url, alt: word("file.picture") });
    if (kind === "video") return Object.assign(document.createElement("video"), { src: url, controls: true, muted: true, ariaLabel: word("file.video") });
    return Object.assign(document.createElement("a"), { href: url, target: "_blank", rel: "noopener", textContent: word(`file.${kind}`) });
  }

  async function run(name) {
    const answer = element("answer");
    answer.replaceChildren();
    if (!signer()) return (answer.textContent = word("result.none"));
    const kind = element("file").value;
    const url = CASES[name](signer(), new URL(`private/${FILES[kind]}`, location.origin === "null" ? "https://d111111abcdef8.cloudfront.net/" : document.baseURI).href.split("#")[0]);
    const { status, body, reason } = exported ? verify(url) : await ask(url);
    const line = (text, className = "") => answer.append(Object.assign(document.createElement("p"), { textContent: text, className }));
    line(`${word(`try.${name}`)}: ${word("try.status")} ${status}`, status === 200 ? "allowed" : "denied");
    if (reason) line(word("try.reason") + reason);
    if (body) answer.append(Object.assign(document.createElement("pre"), { textContent: body, className: "wrap", tabIndex: 0 }));
    if (status === 200 && !exported) answer.append(shown(kind, url));
  }

  return {
    show() {
      const { value } = element("file");
      element("file").replaceChildren(...Object.keys(FILES).map((kind) => new Option(word(`file.${kind}`), kind)));
      if (value) element("file").value = value;
      element("cases").replaceChildren(
        ...Object.keys(CASES).map((name) => {
          const button = Object.assign(document.createElement("button"), { type: "button", textContent: word(`try.${name}`) });
          button.addEventListener("click", () => run(name));
          return button;
        }),
      );
    },
  };
}
