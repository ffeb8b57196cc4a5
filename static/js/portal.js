"use strict";
// What makes pages smoother. Every page works without it.
(() => {
  const say = (words) => {
    const line = document.createElement("p");
    line.className = "bad";
    line.textContent = words;
    document.getElementById("say").replaceChildren(line);
  };
  const words = () => document.getElementById("main").dataset;
  const ticks = (form) => [...document.querySelectorAll(`input[type=checkbox][name][form="${form}"]`)].filter((box) => !box.disabled);

  const inWords = (total, { unit, hours, minutes }) => {
    if (unit === "fen") return "¥" + (total / 100).toLocaleString("en", { minimumFractionDigits: 2 });
    const h = Math.floor(total / 60);
    const m = total % 60;
    return [h || !m ? hours.replace("{h}", h) : "", m ? minutes.replace("{m}", m) : ""].filter(Boolean).join(" ");
  };

  const recount = () => {
    for (const output of document.querySelectorAll("output[data-count]")) {
      const all = ticks(output.dataset.count);
      const chosen = all.filter((box) => box.checked);
      const sum = chosen.reduce((total, box) => total + Number(box.dataset.worth || 0), 0);
      const [count, worth] = [document.createElement("span"), document.createElement("span")];
      count.className = worth.className = "keep";
      count.textContent = chosen.length ? output.dataset.some.replace("{n}", chosen.length) : output.dataset.none;
      worth.textContent = sum ? inWords(sum, output.dataset) : "";
      output.replaceChildren(count, " ", worth);
      for (const head of document.querySelectorAll(`[data-select-all="${output.dataset.count}"]`)) {
        head.checked = all.length > 0 && chosen.length === all.length;
        head.indeterminate = chosen.length > 0 && chosen.length < all.length;
      }
    }
  };

  // j and k move, x ticks, a approves the row: only where the table says data-keys, never while typing.
  const onKey = (event) => {
    const table = document.querySelector("table[data-keys]");
    if (!table || event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input:not([type=checkbox]), select, textarea")) return;
    const rows = [...table.querySelectorAll("tbody tr")];
    const row = document.activeElement.closest("tbody tr");
    const step = { j: 1, k: -1 }[event.key];
    if (step) {
      const next = rows[row ? rows.indexOf(row) + step : 0];
      if (next) { next.tabIndex = -1; next.focus(); next.scrollIntoView({ block: "nearest" }); }
    } else if (event.key === "x" && row) row.querySelector(".pick input")?.click();
    else if (event.key === "a" && row) row.querySelector("[data-approve]")?.click();
  };

  document.documentElement.classList.add("js");
  document.addEventListener("htmx:sendError", () => say(words().offline));
  document.addEventListener("htmx:timeout", () => say(words().slow));
  document.addEventListener("htmx:afterSettle", recount);
  document.addEventListener("keydown", onKey);
  document.addEventListener("change", ({ target }) => {
    if (target.matches("[data-autosubmit]")) target.form.requestSubmit();
    if (target.dataset.selectAll) for (const box of ticks(target.dataset.selectAll)) box.checked = target.checked;
    recount();
  });
  document.addEventListener("focusin", ({ target }) => target.matches("textarea[data-select]") && target.select());
  window.addEventListener("pageshow", recount);
  recount();
})();
