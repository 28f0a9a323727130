// The parts of a signed URL or of cookies. Each has one colour everywhere; pointing at or focusing one marks its twin.
import { element, make } from "./dom.js";
import { word } from "./words.js";

export const PARTS = ["address", "policy", "signature", "id", "hash"];
const KIND = { expires: "policy", policy: "policy", signature: "signature", "key-pair-id": "id", "hash-algorithm": "hash" };
const IN_COOKIES = /CloudFront-(Expires|Policy|Signature|Key-Pair-Id|Hash-Algorithm)["']?\s*[:=,]\s*["']?[^;"'\s,]*/gi;

const part = (kind, text) => make("span", { "data-part": kind }, text);

/** Pieces of text and marked parts, in order. */
export function partsOf(text, isUrl) {
  return isUrl ? ofUrl(text) : ofCookies(text);
}

function ofUrl(text) {
  const pieces = [];
  let address = "";
  for (const piece of text.split(/(?=[?&#])/)) {
    const kind = KIND[/^[?&](?:amp;)?([\w-]+)=/.exec(piece)?.[1].toLowerCase()];
    if (!kind) {
      address += piece;
      continue;
    }
    if (address) pieces.push(part("address", address));
    address = "";
    pieces.push(piece[0], part(kind, piece.slice(1)));
  }
  if (address) pieces.push(part("address", address));
  return pieces;
}

function ofCookies(text) {
  const pieces = [];
  let at = 0;
  for (const match of text.matchAll(IN_COOKIES)) {
    pieces.push(text.slice(at, match.index), part(KIND[match[1].toLowerCase()], match[0]));
    at = match.index + match[0].length;
  }
  return [...pieces, text.slice(at)];
}

/** A coloured button for each part in `shown`, so that parts can be marked by keyboard. */
export function showLegend(id, shown) {
  const kinds = PARTS.filter((kind) => shown.querySelector(`[data-part=${kind}]`));
  const legend = element(id);
  if (legend.dataset.kinds === `${kinds} ${word("part.address")}`) return;
  legend.dataset.kinds = `${kinds} ${word("part.address")}`;
  legend.hidden = kinds.length === 0;
  legend.replaceChildren(...kinds.map((kind) => make("button", { type: "button", "data-part": kind }, word(`part.${kind}`))));
}

function mark({ target }) {
  const sheet = target.closest?.(".sheet");
  if (!sheet) return;
  // Beside the parts, the one in focus stays marked: browsers report the pointer anew wherever the layout changes under it.
  const kind = (target.closest("[data-part]") ?? sheet.querySelector("[data-part]:focus"))?.dataset.part;
  if (kind) sheet.dataset.lit = kind;
  else delete sheet.dataset.lit;
}
for (const event of ["pointerover", "focusin"]) document.addEventListener(event, mark);

/** CloudFront's limit for a request's URL, in bytes. */
const LONGEST = 8192;

export const lengthOf = (url) => word("bytes.of", { bytes: new TextEncoder().encode(url).length, most: LONGEST });
