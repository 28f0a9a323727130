// Completes the parts of the document that repeat, so that each is written once: the titles of cards, the messages and hints of fields, and
// the links at the top, which stand at the bottom too.
import { element, make } from "./dom.js";

/** A card names its title by `data-title`, and a fact beside it by `data-fact`. */
function completeCard(card) {
  const { title, fact } = card.dataset;
  const heading = make("h2", { id: title.replace(".", "-"), "data-word": title });
  card.setAttribute("aria-labelledby", heading.id);
  card.prepend(make("div", { className: "title" }, heading, fact && make("span", { className: "fact", id: fact })));
}

/** A checked field has a place for its message. With `data-hint` it has a hint, whose words are named there or come later. */
function completeField(field) {
  const { htmlFor: id } = field.querySelector("label");
  const message = make("p", { className: "wrong", id: `${id}-error` });
  const { hint: words } = field.dataset;
  const hint = words === undefined ? undefined : make("p", { className: "hint", id: `${id}-hint`, "data-word": words || undefined });
  field.append(...[message, hint].filter(Boolean));
  element(id).setAttribute("aria-describedby", hint ? `${message.id} ${hint.id}` : message.id);
}

export function completeMarkup() {
  document.querySelectorAll("[data-title]").forEach(completeCard);
  document.querySelectorAll("[data-checked]").forEach(completeField);
  document.querySelector("footer").prepend(document.querySelector("nav.links").cloneNode(true));
}
