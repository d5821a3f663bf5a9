// Stands in every page of the hub before Streamlit's own front end.

// Streamlit looks for its server below the address of the page first, and finds nothing there.
window.__streamlit = { BACKEND_BASE_URL: location.origin };

// What Back leads to. Streamlit makes an entry of the history of every change of the address. A choice on a page, such as a page
// of a list, is no place that somebody was at: it changes the entry. Only what the page is about makes a new one. And where a
// script leads to another page, Streamlit first puts the new page's query behind the old page's path: that entry is taken back.
const ABOUT = { "/Leaderboard": "dataset", "/Builder": "model", "/Compare": "runs" }; // all others are about their id
const MOMENT = 3000; // milliseconds between that entry and the page
const push = history.pushState.bind(history);
const replace = history.replaceState.bind(history);
let last = null;
addEventListener("click", () => (last = null), { capture: true }); // what follows was asked for anew

history.pushState = (state, title, url) => {
  const [here, there] = [new URL(location.href), new URL(url ?? "", location.href)];
  if (there.pathname === here.pathname) {
    const about = ABOUT[here.pathname] ?? "id";
    const isNew = here.searchParams.get(about) !== there.searchParams.get(about);
    last = { isNew, before: here.href, search: there.search, at: Date.now() };
    if (isNew) beginAtTop();
    return (isNew ? push : replace)(state, title, url);
  }
  const led = last && last.search === there.search && here.search === there.search && Date.now() - last.at < MOMENT;
  const isNew = led && last.isNew;
  if (led && !isNew) replace(state, title, last.before);
  last = null;
  beginAtTop();
  (isNew ? replace : push)(state, title, url);
  closeMenu();
};

// Streamlit leaves the menu of a phone open over the page that was chosen in it.
const NARROW = 760; // pixels, as in mhub_core/ui/screen.py
const closeMenu = () => {
  const menu = innerWidth < NARROW && document.querySelector('[data-testid="stSidebar"][data-collapsed="false"]');
  if (menu) menu.querySelector('[data-testid="stSidebarCollapseButton"] button')?.click();
};

// A link that `ui/links.py` drew, or that stands in the bar, would load the whole front end anew: its address is written down instead, as if somebody had gone
// back to it, which Streamlit follows.
addEventListener("click", (event) => {
  const link = event.target.closest?.('[data-testid="stHtml"] a[href], #mhub-corner a[href]');
  const isOther = event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey; // a new tab, a download
  if (!link || isOther || event.defaultPrevented || link.target || link.origin !== location.origin) return;
  if (link.pathname.startsWith("/api/")) return; // no page
  event.preventDefault();
  push({}, "", link.href);
  dispatchEvent(new PopStateEvent("popstate"));
  beginAtTop();
});

// A page begins at its top, wherever one was on the page before; Back leads to where one was. What scrolls is a part of Streamlit's
// page, which stays while its content changes. A page that Back leads to grows for a while before that place is there again.
const GROWS = 4000; // milliseconds
const scrolledTo = new Map(); // by address
const main = () => document.querySelector('[data-testid="stMain"]');
let returning = 0; // a timer, while a page that Back led to is growing
const stay = () => clearInterval(returning);
const beginAtTop = () => (stay(), main()?.scrollTo({ top: 0, behavior: "instant" }));
for (const name of ["wheel", "touchstart", "pointerdown", "keydown"]) addEventListener(name, stay, { capture: true, passive: true });
// Noted at the click, because the page that is left empties before the address changes.
const note = (event) => event.isTrusted && scrolledTo.set(location.href, main()?.scrollTop ?? 0); // not a click of ours
addEventListener("click", note, { capture: true });
addEventListener("popstate", () => {
  if (location.hash) return; // a place on the page itself
  const [top, until] = [scrolledTo.get(location.href) ?? 0, Date.now() + GROWS];
  stay();
  returning = setInterval(() => (Date.now() < until ? main()?.scrollTo({ top, behavior: "instant" }) : stay()), 50);
});

// Labels are Markdown, in which names of people are escaped: as names for screen readers Streamlit gives them with the backslashes.
const set = Element.prototype.setAttribute;
Element.prototype.setAttribute = function (name, value) {
  return set.call(this, name, name === "aria-label" ? String(value).replace(/\\([\\`*_{}[\]<>#|~$:&!+=.-])/g, "$1") : value);
};

// Somebody whose system asks for less motion gets none: Streamlit's boxes would still unfold for half a second, and what is below
// them would move away under the pointer.
const animate = Element.prototype.animate;
const still = matchMedia("(prefers-reduced-motion: reduce)");
Element.prototype.animate = function (frames, options) {
  return animate.call(this, frames, still.matches ? { ...(typeof options === "object" ? options : {}), duration: 0 } : options);
};
