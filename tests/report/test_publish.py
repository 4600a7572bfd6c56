"""`asv publish` on results of every kind: what it exports, says, and exits with."""

import csv
import json
import math
import re
import shutil

import pytest

from eam.measure.facts import facts
from tests.report.published import OVERHEAD, ROOT, TIME, publish, suite
from tests.report.stored_results import Suite, around

pytestmark = pytest.mark.slow


def test_the_csv_has_a_row_for_each_case_and_the_fields_are_documented(tmp_path, commits):
    published = publish(tmp_path, commits, suite(commits.first, 1_000_000)).html
    with (published / "overheads.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    document = json.loads((published / "overheads.json").read_text())
    cases = [c for run in document["runs"] for model in run["models"] for c in model["cases"]]
    assert len(rows) == len(cases)
    assert [row["over_numpy_value"] for row in rows] == [
        "" if c["overhead"]["numpy"] is None else str(c["overhead"]["numpy"]["value"])
        for c in cases
    ]
    page = ROOT / "docs" / "reference" / "overheads-json.md"
    described = set(re.findall(r"\w+", page.read_text()))
    assert fields(document) <= described
    tabulated, toy = (model["growth"] for model in document["runs"][0]["models"])
    assert {row["worst_dimension"] for row in toy} <= {100, 10_000, 1_000_000}
    assert {row["worst_dimension"] for row in tabulated} == {None}, "two points always fit"


def fields(value):
    """The names of all fields of the document, without the free ones."""
    if isinstance(value, list):
        return set().union(*map(fields, value))
    if not isinstance(value, dict):
        return set()
    free = ("versions", "settings", "facts", "benchmarks", "nanoseconds_per_atom", "by_hand")
    return set(value) | set().union(*(fields(v) for k, v in value.items() if k not in free))


def results_in(folder):
    return [path for path in folder.glob("*/*.json") if path.name != "machine.json"]


def cut(path):
    path.write_text(path.read_text()[:200])


def make_older(path):
    path.write_text(json.dumps({**json.loads(path.read_text()), "version": 1}))


def contents(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (shutil.rmtree, "There are no results to report on. Measure some with: eam track"),
        (lambda found: shutil.rmtree(found / "bench"), "There are no results to report on"),
        (lambda found: (found / "benchmarks.json").unlink(), "is missing. Use"),
        (lambda found: cut(found / "benchmarks.json"), "is not JSON ("),
        (lambda found: (found / "benchmarks.json").write_text("[]"), "is no object. Use"),
        (lambda found: make_older(found / "benchmarks.json"), "Run `asv update`"),
        (lambda found: [*map(cut, results_in(found))], "move the file away and run: asv run"),
        (lambda found: [*map(make_older, results_in(found))], "Run `asv update`"),
    ],
)
def test_nothing_readable_is_said_and_is_no_success(tmp_path, commits, damage, says):
    done = publish(tmp_path, commits, suite(commits.first, 1_000_000), damage=damage)
    assert done.status == 1, done.output
    page = (done.html / "index.html").read_text()
    assert says in page
    assert "eam track" in page
    assert "<nav" not in page
    assert [path.name for path in done.html.iterdir()] == ["index.html"]
    assert "Traceback" not in done.output


def test_results_of_machines_that_lost_their_facts_are_shown(tmp_path, commits):
    faults = {"cut": "{", "list": "[]", "empty": "{}", "absent": None}

    def damage(results):
        for machine, text in faults.items():
            path = results / machine / "machine.json"
            path.unlink() if text is None else path.write_text(text)

    suites = [suite(commits.first, 1_000_000) for _ in faults]
    for stored, machine in zip(suites, faults, strict=True):
        stored.machine = machine
    done = publish(tmp_path, commits, *suites, damage=damage)
    assert done.status == 0, done.output
    page = (done.html / "index.html").read_text()
    index = json.loads((done.html / "index.json").read_text())
    for machine in faults:
        assert f"Not read: {machine}/machine.json" in page
        assert f'.html">{machine}</a>' in page or f'"page">{machine}</a>' in page
        assert index["machines"][machine]["cpu"] == "a CPU"


def test_one_commit_with_failed_infinite_and_absent_cells(tmp_path, commits):
    values = {"numpy": around(1.0), "jax": None, "torch": math.inf, "numba": math.nan}
    cells = {OVERHEAD: {(100, name): value for name, value in values.items()}}
    cells[TIME] = {(100, "jax"): math.nan}
    done = publish(tmp_path, commits, Suite(cells, commit=commits.first, date=1_000_000))
    assert done.status == 0, done.output
    page = (done.html / "toy-on-bench.html").read_text()
    assert "numbers of jax, torch, which failed" in page
    assert f"asv run {commits.first[:8]}^! --bench time_gradient" in page
    document = json.loads(
        (done.html / "overheads.json").read_text(),
        parse_constant=lambda name: pytest.fail(f"{name} is not JSON"),
    )
    assert document["schema_version"] == 2
    assert "One commit is measured so far" in (done.html / "history.html").read_text()


