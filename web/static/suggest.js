// An extra: fills the list below the search box. Everything works without it.
"use strict";
(() => {
  const box = document.getElementById("q");
  const list = document.getElementById("suggestions");
  if (!box || !list || !window.fetch) return;
  let asked = "";
  let waiting = 0;
  const fill = async () => {
    const typed = box.value.trim();
    if (typed === asked || typed.length < 2) return;
    asked = typed;
    try {
      const answer = await fetch("/suggest?q=" + encodeURIComponent(typed), { credentials: "same-origin" });
      if (!answer.ok || box.value.trim() !== typed) return;
      const found = await answer.json();
      list.replaceChildren(
        ...found.map((each) => {
          const option = document.createElement("option");
          option.value = each.query;
          option.label = each.articles === null ? each.text : each.text + " (" + each.articles + ")";
          return option;
        }),
      );
    } catch {
      // no suggestions then
    }
  };
  box.addEventListener("input", () => {
    window.clearTimeout(waiting);
    waiting = window.setTimeout(fill, 150);
  });
})();
