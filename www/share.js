// What the page shows, in the fragment of its address, which browsers keep to themselves. Secrets are not in it.

export function readFragment() {
  return Object.fromEntries(new URLSearchParams(location.hash.slice(1)));
}

/** The page's own address with this state; what is empty is left out. */
export function addressWith(state) {
  const given = Object.entries(state).filter(([, value]) => value);
  return `${location.href.split("#")[0]}#${new URLSearchParams(given)}`;
}

/** Keeps the mode, the tab and the language in the address, so that a reload shows the same; what was typed comes in by `addressWith` alone. */
export function keep(state) {
  history.replaceState(null, "", addressWith({ ...readFragment(), ...state }));
}
