// The suite with the package as the runtime resolves it.
import { memories } from "./memory.js";
import * as countersign from "countersign";
import { conform } from "./conformance.js";
import expected from "./expected.js";

export const report = () => conform({ countersign, expected, memories });
