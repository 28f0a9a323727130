import { report } from "./report.js";

report().then(postMessage);
