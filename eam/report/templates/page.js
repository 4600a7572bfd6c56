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
const columns = ["commit", "date", "subject", "backend", "N", "overhead", "interval", "step"];
const line = (row) => {
  const tr = document.createElement("tr");
  for (const name of columns) {
    const cell = document.createElement(name === "commit" ? "th" : "td");
    if (name === "commit") cell.scope = "row";
    if (["date", "subject", "backend", "step"].includes(name)) cell.className = name + " text";
    cell.textContent = row[name];
    tr.append(cell);
  }
  return tr;
};
if (selects.length > 0) {
  const { runs, rows } = JSON.parse(document.getElementById("history-data").textContent);
  const all = rows.map((row) => ({ ...runs[row.run], ...row }));
  const fits = (row, name, value) => value === "" || String(row[name]) === value;
  // Each select offers what was measured for the choices before it.
  const choose = (rows, select) => {
    const options = [...select.options];
    for (const option of options)
      option.disabled = !rows.some((row) => fits(row, select.name, option.value));
    if (select.selectedOptions[0].disabled)
      select.value = options.find((option) => !option.disabled)?.value ?? "";
    return rows.filter((row) => fits(row, select.name, select.value));
  };
  const show = () => {
    const shown = selects.reduce(choose, all);
    document.getElementById("history-table").replaceChildren(...shown.map(line));
    document.getElementById("history-empty").hidden = shown.length > 0;
    document.getElementById("history").hidden = shown.length === 0;
    if (shown.length === 0) return;
    const backends = [...new Set(shown.map((row) => row.backend))];
    const filled = (key, value) => (key === "domain" && Array.isArray(value) ? backends : value);
    const spec = JSON.parse(JSON.stringify(specs.history), filled);
    draw("history", { ...spec, datasets: { rows: shown } });
  };
  selects.forEach((select) => select.addEventListener("change", show));
  show();
} else {
  Object.entries(specs).forEach(([id, spec]) => draw(id, spec));
}
