// Watches a run: asks the hub again and again for what is new, and draws it. Text is set as text, never as HTML.
// When the run ends, the page is asked to draw itself again.

const PAUSE = 700; // milliseconds between two questions
const MOST_POINTS = 1500; // beyond this the whole curve is asked for anew; it comes thinned out
const FAILURES_TO_TELL = 3;
const HEIGHT = 330, LEFT = 62, RIGHT = 14, TOP = 62, BOTTOM = 50, DOTS = 40;
const HALO = { stroke: "#fff", "stroke-width": 5, "paint-order": "stroke" }; // words stay readable over a curve
const watched = new WeakMap();

export default function ({ parentElement, data, setTriggerValue }) {
  let watch = watched.get(parentElement);
  if (!watch || watch.run !== data.run) {
    watch?.stop();
    watched.set(parentElement, (watch = new Watch(parentElement, data)));
  }
  watch.tellPage = () => setTriggerValue("ended", data.run);
  return () => {
    watch.stop();
    watched.delete(parentElement);
  };
}

class Watch {
  constructor(element, data) {
    this.run = data.run;
    this.data = data;
    this.find = (name) => element.querySelector(`[data-part="${name}"]`);
    this.points = {};
    this.failures = 0;
    this.take(data.first);
    this.resized = new ResizeObserver(() => this.drawCharts());
    this.resized.observe(this.find("charts"));
    this.look = this.look.bind(this);
    document.addEventListener("visibilitychange", this.look);
    this.timer = setTimeout(this.look, PAUSE);
  }

  stop() {
    this.isOver = true;
    clearTimeout(this.timer);
    this.resized.disconnect();
    document.removeEventListener("visibilitychange", this.look);
  }

  async look() {
    if (document.hidden || this.isOver || this.isLooking) return; // it goes on when somebody looks again
    this.isLooking = true;
    try {
      const longest = Math.max(0, ...Object.values(this.points).map((curve) => curve.length));
      const { attempt, epoch, log_number: log, revision } = this.told;
      const known = new URLSearchParams({ attempt, epoch: longest > MOST_POINTS ? 0 : epoch, log, revision });
      const answer = await fetch(`api/runs/${this.run}/live?${known}`, { credentials: "same-origin" });
      if (answer.status === 404) return this.end("This run was deleted, or you can no longer see it.");
      if (!answer.ok) throw new Error(answer.status);
      this.failures = 0;
      if (answer.status === 200) this.take(await answer.json());
      else this.warn(this.told.warning);
    } catch {
      if (++this.failures >= FAILURES_TO_TELL) this.warn("The hub does not answer at the moment. This page keeps trying.");
    } finally {
      this.isLooking = false;
      clearTimeout(this.timer);
      if (!this.isOver) this.timer = setTimeout(this.look, PAUSE);
    }
  }

  end(words) {
    this.warn(words);
    this.stop();
  }

  take(told) {
    if (told.is_whole) this.points = {};
    for (const [name, curve] of Object.entries(told.points)) (this.points[name] ??= []).push(...curve);
    this.log = told.log ?? this.log;
    this.told = told;
    this.draw();
    if (!told.is_active) {
      this.stop();
      this.tellPage?.();
    }
  }

  warn(words) {
    this.find("warning").hidden = !words;
    this.find("warning").textContent = words;
  }

  draw() {
    const { state, sentence, share, warning } = this.told;
    const words = document.createElement("strong");
    words.textContent = `${state}. `;
    this.find("words").replaceChildren(words, sentence);
    this.find("done").style.width = `${share * 100}%`;
    this.find("bar").setAttribute("aria-valuenow", Math.round(share * 100));
    this.find("bar").setAttribute("aria-valuetext", `${state}. ${sentence}`);
    this.warn(warning);
    const log = this.find("log");
    if (log.textContent !== this.log.join("\n")) {
      log.textContent = this.log.join("\n");
      log.scrollTop = log.scrollHeight;
    }
    this.drawCharts();
  }

  drawCharts() {
    const all = this.find("charts");
    const charts = this.told.charts.length ? this.told.charts : this.data.empty;
    while (all.childElementCount < charts.length) all.append(newFigure());
    while (all.childElementCount > charts.length) all.lastElementChild.remove();
    charts.forEach((chart, index) => drawChart(all.children[index], chart, this.points, this.data.colors));
  }
}

function newFigure() {
  const figure = document.createElement("figure");
  const svg = svgElement("svg", { role: "img" });
  figure.append(svg, document.createElement("figcaption"));
  svg.addEventListener("pointermove", (event) => {
    figure.pointer = event.clientX - svg.getBoundingClientRect().left;
    figure.redraw();
  });
  svg.addEventListener("pointerleave", () => {
    figure.pointer = undefined;
    figure.redraw();
  });
  return figure;
}

function svgElement(name, attributes = {}, text = "") {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.textContent = text;
  return element;
}

