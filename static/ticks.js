// The bar over a table with boxes to tick rows by: counts them, and tells the page what is to be done with them.

const BOX = "input.mhub-tick", ALL = "input.mhub-tick-all";
const bars = new WeakMap();

export default function ({ parentElement, data, setTriggerValue }) {
  let bar = bars.get(parentElement);
  if (!bar) bars.set(parentElement, (bar = newBar(parentElement)));
  bar.tell = (action) => setTriggerValue("asked", { action, ids: ticked() });
  bar.draw(data);
  return () => {
    bar.stop();
    bars.delete(parentElement);
  };
}

const boxes = () => [...document.querySelectorAll(BOX)];
const ticked = () => boxes().filter((box) => box.checked).map((box) => Number(box.value));

function newBar(element) {
  const [words, buttons] = ["words", "buttons"].map((name) => element.querySelector(`[data-part="${name}"]`));
  const bar = {};
  const count = () => {
    const [num, all] = [ticked().length, boxes().length];
    words.textContent = num ? `${num.toLocaleString("en")} ticked` : bar.hint;
    for (const button of buttons.children) button.disabled = num < button.least || num > button.most;
    for (const box of document.querySelectorAll(ALL)) {
      box.checked = num > 0 && num === all;
      box.indeterminate = num > 0 && num < all;
    }
  };
  const changed = ({ target }) => {
    if (target.matches?.(ALL)) for (const box of boxes()) box.checked = target.checked;
    if (target.matches?.(`${BOX}, ${ALL}`)) count();
  };
  // Other rows come with other boxes, which nobody has ticked yet.
  const rows = new MutationObserver((changes) => {
    const isOurs = ({ target }) => element.contains(target);
    if (!changes.every(isOurs)) count();
  });
  bar.draw = (data) => {
    bar.hint = data.hint;
    const labels = data.actions.map(({ name }) => name).join();
    if (bar.labels !== labels) buttons.replaceChildren(...data.actions.map((action) => newButton(action, bar)));
    bar.labels = labels;
    count();
  };
  bar.stop = () => {
    document.removeEventListener("change", changed);
    rows.disconnect();
  };
  document.addEventListener("change", changed);
  rows.observe(document.querySelector('[data-testid="stMain"]') ?? document.body, { childList: true, subtree: true });
  return bar;
}

function newButton({ name, label, least, most }, bar) {
  const button = document.createElement("button");
  Object.assign(button, { type: "button", textContent: label, least, most });
  button.onclick = () => bar.tell(name);
  return button;
}
