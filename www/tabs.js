// A row of tabs: one stop of the Tab key; arrows, Home and End move within it.

const STEPS = { ArrowRight: (at) => at + 1, ArrowLeft: (at) => at - 1, Home: () => 0, End: () => -1 };

/** Calls `choose` with the chosen tab's name, its element's `data-tab`. */
export function tabs(list, choose) {
  const all = () => [...list.querySelectorAll("[role=tab]")];
  list.addEventListener("click", ({ target }) => {
    const tab = target.closest("[role=tab]");
    if (tab) choose(tab.dataset.tab);
  });
  list.addEventListener("keydown", (event) => {
    const step = STEPS[event.key];
    if (!step || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const found = all();
    const next = found.at(step(found.indexOf(document.activeElement)) % found.length);
    choose(next.dataset.tab);
    next.focus();
  });
  return {
    show(name) {
      for (const tab of all()) {
        const isChosen = tab.dataset.tab === name;
        tab.setAttribute("aria-selected", String(isChosen));
        tab.tabIndex = isChosen ? 0 : -1;
        // Scroll only the row, not the page.
        if (isChosen) list.scrollLeft = Math.max(0, tab.offsetLeft - list.offsetLeft - (list.clientWidth - tab.offsetWidth) / 2);
      }
    },
  };
}
