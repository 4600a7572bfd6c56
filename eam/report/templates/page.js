"use strict";
// Charts are drawn from specifications in the page. Nothing is loaded from elsewhere.
const specs = {};
document.querySelectorAll("script.spec").forEach((source) => {
  specs[source.dataset.chart] = JSON.parse(source.textContent);
});
const draw = (id, spec, renderer = "svg") =>
  vegaEmbed(document.getElementById(id), spec, { actions: false, renderer, tooltip: { theme: "custom" } });
