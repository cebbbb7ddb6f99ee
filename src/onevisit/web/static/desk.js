// The desk by keyboard: arrows walk the list, and a screen that grows as answers come in.
"use strict";
(() => {
  // No style attribute is ever written: the pages' policy forbids it.
  if (window.htmx) window.htmx.config.attributesToSettle = ["class"];

  // Arrow keys do what j and k do, on the rows of a list.
  document.addEventListener("keydown", (event) => {
    if (!["ArrowDown", "ArrowUp"].includes(event.key) || event.defaultPrevented) return;
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select, summary")) return;
    const rows = [...document.querySelectorAll("[data-row]")];
    const at = rows.indexOf(document.activeElement);
    if (at < 0) return;
    event.preventDefault();
    const next = rows[at + (event.key === "ArrowDown" ? 1 : -1)];
    next?.focus();
    next?.scrollIntoView({ block: "nearest" });
  });

  // A scan, or an answer that decides what is asked next, is kept at once.
  document.addEventListener("change", (event) => {
    const input = event.target;
    const question = input.closest(".ov-questions");
    const grows = "grow" in input.dataset || (question && input.type === "radio" && input.form.matches("[hx-post]"));
    if (!grows || !input.checkValidity()) return;
    if (input.type === "radio" && usedArrows) return;
    input.form.requestSubmit(input.form.querySelector(".ov-first-submit"));
  });
  // Somebody who walks through choices with the arrows has not chosen yet.
  let usedArrows = false;
  document.addEventListener("keydown", (event) => {
    usedArrows = event.key.startsWith("Arrow");
  }, true);
  document.addEventListener("pointerdown", () => {
    usedArrows = false;
  }, true);

  // The next thing to be asked takes the focus.
  document.querySelector('[data-focus-next] :is(input:not([type="hidden"]), select)')?.focus();

  // A page with faults is a page too; its summary takes the focus.
  document.addEventListener("htmx:beforeSwap", (event) => {
    if ([409, 413, 422].includes(event.detail.xhr.status)) {
      event.detail.shouldSwap = true;
      event.detail.isError = false;
    }
  });
  document.addEventListener("htmx:afterSettle", () => {
    document.querySelector("#walk [data-focus]")?.focus();
  });
})();
