// The search in the bar of every page: suggests while somebody types, and leads to what was chosen or to all results.
// Texts of people are set as text, never as HTML.
const PAUSE = 150; // milliseconds without a letter before the hub is asked
const AGAIN = 1500; // and before it is asked again, when it said that it was too often
const SHORTEST = 2; // Latin letters that are worth a question; of other scripts one is
const OF_THE_BAR = `
  <form class="mhub-search" role="search" action="Search">
    <button type="button" class="mhub-search-icon" aria-label="Open the search" aria-expanded="false">
      <svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true"><circle cx="8" cy="8" r="5.5"/><path d="M12 12l6 6"/></svg>
    </button>
    <div class="mhub-search-field">
      <input type="text" name="q" maxlength="200" placeholder="Search  ( / )" aria-label="Search everything" autocomplete="off"
        autocapitalize="none" spellcheck="false" enterkeyhint="search" role="combobox" aria-autocomplete="list"
        aria-expanded="false" aria-controls="mhub-search-list">
      <button type="button" class="mhub-search-close" aria-label="Close the search">✕</button>
      <div class="mhub-search-list" id="mhub-search-list" role="listbox" aria-label="Suggestions" hidden></div>
      <span class="mhub-search-told" role="status"></span>
    </div>
  </form>`;

const make = (name, given = {}, ...inner) => {
  const element = Object.assign(document.createElement(name), given);
  element.append(...inner);
  return element;
};
const marked = (pieces) => pieces.map(([text, isMatch]) => (isMatch ? make("mark", { textContent: text }) : text));

function search(place) {
  place.innerHTML = OF_THE_BAR;
  const find = (name) => place.querySelector(name);
  const form = find("form"), icon = find(".mhub-search-icon"), field = find("input"), list = find(".mhub-search-list");
  const told = find(".mhub-search-told");
  let timer = 0, asked = null, shown = "", chosen = -1;
  const options = () => [...list.querySelectorAll('[role="option"]')];

  const fold = (isOpen) => {
    form.classList.toggle("open", isOpen);
    icon.setAttribute("aria-expanded", isOpen);
  };
  const hide = () => {
    list.hidden = true;
    field.setAttribute("aria-expanded", false);
    choose(-1);
  };
  const choose = (index) => {
    chosen = index;
    options().forEach((option, number) => option.setAttribute("aria-selected", number === index));
    const option = options()[index];
    option?.scrollIntoView({ block: "nearest" });
    if (option) field.setAttribute("aria-activedescendant", option.id);
    else field.removeAttribute("aria-activedescendant");
  };
  const leave = () => {
    clearTimeout(timer);
    asked?.abort();
    hide();
    fold(false);
    field.blur();
  };
  const option = (address, ...inner) => {
    const made = make("a", { href: address, id: `mhub-option-${options().length}`, tabIndex: -1 }, ...inner);
    made.setAttribute("role", "option");
    return made;
  };
  const show = (answer) => {
    list.replaceChildren();
    for (const { name, things } of answer.groups) {
      const group = make("div", {}, make("div", { className: "mhub-search-kind", textContent: name }));
      group.setAttribute("role", "group");
      group.setAttribute("aria-label", name);
      list.append(group);
      for (const { address, title, facts, excerpt } of things) {
        const rest = [facts && make("small", { textContent: facts }), excerpt.length && make("small", {}, ...marked(excerpt))];
        group.append(option(address, make("span", {}, ...marked(title)), ...rest.filter(Boolean)));
      }
    }
    const many = `${answer.total}${answer.is_cut ? " or more" : ""}`;
    if (answer.total) {
      const all = answer.total === 1 ? "1 result" : `All ${many} results`;
      list.append(option(`Search?${new URLSearchParams({ q: answer.words })}`, make("span", { className: "mhub-search-all", textContent: all })));
    } else {
      list.append(make("p", { textContent: "Nothing that you can see holds all of these words." }));
    }
    told.textContent = answer.total ? `${many} found` : "Nothing found";
    open();
  };
  const open = () => {
    list.hidden = false;
    field.setAttribute("aria-expanded", true);
    choose(-1);
  };
  const fail = (words) => {
    list.replaceChildren(make("p", { textContent: words }));
    open();
  };
  const ask = async () => {
    const words = field.value;
    asked?.abort(); // only the newest question counts
    asked = new AbortController();
    const { signal } = asked;
    try {
      const answer = await fetch(`api/search?${new URLSearchParams({ q: words })}`, { credentials: "same-origin", signal });
      if (answer.status === 429) return (timer = setTimeout(ask, AGAIN));
      if (!answer.ok) throw new Error(answer.status);
      const found = await answer.json();
      if (signal.aborted) return;
      shown = words;
      show(found);
    } catch (error) {
      if (!signal.aborted) fail("The search does not answer at the moment.");
    }
  };
  const isWorth = () => field.value.trim().length >= (/^[\x00-\x7f]*$/.test(field.value) ? SHORTEST : 1);

  field.addEventListener("input", () => {
    clearTimeout(timer);
    asked?.abort();
    if (isWorth()) timer = setTimeout(ask, PAUSE);
    else hide();
  });
  field.addEventListener("focus", () => {
    if (isWorth()) shown === field.value && list.childElementCount ? open() : ask();
  });
  field.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const last = options().length - 1, isOpen = !list.hidden;
    const step = { ArrowDown: chosen >= last ? -1 : chosen + 1, ArrowUp: chosen < 0 ? last : chosen - 1 }[event.key];
    if (step !== undefined && isOpen) choose(step);
    else if (event.key === "Escape") isOpen ? hide() : ((field.value = ""), leave());
    else return;
    event.preventDefault();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const words = field.value.trim();
    if (!words) return;
    const link = options()[chosen] ?? form.appendChild(make("a", { href: `Search?${new URLSearchParams({ q: words })}`, hidden: true }));
    link.click(); // first.js follows it without loading the page anew
    if (link.parentNode === form) link.remove();
    leave();
  });
  list.addEventListener("pointerdown", (event) => event.preventDefault()); // the field keeps the focus until the click
  list.addEventListener("click", (event) => event.target.closest("a") && leave());
  icon.addEventListener("click", () => (fold(true), field.focus()));
  find(".mhub-search-close").addEventListener("click", leave);
  form.addEventListener("focusout", (event) => {
    if (!form.contains(event.relatedTarget)) (hide(), fold(false));
  });
  addEventListener("keydown", (event) => {
    const isTyping = event.target.closest?.("input, textarea, select, [contenteditable], [role='textbox'], [role='dialog']");
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || isTyping || event.defaultPrevented) return;
    event.preventDefault();
    fold(true);
    field.focus();
    field.select();
  });
}
search(window.mhubCorner("search"));
