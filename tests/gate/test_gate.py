"""The gate on small real repositories: verdicts, exit status, and what it refuses."""

import importlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from eam.errors import VersionError
from eam.gate import versions
from eam.gate.comparison import (
    BROKEN,
    BROKEN_IN_BOTH,
    FAILED,
    NOT_COMPARED,
    NOT_OFFERED,
    SAME,
    SAME_ANSWER,
    SLOWER,
)
from eam.measure import lock

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]


@pytest.fixture
def repository(tmp_path):
    """A repository of one commit that holds this eam."""
    versions.snapshot(ROOT, tmp_path)
    git(tmp_path, "init", "-q")
    commit(tmp_path, "one")
    return tmp_path


def commit(directory, message):
    git(directory, "add", "-A")
    git(directory, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "-m", message)


def git(directory, *arguments):
    subprocess.run(["git", "-C", str(directory), *arguments], check=True)


def run_gate(directory, *arguments):
    """`python -m eam gate` in a directory, with a lock of its own."""
    return subprocess.run(
        [sys.executable, "-m", "eam", "gate", *arguments],
        cwd=directory,
        env={**os.environ, "TMPDIR": str(directory)},
        capture_output=True,
        text=True,
        check=False,
    )


def gate(directory, *arguments, quantity="gradient"):
    """Status, rows by backend, and errors, of one quantity at N = 100."""
    asked = ["--dimensions", "100", "--quantity", quantity, "--json"]
    done = run_gate(directory, *arguments, *asked)
    rows = json.loads(done.stdout)["rows"] if done.stdout else []
    return done.returncode, {row["backend"]: row for row in rows}, done.stderr


def edit(directory, name, old, new):
    path = directory / "eam" / name
    text = path.read_text()
    assert text.count(old) >= 1
    path.write_text(text.replace(old, new))


@pytest.mark.alone
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


FAULTY = """
import os
import numpy as np
from dataclasses import replace
from ..errors import NotOfferedError
from .protocol import Native

def _sound(problem):
    return Native(problem.manual.value, problem.manual.gradient)

def _raises(problem):
    raise AttributeError("a mistake")

def _wrong_value(problem):
    return replace(_sound(problem), value=lambda x: problem.manual.value(x) * (1 + 1e-6))

def _wrong_late(problem):
    calls = []
    def gradient(x):
        calls.append(0)
        return problem.manual.gradient(x) * (1 + (len(calls) > 30))
    return replace(_sound(problem), gradient=gradient)

def _other_problem(problem):
    right = problem.manual
    manual = replace(
        right,
        value=lambda x: 1.001 * right.value(x),
        gradient=lambda x: 1.001 * right.gradient(x),
    )
    object.__setattr__(problem, "manual", manual)
    return Native(manual.value, manual.gradient)

def _refuses(problem):
    raise NotOfferedError("not for this")

def _crashes(problem):
    os.abort()

def _exits(problem):
    os._exit(0)
"""
# backend -> factories of the old and the new version, verdict, part of the reason
FAULTS = {
    "sound": ("_sound", "_sound", SAME, None),
    "raises": ("_sound", "_raises", BROKEN, "the new version: AttributeError: a mistake"),
    "wrong": ("_sound", "_wrong_value", BROKEN, "value is wrong by 1.0e-06"),
    "wrong-late": ("_sound", "_wrong_late", BROKEN, "gradient is wrong"),
    "another": ("_sound", "_other_problem", BROKEN, "the value differs from that of the old"),
    "refused": ("_sound", "_refuses", BROKEN, "the new version: NotOfferedError: not for this"),
    "gone": ("_sound", None, BROKEN, "the new version: UnknownBackendError"),
    "new": (None, "_sound", NOT_COMPARED, "the old version: UnknownBackendError"),
    "repaired": ("_raises", "_sound", NOT_COMPARED, "the new version has a number; the old"),
    "broken": ("_raises", "_raises", BROKEN_IN_BOTH, "mistake; the old version: AttributeError"),
    "never": ("_refuses", "_refuses", NOT_OFFERED, "not for this"),
    "crashes": (
        "_sound",
        "_crashes",
        FAILED,
        "SIGABRT while preparing the new gradient of crashes",
    ),
    "exits": ("_sound", "_exits", FAILED, "exit status 0"),
    "absent": ("_sound", "_sound", NOT_COMPARED, "no_such_library"),
}


