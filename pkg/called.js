// Wraps the functions of the API, so that the stack of an error begins at the caller and not in WebAssembly's glue.
import { attempt } from "./attempt.js";
import { CountersignError } from "./errors.js";

/** Makes the stack of our error begin at the call of `called`, which must be running. */
export function fromCaller(error, called) {
  if (error instanceof CountersignError) attempt(() => Error.captureStackTrace(error, called));
  return error;
}

function wrapped(name, work, fail) {
  const { call } = {
    call(...parameters) {
      try {
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
