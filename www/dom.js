// Finds elements by ID, and makes them.

export const element = (id) => document.getElementById(id);

/** Makes an element with these properties (`data-…` and `aria-…` as attributes) and children. */
export function make(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined) continue;
    if (name.includes("-") || name === "role") made.setAttribute(name, value);
    else made[name] = value;
  }
  made.append(...children.filter((child) => child !== undefined));
  return made;
}

/** Shows a message beside its field, or removes it. */
export function complain(field, message = "") {
  element(`${field}-error`).textContent = message;
  if (message) element(field).setAttribute("aria-invalid", "true");
  else element(field).removeAttribute("aria-invalid");
}
