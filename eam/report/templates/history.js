"use strict";
// The history page: its selects choose a file of numbers, and what of it the chart and table show.
// The choice is in the address, so a link shows it again.
const source = document.getElementById("history-index");
const { runs, versions, choices } = JSON.parse(source.textContent);
const first = choices[Number(source.dataset.selected)];
const selects = Object.fromEntries(
  [...document.querySelectorAll("form.history select")].map((select) => [select.name, select]),
);
const ROWS = 50; // of the table, until more are asked for
const DOTS = 400; // points of the chart that are drawn as such
const DRAWN = 200; // runs of a line that are drawn

// The numbers of a choice, from the file that calls eamHistory with them.
const loaded = new Map();
const waiting = new Map();
window.eamHistory = (file, data) => waiting.get(file)?.(data);
const load = (file) => {
  if (!loaded.has(file))
    loaded.set(
      file,
      new Promise((resolve, reject) => {
        waiting.set(file, resolve);
        const script = document.createElement("script");
        script.src = file;
        script.onerror = reject;
        document.head.append(script);
      }),
    );
  return loaded.get(file);
};

const day = (date) =>
  new Date(date).toLocaleDateString("en-GB", { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });
const digits = (value) => {
  if (value >= 0.0995 && value < 9.995) return value.toFixed(2);
  const short = Number(value.toPrecision(2));
  return short >= 10 ? short.toLocaleString("en").replaceAll(",", "\u00a0") : String(short);
};

// The selects: each offers what was measured for the choices before it.
const fill = (select, options, value) => {
  select.replaceChildren(...options.map(([key, text]) => new Option(text, key)));
  const known = options.some(([key]) => String(key) === String(value));
  select.value = known ? value : options[0][0];
  return select.value;
};
const unique = (rows, key) => [...new Set(rows.map((row) => row[key]))];
const fitting = (wanted) => {
  const plain = (names) => names.map((name) => [name, name]);
  const machine = fill(selects.machine, plain(unique(choices, "machine")), wanted.machine);
  const here = choices.filter((row) => row.machine === machine);
  const model = fill(selects.model, plain(unique(here, "model")), wanted.model);
  const sizes = here.filter((row) => row.model === model);
  const dimension = fill(selects.dimension, sizes.map((row) => [row.dimension, row.at]), wanted.dimension);
  const choice = sizes.find((row) => String(row.dimension) === dimension);
  const libraries = Object.keys(choice.libraries).map((name) => [name, `all of ${name}`]);
  const some = choice.fastest.length ? [["", "the fastest of each library"]] : [];
  fill(selects.library, [...some, ["*", "all"], ...libraries], wanted.library);
  return choice;
};

const shownBackends = (choice, library) => {
  if (library === "") return choice.fastest;
  return library === "*" ? Object.values(choice.libraries).flat() : choice.libraries[library];
};

const pointsOf = (data, backends) => {
  const steps = new Map(data.steps.map(([run, backend, text]) => [`${run} ${backend}`, text]));
  return backends.flatMap((backend) => {
    const column = data.backends[backend];
    return data.runs.flatMap((run, i) =>
      column.value[i] === null
        ? []
        : [{
            run, backend,
            date: runs[run].date,
            value: column.value[i], low: column.low[i], high: column.high[i],
            paired: column.paired[i],
            step: steps.get(`${run} ${backend}`) ?? "",
          }],
    );
  });
};

// The releases that are new since the run before, of the libraries shown.
const releasesOf = (data, choice, backends) => {
  const libraries = Object.keys(choice.libraries).filter((name) =>
    choice.libraries[name].some((backend) => backends.includes(backend)),
  );
  return data.runs.slice(1).flatMap((run, i) => {
    const [now, before] = [run, data.runs[i]].map((order) => versions[runs[order].versions]);
    const fresh = ["numpy", ...libraries].filter((name) => now[name] && before[name] && now[name] !== before[name]);
    const label = [...new Set(fresh)].map((name) => `${name} ${now[name]}`).join(", ");
    return label ? [{ date: runs[run].date, label }] : [];
  });
};

// What hovering a commit shows: a row a run, the overheads under the names b0, b1, ...
const hoverOf = (data, points, backends) => {
  const drawn = new Set(points.map((point) => point.run));
  const rows = new Map(
    [...drawn].sort((one, other) => one - other)
      .map((run) => [run, { ...runs[run], day: day(runs[run].date) }]),
  );
  for (const point of points)
    rows.get(point.run)[`b${backends.indexOf(point.backend)}`] =
      `${point.paired ? "" : "~"}${digits(point.value)}× (${digits(point.low)} to ${digits(point.high)})`;
  return [...rows.values()];
};
const tooltip = (backends) => [
  ...["commit", "day", "subject"].map((field) => ({ field, type: "nominal", title: field })),
  ...backends.map((title, i) => ({ field: `b${i}`, type: "nominal", title })),
];

