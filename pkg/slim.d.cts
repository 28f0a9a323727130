// The declarations of countersign/slim, in both formats; slim.d.ts passes them on to ES modules.

export * from "./index.cjs";

/** A compiled module: `WebAssembly.Module`, where the program has its type. */
export type CoreModule = typeof globalThis extends { WebAssembly: { Module: { prototype: infer M } } } ? M & object : object;

/** What `core.wasm` may be handed over as: compiled, as bytes, as the answer to a request, or as the address of the file. */
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
 * Gets `core.wasm` and puts it to work. Once it has, further calls do nothing; calls at the same time share one promise; after a
 * failure it can be called again.
 *
 * ```js
 * import { Signer, init } from "countersign/slim";
 *
 * await init();
 * const signer = new Signer({ keyPairId: "K2JCJMDEHXQW5F", privateKey: readFileSync("private_key.pem") });
 * ```
 * @param input `core.wasm` or its URL, or a promise of it. Default: the file that lies in the package, where the runtime can read
 * it, or where the bundler has put it (webpack, Vite).
 * @returns nothing, when everything else can be used.
 * @throws {CountersignError} `NOT_INITIALIZED`, saying what came instead of a module.
 * @see https://developer.mozilla.org/en-US/docs/WebAssembly/Reference/JavaScript_interface/compile_static
 */
export declare function init(input?: CoreInput | PromiseLike<CoreInput> | undefined): Promise<void>;

/**
 * The same at once, from what is at hand. Browsers before Chromium 115 compile only small modules so on a page: use `init` there.
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
