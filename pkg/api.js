// What all loaders share: the API, and, as the default export, which `export *` leaves out, what loads the module. `cargo xtask build`
// makes one file of it, dist/api.js: a new process takes longer to find and open a dozen files than to read them.
export * from "./countersign.js";

import { attempt } from "./attempt.js";
import { decodeBase64 } from "./base64.js";
import { builtin, host, messageOf } from "./host.js";
import { findCrypto } from "./host-crypto.js";
import * as loading from "./instantiate.js";

export default { ...loading, attempt, builtin, decodeBase64, host, messageOf, findCrypto };
