"""The gate: its arithmetic on given ratios, and its exit status on small real repositories."""

import importlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from eam.commands.gate import exit_status
from eam.gate import versions
from eam.gate.comparison import FAILED, FASTER, SAME, SLOWER, UNCLEAR, Comparison, limit
from eam.gate.side_by_side import NOT_COMPARED, WRONG

ROOT = Path(__file__).parents[2]


def row(*ratios, problem=None, bound=1.025):
    return Comparison("numpy", 100, bound, list(ratios), problem)


@pytest.mark.parametrize(
    ("ratios", "verdict"),
    [
        ((1.0, 1.0, 1.0), SAME),
        ((1.049, 1.051, 1.05, 1.052, 1.048), SLOWER),
        ((1.04, 1.05, 1.05, 1.06, 0.99), UNCLEAR),
        ((0.95, 0.949, 0.951, 0.95, 0.952), FASTER),
        ((1.02, 1.024, 1.5, 1.01, 1.0), SAME),  # one process out of line decides nothing
        ((1.0, 1.01, 1.2, 1.3, 1.4), UNCLEAR),
    ],
)
def test_verdict(ratios, verdict):
    assert row(*ratios).verdict == verdict


def test_the_median_is_of_logarithms():
    assert row(1.0, 1.21).ratio == pytest.approx(1.1)


def test_the_limit_is_wider_for_large_problems():
    assert (limit(100), limit(10_000), limit(1_000_000)) == (1.025, 1.025, 1.05)
    assert row(1.04, 1.04, 1.04, bound=1.05).verdict == SAME


@pytest.mark.parametrize(
    ("ratios", "settled"),
    [
        ((1.0,), False),
        ((1.009, 0.995), True),
        ((1.009, 1.012), False),
        ((1.009, 1.1, 0.995), True),  # two of three are near
        ((1.009, 1.1, 1.1, 0.995), False),
        ((1.05, 1.05, 1.05, 1.05, 1.05), False),
        ((1.05, 1.05, 1.05, 1.05, 1.05, 1.03), True),
        ((1.05, 1.05, 1.05, 1.05, 1.05, 1.02), False),  # slower so far, but one is not beyond
        ((1.02, 1.02, 1.02, 1.02, 1.1, 1.02), True),  # the same, if only just
        ((1.05,) * 6 + (1.02,) * 4, True),
        ((1.05,) * 8 + (0.99,) * 2, False),  # unclear after ten
        ((1.05,) * 8 + (0.99,) * 2 + (1.05,) * 4, True),
        ((1.05,) * 8 + (0.99,) * 6, True),  # unclear, but that is enough
    ],
)
def test_only_what_is_in_doubt_is_measured_again(ratios, settled):
    assert row(*ratios).is_settled is settled


def test_a_failure_is_not_measured_again():
    assert row(problem=WRONG).is_settled


def test_of_ten_and_more_the_outermost_decide_nothing():
    ten = row(0.8, 1.03, 1.04, 1.04, 1.05, 1.05, 1.06, 1.06, 1.07, 1.5)
    assert ten.interval == (1.03, 1.07)
    assert ten.verdict == SLOWER
    assert row(*ten.ratios, 0.8, 1.04, 1.05, 1.5).interval == (1.03, 1.07)


def test_a_bias_that_alternates_cancels():
    assert row(*(0.975, 1.026) * 3).ratio == pytest.approx(1.0, abs=1e-3)
    assert row(*(0.975, 1.026) * 3).verdict == SAME


@pytest.mark.parametrize(
    ("rows", "status"),
    [
        ([row(1.0, 1.0, 1.0)], 0),
        ([row(1.0, 1.0, 1.0), row(0.9, 0.9, 0.9)], 0),
        ([row(1.0, 1.0, 1.0), row(1.1, 1.1, 1.1)], 1),
        ([row(1.0, 1.0, 1.0), row(problem=WRONG)], 1),
        ([row(1.0, 1.0, 1.0), row(problem=NOT_COMPARED)], 0),
        ([row(1.0, 1.0, 1.0), row(problem=FAILED)], 2),
        ([row(1.1, 1.1, 1.1), row(problem=FAILED)], 1),
        ([row(problem=NOT_COMPARED)], 2),
        ([], 2),
    ],
)
def test_exit_status(rows, status):
    assert exit_status(rows) == status


