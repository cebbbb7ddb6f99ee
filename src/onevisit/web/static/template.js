// Shows the pages of a template again when its editor pauses; without scripts there is a button.
"use strict";

const PAUSE = 900; // ms without a key
const editor = document.querySelector("[data-template-editor]");
const pages = document.querySelector("[data-preview-pages]");
const button = editor?.querySelector("[data-preview]");
let waiting = 0;
let running = null;
let shown = "";

function typed() {
  const form = new URLSearchParams(new FormData(editor));
  form.set("piece", "1");
  return form;
}

// One preview at a time: what was typed meanwhile is shown when the one on its way has come.
async function look() {
  if (running) return;
  const form = typed();
  const asked = form.toString();
  if (asked === shown) return;
  running = new AbortController();
  pages.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(button.formAction, { method: "POST", body: form, signal: running.signal });
    if (answer.redirected || !answer.headers.get("content-type")?.startsWith("text/html")) throw new Error();
    pages.innerHTML = await answer.text();
    shown = asked;
    mark();
  } catch {
    pages.textContent = "暂时不能预览：请检查网络，或者重新登录。您写的内容还在左边。";
    shown = asked;
  } finally {
    running = null;
    pages.removeAttribute("aria-busy");
    if (typed().toString() !== shown) later();
  }
}

function later() {
  clearTimeout(waiting);
  waiting = setTimeout(look, PAUSE);
}

// A fault in this very file: a button leads to its line.
function mark() {
  for (const fault of pages.querySelectorAll("[data-line]")) {
    if (!location.pathname.includes(`/${fault.dataset.template}`)) continue;
    const go = document.createElement("button");
    go.type = "button";
    go.className = "btn btn-sm";
    go.textContent = `到第 ${fault.dataset.line} 行`;
    go.addEventListener("click", () => select(Number(fault.dataset.line)));
    fault.append(go);
  }
}

function select(line) {
  const area = editor.elements.text;
  const lines = area.value.split("\n");
  const start = lines.slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
  area.focus();
  area.setSelectionRange(start, start + (lines[line - 1] ?? "").length);
  area.scrollTop = (line - 6) * (area.scrollHeight / lines.length);
}

if (editor && pages && button) {
  const before = editor.elements.text.value;
  let leaving = false;
  editor.elements.text.addEventListener("input", later);
  editor.elements.sample.addEventListener("change", look);
  button.addEventListener("click", (event) => { event.preventDefault(); event.stopPropagation(); shown = ""; look(); }, true);
  editor.addEventListener("submit", () => { leaving = true; });
  addEventListener("beforeunload", (event) => {
    if (!leaving && editor.elements.text.value !== before) event.preventDefault();
  });
  look();
}
