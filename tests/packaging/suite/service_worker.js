import { report } from "./report.js";

addEventListener("message", (event) => event.waitUntil(report().then((report) => event.source.postMessage(report))));
