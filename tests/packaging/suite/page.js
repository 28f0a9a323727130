import { report } from "./report.js";

globalThis.report = report();