def write_faulty(directory, version):
    """The backends of one version, in its registry."""
    (directory / "eam" / "backends" / "_faulty.py").write_text(FAULTY)
    lines = [
        f"        Backend({name!r}, {'no_such_library' if name == 'absent' else 'numpy'!r}, "
        f"'_faulty', {factories[version]!r}, REVERSE),\n"
        for name, factories in FAULTS.items()
        if factories[version]
    ]
    head = "    for backend in (\n"
    edit(directory, "backends/__init__.py", head, head + "".join(lines))


def test_a_backend_that_breaks_is_named(repository):
    registry = repository / "eam" / "backends" / "__init__.py"
    untouched = registry.read_text()
    write_faulty(repository, 0)
    commit(repository, "two")
    registry.write_text(untouched)
    write_faulty(repository, 1)
    status, rows, _ = gate(repository, "HEAD", "--backends", ",".join(FAULTS))
    assert status == 1
    for name, (_, _, verdict, reason) in FAULTS.items():
        # identical code may come out as anything but broken on a busy machine
        assert rows[name]["verdict"] == verdict or verdict == SAME
        assert ("ratio" in rows[name]) == (verdict == SAME)
        assert reason is None or reason in rows[name]["reason"]
    status, rows, _ = gate(repository, "HEAD", "--backends", "sound,crashes")
    assert (status, rows["crashes"]["verdict"]) == (2, FAILED)


def test_a_lost_or_wrong_quantity_is_broken_and_a_slow_value_is_found(repository):
    edit(
        repository,
        "backends/_numpy.py",
        "return Native(manual.value, manual.gradient,",
        "return Native(lambda x: (manual.value(x), manual.value(x))[1], manual.gradient,",
    )
    edit(repository, "models/toy.py", "return 9.0 * g * (", "return 9.1 * g * (")
    edit(repository, "models/toy.py", "value_and_gradient, hessian", "hessian")
    done = run_gate(repository, "HEAD", "--backends", "numpy", "--dimensions", "100", "--json")
    rows = {row["quantity"]: row for row in json.loads(done.stdout)["rows"]}
    assert done.returncode == 1
    assert rows["value"]["verdict"] == SLOWER
    assert rows["hessian_vector"]["verdict"] == BROKEN
    assert "the hessian_vector differs" in rows["hessian_vector"]["reason"]
    assert rows["value_and_gradient"]["verdict"] == BROKEN
    assert rows["force_matching"]["verdict"] == SAME_ANSWER
    assert "virial" not in rows
    status, _, message = gate(repository, "HEAD", quantity="viral")
    assert status == 2
    assert "did you mean 'virial'" in message


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
    assert "did you mean 'numpy'" in message
    elsewhere = versions.snapshot(repository, tmp_path_factory.mktemp("elsewhere"))
    status, _, message = gate(elsewhere, "HEAD")
    assert status == 2
    assert "no git checkout" in message


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("eam/__init__.py", "backend_names = list\n", "another package or too old"),
        ("eam/__init__.py", "raise OSError('broken')\n", "OSError: broken"),
        ("eam/__init__.py", "import os\nos._exit(0)\n", "exit status 0"),
        (
            "eam/__init__.py",
            "problem = prepare = backend_names = list\n"
            "class Prepared:\n    def hot_gradient(self): ...\n",
            "too old: its gradients cannot share their memory",
        ),
        ("README", "no package\n", "holds no eam/"),
    ],
)
def test_a_base_that_cannot_be_loaded(repository, tmp_path_factory, name, content, reason):
    keep = tmp_path_factory.mktemp("keep") / "eam"
    shutil.copytree(repository / "eam", keep)
    shutil.rmtree(repository / "eam")
    (repository / name).parent.mkdir(exist_ok=True)
    (repository / name).write_text(content)
    commit(repository, "bad base")
    shutil.rmtree(repository / "eam", ignore_errors=True)
    shutil.copytree(keep, repository / "eam")
    status, rows, message = gate(repository, "HEAD", "--backends", "numpy")
    assert (status, rows) == (2, {})
    assert reason in message
    assert "'HEAD'" in message or name == "README"


