// Watches the frame of the diagram and the page around it, and tells the page one message for each thing that a person did:
// a block dragged from the palette, several layers chosen or moved at once, a key. Nothing is told that nobody did.
// The frame is of the same origin; it is made anew now and then, so it is looked up and not kept.

const SETTLE = 80; // milliseconds until the diagram shows what a click chose
const PATIENCE = 3000; // until a message that nobody confirmed counts as lost
const LONG_PRESS = 350;
const STEP = 6; // pixels that make a drag of a click
const HALF = { x: 113, y: 36 }; // from the corner of a box to its middle
const READABLE = { wide: 0.5, narrow: 0.65 }; // the least zoom at which a box can be read: a phone is held, and moved by a finger
const NARROW = 760;
const LARGEST = 1; // the most that few layers grow to fill the frame
const COMMANDS = { z: "undo", y: "redo", c: "copy", x: "cut", v: "paste", d: "duplicate", a: "select_all" };
const LOOKING = new Set(["copy", "select_all"]); // what also those may do who may not edit
const IS_MAC = /Mac|iPhone|iPad/.test(navigator.platform);
const TYPING = "input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable=true], [role=listbox], [role=dialog]";
const LIST = ".st-key-outline";
const SEARCH = ".st-key-palette_search input";
const BLOCKS = "[class*=st-key-add_] button:not(:disabled)";

const bridges = new WeakMap();

export default function ({ parentElement, data, setStateValue }) {
  if (!bridges.has(parentElement)) bridges.set(parentElement, new Bridge());
  const bridge = bridges.get(parentElement);
  bridge.take(data, (value) => setStateValue("gesture", value));
  return () => {
    bridge.close();
    bridges.delete(parentElement);
  };
}

class Bridge {
  constructor() {
    this.queue = [];
    this.waiting = this.number = 0;
    this.ending = new AbortController();
    this.frames = new WeakSet();
    const on = (kind, handler, options) => this.on(document, kind, handler, { capture: true, ...options });
    on("keydown", (event) => this.key(event));
    on("keydown", (event) => this.pass(event));
    on("keyup", (event) => this.pass(event));
    on("input", (event) => this.typed(event));
    on("pointerdown", (event) => this.press(event));
    on("pointermove", (event) => this.move(event));
    on("pointerup", (event) => this.release(event));
    on("pointercancel", () => this.endDrag());
    on("touchmove", (event) => this.drag?.ghost && event.preventDefault(), { passive: false });
    on("contextmenu", (event) => this.drag && event.preventDefault());
    this.observer = new MutationObserver(() => this.attach());
    this.observer.observe(document.body, { childList: true, subtree: true });
    this.attach();
  }

  close() {
    this.endDrag();
    this.ending.abort();
    this.observer.disconnect();
    for (const timer of [this.lost, this.searching, this.looking, this.nudged]) clearTimeout(timer);
  }

  on(target, kind, handler, options) {
    target.addEventListener(kind, handler, { ...options, signal: this.ending.signal });
  }

  // ---- Messages: one at a time, so that none is passed over.

  take(data, tell) {
    this.data = data;
    this.tell = tell;
    if (data.heard === this.waiting) this.next();
    this.look();
  }

  send(gesture) {
    if (gesture.chosen && this.queue.at(-1)?.chosen) this.queue.pop(); // only the last choice counts
    this.queue.push(gesture);
    if (!this.waiting) this.next();
  }

  next() {
    clearTimeout(this.lost);
    this.waiting = 0;
    const gesture = this.queue.shift();
    if (!gesture) return;
    this.waiting = this.number = Math.max(Date.now(), this.number + 1);
    this.lost = setTimeout(() => this.next(), PATIENCE);
    this.tell({ ...gesture, number: this.number });
  }

  // ---- The frame.

  get frame() {
    return document.querySelector(".st-key-diagram iframe");
  }

  get diagram() {
    return this.frame?.contentDocument;
  }

  attach() {
    const frame = this.frame;
    if (!frame) return;
    if (!this.frames.has(frame)) {
      this.frames.add(frame);
      this.on(frame, "load", () => this.attach());
    }
    const inside = frame.contentDocument;
    if (!inside || inside.readyState === "loading" || this.frames.has(inside)) return;
    this.frames.add(inside);
    const on = (kind, handler) => this.on(inside, kind, handler, { capture: true });
    on("keydown", (event) => this.key(event));
    on("keydown", (event) => this.pass(event));
    on("keyup", (event) => this.pass(event));
    on("keyup", (event) => this.nudge(event));
    on("pointerdown", (event) => (this.start = this.place(event)));
    on("pointerup", (event) => this.finish(event));
    on("dblclick", (event) => this.open(event));
    this.look();
  }

