// Formats a policy's JSON in few lines, and undoes it.

/** Keeps in one line what fits into it. */
const WIDTH = 54;

function written(value, indent) {
  const flat = JSON.stringify(value);
  if (typeof value !== "object" || value === null) return flat;
  const oneLine = flat.replace(/"(?:[^"\\]|\\.)*"|[{}\[\],:]/g, (token) => ({ "{": "{ ", "}": " }", ",": ", ", ":": ": " })[token] ?? token);
  if (indent.length + oneLine.length <= WIDTH && !/[{[].*[{[]/.test(oneLine.slice(1, -1))) return oneLine;
  const inner = `${indent}  `;
  const [first, last] = Array.isArray(value) ? "[]" : "{}";
  if (Array.isArray(value) && value.length === 1) return `[${written(value[0], indent)}]`;
  const members = Array.isArray(value) ? value.map((member) => written(member, inner)) : Object.entries(value).map(([name, member]) => `${JSON.stringify(name)}: ${written(member, inner)}`);
  return `${first}\n${members.map((member) => inner + member).join(",\n")}\n${indent}${last}`;
}

/** The text unchanged if formatting would change its meaning. */
export function legible({ json, pretty }) {
  return compact(json) === json ? written(JSON.parse(json), "") : pretty;
}

/** JSON without white space between its parts. Text that is not JSON stays, so that the core explains what is wrong. */
export function compact(text) {
  try {
    return JSON.stringify(JSON.parse(text));
  } catch {
    return text;
  }
}
