// Prints the papers of a bundle one after the other; without scripts each link opens one of them.
"use strict";

const frame = document.querySelector('iframe[name="paper"]');
const links = [...document.querySelectorAll("[data-papers] a")];
const start = document.querySelector("[data-print-papers]");
const told = document.querySelector("[data-printing]");

// The paper is in the frame when it has loaded; a browser that cannot print a frame shows it.
function show(link) {
  return new Promise((done) => {
    frame.addEventListener("load", () => setTimeout(done, 300), { once: true });
    frame.src = link.href;
  });
}

async function printAll() {
  start.disabled = true;
  for (const [place, link] of links.entries()) {
    told.textContent = `正在打印第 ${place + 1} 份，共 ${links.length} 份`;
    await show(link);
    try {
      frame.contentWindow.focus();
      frame.contentWindow.print();
    } catch {
      told.textContent = "浏览器不能自动打印，请逐份点开后打印";
      break;
    }
  }
  if (!told.textContent.startsWith("浏览器")) told.textContent = `已送打印 ${links.length} 份`;
  start.disabled = false;
}

if (frame && links.length && start) {
  start.hidden = false;
  start.addEventListener("click", printAll);
  frame.src = links[0].href;
}
