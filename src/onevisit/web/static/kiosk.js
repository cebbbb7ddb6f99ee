// The kiosk with scripts: keys to touch, and back to the start when nobody is there any more.
"use strict";

const pad = document.querySelector("[data-keypad]");
const input = document.querySelector(".ov-kiosk-input");
if (pad && input) {
  pad.hidden = false;
  pad.addEventListener("click", (event) => {
    const key = event.target.closest("[data-key]")?.dataset.key;
    if (!key) return;
    if (key === "back") input.value = input.value.slice(0, -1);
    else if (input.value.length < input.maxLength) input.value += key;
  });
  input.focus();
}

const idle = Number(document.body.dataset.idle) || 90;
const leaving = document.querySelector("[data-leaving]");
const seconds = document.querySelector("[data-seconds]");
const WARNED = 20;
let left = idle;

function stay() {
  left = idle;
  leaving.hidden = true;
}

for (const kind of ["pointerdown", "keydown", "focusin"]) document.addEventListener(kind, stay);
setInterval(() => {
  const atRest = document.body.dataset.idle === "0" && !input?.value;
  if (atRest) return;
  left -= 1;
  if (left <= WARNED) {
    seconds.textContent = String(Math.max(left, 0));
    leaving.hidden = false;
  }
  if (left <= 0) location.replace("/kiosk");
}, 1000);
