// Leads to the comment that the address names (`?comment=12`), once it is drawn: a page grows from its top, comments come last.
(() => {
  const GROWS = 10_000, LOOK = 150, STAYS = 1_500; // milliseconds
  let led = ""; // the address for which this was done
  let timer = 0;
  const stop = () => clearInterval(timer);

  function lead() {
    const asked = new URLSearchParams(location.search).get("comment");
    if (!/^\d{1,10}$/.test(asked ?? "") || led === location.href) return;
    led = location.href;
    stop();
    let until = Date.now() + GROWS, isThere = false;
    timer = setInterval(() => {
      const comment = document.getElementById(`comment-${asked}`);
      if (comment && !isThere) until = Date.now() + STAYS; // what stands above it may still grow
      isThere ||= Boolean(comment);
      comment?.scrollIntoView({ block: "center", behavior: "instant" });
      if (Date.now() > until) stop();
    }, LOOK);
  }

  for (const name of ["wheel", "touchstart", "pointerdown", "keydown"]) addEventListener(name, stop, { capture: true, passive: true });
  addEventListener("click", () => setTimeout(() => {
    if (!location.search.includes("comment=")) led = "";
    lead();
  }));
  // Back leads to where one was, see first.js; what is no event of the browser's own is a link that was followed.
  addEventListener("popstate", (event) => (event.isTrusted ? (led = location.href) : setTimeout(lead)));
  lead();
})();
