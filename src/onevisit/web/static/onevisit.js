// What a page gains when scripts run; every page works without this file.
"use strict";

// The error summary takes the focus, so that a screen reader says it first.
document.querySelector("[data-focus]")?.focus();

// What somebody chooses about the look counts at once, so that nothing typed on the page is lost.
function show(name, value) {
  const root = document.documentElement;
  if (name === "elder") root.classList.toggle("ov-elder", value === "on");
  if (name === "keys") root.classList.toggle("ov-has-keys", value === "on");
  if (name === "theme") {
    const dark = { auto: "screen and (prefers-color-scheme: dark)", light: "not all", dark: "screen" };
    document.getElementById("ov-dark").media = dark[value];
    document.querySelector('meta[name="color-scheme"]').content = value === "auto" ? "light dark" : value;
  }
  for (const button of document.querySelectorAll(`[data-preferences] [name="${name}"][aria-pressed]`)) {
    button.setAttribute("aria-pressed", String(button.value === value));
  }
}
document.addEventListener("submit", async (event) => {
  const form = event.target;
  const button = event.submitter;
  if (!form.matches("[data-preferences]") || !button?.name) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const body = new URLSearchParams({ [button.name]: button.value });
  const answer = await fetch(form.action, { method: "POST", body, redirect: "manual" }).catch(() => null);
  if (answer?.type !== "opaqueredirect") return form.submit();
  const shortcutsMissing = button.name === "keys" && button.value === "on" && !document.querySelector('script[src$="keys.js"]');
  if (shortcutsMissing) return location.reload();
  show(button.name, button.value);
  if (button.name === "elder") form.querySelector(`[name="elder"]:not([value="${button.value}"])`).focus();
});

// A second press of a submit button does nothing until the page answers.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.getAttributeNames().some((name) => name.startsWith("hx-"))) return;
  if (form.dataset.sent === "yes") {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  const button = event.submitter;
  if (button?.dataset.busy) {
    button.setAttribute("aria-disabled", "true");
    button.textContent = button.dataset.busy;
  }
});
window.addEventListener("pageshow", () => {
  for (const form of document.forms) delete form.dataset.sent;
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
});

// A file over the limit is named before it is sent; the server checks it all the same.
document.addEventListener("change", (event) => {
  const input = event.target;
  const limit = Number(input.dataset?.limit);
  if (!limit || !input.files?.length) return;
  const over = input.files[0].size > limit;
  input.setCustomValidity(over ? `文件超过 ${Math.floor(limit / 1048576)} MB，请压缩后再上传` : "");
  if (over) input.reportValidity();
});
