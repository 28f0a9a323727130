// The declarations of countersign/slim, in both formats; slim.d.ts passes them on to ES modules.

export * from "./index.cjs";

/** A compiled module: `WebAssembly.Module`, where the program has its type. */
export type CoreModule = typeof globalThis extends { WebAssembly: { Module: { prototype: infer M } } } ? M & object : object;

/** `core.wasm`, compiled, as bytes, as a `Response`, or as the URL of the file. */
export type CoreInput =
  | CoreModule
  | ArrayBuffer
  | ArrayBufferView
  | {
      /** As of a `Response` or a `Blob`. */
      arrayBuffer(): Promise<ArrayBuffer>;
    }
  | {
      /** As of a `URL`. */
      readonly href: string;
    }
  | string;

/**
 * Loads `core.wasm`. Calls after success do nothing, concurrent calls share one promise, and after a failure you can call it again.
 *
 * ```js
 * import { Signer, init } from "countersign/slim";
 *
 * await init();
 * const signer = new Signer({ keyPairId: "K2JCJMDEHXQW5F", privateKey: readFileSync("private_key.pem") });
 * ```
 * @param input `core.wasm` or its URL, or a promise of it. Default: the file in the package, if the runtime can read it, or where the
 * bundler put it (webpack, Vite).
 * @returns a promise that resolves when the rest of the package is ready.
 * @throws {CountersignError} `NOT_INITIALIZED`, saying what came instead of a module.
 * @see https://developer.mozilla.org/en-US/docs/WebAssembly/Reference/JavaScript_interface/compile_static
 */
export declare function init(input?: CoreInput | PromiseLike<CoreInput> | undefined): Promise<void>;

/**
 * The same synchronously. On a page, Chromium before 115 compiles only small modules this way: use `init` there.
 *
 * ```js
 * import { Signer, initSync } from "countersign/slim";
 *
 * initSync(readFileSync(new URL(import.meta.resolve("countersign/core.wasm"))));
 * const signer = new Signer({ keyPairId: "K2JCJMDEHXQW5F", privateKey: readFileSync("private_key.pem") });
 * ```
 * @param input `core.wasm`, compiled or as bytes.
 * @throws {CountersignError} `NOT_INITIALIZED`, if it is not the module of this version, or the runtime forbids compiling.
 */
export declare function initSync(input: CoreModule | ArrayBuffer | ArrayBufferView): void;
