// A row of tabs: one stop of the Tab key; arrows, Home and End go from one to the next.

const STEPS = { ArrowRight: (at) => at + 1, ArrowLeft: (at) => at - 1, Home: () => 0, End: () => -1 };

/** Hands the name of the tab that is chosen, which its element has as `data-tab`, to `choose`. */
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
        // Along the row only: the page stays where it is.
        if (isChosen) list.scrollLeft = Math.max(0, tab.offsetLeft - list.offsetLeft - (list.clientWidth - tab.offsetWidth) / 2);
      }
    },
  };
}
