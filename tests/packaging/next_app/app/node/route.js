import { report } from "../../signing.js";

export const dynamic = "force-dynamic";

export const GET = async () => Response.json(await report());