// Draws the curves `metric` and `val_metric` with axes, a legend, the best epoch, and what the pointer is over.
function drawChart(figure, { metric, title, words, best }, points, colors) {
  figure.redraw = () => drawChart(figure, { metric, title, words, best }, points, colors);
  const [svg, caption] = figure.children;
  caption.textContent = words;
  svg.setAttribute("aria-label", `${title} by epoch. ${words}`);
  const width = Math.max(200, svg.clientWidth);
  const curves = { training: points[metric] ?? [], validation: points[`val_${metric}`] ?? [] };
  const finite = Object.values(curves).flat().filter(([, value]) => value !== null);
  const epochs = finite.map(([epoch]) => epoch);
  const xTicks = ticks(Math.min(1, ...epochs), Math.max(2, ...epochs), width < 500 ? 5 : 9, 1);
  const yTicks = finite.length ? ticks(...extent(finite.map(([, value]) => value)), 5) : [0, 1];
  const across = scale(Math.min(1, ...epochs), Math.max(2, ...epochs), LEFT + 14, width - RIGHT - 14);
  const up = scale(yTicks[0], yTicks.at(-1), HEIGHT - BOTTOM, TOP);
  const drawn = [svgElement("text", { x: 8, y: 22, class: "title", fill: colors.ink }, title)];
  for (const value of yTicks) {
    drawn.push(svgElement("line", { x1: LEFT, x2: width - RIGHT, y1: up(value), y2: up(value), stroke: colors.grid }));
    drawn.push(svgElement("text", { x: LEFT - 6, y: up(value) + 5, "text-anchor": "end", fill: colors.ink }, label(value)));
  }
  for (const epoch of xTicks)
    drawn.push(svgElement("text", { x: across(epoch), y: HEIGHT - BOTTOM + 20, "text-anchor": "middle", fill: colors.ink }, epoch.toLocaleString("en")));
  drawn.push(svgElement("line", { x1: LEFT, x2: width - RIGHT, y1: HEIGHT - BOTTOM, y2: HEIGHT - BOTTOM, stroke: colors.axis }));
  drawn.push(svgElement("text", { x: (LEFT + width) / 2, y: HEIGHT - 8, "text-anchor": "middle", fill: colors.ink }, "Epoch"));
  let left = LEFT;
  for (const [name, curve] of Object.entries(curves)) {
    const dash = name === "validation" ? "8 3" : "none";
    drawn.push(svgElement("line", { x1: left, x2: left + 26, y1: 42, y2: 42, stroke: colors[name], "stroke-width": 4, "stroke-dasharray": dash }));
    drawn.push(svgElement("text", { x: left + 32, y: 47, fill: colors.ink }, name));
    left += 130;
    drawn.push(svgElement("path", { d: path(curve, across, up), fill: "none", stroke: colors[name], "stroke-width": 3, "stroke-dasharray": dash }));
    if (curve.length <= DOTS)
      for (const [epoch, value] of curve)
        if (value !== null) drawn.push(svgElement("circle", { cx: across(epoch), cy: up(value), r: 4, fill: colors[name] }));
  }
  if (best) drawn.push(bestMark(across(best[1]), up(best[2]), colors));
  if (figure.pointer !== undefined && finite.length) drawn.push(...pointed(figure.pointer, curves, across, width, colors));
  svg.replaceChildren(...drawn);
}

// Without words, which would lie over a curve: the sentence below the chart begins with the mark.
function bestMark(x, y, colors) {
  return svgElement("path", { d: `M${x} ${y - 9}L${x + 9} ${y}L${x} ${y + 9}L${x - 9} ${y}Z`, fill: colors.ink });
}

// What the curves are at the epoch nearest to the pointer.
function pointed(pointer, curves, across, width, colors) {
  const steps = (curves.training.length ? curves.training : curves.validation).map(([epoch]) => epoch);
  const nearest = steps.reduce((one, other) => (Math.abs(across(other) - pointer) < Math.abs(across(one) - pointer) ? other : one));
  const told = Object.entries(curves).flatMap(([name, curve]) => {
    const value = curve.find(([epoch]) => epoch === nearest)?.[1];
    return value === undefined || value === null ? [] : [`${name} ${label(value)}`];
  });
  const x = across(nearest), isLeft = x < width / 2;
  const place = { x: x + (isLeft ? 8 : -8), y: HEIGHT - BOTTOM - 10, "text-anchor": isLeft ? "start" : "end", fill: colors.ink, ...HALO };
  return [
    svgElement("line", { x1: x, x2: x, y1: TOP, y2: HEIGHT - BOTTOM, stroke: colors.axis, "stroke-width": 2 }),
    svgElement("text", place, `epoch ${nearest}: ${told.join(", ")}`),
  ];
}

function path(curve, across, up) {
  let isGap = true;
  return curve
    .map(([epoch, value]) => {
      const piece = value === null ? "" : `${isGap ? "M" : "L"}${across(epoch).toFixed(1)} ${up(value).toFixed(1)}`;
      isGap = value === null;
      return piece;
    })
    .join("");
}

const extent = (values) => values.reduce(([low, high], value) => [Math.min(low, value), Math.max(high, value)], [Infinity, -Infinity]);
const scale = (from, to, low, high) => (value) => low + ((value - from) / (to - from || 1)) * (high - low);
const label = (value) => (value !== 0 && (Math.abs(value) < 1e-3 || Math.abs(value) >= 1e6) ? value.toExponential(2) : String(Number(value.toPrecision(4))));

// Round numbers from at or below `low` to at or above `high`, about `many` of them.
function ticks(low, high, many, least = 0) {
  if (low === high) [low, high] = [low - (Math.abs(low) || 1) / 10, high + (Math.abs(high) || 1) / 10];
  const rough = (high - low) / many;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = Math.max(least, [1, 2, 5, 10].map((times) => times * power).find((size) => size >= rough * 0.999));
  const whole = least ? [Math.ceil(low / step), Math.floor(high / step)] : [Math.floor(low / step), Math.ceil(high / step)];
  return Array.from({ length: whole[1] - whole[0] + 1 }, (_, index) => (whole[0] + index) * step);
}
