// Functions of the API as they are called from outside: the stack of an error begins at the caller, and not in WebAssembly's glue.
import { attempt } from "./attempt.js";
import { CountersignError } from "./errors.js";

/** Lets the stack of an error of ours begin where `called` was called; `called` has to be under way. */
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

/** The same for a function that returns a promise: what it throws at once is a rejection. */
export const calledLater = (name, work) => wrapped(name, work, (error) => Promise.reject(error));

/** Methods of a class, or static ones, in the place of themselves. */
export function callMethods(owner, names, wrap = called) {
  for (const name of names) {
    Object.defineProperty(owner, name, { value: wrap(name, owner[name]), writable: true, configurable: true, enumerable: false });
  }
}

/** Says what `console.log` shows of a class's objects in Node, Deno and Bun: its name and these members, and never a key. */
export function showAs(type, name, membersOf) {
  // A class of this name, whatever a bundler does to the other.
  const Shown = { [name]: class {} }[name];
  const value = function () {
    return Object.assign(new Shown(), attempt(() => membersOf(this)));
  };
  Object.defineProperty(type.prototype, Symbol.for("nodejs.util.inspect.custom"), { value, writable: true, configurable: true });
}
