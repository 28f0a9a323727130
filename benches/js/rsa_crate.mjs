// The crate `rsa` in WebAssembly with its defaults, in a page that is served with it.

/** A key of the crate; undefined if the page has no such module. */
export async function cratesKey(pem) {
  const response = await fetch("rsa_wasm_peer_bg.wasm");
  if (!response.ok) return undefined;
  const glue = await import(new URL("rsa_wasm_peer_bg.js", location.href).href);
  const { instance } = await WebAssembly.instantiate(await response.arrayBuffer(), { "./rsa_wasm_peer_bg.js": glue });
  glue.__wbg_set_wasm(instance.exports);
  instance.exports.__wbindgen_start();
  return glue.Key.read(Uint8Array.from(atob(pem.replace(/-----[^-]+-----|\s/g, "")), (character) => character.charCodeAt(0)));
}
