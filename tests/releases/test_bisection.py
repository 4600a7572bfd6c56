"""The bisection, over releases whose speeds are given, and what it keeps and writes."""

import json
import subprocess
import sys

import numpy as np
import pytest

import eam
from eam.errors import InputError
from eam.releases import bisection, comparisons, index, reproducer, sides
from eam.releases.comparisons import Entry
from eam.releases.pair import FASTER, SAME, SLOWER


def found(speeds):
    """The steps among releases whose times are given, and how many comparisons were made."""
    asked = []

    def compare(a, b):
        asked.append((a, b))
        ratio = speeds[b] / speeds[a]
        if 1 / 1.03 <= ratio <= 1.03:
            return SAME, ratio
        return (SLOWER if ratio > 1 else FASTER), ratio

    steps = list(bisection.steps(range(len(speeds)), compare))
    return [(a, b, round(ratio, 3)) for a, b, ratio in steps], len(asked)


def test_a_step_is_found_between_its_neighbours():
    speeds = [1.0] * 11 + [1.2] * 13
    steps, asked = found(speeds)
    assert steps == [(10, 11, 1.2)]
    assert asked <= bisection.comparisons_left(24)


def test_steps_are_all_found_where_they_are_not_monotone():
    steps, _ = found([1.0, 1.0, 1.3, 1.3, 1.3, 0.9, 0.9, 0.9])
    assert steps == [(1, 2, 1.3), (4, 5, round(0.9 / 1.3, 3))]


def test_steps_that_cancel_out_are_found_in_different_halves():
    steps, _ = found([1.0, 1.5, 1.5, 1.5, 1.5, 1.5, 1.0, 1.0])
    assert [step[:2] for step in steps] == [(0, 1), (5, 6)]


def test_no_step_takes_three_comparisons():
    assert found([1.0] * 24) == ([], 3)
    assert found([1.0, 1.2]) == ([(0, 1, 1.2)], 1)


ENTRY = Entry(
    a="1.8.0",
    b="1.9.0",
    environment="python3.11-numpy1.26.4.txt",
    model="toy",
    backend="autograd",
    dimension=100,
    ratio=1.12,
    low=1.1,
    high=1.15,
    floor=1.004,
    limit=1.03,
    verdict=SLOWER,
    seed=0,
    measured="2026-11-24",
)


def like(**changes):
    return Entry(**{**vars(ENTRY), **changes})


@pytest.mark.parametrize(
    ("entries", "count"),
    [
        ([ENTRY], 0),
        ([ENTRY, like(ratio=1.13)], 0),  # of the same seed: not independent
        ([ENTRY, like(seed=1)], 1),
        ([ENTRY, like(seed=1, verdict=SAME)], 0),
        ([ENTRY, like(seed=1, verdict=FASTER)], 0),
        ([ENTRY, like(seed=1, dimension=10_000)], 0),
        ([ENTRY, like(seed=1, variables="A=1")], 0),
        ([like(verdict=SAME), like(verdict=SAME, seed=1)], 0),
    ],
)
def test_a_step_is_confirmed_by_a_second_run(entries, count):
    assert len(list(comparisons.confirmed(entries))) == count


def test_what_was_compared_is_kept(tmp_path):
    file = tmp_path / "machine" / "comparisons.jsonl"
    assert comparisons.read(file) == []
    comparisons.add(file, [ENTRY])
    comparisons.add(file, [like(seed=1)])
    assert comparisons.read(file) == [ENTRY, like(seed=1)]


@pytest.mark.parametrize("backend", reproducer.backends())
@pytest.mark.slow
def test_a_reproducer_has_the_toys_gradient_and_nothing_of_eam(backend):
    library = eam.backends.describe(backend).library
    pytest.importorskip(library)
    problem = eam.problem("toy", 5)
    given = f"import numpy as np\nx0 = np.array({problem.x0.tolist()})\n"
    shown = "\nresult = call()\nresult = result[0] if isinstance(result, tuple) else result\n"
    shown += "print(np.ravel(np.asarray(result)).tolist())\n"
    # a process of its own, since a setting such as JAX's holds for all that comes after
    command = [sys.executable, "-c", given + reproducer._CODE[backend] + shown]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    result = json.loads(done.stdout.splitlines()[-1])
    assert np.allclose(result, problem.manual.gradient(problem.x0), rtol=1e-12)
    newest = index.releases(library, offline=True)[-1].version
    a, b = sides.pair(*(sides.Side(library, newest),) * 2)
    text = reproducer.reproducer(a, b, backend, 100, "it.py")
    compile(text, "it.py", "exec")
    assert "eam" not in text.replace("team", "")
    assert f"'{library}=={newest}'" in text


@pytest.mark.slow
def test_a_backend_without_code_has_no_reproducer():
    a, b = sides.pair(*(sides.Side("jax", "0.7.2"),) * 2)
    with pytest.raises(InputError, match="no reproducer is written for 'jax-donated'"):
        reproducer.reproducer(a, b, "jax-donated", 100, "it.py")
