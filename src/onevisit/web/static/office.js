// What officers' pages gain from scripts: phrases behind what was typed, and several rows of one
// kind picked together. Nothing here decides anything.
"use strict";
(() => {
  for (const box of document.querySelectorAll("[data-phrases]")) box.hidden = false;
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-phrase]");
    if (!button) return;
    const field = document.querySelector("[data-opinion]");
    const before = field.value.trimEnd();
    const joined = before && !before.endsWith(button.dataset.phrase) ? `${before}${button.dataset.phrase}` : before || button.dataset.phrase;
    if (joined.length <= Number(field.maxLength)) field.value = joined;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });

  const boxes = [...document.querySelectorAll("[data-batch]")];
  const said = document.querySelector("[data-picked]");
  if (!boxes.length || !said) return;
  const told = said.textContent;
  said.setAttribute("role", "status");
  document.addEventListener("change", (event) => {
    if (!event.target.matches("[data-batch]")) return;
    const picked = boxes.filter((box) => box.checked);
    const kind = picked[0]?.dataset.batch;
    for (const box of boxes) box.disabled = kind !== undefined && box.dataset.batch !== kind;
    const same = boxes.filter((box) => box.dataset.batch === kind).length;
    said.textContent = picked.length ? `已选 ${picked.length} 件（这一页同类的共 ${same} 件）` : told;
  });
})();