  // Show all of the diagram, or bring a box into view, once the diagram holds the content that this was asked for. It can be moved
  // only as a wheel moves it: by zooming around a point.
  look(tries = 60) {
    clearTimeout(this.looking);
    const { number, id } = this.data?.look ?? {};
    if (!number || number === this.looked || !this.frame) return;
    const node = id && this.diagram?.querySelector(`.react-flow__node[data-id="${id}"]`);
    const box = node?.getBoundingClientRect();
    const ready = this.diagram?.querySelector(`.mhub-look-${number}`) && (!id || box?.width) && !this.start; // nothing moves under a pressed mouse
    if (!ready) return void (tries && (this.looking = setTimeout(() => this.look(tries - 1), 50)));
    this.looked = number;
    if (id) this.bring(node, box);
    else this.looking = setTimeout(() => this.showAll(this.data.look.whole), SETTLE);
  }

  get readable() {
    return innerWidth < NARROW ? READABLE.narrow : READABLE.wide;
  }

  // All of the diagram; where that would be too small to read, its beginning, unless somebody asked for all of it.
  showAll(asked) {
    this.diagram?.querySelector(".react-flow__controls-fitview")?.click();
    this.looking = setTimeout(() => {
      const nodes = [...(this.diagram?.querySelectorAll(".react-flow__node") ?? [])];
      if (!nodes.length) return;
      const boxes = nodes.map((node) => node.getBoundingClientRect());
      const zoom = boxes[0].width / nodes[0].offsetWidth;
      const { clientWidth: width, clientHeight: height } = this.diagram.documentElement;
      if (zoom > LARGEST) this.zoom(LARGEST / zoom, width / 2, height / 2);
      const first = boxes.reduce((best, box, place) => (box.top < boxes[best].top ? place : best), 0);
      if (zoom < this.readable && !asked) this.bring(nodes[first], boxes[first]);
    }, SETTLE);
  }

  bring(node, box) {
    const { clientWidth: width, clientHeight: height } = this.diagram.documentElement;
    const zoom = box.width / node.offsetWidth;
    const seen = box.left > 0 && box.top > 0 && box.right < width && box.bottom < height;
    if (seen && zoom >= this.readable) return;
    const next = zoom < this.readable || zoom > 0.9 ? 0.7 : zoom;
    const factor = Math.abs(next / zoom - 1) < 0.1 ? 0.8 : next / zoom;
    const [x, y] = [width / 2, Math.max(60, height / 8)];
    const around = (now, then) => (then - factor * now) / (1 - factor);
    this.zoom(factor, around(box.left + box.width / 2, x), around(box.top + box.height / 2, y));
    this.zoom(next / zoom / factor, x, y);
  }

  zoom(factor, clientX, clientY) {
    if (factor === 1) return;
    const deltaY = -Math.log2(factor) / 0.002;
    const options = { deltaY, clientX, clientY, bubbles: true, cancelable: true, view: this.frame.contentWindow };
    this.diagram.querySelector(".react-flow__pane").dispatchEvent(new WheelEvent("wheel", options));
  }

  place(event) {
    const box = (name) => event.target.closest?.(`.react-flow__${name}`);
    const kind = ["node", "nodesselection", "pane"].find(box) ?? "other";
    return { kind: event.target.closest?.(".react-flow__handle") ? "other" : kind, x: event.clientX, y: event.clientY };
  }

  finish(event) {
    const start = this.start;
    this.start = null;
    if (!start || event.button > 0) return;
    const still = Math.hypot(event.clientX - start.x, event.clientY - start.y) < STEP;
    const several = event.shiftKey || event.ctrlKey || event.metaKey;
    setTimeout(() => {
      if (start.kind === "nodesselection" && !still) this.tellPlaces();
      else if (start.kind === "pane" && still && !several) this.tellChosen([]);
      else if (several && (start.kind === "pane" || (start.kind === "node" && still))) this.tellChosen(this.chosen());
    }, SETTLE);
  }