@pytest.fixture
def repository(tmp_path):
    """A repository of one commit that holds this eam."""
    versions.snapshot(ROOT, tmp_path)
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "-A")
    git(tmp_path, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "-m", "one")
    return tmp_path


def git(directory, *arguments):
    subprocess.run(["git", "-C", str(directory), *arguments], check=True)


def gate(directory, *arguments, dimensions="100"):
    command = [
        sys.executable,
        "-m",
        "eam",
        "gate",
        *arguments,
        "--dimensions",
        dimensions,
        "--json",
    ]
    done = subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False)
    rows = json.loads(done.stdout)["rows"] if done.stdout else []
    return done.returncode, {row["backend"]: row for row in rows}, done.stderr


def edit(directory, name, old, new):
    path = directory / "eam" / name
    text = path.read_text()
    assert text.count(old) >= 1
    path.write_text(text.replace(old, new))


def test_uncommitted_extra_work_is_found_and_named(repository):
    edit(
        repository,
        "backends/_numpy.py",
        "return Native(manual.value, manual.gradient,",
        "return Native(manual.value, lambda x: (manual.gradient(x), manual.gradient(x))[1],",
    )
    status, rows, _ = gate(repository, "HEAD", "--backends", "numpy")
    assert status == 1
    assert rows["numpy"]["verdict"] == SLOWER
    assert 1.5 < rows["numpy"]["low"] <= rows["numpy"]["ratio"] <= rows["numpy"]["high"]
    assert len(rows["numpy"]["ratios"]) == 6


def test_a_wrong_answer_and_a_new_backend(repository):
    edit(
        repository,
        "backends/_numpy.py",
        "return Native(manual.value, manual.gradient,",
        "return Native(manual.value, lambda x: manual.gradient(x) * (1 + 1e-6),",
    )
    edit(
        repository,
        "backends/__init__.py",
        "    for backend in (\n",
        "    for backend in (\n"
        '        Backend("numpy-new", "numpy", "_numpy", "in_place", MANUAL, True),\n',
    )
    status, rows, _ = gate(repository, "HEAD", "--backends", "numpy,numpy-new")
    assert status == 1
    assert rows["numpy"]["verdict"] == WRONG
    assert "ratio" not in rows["numpy"]
    assert rows["numpy-new"]["verdict"] == NOT_COMPARED
    assert "in the old version: UnknownBackendError" in rows["numpy-new"]["reason"]


def test_named_tuples_of_two_versions_are_told_apart(repository):
    pytest.importorskip("numba")
    names = []
    for name in ("eam_one", "eam_two"):
        versions.load(repository, name)
        module = importlib.import_module(f"{name}.kernels.fused")
        versions.tell_apart(name)
        names.append(module.Pairs.__name__)
    assert names == ["eam_one_Pairs", "eam_two_Pairs"]


def test_what_cannot_be_measured(repository, tmp_path_factory):
    status, _, message = gate(repository, "no-such-branch")
    assert status == 2
    assert "git knows no commit 'no-such-branch'" in message
    status, _, message = gate(repository, "HEAD", "--backends", "nunpy")
    assert status == 2
    assert "valid names: numpy" in message
    elsewhere = versions.snapshot(repository, tmp_path_factory.mktemp("elsewhere"))
    status, _, message = gate(elsewhere, "HEAD")
    assert status == 2
    assert "no git checkout" in message


def test_two_versions_share_no_module(repository, tmp_path_factory):
    other = tmp_path_factory.mktemp("other")
    shutil.copytree(repository / "eam", other / "eam")
    edit(other, "__init__.py", "__all__ = [", 'edited = True\n__all__ = [\n    "edited",')
    old, new = versions.load(repository, "eam_old"), versions.load(other, "eam_new")
    assert new.edited
    assert not hasattr(old, "edited")
    problem = old.problem("toy", 3)
    assert isinstance(problem, old.Problem)
    assert not isinstance(problem, new.Problem)
    loaded = {name for name in sys.modules if name.split(".")[0] in ("eam_old", "eam_new")}
    for name in loaded:
        home = repository if name.startswith("eam_old") else other
        assert Path(sys.modules[name].__file__).is_relative_to(home)
