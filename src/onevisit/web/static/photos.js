// Makes large photos smaller before they are sent, so that a slow connection takes a tenth of the
// time. Without it, or where the browser cannot, the photo goes as it is and the server does it.
"use strict";
(() => {
  const LONGEST = 2600;
  const ENOUGH = 1500 * 1000;

  async function smaller(file) {
    if (!/^image\/(jpeg|png|webp)$/.test(file.type) || file.size < ENOUGH) return file;
    const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, LONGEST / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(picture.width * scale);
    canvas.height = Math.round(picture.height * scale);
    const paper = canvas.getContext("2d");
    paper.fillStyle = "#fff";
    paper.fillRect(0, 0, canvas.width, canvas.height);
    paper.drawImage(picture, 0, 0, canvas.width, canvas.height);
    picture.close();
    const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.88));
    return blob && blob.size < file.size ? new File([blob], file.name, { type: "image/jpeg" }) : file;
  }

  async function shrink(input) {
    const form = input.form;
    const button = form.querySelector("button[type=submit]");
    const said = document.createElement("span");
    said.className = "ov-shrinking";
    said.setAttribute("role", "status");
    said.textContent = "正在处理照片…";
    form.append(said);
    button.disabled = true;
    try {
      const kept = new DataTransfer();
      for (const file of input.files) kept.items.add(await smaller(file).catch(() => file));
      input.files = kept.files;
      const total = [...kept.files].reduce((sum, file) => sum + file.size, 0);
      said.textContent = `选好 ${kept.files.length} 个，共 ${(total / 1048576).toFixed(1)} MB`;
      input.setCustomValidity("");
    } finally {
      button.disabled = false;
    }
  }

  document.addEventListener("change", (event) => {
    const input = event.target;
    if (!input.matches?.("[data-shrink]") || !input.files.length) return;
    input.form.querySelector(".ov-shrinking")?.remove();
    shrink(input);
  });
})();
