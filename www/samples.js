// The code that does the same elsewhere, filled in with the current values and never with the key.
const text = (value) => JSON.stringify(value);
const rust = (value) => JSON.stringify(value);
const shell = (value) => `'${value.replaceAll("'", "'\\''")}'`;

/** `{ dateLessThan: "1h", … }` as JavaScript writes it. */
function conditions({ until, from, address, resource }) {
  const members = [`dateLessThan: ${text(until)}`];
  if (from) members.push(`dateGreaterThan: ${text(from)}`);
  if (address) members.push(`ipAddress: ${text(address)}`);
  if (resource) members.push(`resource: ${text(resource)}`);
  return `{ ${members.join(", ")} }`;
}

const algorithmOf = ({ algorithm }) => (algorithm ? `, algorithm: ${text(algorithm)}` : "");

export const samples = {
  curl: (_, signed) => `curl ${shell(signed)}`,

  Node: (state) => `import { readFileSync } from "node:fs";
import { Signer } from "countersign";

const signer = new Signer({ keyPairId: ${text(state.keyPairId)}, privateKey: readFileSync("private_key.pem")${algorithmOf(state)} });
console.log(signer.signUrl(${text(state.url)}, ${conditions(state)}));`,

  Worker: (state) => `import { Signer } from "countersign";

export default {
  fetch(request, env) {
    const signer = new Signer({ keyPairId: ${text(state.keyPairId)}, privateKey: env.PRIVATE_KEY${algorithmOf(state)} });
    return Response.redirect(signer.signUrl(${text(state.url)}, ${conditions(state)}));
  },
};`,

  Rust: (state) => {
    const calls = [];
    if (state.from) calls.push(`.date_greater_than(${rust(state.from)})`);
    if (state.address) calls.push(`.ip_address(${rust(state.address)})`);
    const made = state.algorithm ? `Signer::with_algorithm(${rust(state.keyPairId)}, key, countersign::Algorithm::${state.algorithm === "SHA1" ? "Sha1" : "Sha256"})?` : `Signer::new(${rust(state.keyPairId)}, key)?`;
    const call = state.resource ? `sign_url_for_resource(${rust(state.url)}, ${rust(state.resource)}, &conditions)` : `sign_url(${rust(state.url)}, &conditions)`;
    return `use countersign::{Conditions, LoadOptions, PrivateKey, Signer};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let key = PrivateKey::load(&std::fs::read("private_key.pem")?, &LoadOptions::new())?;
    let conditions = Conditions::new(${rust(state.until)})${calls.join("")};
    println!("{}", ${made}.${call}?);
    Ok(())
}`;
  },

  Shell: (state) => {
    const lines = [`countersign sign --url ${shell(state.url)}`, `--key-pair-id ${shell(state.keyPairId)} --private-key file://private_key.pem`, `--date-less-than ${shell(state.until)}`];
    if (state.from) lines.push(`--date-greater-than=${shell(state.from)}`);
    if (state.address) lines.push(`--ip-address ${shell(state.address)}`);
    if (state.resource) lines.push(`--policy-resource ${shell(state.resource)}`);
    if (state.algorithm) lines.push(`--hash-algorithm ${state.algorithm}`);
    return lines.join(" \\\n  ");
  },
};
