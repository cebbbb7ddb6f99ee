// Keyboard shortcuts of staff pages. Whatever carries data-key="a" is pressed (or, when one types
// into it, focused) by that single key; j and k walk through [data-row]; ? lists what the page has.
// Keys do nothing while somebody types; a preference turns them off (WCAG 2.2, 2.1.4).
"use strict";
(() => {
  const TYPED = 'input:not([type="checkbox"], [type="radio"], [type="button"], [type="submit"], [type="file"]), textarea, select';
  const there = (element) => element.getClientRects().length > 0 && !element.disabled;
  const marked = () => [...document.querySelectorAll("[data-key]")].filter(there);
  const rows = () => [...document.querySelectorAll("[data-row]")].filter(there);
  const label = (element) => element.dataset.keyLabel || element.getAttribute("aria-label") || element.innerText.trim();

  function walk(step) {
    const all = rows();
    const at = all.indexOf(document.activeElement);
    const next = at < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + step, 0), all.length - 1);
    all[next]?.focus();
    all[next]?.scrollIntoView({ block: "nearest" });
  }

  function line(key, text) {
    const row = document.createElement("div");
    const name = document.createElement("dt");
    const shown = document.createElement("kbd");
    const what = document.createElement("dd");
    shown.textContent = key;
    what.textContent = text;
    name.append(shown);
    row.append(name, what);
    return row;
  }

  function help() {
    document.querySelector("dialog.ov-keys")?.remove();
    const dialog = document.createElement("dialog");
    dialog.className = "ov-keys";
    dialog.setAttribute("aria-labelledby", "ov-keys-title");
    const title = document.createElement("h2");
    title.id = "ov-keys-title";
    title.textContent = "这一页的快捷键";
    const list = document.createElement("dl");
    for (const element of marked()) list.append(line(element.dataset.key, label(element)));
    if (rows().length) list.append(line("j / k", "下一行 / 上一行（回车打开）"));
    list.append(line("?", "打开这张表"), line("Esc", "关闭"));
    const note = document.createElement("p");
    note.className = "ov-soft ov-small";
    note.textContent = "正在输入时快捷键不起作用。不想用，可以在页面底部关掉。";
    const close = document.createElement("button");
    close.className = "btn";
    close.type = "button";
    close.textContent = "关闭";
    close.addEventListener("click", () => dialog.close());
    dialog.append(title, list, note, close);
    dialog.addEventListener("close", () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
  }

  function press(element) {
    if (element.matches(TYPED)) {
      element.focus();
      element.select?.();
    } else {
      element.focus();
      element.click();
    }
  }

  for (const element of document.querySelectorAll("[data-key]")) {
    element.setAttribute("aria-keyshortcuts", element.dataset.key);
  }
  document.documentElement.classList.add("ov-has-keys");
  document.querySelector("[data-keys-help]")?.addEventListener("click", help);
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing || event.repeat && !"jk".includes(event.key)) return;
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    if (event.target.closest?.(TYPED) || event.target.isContentEditable) return;
    if (!document.documentElement.classList.contains("ov-has-keys")) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const found = marked().find((element) => element.dataset.key === key);
    if (found) press(found);
    else if (key === "?") help();
    else if (key === "j" && rows().length) walk(1);
    else if (key === "k" && rows().length) walk(-1);
    else return;
    event.preventDefault();
  });
})();
