"""Lines of code, counted from the sources."""

import pytest

import eam
from eam.report import source_lines as counting


@pytest.mark.parametrize("model", eam.model_names())
def test_each_model_is_counted_in_its_own_kernels(model):
    lines = counting.source_lines(model)
    assert lines.model == model
    assert min(lines.energy, *lines.by_hand.values()) > 1


ATOMIC = [name for name in eam.model_names() if eam.models.model(name).has_pairs]


@pytest.mark.parametrize("model", ATOMIC)
def test_a_gradient_of_atoms_by_hand_takes_more_lines_than_its_energy(model):
    lines = counting.source_lines(model)
    assert 5 < lines.energy < lines.by_hand["NumPy"] < 200
    assert lines.energy < lines.by_hand["numba"] < 300


def test_the_toys_lines_are_those_that_one_counts():
    # energy, density, embedding: a def and a return each
    assert counting.source_lines("toy").energy == 6


SOURCE = '''
"""A module."""

from .other import helper


def entry(x):
    """A docstring
    of two lines.
    """
    # a comment
    y = helper(x)

    return inner(
        y,
        entry,
    )


@decorated
def inner(*args):
    return args


def unused():
    return 1
'''


def test_docstrings_comments_and_blank_lines_do_not_count(tmp_path, monkeypatch):
    (tmp_path / "kernels").mkdir()
    (tmp_path / "kernels" / "some.py").write_text(SOURCE)
    (tmp_path / "kernels" / "other.py").write_text("def helper(x):\n    return x\n")
    monkeypatch.setattr(counting, "_PACKAGE", tmp_path)
    functions = counting._named("some", "entry")
    assert sorted((f.path.name, f.line) for f in functions) == [
        ("other.py", 1),
        ("some.py", 7),
        ("some.py", 20),
    ]
    # entry: def, y = ..., return of four lines; inner: def, return; helper: def, return
    assert counting._lines(functions) == 6 + 2 + 2
