"use strict";
// Draw the charts. Their data, and all text, is in the page; nothing is loaded.
const options = { actions: false, renderer: "svg", tooltip: { theme: "custom" } };
const draw = (id, spec) => vegaEmbed(`#${id}`, spec, options);
const specs = {};
document.querySelectorAll("script.spec").forEach((source) => {
  specs[source.dataset.chart] = JSON.parse(source.textContent);
});

// The history page: its selects choose the rows of the chart and of the table.
const selects = [...document.querySelectorAll("form.history select")];
if (selects.length > 0) {
  const all = JSON.parse(document.getElementById("history-rows").textContent);
  const matches = (row) => selects.every((s) => s.value === "" || String(row[s.name]) === s.value);
  const show = () => {
    const rows = all.filter(matches);
    document.querySelectorAll("tr[data-row]").forEach((line) => {
      line.hidden = !matches(all[line.dataset.row]);
    });
    document.getElementById("history-empty").hidden = rows.length > 0;
    document.getElementById("history").hidden = rows.length === 0;
    if (rows.length > 0) draw("history", { ...specs.history, datasets: { rows } });
  };
  selects.forEach((select) => select.addEventListener("change", show));
  show();
} else {
  Object.entries(specs).forEach(([id, spec]) => draw(id, spec));
}
