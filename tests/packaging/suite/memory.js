// Loaded before countersign, it keeps hold of the memory of each instance of WebAssembly.
export const memories = [];

const kept = (instance) => {
  memories.push(instance.exports.memory);
  return instance;
};
const { Instance, instantiate } = WebAssembly;
WebAssembly.Instance = function (module, imports) {
  return kept(new Instance(module, imports));
};
WebAssembly.instantiate = async (module, imports) => kept(await instantiate(module, imports));