  chosen() {
    return [...this.diagram.querySelectorAll(".react-flow__node.selected")].map((node) => node.dataset.id).sort();
  }

  tellChosen(chosen) {
    if (chosen.join() !== this.data.chosen.join() || (!chosen.length && this.data.connection)) this.send({ chosen });
  }

  // Tell where the chosen layers stand: the component does not when they were moved together, or by the arrow keys.
  tellPlaces() {
    const place = (node) => {
      const { e, f } = new DOMMatrix(getComputedStyle(node).transform);
      return [node.dataset.id, [e, f]];
    };
    const chosen = [...this.diagram.querySelectorAll(".react-flow__node.selected")];
    if (this.data.editable && chosen.length) this.send({ moved: Object.fromEntries(chosen.map(place)) });
  }

  nudge(event) {
    clearTimeout(this.nudged);
    if (event.key.startsWith("Arrow")) this.nudged = setTimeout(() => this.diagram && this.tellPlaces(), 400);
    else if (event.key === "Enter" || event.key === " ") setTimeout(() => this.diagram && this.tellChosen(this.chosen()), SETTLE);
  }

  open(event) {
    const node = event.target.closest?.(".react-flow__node");
    if (!node) return;
    event.stopPropagation(); // it would zoom
    if (node.querySelector(".model")) this.send({ opened: node.dataset.id });
  }

  // ---- Keys.

  // The diagram knows only keys that were pressed inside its frame. Shift counts as Control on a layer: both choose several.
  pass(event) {
    if (!event.isTrusted || !["Shift", "Control", "Meta"].includes(event.key) || !this.diagram) return;
    const keys = event.view === window ? [event.key] : [];
    if (event.key === "Shift") keys.push(IS_MAC ? "Meta" : "Control");
    for (const key of keys) this.diagram.body.dispatchEvent(new KeyboardEvent(event.type, { key, code: `${key}Left`, bubbles: true }));
  }

  key(event) {
    if (!event.isTrusted || event.isComposing) return;
    if (event.key === "Escape" && this.drag) return this.endDrag();
    const search = event.target.closest?.(SEARCH);
    if (search) return this.searchKey(event, search);
    if (event.target.closest?.(TYPING) || document.querySelector("[data-testid=stDialog]")) return;
    const command = event.ctrlKey || event.metaKey;
    const key = event.key.toLowerCase();
    if ((key === "/" && !command) || (command && key === "k")) return this.find(event);
    if (key === "escape") return this.letGo(event);
    const action = this.action(event, command, key);
    if (!action || event.altKey || !(this.data.editable || LOOKING.has(action)) || !this.concerns(event, action)) return;
    if (action === "copy" && String(event.view.getSelection())) return; // somebody copies a text
    event.preventDefault();
    event.stopPropagation();
    this.send({ action });
  }