def test_files_left_out_beside_a_good_one_are_named_on_the_page(tmp_path, commits):
    faults = {
        "cut.json": "{",
        "of-numbers.json": "[1, 2]",
        "of-nothing.json": "null",
        "newer.json": '{"version": 99}',
        "empty.json": "",
        "inside.json": None,
    }
    before = {}

    def damage(results):
        good = json.loads(results_in(results)[0].read_text())
        faults["inside.json"] = json.dumps({**good, "results": {OVERHEAD: 3}})
        for name, text in faults.items():
            (results / "bench" / name).write_text(text)
        results.joinpath("bench", "bytes.json").write_bytes(bytes(range(256)))
        before.update(contents(results))

    done = publish(tmp_path, commits, suite(commits.first, 1_000_000), damage=damage)
    assert done.status == 0, done.output
    page = (done.html / "index.html").read_text()
    assert [name for name in (*faults, "bytes.json") if f"Not read: bench/{name}" not in page] == []
    assert "20×" in page
    assert contents(tmp_path / "results") == before


# machine -> what lies beside its result: the facts of the measurement
FACTS = {
    "absent": None,
    "cut": "{",
    "list": "[1, 2]",
    "text": '{"load": "high"}',
    "whole": json.dumps(facts()),
    "unknown": json.dumps(dict.fromkeys(facts())),
}


def test_the_facts_of_a_measurement_are_shown_or_it_is_said_why_not(tmp_path, commits):
    def damage(results):
        for machine, text in FACTS.items():
            (path,) = results.glob(f"{machine}/*-env.json")
            if text is not None:
                path.with_suffix(".facts").write_text(text)

    cells = {OVERHEAD: {(100, "numpy"): around(1.0), (100, "jax"): around(1.2)}}
    suites = [Suite(cells, commits.first, 1_000_000, machine) for machine in FACTS]
    done = publish(tmp_path, commits, *suites, damage=damage)
    assert done.status == 0, done.output
    front = (done.html / "index.html").read_text()

    def page(machine):
        path = done.html / f"report-on-{machine}.html"
        return path.read_text() if path.exists() else front

    for machine in ("cut", "list", "text"):
        assert re.search(rf"Not read: {machine}/.*eam track at their commit writes it anew", front)
    for machine in ("absent", "cut", "list", "text"):
        assert "not recorded; <code>eam track</code> records it" in page(machine)
    assert "large pages " in page("whole")
    assert "load not known, clock governor not readable" in page("unknown")


def test_the_history_files_hold_every_run_and_the_json_the_latest_whole(tmp_path, commits):
    suites = [suite(commits.first, 1_000_000), suite(commits.second, 2_000_000, factor=2.0)]
    html = publish(tmp_path, commits, *suites).html
    document = json.loads((html / "overheads.json").read_text())
    assert [run["commit"] for run in document["runs"]] == [commits.second]
    with (html / "runs.csv").open(newline="") as file:
        runs = list(csv.DictReader(file))
    assert [run["commit"] for run in runs] == [commits.first, commits.second]
    assert runs[0]["subject"] == "Begin"
    with (html / "history.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["backend"] == "jax"]
    at = [row for row in rows if (row["model"], row["dimension"]) == ("toy", "100")]
    assert [(row["run"], float(row["overhead"]), row["paired"]) for row in at] == [
        ("0", 1.2, "1"),
        ("1", 2.4, "1"),
    ]
    steps = {(s["model"], s["dimension"], s["backend"]): s for s in document["steps"]}
    assert steps["toy", 100, "jax"]["commit"] == commits.second
    assert steps["toy", 100, "jax"]["since"] == commits.first
    assert steps["toy", 100, "jax"]["change"] == pytest.approx(2.0)


def test_a_range_of_commits_is_what_the_report_shows(tmp_path, commits):
    suites = [suite(commits.first, 1_000_000), suite(commits.second, 2_000_000)]
    done = publish(tmp_path, commits, *suites, arguments=["HEAD^!"])
    assert done.status == 0, done.output
    document = json.loads((done.html / "overheads.json").read_text())
    assert [run["commit"] for run in document["runs"]] == [commits.second]
    assert (done.html / "runs.csv").read_text().count(commits.first) == 0


def test_two_machines_and_a_commit_that_the_repository_has_no_more(tmp_path, commits):
    other = suite("f" * 40, 2_000_000)
    other.machine = "other"
    done = publish(tmp_path, commits, suite(commits.first, 1_000_000), other)
    assert done.status == 0, done.output
    document = json.loads((done.html / "overheads.json").read_text())
    assert [run["machine"]["machine"] for run in document["runs"]] == ["other", "bench"]
    assert "toy-on-other.html" in (done.html / "index.html").read_text()
    assert "toy-on-bench.html" in (done.html / "report-on-bench.html").read_text()
