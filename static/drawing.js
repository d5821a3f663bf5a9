// A button of class `mhub-svg` saves the chart of its window as a drawing, which stays sharp at any size: the browser has drawn it
// as SVG already.
addEventListener("click", ({ target }) => {
  const button = target.closest?.("button.mhub-svg");
  if (!button) return;
  const drawn = button.closest('[class*="st-key-window-"]')?.querySelector("svg.marks");
  if (!drawn) return; // it is not there yet
  const copy = drawn.cloneNode(true);
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  const file = new Blob([new XMLSerializer().serializeToString(copy)], { type: "image/svg+xml" });
  const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(file), download: `${button.dataset.name}.svg` });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
});