// The extent of some numbers, and a share of it more at either end.
const within = (numbers, share, least) => {
  const [low, high] = numbers.reduce(
    ([low, high], number) => [Math.min(low, number), Math.max(high, number)],
    [Infinity, -Infinity],
  );
  const margin = Math.max((high - low) * share, least);
  return [low - margin, high + margin];
};

// Of many runs, those to draw: the lowest and the highest of each stretch of them, and every step.
const thinned = (points) => {
  const all = new Set(points.map((point) => point.run)).size;
  if (all <= DRAWN) return points;
  const kept = new Set();
  for (const group of Map.groupBy(points, (point) => point.backend).values()) {
    const length = Math.ceil((2 * group.length) / DRAWN);
    for (let i = 0; i < group.length; i += length) {
      const stretch = group.slice(i, i + length).toSorted((one, other) => one.value - other.value);
      kept.add(stretch[0]).add(stretch.at(-1));
    }
    group.filter((point) => point.step).forEach((point) => kept.add(point));
  }
  return points.filter((point) => kept.has(point));
};

const chart = (data, choice, every, backends) => {
  const points = thinned(every);
  const floor = Math.max(...data.floor);
  const dot = points.length <= DOTS;
  const domains = {
    backends,
    dates: within(points.map((point) => point.date), 0.03, 864e5),
    values: within(points.flatMap((point) => [Math.log(point.low), Math.log(point.high)]), 0.1, 0.1).map(Math.exp),
  };
  const filled = (key, value) => {
    if (key === "domain" && Array.isArray(value)) return domains[value[0]] ?? value;
    if (key === "tooltip" && Array.isArray(value)) return tooltip(backends);
    return value;
  };
  const spec = JSON.parse(JSON.stringify(specs.history), filled);
  spec.datasets = {
    points: points.map((point) => ({ ...point, dot })),
    runs: hoverOf(data, points, backends),
    releases: releasesOf(data, choice, backends),
    floor: [{ low: 1 / (1 + floor), high: 1 + floor }],
  };
  return draw("history", spec, dot ? "svg" : "canvas");
};

const line = (point) => {
  const { commit, date, subject } = runs[point.run];
  const texts = {
    commit, date: day(date), subject, backend: point.backend,
    overhead: `${point.paired ? "" : "~"}${digits(point.value)}×`,
    interval: `${digits(point.low)} to ${digits(point.high)}`,
    step: point.step,
  };
  const tr = document.createElement("tr");
  for (const [name, text] of Object.entries(texts)) {
    const cell = document.createElement(name === "commit" ? "th" : "td");
    if (name === "commit") cell.scope = "row";
    if (["date", "subject", "backend", "step"].includes(name)) cell.className = name + " text";
    cell.textContent = text;
    tr.append(cell);
  }
  return tr;
};
const table = (points, count) => {
  const rows = points.toSorted((one, other) => other.run - one.run);
  document.getElementById("history-table").replaceChildren(...rows.slice(0, count).map(line));
  const more = document.getElementById("history-more");
  more.hidden = rows.length <= count;
  more.textContent = `Show all ${rows.length} rows`;
  more.onclick = () => table(points, rows.length);
};

let asked = 0; // an earlier choice whose file comes late is not shown any more
const show = async (wanted) => {
  const mine = ++asked;
  const choice = fitting(wanted);
  const address = Object.fromEntries(Object.values(selects).map((select) => [select.name, select.value]));
  const data = await load(choice.file).catch(() => null);
  if (mine !== asked) return address;
  document.getElementById("history-empty").hidden = data !== null;
  document.getElementById("history").hidden = data === null;
  if (data === null) return address;
  const backends = shownBackends(choice, address.library);
  const points = pointsOf(data, backends);
  table(points, ROWS);
  await chart(data, choice, points, backends);
  return address;
};
const current = () => Object.fromEntries(new FormData(document.querySelector("form.history")));
const linked = () => ({ ...first, library: "", ...Object.fromEntries(new URLSearchParams(location.hash.slice(1))) });
Object.values(selects).forEach((select) =>
  select.addEventListener("change", async () => {
    const address = await show(current());
    window.history.replaceState(null, "", `#${new URLSearchParams(address)}`);
  }),
);
window.addEventListener("hashchange", () => {
  if (location.hash.includes("=")) show(linked());
});
show(linked());
