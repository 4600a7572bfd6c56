"use strict";
// Draw the charts. Their data, and all text, is in the page; nothing is loaded.
const options = { actions: false, renderer: "svg", tooltip: { theme: "custom" } };
const drawn = [...document.querySelectorAll("script.spec")].map((source) =>
  vegaEmbed(`#${source.dataset.chart}`, JSON.parse(source.textContent), options));

// The history page: its selects choose the rows of the chart and of the table.
const selects = [...document.querySelectorAll("form.history select")];
if (selects.length > 0) {
  const all = JSON.parse(document.getElementById("history-rows").textContent);
  const matches = (row) => selects.every((s) => s.value === "" || String(row[s.name]) === s.value);
  const show = async () => {
    const rows = all.filter(matches);
    document.querySelectorAll("tr[data-row]").forEach((line) => {
      line.hidden = !matches(all[line.dataset.row]);
    });
    document.getElementById("history-empty").hidden = rows.length > 0;
    const { view } = await drawn[0];
    await view.data("rows", rows).resize().runAsync();
  };
  selects.forEach((s) => s.addEventListener("change", show));
  show();
}
