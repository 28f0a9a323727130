import { report } from "../../signing.js";

export default async function handler(request, response) {
  response.json(await report());
}
