"""`asv publish` on results of every kind: what it exports, says, and exits with."""

import csv
import json
import math
import shutil

import pytest
from published import OVERHEAD, TIME, around, make_commits, publish, suite
from stored_results import Suite


@pytest.fixture(scope="module")
def commits(tmp_path_factory):
    return make_commits(tmp_path_factory.mktemp("repository"))


def test_the_csv_has_a_row_for_each_cell(tmp_path, commits):
    published = publish(tmp_path, commits, suite(commits.first, 1_000_000)).html
    with (published / "overheads.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    document = json.loads((published / "overheads.json").read_text())
    cells = [c for run in document["runs"] for model in run["models"] for c in model["cells"]]
    assert len(rows) == len(cells)
    assert [row["over_numpy_value"] for row in rows] == [
        "" if c["overhead"]["numpy"] is None else str(c["overhead"]["numpy"]["value"])
        for c in cells
    ]


def truncate(results):
    (path,) = [p for p in results.glob("*/*.json") if p.name != "machine.json"]
    path.write_text(path.read_text()[:200])


def make_older(results):
    (path,) = [p for p in results.glob("*/*.json") if p.name != "machine.json"]
    path.write_text(json.dumps({**json.loads(path.read_text()), "version": 1}))


def remove(results):
    shutil.rmtree(results / "bench")


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (truncate, "1 result file could not be read"),
        (make_older, "asv update"),
        (remove, "no results"),
    ],
)
def test_nothing_readable_is_said_and_is_no_success(tmp_path, commits, damage, says):
    done = publish(tmp_path, commits, suite(commits.first, 1_000_000), damage=damage)
    assert done.status != 0
    page = (done.html / "index.html").read_text()
    assert says in page
    assert "make report" in page


def test_one_commit_with_failed_infinite_and_absent_cells(tmp_path, commits):
    values = {"numpy": around(1.0), "jax": None, "torch": math.inf, "numba": math.nan}
    cells = {OVERHEAD: {(100, name): value for name, value in values.items()}}
    cells[TIME] = {(100, "jax"): math.nan}
    done = publish(tmp_path, commits, Suite(cells, commit=commits.first, date=1_000_000))
    assert done.status == 0, done.output
    page = (done.html / "index.html").read_text()
    assert "numbers of jax, torch, which failed" in page
    assert f"asv run {commits.first[:8]}^! --bench time_gradient" in page
    document = json.loads(
        (done.html / "overheads.json").read_text(),
        parse_constant=lambda name: pytest.fail(f"{name} is not JSON"),
    )
    assert document["schema_version"] == 1


def test_a_file_left_out_beside_good_ones_is_named_on_the_page(tmp_path, commits):
    later = suite(commits.second, 2_000_000)

    def damage(results):
        (path,) = results.glob(f"bench/{commits.first[:8]}*.json")
        path.write_text("{")

    done = publish(tmp_path, commits, suite(commits.first, 1_000_000), later, damage=damage)
    assert done.status == 0
    page = (done.html / "index.html").read_text()
    assert f"bench/{commits.first[:8]}-env.json" in page
    assert "20×" in page
