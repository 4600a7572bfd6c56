"""Result files that are damaged: each is left out and named, or is harmless."""

import json
import math
import random
import shutil
import signal
import subprocess
import sys
import time

import pytest

from eam.report.asv_format import FormatError, read_benchmarks, read_result
from eam.report.reading import load_runs, load_suite
from tests.report.mutated import mutated
from tests.report.published import make_commits, publish, suite
from tests.report.stored_results import store


@pytest.fixture
def stored(tmp_path):
    conf = store(tmp_path, suite("a" * 40, 1_000_000))
    (path,) = tmp_path.glob("results/bench/*-env.json")
    return conf, path


def test_a_file_as_asv_writes_it_is_read(stored):
    conf, path = stored
    assert read_result(path)["commit_hash"] == "a" * 40
    assert "gradients.Toy.time_gradient" in read_benchmarks(path.parents[1] / "benchmarks.json")
    assert len(list(load_runs(conf.results_dir, load_suite(conf.results_dir), []))) == 1


def change(path, value):
    """Put a value at a path inside the JSON of a result."""

    def apply(content):
        for key in path[:-1]:
            content = content[key]
        content[path[-1]] = value

    return apply


ROW = ("results", "gradients.Toy.time_gradient")


@pytest.mark.parametrize(
    ("edit", "says"),
    [
        (change(("version",), 1), "Run `asv update`"),
        (change(("version",), 3), "Update asv"),
        (change(("version",), None), "without a version"),
        (change(("commit_hash",), "../x"), "commit_hash"),
        (change(("commit_hash",), 7), "commit_hash"),
        (change(("date",), "yesterday"), "date"),
        (change(("date",), 10**15), "date"),
        (change(("date",), True), "date"),
        (change(("python",), 3.11), "python"),
        (change(("params",), []), "params"),
        (change(("params", "machine"), ""), "machine"),
        (change(("params", "cpu"), "x" * 300), "params"),
        (change(("env_vars",), {"A": 1}), "env_vars"),
        (change(("result_columns", 0), "other"), "result_columns"),
        (change(("result_columns", 4), "other"), "result_columns are unknown"),
        (change(("results",), []), "results"),
        (change(ROW, "text"), "is no row"),
        (change((*ROW, 0), "text"), "result of"),
        (change((*ROW, 0, 0), "text"), "result of"),
        (change((*ROW, 0, 0), 10**400), "result of"),
        (change((*ROW, 0, 0), 1e308), "result of"),
        (change((*ROW, 0, 0), 1e-320), "result of"),
        (change((*ROW, 0), [1.0]), "result of"),
        (change((*ROW, 1), [["1"]]), "result of"),
        (change((*ROW, 1, 0), [1, 2, 3]), "params of"),
        (change((*ROW, 2), 2), "version of"),
        (change((*ROW, 5, 0), "0.5"), "stats_ci_99_a of"),
        (change((*ROW, 5), [None]), "stats_ci_99_a of"),
        (change((*ROW, 5, 0), math.nan), "stats_ci_99_a of"),
        (change(("env_name",), "\ud800"), "not JSON"),
        (change(("durations",), {"a": "b"}), "durations"),
    ],
)
def test_what_is_wrong_is_named(stored, edit, says):
    conf, path = stored
    content = json.loads(path.read_text())
    edit(content)
    path.write_text(json.dumps(content))
    with pytest.raises(FormatError, match=says):
        read_result(path)
    faults = []
    assert list(load_runs(conf.results_dir, load_suite(conf.results_dir), faults)) == []
    assert len(faults) == 1
    assert faults[0].startswith("bench/aaaaaaaa-env.json: ")


def test_a_number_too_large_to_be_read_is_named(stored):
    """JSON reads it as infinite, and asv's step detection then finds no step and fails."""
    _, path = stored
    content = json.loads(path.read_text())
    content["results"][ROW[1]][0][0] = "HERE"
    path.write_text(json.dumps(content).replace('"HERE"', "1e999"))
    with pytest.raises(FormatError, match="result of"):
        read_result(path)


@pytest.mark.parametrize(
    ("edit", "says"),
    [
        (change(("gradients.Toy.time_gradient",), []), "is no object"),
        (change(("gradients.Toy.time_gradient", "params"), [["1"]]), "do not fit"),
        (change(("gradients.Toy.time_gradient", "params"), [["1"], 7]), "no lists of texts"),
        (change(("gradients.Toy.time_gradient", "param_names"), None), "param_names"),
        (change(("gradients.Toy.time_gradient", "unit"), None), "unit"),
        (change(("gradients.Toy.time_gradient", "model"), 7), "model"),
        (change(("gradients.Toy.time_gradient", "name"), "other"), "another name"),
    ],
)
def test_what_is_wrong_with_the_list_of_benchmarks_is_named(stored, edit, says):
    conf, result = stored
    path = result.parents[1] / "benchmarks.json"
    content = json.loads(path.read_text())
    edit(content)
    path.write_text(json.dumps(content))
    with pytest.raises(FormatError, match=says):
        load_suite(conf.results_dir)


@pytest.mark.slow
def test_mutated_files_are_published_or_named(tmp_path):
    """Each file is one mutation of a good one; asv sees what our reading lets pass."""
    choose = random.Random(0)
    commits = make_commits(tmp_path / "repository")
    made = []

    def damage(results):
        (good,) = results.glob("bench/*-env.json")
        text = good.read_text()
        for i in range(150):
            path = good.with_name(f"{i}.json")
            path.write_text(mutated(text, choose), encoding="utf-8", errors="surrogatepass")
            made.append(path.name)

    done = publish(tmp_path, commits, suite(commits.first, 1_000_000), damage=damage)
    assert done.status == 0, done.output[-3000:]
    document = json.loads((done.html / "overheads.json").read_text())
    named = {line.partition(":")[0] for line in document["unreadable"]}
    assert named <= {f"bench/{name}" for name in made}
    runs = (done.html / "runs.csv").read_text().splitlines()[1:]
    assert 50 < len(named) < 150
    assert 1 <= len(runs) <= 151 - len(named)


@pytest.mark.slow
def test_a_publish_that_is_killed_leaves_the_old_report(tmp_path):
    commits = make_commits(tmp_path / "repository")
    before = publish(tmp_path, commits, suite(commits.first, 1_000_000)).html
    old = {path.name: path.read_bytes() for path in before.glob("*.html")}
    command = [sys.executable, "-m", "asv", "publish", "--config", str(tmp_path / "asv.conf.json")]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while not list(tmp_path.glob(".html-*/new/index.html")):
        assert process.poll() is None, "it published before it could be killed"
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert {path.name: path.read_bytes() for path in before.glob("*.html")} == old
    shutil.rmtree(next(tmp_path.glob(".html-*")))
