// What the editor knows of the language: completion and hover from the published JSON Schema and from
// the names that the files define; faults underlined where the check found them.
import { autocompletion, completionKeymap } from "@codemirror/autocomplete";
import { hoverTooltip, keymap } from "@codemirror/view";
import { lintGutter, lintKeymap, setDiagnostics } from "@codemirror/lint";
import { EACH, pathAt } from "./yaml_path.js";

// What stands behind these keys is a name from elsewhere.
const NAMED = {
  needs: "items", items: "items", "x-for": "items", department: "department", authority: "department",
  origin: "source", "x-shared": "source", jurisdiction: "jurisdiction", fields: "fields",
  when: "questions", "x-from": "questions", foreach: "fields", without: "materials", hand_in: "materials",
};

// texts: () => {workflow, form, scenarios}; known: [{kind, name, title}] from files not shown here.
export function help(role, schema, texts, known) {
  const complete = (context) => completion(context, role, schema, texts, known);
  return [
    autocompletion({ override: [complete], icons: false, activateOnTypingDelay: 150 }),
    schema ? hoverTooltip((view, at) => explained(view, at, schema), { hoverTime: 250 }) : [],
    lintGutter(),
    keymap.of([...completionKeymap, ...lintKeymap]),
  ];
}

// Shows what the check found; faults: [{line, column, message}].
export function underline(view, faults) {
  const found = faults.map(({ line, column, message }) => {
    const at = view.state.doc.line(Math.min(Math.max(line, 1), view.state.doc.lines));
    const from = Math.min(at.from + Math.max(column, 1) - 1, at.to);
    return { from, to: Math.max(wordEnd(view.state.doc.sliceString(from, at.to), from), from), severity: "error", message };
  });
  view.dispatch(setDiagnostics(view.state, found));
}

function wordEnd(rest, from) {
  const found = /^[^,}\]#]+/.exec(rest);
  return from + (found ? found[0].trimEnd().length : Math.min(1, rest.length));
}

function completion(context, role, schema, texts, known) {
  const place = pathAt(context.state.doc.sliceString(0, context.pos));
  if (place.comment) return null;
  const typed = /[\w$"*.-]*$/.exec(place.prefix)[0];
  if (!typed && !context.explicit && place.key === null) return null;
  const options = place.key === null ? keys(schema, place.path) : values(schema, place, texts(), known);
  return options.length ? { from: context.pos - typed.length, options, validFor: /^[\w$"*.-]*$/ } : null;
}

function keys(schema, path) {
  return properties(schema, path).map(([name, found]) => ({ label: name, apply: `${name}: `, detail: found.description ?? "" }));
}

function properties(schema, path) {
  const found = new Map();
  for (const node of nodesAt(schema, path)) for (const [name, each] of Object.entries(node.properties ?? {})) if (!found.has(name)) found.set(name, each);
  return [...found];
}

function values(schema, place, texts, known) {
  const path = place.key ? [...place.path, place.key] : place.path;
  const name = [...path].reverse().find((each) => each !== EACH);
  const kind = NAMED[name];
  const named = (kind ? names(kind, texts, known) : []).map(([label, detail]) => ({ label, detail }));
  const choices = nodesAt(schema, path).flatMap((node) => (node.enum ?? (node.const !== undefined ? [node.const] : node.type === "boolean" ? [true, false] : [])));
  return [...named, ...[...new Set(choices)].map((each) => ({ label: String(each) }))];
}

// [name, title] of all things of a kind that the texts define.
function names(kind, texts, known) {
  if (kind === "department" || kind === "source" || kind === "jurisdiction") return known.filter((each) => each.kind === kind).map((each) => [each.name, each.title]);
  if (kind === "fields") return fields(texts.form);
  const list = kind === "questions" ? "situations" : kind;
  const found = [];
  pathAt(texts.workflow, undefined, (path, key, value) => {
    if (path.length !== 2 || path[0] !== list || path[1] !== EACH) return;
    if (key === "id") found.push([value, ""]);
    else if ((key === "title" || key === "ask") && found.length && !found.at(-1)[1]) found.at(-1)[1] = value;
  });
  return found;
}

function fields(form) {
  const found = new Map();
  pathAt(form, undefined, (path, key, value) => {
    if (path.length !== 2 || path[0] !== "properties") return;
    if (!found.has(path[1])) found.set(path[1], "");
    if (key === "title") found.set(path[1], value);
  });
  return [...found];
}

// All parts of the schema that may describe what lies at a path.
function nodesAt(schema, path) {
  let nodes = opened(schema, [schema ?? {}]);
  for (const step of path) {
    const inner = nodes.flatMap((node) => {
      if (step === EACH) return node.items ? [node.items] : [];
      if (node.properties?.[step]) return [node.properties[step]];
      const open = [...Object.values(node.patternProperties ?? {}), node.additionalProperties];
      return open.filter((each) => each && typeof each === "object");
    });
    nodes = opened(schema, inner);
  }
  return nodes;
}

function opened(schema, nodes) {
  return nodes.flatMap((node) => {
    if (node.$ref) return opened(schema, [schema.$defs[node.$ref.split("/").at(-1)]]);
    const choices = [...(node.anyOf ?? []), ...(node.oneOf ?? []), ...(node.allOf ?? [])];
    return [node, ...(choices.length ? opened(schema, choices) : [])];
  });
}

function explained(view, at, schema) {
  const line = view.state.doc.lineAt(at);
  const before = /[\w$-]*$/.exec(line.text.slice(0, at - line.from))[0];
  const after = /^[\w$-]*/.exec(line.text.slice(at - line.from))[0];
  const from = at - before.length;
  const to = at + after.length;
  if (from === to || !/^"?[ \t]*:/.test(view.state.doc.sliceString(to, line.to))) return null;
  const place = pathAt(view.state.doc.sliceString(0, to));
  const found = properties(schema, place.path).find(([name]) => name === before + after);
  if (place.key !== null || !found?.[1].description) return null;
  return { pos: from, end: to, above: true, create: () => ({ dom: Object.assign(document.createElement("div"), { textContent: found[1].description }) }) };
}
