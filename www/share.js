// Keeps the page's state in the fragment of its address, which browsers do not send. It contains no secrets.

export function readFragment() {
  return Object.fromEntries(new URLSearchParams(location.hash.slice(1)));
}

/** The page's address with this state, without empty fields. */
export function addressWith(state) {
  const given = Object.entries(state).filter(([, value]) => value);
  return `${location.href.split("#")[0]}#${new URLSearchParams(given)}`;
}

/** Keeps mode, tab and language in the address, so that a reload shows the same. Only `addressWith` adds typed text. */
export function keep(state) {
  history.replaceState(null, "", addressWith({ ...readFragment(), ...state }));
}
