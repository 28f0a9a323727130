// Access to the runtime's objects. Any of them may be missing, throw, be a Proxy, or belong to another realm: in Next.js's edge sandbox
// the members of `process` throw; Jest's jsdom has no `TextEncoder`, and a `Buffer` of another realm.
import { attempt } from "./attempt.js";

/** A global object by its name; undefined if it is missing or throws. */
export const host = (name) => attempt(() => globalThis[name]);

/** WebCrypto; throws where there is none. */
export function subtleCrypto() {
  const subtle = attempt(() => host("crypto").subtle);
  if (!subtle) throw new Error("this runtime has no WebCrypto; a page needs HTTPS for it");
  return subtle;
}

/** The symbol of `using`, also where only a compiler knows it. */
export const dispose = Symbol.dispose ?? Symbol.for("Symbol.dispose");

/**
 * A built-in module of Node, Bun, Deno, or workerd with nodejs_compat; undefined elsewhere. It is found at run time, because a static
 * import would break every other runtime, and under a name that no bundler for the edge takes for a use of Node's interfaces.
 */
export const builtin = (name) =>
  attempt(() => {
    const module = host("process").getBuiltinModule(name);
    return typeof module === "object" || typeof module === "function" ? (module ?? undefined) : undefined;
  });

const { get: kindOf } = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag);

/** Whether these are bytes of any realm: `instanceof` knows only one realm, and trusts what an object claims. */
export const isBytes = (value) => kindOf.call(value) === "Uint8Array";

/** What a caught value says, whatever it is. */
export const messageOf = (cause) => attempt(() => `${cause?.message ?? cause}`) ?? "an error that cannot be read";
