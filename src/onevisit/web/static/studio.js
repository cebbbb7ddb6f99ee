// A draft in the studio: saved and examined when its writer pauses. The editor itself (CodeMirror) is
// fetched when somebody turns to the text, or at once where it has been before; until then, and
// without scripts, the textareas do.
const PAUSE = 300; // ms without a key
const SEEN = "ov-editor";
const form = document.querySelector("[data-draft]");
const results = document.querySelector("[data-results]");
const sheets = [...form.querySelectorAll("[data-sheet]")].map((box) => ({
  box, role: box.dataset.sheet, file: box.dataset.file, title: box.dataset.title, area: box.querySelector("textarea"), editor: null,
}));
let assist = null;
let waiting = 0;
let running = false;
let held = "held" in form.dataset; // somebody else saved first: nothing is saved by itself any more
let saved = typed();
let leaving = false;

function typed() {
  return JSON.stringify(sheets.map((sheet) => sheet.area.value));
}

function changed() {
  clearTimeout(waiting);
  waiting = setTimeout(look, PAUSE);
}

// One examination at a time: what was typed meanwhile is examined when the one on its way has come.
async function look(play = false) {
  if (running) { changed(); return; }
  running = true;
  const asked = typed();
  const body = new URLSearchParams(new FormData(form));
  body.set("piece", "1");
  if (play) body.set("play", "1");
  if (held) body.set("revision", "0");
  results.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(`${form.action}/check`, { method: "POST", body });
    const text = await answer.text();
    if (!answer.ok || !text.includes("data-result")) throw new Error();
    results.innerHTML = text;
    taken(asked);
  } catch {
    tell("没有自动保存：请检查网络，或者登录已经过期。按“保存”，登录以后接着写，您写的都在。");
  } finally {
    running = false;
    results.removeAttribute("aria-busy");
  }
  if (typed() !== asked) changed();
}

function taken(asked) {
  const told = results.querySelector("[data-result]");
  if ("overtaken" in told.dataset) held = true;
  else {
    saved = asked;
    for (const field of document.querySelectorAll('input[name="revision"]')) field.value = told.dataset.revision;
    tell(told.dataset.told);
  }
  mark();
}

function tell(text) {
  document.querySelector("[data-saved]").textContent = text;
}

// Each fault: a way to its line, a mark on its file's tab, a wavy line below it.
function mark() {
  const faults = [...results.querySelectorAll("[data-line]")].map((each) => ({
    each, file: each.dataset.path, line: Number(each.dataset.line), column: Number(each.dataset.column), message: each.dataset.message,
  }));
  for (const fault of faults) {
    const sheet = sheets.find((each) => each.file === fault.file);
    const place = fault.each.querySelector("[data-place]");
    if (!sheet || !place) continue;
    const go = document.createElement("button");
    go.type = "button";
    go.className = "ov-goto";
    go.textContent = place.textContent;
    go.addEventListener("click", () => lead(sheet, fault.line, fault.column));
    place.replaceChildren(go);
  }
  for (const sheet of sheets) {
    const own = faults.filter((each) => each.file === sheet.file);
    if (sheet.tab) sheet.tab.querySelector(".ov-count").textContent = own.length ? `${own.length} 处` : "";
    if (sheet.editor && assist) assist.underline(sheet.editor.view, own);
  }
}

async function lead(sheet, line, column) {
  await upgrade();
  show(sheet);
  if (sheet.editor) { sheet.editor.go(line, column); return; }
  const start = sheet.area.value.split("\n").slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
  sheet.area.focus();
  sheet.area.setSelectionRange(start + column - 1, start + column - 1);
}

// Files side by side become tabs.
function tabs() {
  const bar = document.createElement("div");
  bar.className = "ov-filetabs";
  bar.setAttribute("role", "tablist");
  bar.setAttribute("aria-label", "文件");
  for (const sheet of sheets) {
    sheet.tab = document.createElement("button");
    sheet.tab.type = "button";
    sheet.tab.id = `tab-${sheet.role}`;
    sheet.tab.setAttribute("role", "tab");
    sheet.tab.setAttribute("aria-controls", `panel-${sheet.role}`);
    sheet.tab.append(sheet.title, Object.assign(document.createElement("span"), { className: "ov-count" }));
    sheet.tab.addEventListener("click", () => show(sheet));
    sheet.box.id = `panel-${sheet.role}`;
    sheet.box.setAttribute("role", "tabpanel");
    sheet.box.setAttribute("aria-labelledby", sheet.tab.id);
    bar.append(sheet.tab);
  }
  bar.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const at = sheets.findIndex((sheet) => sheet.tab === document.activeElement);
    if (!step || at < 0) return;
    const next = sheets[(at + step + sheets.length) % sheets.length];
    show(next);
    next.tab.focus();
  });
  sheets[0].box.before(bar);
  show(sheets[0]);
}

function show(wanted) {
  for (const sheet of sheets) {
    const here = sheet === wanted;
    sheet.box.hidden = !here;
    sheet.tab.setAttribute("aria-selected", String(here));
    sheet.tab.tabIndex = here ? 0 : -1;
  }
}

let upgrading = null;
function upgrade() {
  upgrading ??= (async () => {
    const { edit } = await import("/static/vendor/editor.js");
    for (const sheet of sheets) sheet.editor = edit(sheet.area, `${sheet.title}，YAML 编辑框，Tab 键离开`, changed);
    try { localStorage.setItem(SEEN, "1"); } catch { /* private windows */ }
    assist = await import("/static/vendor/assist.js");
    const known = [...document.querySelectorAll("#known-names option")].map((each) => ({ kind: each.dataset.kind, name: each.value, title: each.textContent }));
    const texts = () => Object.fromEntries(sheets.map((sheet) => [sheet.role, sheet.area.value]));
    for (const sheet of sheets) sheet.editor.extend(assist.help(sheet.role, await schemaOf(sheet.role), texts, known));
    mark();
  })().catch(() => { /* the textareas do */ });
  return upgrading;
}

async function schemaOf(role) {
  if (role === "scenarios") return null;
  const answer = await fetch(`/studio/schema/${role}.json`);
  return answer.ok ? answer.json() : null;
}

function wanted() {
  try { return localStorage.getItem(SEEN) === "1"; } catch { return false; }
}

tabs();
mark();
for (const sheet of sheets) sheet.area.addEventListener("input", changed);
for (const button of form.querySelectorAll("[data-check]")) {
  button.addEventListener("click", (event) => { event.preventDefault(); event.stopPropagation(); clearTimeout(waiting); look(button.name === "play"); }, true);
}
form.addEventListener("submit", () => { leaving = true; });
addEventListener("beforeunload", (event) => { if (!leaving && typed() !== saved) event.preventDefault(); });
const text = form.querySelector(".ov-studio-text");
if (wanted()) upgrade();
else for (const turned of ["pointerover", "focusin", "touchstart"]) text.addEventListener(turned, upgrade, { once: true, passive: true });
