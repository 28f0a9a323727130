// Loaded before countersign, it keeps hold of the memory of each instance of its module.
export const memories = [];

const kept = (instance) => {
  // Node itself uses WebAssembly to parse HTTP, once fetch or a Response is used.
  if ("signercore_new" in instance.exports) memories.push(instance.exports.memory);
  return instance;
};
const { Instance, instantiate } = WebAssembly;
WebAssembly.Instance = function (module, imports) {
  return kept(new Instance(module, imports));
};
WebAssembly.instantiate = async (module, imports) => kept(await instantiate(module, imports));
