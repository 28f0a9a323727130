// Code that signs the same elsewhere, filled in from the form, without the key.
const text = (value) => JSON.stringify(value);
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

const command = (program) => (state) => {
  const lines = [`${program} sign --url ${shell(state.url)}`, `--key-pair-id ${shell(state.keyPairId)} --private-key file://private_key.pem`, `--date-less-than ${shell(state.until)}`];
  if (state.from) lines.push(`--date-greater-than=${shell(state.from)}`);
  if (state.address) lines.push(`--ip-address ${shell(state.address)}`);
  if (state.resource) lines.push(`--policy-resource ${shell(state.resource)}`);
  if (state.algorithm) lines.push(`--hash-algorithm ${state.algorithm}`);
  return lines.join(" \\\n  ");
};

export const snippets = {
  curl: { name: "curl", code: (_, signed) => `curl ${shell(signed)}` },

  node: {
    name: "Node",
    code: (state) => `import { readFileSync } from "node:fs";
import { Signer } from "countersign";

const signer = new Signer({ keyPairId: ${text(state.keyPairId)}, privateKey: readFileSync("private_key.pem")${algorithmOf(state)} });
console.log(signer.signUrl(${text(state.url)}, ${conditions(state)}));`,
  },

  worker: {
    name: "Worker",
    code: (state) => `import { Signer } from "countersign";

export default {
  fetch(request, env) {
    const signer = new Signer({ keyPairId: ${text(state.keyPairId)}, privateKey: env.PRIVATE_KEY${algorithmOf(state)} });
    return Response.redirect(signer.signUrl(${text(state.url)}, ${conditions(state)}));
  },
};`,
  },

  next: {
    name: "Next.js",
    code: (state) => `// app/link/route.js
import { Signer } from "countersign";

export const dynamic = "force-dynamic";

export function GET() {
  const signer = new Signer({ keyPairId: ${text(state.keyPairId)}, privateKey: process.env.PRIVATE_KEY${algorithmOf(state)} });
  return Response.redirect(signer.signUrl(${text(state.url)}, ${conditions(state)}));
}`,
  },

  rust: {
    name: "Rust",
    code: (state) => {
      const calls = [];
      if (state.from) calls.push(`.date_greater_than(${text(state.from)})`);
      if (state.address) calls.push(`.ip_address(${text(state.address)})`);
      const signer = state.algorithm
        ? `Signer::with_algorithm(${text(state.keyPairId)}, key, countersign::Algorithm::${state.algorithm === "SHA1" ? "Sha1" : "Sha256"})?`
        : `Signer::new(${text(state.keyPairId)}, key)?`;
      if (state.resource) calls.push(`.resource(${text(state.resource)})`);
      return `use countersign::{Conditions, PrivateKey, Signer};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let key = PrivateKey::from_pem(&std::fs::read_to_string("private_key.pem")?)?;
    let signer = ${signer};
    let conditions = Conditions::new(${text(state.until)})${calls.join("")};
    println!("{}", signer.sign_url(${text(state.url)}, &conditions)?);
    Ok(())
}`;
    },
  },

  shell: { name: "Shell", code: command("countersign") },
  npx: { name: "npx", code: command("npx countersign-cli") },
};
