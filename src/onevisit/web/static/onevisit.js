// What a page gains when scripts run; every page works without this file.
"use strict";

// The error summary takes the focus, so that a screen reader says it first.
document.querySelector("[data-focus]")?.focus();

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
