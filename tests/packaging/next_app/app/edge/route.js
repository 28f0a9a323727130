import { report } from "../../signing.js";

export const runtime = "edge";

export const GET = async () => Response.json({ ...(await report()), runtime: globalThis.EdgeRuntime });
