// workerd's side: requests and answers over HTTP.
import * as awsSdk from "@aws-sdk/cloudfront-signer";
import * as countersign from "countersign";

import { host } from "./host.mjs";

const answer = host(countersign, awsSdk);

export default {
  async fetch(request) {
    return Response.json(await answer(await request.json()));
  },
};
