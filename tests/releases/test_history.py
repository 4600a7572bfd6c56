"""Locks, and the history of them that git holds."""

import itertools
import subprocess

import pytest

from eam.backends import backend_names, describe
from eam.releases import axes, history, index, locks
from eam.releases.locks import DENOMINATORS


@pytest.fixture
def repository(tmp_path, monkeypatch):
    # as in a fresh clone: the folders above it do not exist either
    home = tmp_path / ".asv" / "releases"
    monkeypatch.setattr(history, "HOME", home)
    monkeypatch.setattr(history, "REPOSITORY", home / "history.git")
    return home / "history.git"


def git(repository, *arguments):
    command = ["git", "--git-dir", str(repository), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("library", axes.libraries())
def test_everything_but_the_library_is_equal_along_a_stretch(library):
    along = axes.axis(library)
    chosen = locks.measured(index.releases(library, offline=True))
    for environment in locks.environments(chosen):
        those = [k for some in chosen.values() for k in some if k.environment == environment]
        moving = {name for name in those[0].pins if len({lock.pins[name] for lock in those}) > 1}
        assert moving <= {library, along.companion}
        for name in DENOMINATORS:
            assert name in those[0].pins


@pytest.mark.parametrize("library", axes.libraries())
def test_neighbours_share_an_environment(library):
    """So a change of NumPy or of Python is seen apart from a change of the library."""
    chosen = locks.measured(index.releases(library, offline=True))
    ordered = [chosen[r] for r in sorted(chosen, key=lambda r: r.order) if chosen[r]]
    for older, newer in itertools.pairwise(ordered):
        assert {k.environment for k in older} & {k.environment for k in newer}


def test_the_backends_of_an_axis_are_of_its_library():
    for library in axes.libraries():
        for backend in axes.axis(library).backends:
            assert backend in backend_names() and describe(backend).library == library


def test_every_package_that_an_axis_needs_is_held():
    for library in axes.libraries():
        for release in index.releases(library, offline=True)[-1:]:
            for lock in locks.locks(release):
                names = {*axes.BASE, *axes.BASE_NEEDS, *axes.axis(library).needs}
                assert names <= set(lock.pins)


def test_a_commit_a_release_the_same_on_every_machine(repository):
    table = index.releases("autograd", offline=True)
    commits = history.write(table)
    assert git(repository, "tag", "--list").split() == sorted(r.name for r in table)
    first = table[0]
    shown = git(repository, "show", "--no-patch", "--format=%ct %an %s", first.name)
    when = int(first.uploaded.timestamp())
    assert shown.split("\n")[-2] == f"{when} eam releases autograd 1.5"
    (lock, _) = locks.locks(first)
    assert git(repository, "show", f"{first.name}:{lock.environment.file}") == lock.text
    assert git(repository, "rev-list", "--count", "autograd").strip() == str(len(table))
    # a newer release is appended, and changes no hash
    assert history.write(table[:-1]) == {r: commits[r] for r in table[:-1]}
    assert history.write(table) == commits
    # the results in this repository are stored by these hashes
    assert commits[first][:8] == "49715c32"


def test_libraries_are_branches_that_leave_each_other_alone(repository):
    one = history.write(index.releases("autograd", offline=True))
    history.write(index.releases("casadi", offline=True))
    assert git(repository, "rev-list", "--reverse", "autograd").split() == list(one.values())
    assert set(git(repository, "branch", "--format=%(refname:short)").split()) == {
        "autograd",
        "casadi",
    }
