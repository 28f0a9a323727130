// Wraps the functions of the API, so that the stack of an error begins at the caller and not in WebAssembly's glue.
import { attempt } from "./attempt.js";
import { CountersignError } from "./errors.js";
import { isPlain, kind } from "./options.js";

/** Makes the stack of our error begin at the call of `called`, which must be running. */
export function fromCaller(error, called) {
  if (error instanceof CountersignError) attempt(() => Error.captureStackTrace(error, called));
  return error;
}

/**
 * Refuses what follows the parameters, since it would be ignored: conditions in an object of their own, or a callback. `map` passes an
 * index to a function of one parameter.
 */
function refuseMore(name, count, more) {
  if (more === undefined || (count === 1 && typeof more !== "function" && !attempt(() => isPlain(more)))) return;
  const takes = `${name} takes ${count} argument${count === 1 ? "" : "s"}`;
  throw new CountersignError("INVALID_OPTION", `${takes}, and what follows, ${kind(more)}, would be ignored`, "Put all options into one object. There are no callbacks.");
}

function wrapped(name, work, fail) {
  const { call } = {
    call(...parameters) {
      try {
        refuseMore(name, work.length, parameters[work.length]);
        return work.apply(this, parameters);
      } catch (error) {
        return fail(fromCaller(error, call));
      }
    },
  };
  Object.defineProperties(call, { name: { value: name, configurable: true }, length: { value: work.length, configurable: true } });
  return call;
}

/** The same function, named. */
export const called = (name, work) =>
  wrapped(name, work, (error) => {
    throw error;
  });

/** The same for a function that returns a promise: if it throws, the promise rejects. */
export const calledLater = (name, work) => wrapped(name, work, (error) => Promise.reject(error));

/** Wraps a class's methods, or its static ones. */
export function callMethods(owner, names, wrap = called) {
  for (const name of names) {
    Object.defineProperty(owner, name, { value: wrap(name, owner[name]), writable: true, configurable: true, enumerable: false });
  }
}

/** Makes `console.log` in Node, Deno and Bun show a class's name and these members, never a key. */
export function showAs(type, name, membersOf) {
  // A class with this name, even if a bundler renames the original.
  const Shown = { [name]: class {} }[name];
  const value = function () {
    return Object.assign(new Shown(), attempt(() => membersOf(this)));
  };
  Object.defineProperty(type.prototype, Symbol.for("nodejs.util.inspect.custom"), { value, writable: true, configurable: true });
}
