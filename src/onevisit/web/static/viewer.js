// Another file is put beside the decision without leaving the page, so that nothing typed is lost.
// Without it the same links open the page anew.
"use strict";
(() => {
  const zoomed = () => sessionStorage.getItem("ov-zoom") === "yes";

  function zoom() {
    const button = document.querySelector("[data-zoom]");
    if (!button) return;
    button.hidden = false;
    button.setAttribute("aria-pressed", String(zoomed()));
    document.querySelector(".ov-pages")?.classList.toggle("ov-zoomed", zoomed());
  }

  // The first file changes the whole arrangement; what was typed goes along.
  function open(work, arranged) {
    for (const field of work.querySelectorAll("textarea, input[type=checkbox]")) {
      const same = arranged.querySelector(`[name="${field.name}"]`);
      if (!same) continue;
      same.value = field.value;
      same.checked = field.checked;
    }
    for (const details of work.querySelectorAll(".ov-acts details[open]")) {
      const same = arranged.querySelector(".ov-acts details");
      if (same && details) same.open = true;
    }
    for (const box of arranged.querySelectorAll("[data-phrases]")) box.hidden = false;
    work.replaceWith(arranged);
  }

  async function show(address, push) {
    const answer = await fetch(address).catch(() => null);
    if (!answer?.ok) return location.assign(address);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const viewer = page.getElementById("viewer");
    const here = document.getElementById("viewer");
    const work = document.querySelector(".ov-work");
    if (!viewer || !work) return location.assign(address);
    if (here) here.replaceWith(viewer);
    else open(work, page.querySelector(".ov-work"));
    const file = viewer.dataset.file;
    for (const link of document.querySelectorAll(".ov-filelist [data-view]")) {
      if (link.dataset.view === file) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
    for (const field of document.querySelectorAll('input[name="file"]')) field.value = file;
    if (push) history.pushState({}, "", address);
    zoom();
    document.getElementById("viewer-title").focus({ preventScroll: true });
  }

  document.addEventListener("click", (event) => {
    if (event.target.closest?.("[data-zoom]")) {
      sessionStorage.setItem("ov-zoom", zoomed() ? "no" : "yes");
      zoom();
      return;
    }
    const link = event.target.closest?.("a[data-view]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    show(link.href, true);
  });
  addEventListener("popstate", () => {
    if (new URLSearchParams(location.search).has("file") && document.getElementById("viewer")) show(location.href, false);
    else location.reload();
  });
  zoom();
})();
