// Chromium's part. The AWS SDK needs node:crypto, and does not run there.
import * as countersign from "countersign";

import { host } from "./host.mjs";

globalThis.answer = host(countersign);
