// Buttons that copy or save a text. They are disabled while there is none.
import { element } from "./dom.js";
import { word } from "./words.js";

const sources = new Map();
let hiding;

/** What a button with this name in `data-copy` or `data-save` copies or saves. */
export function offer(name, text) {
  sources.set(name, text);
}

export function showOffers() {
  for (const button of document.querySelectorAll("[data-copy], [data-save]")) button.disabled = !sources.get(button.dataset.copy ?? button.dataset.save)?.();
}

/** Shows a message for a moment, and announces it to screen readers. */
export function tell(text) {
  element("toast").textContent = text;
  clearTimeout(hiding);
  hiding = setTimeout(() => (element("toast").textContent = ""), 4000);
}

export async function copy(text, told = word("copied")) {
  try {
    await navigator.clipboard.writeText(text);
    tell(told);
  } catch {
    // The page is not secure, or the visitor refused.
    tell(word("copy.refused"));
  }
}

function save(text, file) {
  const url = URL.createObjectURL(new Blob([text], { type: "application/x-pem-file" }));
  Object.assign(document.createElement("a"), { href: url, download: file }).click();
  URL.revokeObjectURL(url);
  tell(word("saved", { file }));
}

document.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-copy], [data-save]");
  const text = button && sources.get(button.dataset.copy ?? button.dataset.save)?.();
  if (!text) return;
  if (button.dataset.copy) copy(text);
  else save(text, button.dataset.file);
});
