import { report } from "./report.js";

report().then((report) => console.log(JSON.stringify(report)));
