// The bell at the right end of the bar: how many notifications are unread, and the newest of them. It asks the hub itself, so
// that no page is drawn for it. All words are set as text, never as HTML.
(() => {
  const PAUSE = 20_000, LATER = 60_000, MOMENT = 4_000; // milliseconds: between two questions, after a failure, at least
  const MOST = 99;
  const BELL = "M8 1h2v1h2v1h1v2h1v5h1v1h1v2H2v-2h1v-1h1V5h1V3h1V2h2zM7 14h4v2H7z"; // on a grid of 18 pixels
  const make = (name, properties = {}, ...children) => {
    const element = Object.assign(document.createElement(name), properties);
    element.append(...children);
    return element;
  };

  const place = window.mhubCorner("bell");
  const picture = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", BELL);
  picture.setAttribute("viewBox", "0 0 18 18");
  picture.setAttribute("aria-hidden", "true");
  picture.append(path);
  const number = make("span", { className: "mhub-bell-number" });
  const button = make("button", { type: "button", className: "mhub-bell", hidden: true }, picture, number);
  button.setAttribute("aria-controls", "mhub-bell-panel");
  number.setAttribute("aria-hidden", "true");
  const list = make("ul");
  const none = make("p", { textContent: "Nothing yet. You are told here when a run ends, and when somebody comments or invites you." });
  const all = make("button", { type: "button", textContent: "Mark all as read" });
  const more = make("a", { href: "/Notices", className: "mhub-link", textContent: "All notifications and settings" });
  const title = make("h2", { className: "mhub-title-bar", textContent: "Notifications", id: "mhub-bell-title" });
  const panel = make("section", { id: "mhub-bell-panel", className: "mhub-bell-panel", hidden: true }, title, none, list);
  panel.setAttribute("aria-labelledby", "mhub-bell-title");
  panel.append(make("div", { className: "mhub-bell-ways" }, all, more));
  const spoken = make("div", { className: "mhub-bell-spoken", role: "status" });
  place.append(button, panel, spoken);

  let tag = "", told = null, timer = 0, askedAt = 0, isAsking = false;

  async function ask() {
    if (document.hidden || isAsking) return; // it goes on when somebody looks again
    isAsking = true;
    clearTimeout(timer);
    askedAt = Date.now();
    let pause = LATER;
    try {
      const answer = await fetch(`/api/notices?known=${tag}`, { credentials: "same-origin" });
      if (answer.status === 200) await take(answer);
      if (answer.ok) pause = PAUSE;
    } catch {
      // The hub is away: a page says so, the bell waits.
    } finally {
      isAsking = false;
      if (!told?.is_visitor) timer = setTimeout(ask, pause); // a visitor is asked for again after signing in
    }
  }

  async function tell(body) {
    const headers = { "Content-Type": "application/json" };
    const given = { method: "POST", credentials: "same-origin", keepalive: true, headers, body: JSON.stringify(body) };
    const answer = await fetch("/api/notices/read", given).catch(() => null);
    if (answer?.ok) await take(answer);
  }

  async function take(answer) {
    const before = told?.num_unread ?? 0;
    tag = answer.headers.get("X-Mhub-Tag") ?? "";
    told = await answer.json();
    button.hidden = Boolean(told.is_visitor);
    if (told.is_visitor) return close();
    const unread = told.num_unread;
    number.textContent = unread ? (unread > MOST ? `${MOST}+` : unread) : "";
    button.setAttribute("aria-label", unread ? `Notifications, ${unread} unread` : "Notifications");
    button.title = button.getAttribute("aria-label");
    if (unread > before) spoken.textContent = `${unread} unread ${unread === 1 ? "notification" : "notifications"}`;
    draw();
  }

  function draw() {
    none.hidden = told.notices.length > 0;
    all.disabled = told.num_unread === 0;
    list.replaceChildren(...told.notices.map((one) => {
      const link = make("a", { href: one.address, className: one.is_read ? "read" : "unread" });
      link.dataset.notice = one.id;
      if (!one.is_read) link.append(make("span", { className: "mhub-bell-new", textContent: "New" }), " ");
      link.append(one.words, make("time", { dateTime: one.at, textContent: ago(one.at) }));
      return make("li", {}, link);
    }));
  }

  function ago(at) {
    const minutes = Math.floor((Date.now() - new Date(at)) / 60_000);
    if (minutes < 1) return "just now";
    if (minutes < 60) return `${minutes} min ago`;
    if (minutes < 24 * 60) return `${Math.floor(minutes / 60)} h ago`;
    return new Date(at).toLocaleDateString("en", { day: "numeric", month: "short", year: "numeric" });
  }

  const isOpen = () => !panel.hidden;
  function open() {
    panel.hidden = false;
    button.setAttribute("aria-expanded", "true");
    draw();
    ask();
  }
  function close() {
    panel.hidden = true;
    button.setAttribute("aria-expanded", "false");
  }

  close();
  button.addEventListener("click", () => (isOpen() ? close() : open()));
  all.addEventListener("click", () => tell({}).then(() => button.focus()));
  // Also on the page of all notifications. A press of the middle button, or with a key held, opens a tab and reads it too.
  for (const name of ["click", "auxclick"])
    addEventListener(name, (event) => {
      const link = event.target.closest?.("a[data-notice]");
      if (link && event.button !== 2) tell({ ids: [Number(link.dataset.notice)] });
      if (isOpen() && (event.target.closest?.("#mhub-bell a") || !event.target.closest?.("#mhub-bell"))) close();
    }, { capture: true });
  addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !isOpen()) return;
    close();
    button.focus();
  });
  place.addEventListener("focusout", (event) => {
    if (isOpen() && event.relatedTarget && !place.contains(event.relatedTarget)) close();
  });
  document.addEventListener("visibilitychange", () => Date.now() - askedAt > MOMENT && told && !told.is_visitor && ask());
  addEventListener("mhub-session", ask);
  ask();
})();
