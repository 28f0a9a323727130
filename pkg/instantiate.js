// Puts an instance of the module behind the glue.
export function instantiate(module, glue) {
  const { exports } = new WebAssembly.Instance(module, { "./countersign_bg.js": glue });
  glue.__wbg_set_wasm(exports);
  exports.__wbindgen_start();
}