def test_uncommitted_changes_are_measured_and_named(repository):
    edit(repository, "__init__.py", "__all__ = [", "__all__ = [\n    ")
    chosen = ["--backends", "numpy", "--dimensions", "3", "--write", "made"]
    done = run_gate(repository, "HEAD", *chosen)
    assert "with uncommitted changes over HEAD" in done.stdout
    assert (repository / "made" / "table.txt").read_text() == done.stdout
    answer = json.loads((repository / "made" / "rows.json").read_text())
    assert answer["status"] == done.returncode
    assert {row["dimension"] for row in answer["rows"]} == {3}


def test_two_at_once(repository, monkeypatch):
    monkeypatch.setattr(lock, "SHARED", repository)
    with lock.only_measurement():
        status, rows, message = gate(repository, "HEAD", "--backends", "numpy")
    assert (status, rows) == (2, {})
    assert f"another measurement runs on this machine, process {os.getpid()}: " in message


def test_a_row_is_explained(repository):
    edit(
        repository,
        "backends/_numpy.py",
        "return Native(manual.value, manual.gradient,",
        "return Native(manual.value, lambda x: (manual.gradient(x), manual.gradient(x))[1],",
    )
    commit(repository, "twice as much work")
    (repository / "unrelated.txt").write_text("x")
    commit(repository, "nothing")
    done = run_gate(repository, "HEAD~2", "--explain", "numpy@100")
    assert done.returncode == 1, done.stderr
    said = done.stdout
    assert "twice as much work" in said
    assert "nothing\n" not in said.partition("What changed")[0]
    assert "+    return Native(manual.value, lambda x: (manual.gradient(x)" in said
    assert "eam/models/toy.py" in said
    status, _, message = gate(repository, "HEAD", "--explain", "numpy")
    assert status == 2
    assert "a row such as jax@100" in message


def test_the_bisection_that_is_printed_finds_the_commit(repository):
    for number, edited in enumerate(["", "", "(manual.gradient(x), manual.gradient(x))[1]", ""]):
        if edited:
            old = "return Native(manual.value, manual.gradient,"
            new = f"return Native(manual.value, lambda x: {edited},"
            edit(repository, "backends/_numpy.py", old, new)
        with (repository / "eam" / "backends" / "_numpy.py").open("a") as file:
            file.write(f"# {number}\n")
        commit(repository, f"number {number}")
    said = run_gate(repository, "HEAD~4", "--explain", "numpy@100").stdout
    start, run, _ = (line for line in said.splitlines() if line.startswith("  git bisect"))
    script = f"{start}\n{run}".replace("python -m", f"{sys.executable} -m")
    environment = {**os.environ, "TMPDIR": str(repository.parent)}
    done = subprocess.run(
        ["sh", "-c", script], cwd=repository, env=environment, capture_output=True, text=True
    )
    assert "first bad commit" in done.stdout
    assert "number 2" in done.stdout.partition("is the first bad commit")[2]


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


OWN = """import numpy as np
from helper import stretch


def energy(x, xp):
    return xp.sum(stretch(x) ** 2)


def gradient(x):
    out = np.zeros_like(x)
    out[1:] += 2.0 * stretch(x)
    out[:-1] -= 2.0 * stretch(x)
    return out


def x0(dimension):
    return 1.1 * np.arange(dimension)
"""


def test_another_repository_is_compared_with_itself(tmp_path):
    # the code that gets slower lies beside the file that eam.toml names
    (tmp_path / "helper.py").write_text("def stretch(x):\n    return x[1:] - x[:-1] - 1.0\n")
    (tmp_path / "mine.py").write_text(OWN)
    (tmp_path / "eam.toml").write_text('models = ["mine.py"]\nbackends = ["numpy"]\n')
    git(tmp_path, "init", "-q")
    commit(tmp_path, "one")
    slower = "def stretch(x):\n    [x * x for _ in range(9)]\n    return x[1:] - x[:-1] - 1.0\n"
    (tmp_path / "helper.py").write_text(slower)
    environment = {**os.environ, "TMPDIR": str(tmp_path), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "eam", "gate", "HEAD", "--dimensions", "10", "--json"]
    command += ["--quantity", "gradient"]
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1, done.stderr
    (found,) = json.loads(done.stdout)
    assert found["model"] == "mine.py"
    assert [(row["backend"], row["verdict"]) for row in found["rows"]] == [("numpy", SLOWER)]


def test_a_folder_that_is_neither_ours_nor_has_an_eam_toml_is_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(VersionError, match="write one with: eam init"):
        versions.repository()