  // A box of the diagram lets go when Escape is pressed on itself; so each is told that did not hear it.
  letGo(event) {
    for (const node of this.diagram?.querySelectorAll(".react-flow__node.selected") ?? [])
      if (!node.contains(event.target)) node.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true }));
    this.tellChosen([]);
  }

  // A key counts only for layers that are on screen, and one that removes only where the layers are, not in a form beside them.
  concerns(event, action) {
    if (action === "undo" || action === "redo") return true;
    const list = document.querySelector(LIST);
    if (!this.frame && !list) return false;
    return action !== "delete" || event.view !== window || event.target === document.body || list?.contains(event.target);
  }

  action(event, command, key) {
    if (command && event.shiftKey) return key === "z" ? "redo" : null;
    if (command) return Object.hasOwn(COMMANDS, key) ? COMMANDS[key] : null;
    return key === "delete" || key === "backspace" ? "delete" : null;
  }

  find(event) {
    event.preventDefault();
    event.stopPropagation();
    const field = document.querySelector(SEARCH);
    if (!field) return document.querySelector(".st-key-palette_expander summary")?.click();
    field.focus();
    field.select();
  }

  // ---- The search: it finds while one types; Enter adds what it found first and stays.

  typed(event) {
    const field = event.target.closest?.(SEARCH);
    if (!field) return;
    clearTimeout(this.searching);
    const enter = { key: "Enter", code: "Enter", bubbles: true, cancelable: true };
    this.searching = setTimeout(() => field.dispatchEvent(new KeyboardEvent("keydown", enter)), 200);
  }

  searchKey(event, field) {
    if (event.key === "Enter" && field.value.trim()) {
      this.send({ words: field.value });
      setTimeout(() => field.select());
    } else if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z") {
      event.preventDefault(); // takes back the layer that was added, not the letters
      this.send({ action: event.shiftKey ? "redo" : "undo" });
    } else if (event.key === "Escape") {
      field.blur();
    } else if (event.key === "ArrowDown") {
      event.preventDefault();
      document.querySelector(BLOCKS)?.focus();
    }
  }

  // ---- Dragging from the palette. A finger has to rest first, or it scrolls.

  press(event) {
    const button = event.target.closest?.(BLOCKS);
    if (!button || event.button > 0 || !this.data.editable || !this.frame) return;
    const name = /st-key-add_([\w-]+)/.exec(button.closest("[class*=st-key-add_]").className)[1];
    this.drag = { name, words: button.innerText.trim(), x: event.clientX, y: event.clientY, finger: event.pointerType === "touch" };
    if (this.drag.finger) this.drag.timer = setTimeout(() => this.drag && this.lift(), LONG_PRESS);
  }

  lift() {
    this.drag.ghost = document.body.appendChild(document.createElement("div"));
    this.drag.ghost.className = "mhub-ghost";
    this.frame.style.pointerEvents = "none"; // or it would swallow the moves
    document.body.classList.add("mhub-dragging");
    this.show(this.drag.x, this.drag.y);
  }

  move(event) {
    const drag = this.drag;
    if (!drag) return;
    const far = Math.hypot(event.clientX - drag.x, event.clientY - drag.y) >= STEP;
    if (!drag.ghost && far) {
      if (drag.finger) return this.endDrag();
      this.lift();
    }
    if (drag.ghost) this.show(event.clientX, event.clientY);
  }

  show(x, y) {
    const spot = this.spot(x, y);
    const { ghost, words } = this.drag;
    ghost.textContent = `${words}${spot ? ` ${spot.words}` : ""}`;
    ghost.classList.toggle("mhub-ghost-over", Boolean(spot));
    ghost.style.transform = `translate(${x + 12}px, ${y + 12}px)`;
    if (spot?.target === this.drag.target) return;
    this.drag.target?.classList.remove("mhub-target");
    this.drag.target = spot?.target;
    this.drag.target?.classList.add("mhub-target");
  }

  // What lies under a point of the page, in the diagram; null outside of it.
  spot(x, y) {
    const frame = this.frame;
    const box = frame?.getBoundingClientRect();
    if (!box || x < box.left || x > box.right || y < box.top || y > box.bottom) return null;
    const [insideX, insideY] = [x - box.left - frame.clientLeft, y - box.top - frame.clientTop];
    const under = this.diagram.elementFromPoint(insideX, insideY);
    const node = under?.closest(".react-flow__node");
    const edge = under?.closest(".react-flow__edge");
    const view = this.diagram.querySelector(".react-flow__viewport");
    const { a, e, f } = new DOMMatrix(view ? getComputedStyle(view).transform : "");
    const spot = { position: [(insideX - e) / a - HALF.x, (insideY - f) / a - HALF.y], target: node ?? edge };
    if (node) return { ...spot, on_node: node.dataset.id, words: `after ${node.querySelector(".n")?.textContent ?? "this layer"}` };
    if (edge) return { ...spot, on_edge: edge.dataset.testid.replace("rf__edge-", ""), words: "onto this connection" };
    return { ...spot, words: "here, not connected yet" };
  }

  release(event) {
    if (!this.drag?.ghost) return this.endDrag();
    const spot = this.spot(event.clientX, event.clientY);
    const { name } = this.drag;
    this.endDrag();
    const swallow = (click) => (click.preventDefault(), click.stopPropagation());
    document.addEventListener("click", swallow, { capture: true, once: true });
    setTimeout(() => document.removeEventListener("click", swallow, { capture: true }));
    if (!spot) return;
    const { position, on_node, on_edge } = spot;
    this.send({ dropped: { class_name: name, position, on_node, on_edge } });
  }

  endDrag() {
    if (!this.drag) return;
    clearTimeout(this.drag.timer);
    this.drag.target?.classList.remove("mhub-target");
    this.drag.ghost?.remove();
    this.drag = null;
    if (this.frame) this.frame.style.pointerEvents = "";
    document.body.classList.remove("mhub-dragging");
  }
}
