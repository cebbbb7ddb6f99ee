// Where in the YAML of a service one stands: read forward line by line, so that it works in text
// that is still being written. Knows block and flow style, quotes and comments; nothing else occurs.
export const EACH = "*";
const KEY = /^("[^"]*"|'[^']*'|[^\s:#{}[\],"'][^:#]*?)[ \t]*:(?=[ \t]|$)/;

// The path of the mapping (or value) at `end`: {path, key, prefix}; key null: a key is being typed.
// `each(path, key, value)` is told every scalar before it.
export function pathAt(text, end = text.length, each = () => {}) {
  const reader = { block: [], flow: [], word: "", each };
  let place = { path: [], key: null, prefix: "" };
  for (const line of text.slice(0, end).split("\n")) place = reader.flow.length ? flowLine(reader, line) : blockLine(reader, line);
  return place;
}

const blockPath = (reader) => reader.block.map((each) => each.key);

function blockLine(reader, line) {
  let indent = line.length - line.trimStart().length;
  let rest = line.slice(indent);
  if (rest.startsWith("#")) return { path: blockPath(reader), key: null, prefix: "", comment: true };
  if (!rest && !line) return { path: popped(reader, 0), key: null, prefix: "" };
  while (/^-( |$)/.test(rest)) {
    if (rest) pop(reader, indent + 0.5);
    reader.block.push({ indent: indent + 0.5, key: EACH });
    const blanks = rest.length - rest.slice(1).trimStart().length;
    indent += blanks;
    rest = rest.slice(blanks);
  }
  if (!rest) return { path: popped(reader, indent), key: null, prefix: "" };
  pop(reader, indent);
  const found = KEY.exec(rest);
  if (!found) {
    if (/^[{[]/.test(rest)) return flowLine(reader, rest);
    return { path: blockPath(reader), key: null, prefix: rest };
  }
  const key = bare(found[1]);
  const parent = blockPath(reader);
  reader.block.push({ indent, key });
  const value = rest.slice(found[0].length).trimStart();
  if (/^[{[]/.test(value)) return flowLine(reader, value);
  reader.each(parent, key, bare(value.replace(/[ \t]#.*$/, "")));
  return { path: parent, key, prefix: value };
}

function popped(reader, indent) {
  return reader.block.filter((each) => each.indent < indent).map((each) => each.key);
}

function pop(reader, indent) {
  while (reader.block.length && reader.block.at(-1).indent >= indent) reader.block.pop();
}

function flowPath(reader) {
  const path = blockPath(reader);
  reader.flow.forEach((level, place) => {
    if (level.open === "[") path.push(EACH);
    else if (place < reader.flow.length - 1) path.push(level.key);
  });
  return path;
}

function flowLine(reader, line) {
  let quote = "";
  for (let place = 0; place < line.length; place += 1) {
    const sign = line[place];
    const top = reader.flow.at(-1);
    if (quote) { if (sign === quote) quote = ""; reader.word += sign; continue; }
    if ((sign === '"' || sign === "'") && !reader.word.trim()) { quote = sign; reader.word += sign; }
    else if (sign === "#" && /[ \t]/.test(line[place - 1] ?? " ")) break;
    else if (sign === "{" || sign === "[") { reader.flow.push({ open: sign, key: null }); reader.word = ""; }
    else if (sign === "}" || sign === "]") { tell(reader); reader.flow.pop(); reader.word = ""; if (!reader.flow.length) break; }
    else if (sign === ",") { tell(reader); if (top.open === "{") top.key = null; reader.word = ""; }
    else if (sign === ":" && top.open === "{" && top.key === null && /[ \t]|undefined/.test(String(line[place + 1]))) { top.key = bare(reader.word); reader.word = ""; }
    else reader.word += sign;
  }
  const top = reader.flow.at(-1);
  if (!top) return { path: blockPath(reader), key: null, prefix: "", comment: true };
  const prefix = reader.word.trimStart();
  return top.open === "[" ? { path: flowPath(reader), key: "", prefix } : { path: flowPath(reader), key: top.key, prefix };
}

function tell(reader) {
  const top = reader.flow.at(-1);
  if (top.open === "{" && top.key !== null && reader.word.trim()) reader.each(flowPath(reader), top.key, bare(reader.word));
}

function bare(text) {
  const trimmed = text.trim();
  return /^(".*"|'.*')$/.test(trimmed) ? trimmed.slice(1, -1) : trimmed;
}
