"""What the registry says of a backend, held against what its module does."""

from dataclasses import replace

import numpy as np
import pytest

import eam
from eam import backends
from eam.backends import BY_HAND, CUSTOM, FORWARD, MANUAL, PRIMITIVE, Backend, describe
from eam.errors import MissingRuntimeError
from eam.measure.outcome import attempt
from eam.models import toy

FROM_HAND_WRITTEN = (*BY_HAND, PRIMITIVE)


def example(backend):
    """A small problem that the backend is offered for, of the toy if it can be."""
    cases = (("toy", 3), ("finnis-sinclair", 16))
    offered = [
        case for case in cases if not describe(backend).refusal(eam.models.model(case[0]), case[1])
    ]
    return eam.problem(*offered[0])


def without_gradient(problem):
    """The energy alone; the adjoint rule that the toy offers for its sum is twice too large."""

    def energy(ops, x, data):
        def doubled(xp, x):
            return 2.0 * toy.density_derivative(xp, x)

        return toy.embedding(ops.sum_of(toy.density, doubled, x))

    energy = energy if problem.model.name == "toy" else problem.energy
    return replace(problem, energy=energy, manual=None, compiled=None)


def without_energy(problem):
    """The hand-written functions alone."""
    return replace(problem, energy=None, compiled_energy=None)


@pytest.mark.parametrize("backend", eam.backend_names())
def test_kind(backend, prepare):
    problem, kind = example(backend), describe(backend).kind
    by_hand = kind in FROM_HAND_WRITTEN
    enough, missing = without_gradient(problem), without_energy(problem)
    if by_hand:
        enough, missing = missing, enough
    factor = 2.0 if kind == CUSTOM else 1.0
    expected = factor * problem.manual.gradient(problem.x0)
    actual = prepare(enough, backend).gradient(problem.x0)
    np.testing.assert_allclose(actual, expected, rtol=1e-10)
    with pytest.raises((AssertionError, AttributeError, RuntimeError, TypeError)):
        eam.prepare(missing, backend).gradient(problem.x0)


WITH_A_RUNTIME = """
from eam.backends import Native
there = False


def has_runtime():
    return there


def factory(problem):
    assert there, "made before the runtime was asked for"
    return Native(problem.manual.value, problem.manual.gradient)
"""


def test_a_library_without_its_runtime_is_missing_and_no_failure(tmp_path, monkeypatch):
    (tmp_path / "eam_on_a_runtime.py").write_text(WITH_A_RUNTIME)
    monkeypatch.syspath_prepend(str(tmp_path))
    runtime = "libthing 3 or newer; on Debian: apt-get install libthing3"
    record = Backend("on", "numpy", "eam_on_a_runtime", "factory", MANUAL, runtime=runtime)
    monkeypatch.setitem(backends._REGISTRY, "on", record)
    problem = toy.problem(3, 0)
    with pytest.raises(MissingRuntimeError, match=r"numpy is installed, .*: libthing 3 or"):
        eam.prepare(problem, "on")
    outcome = attempt(eam.prepare, problem, "on")
    assert outcome.failed is None
    assert runtime in outcome.missing
    monkeypatch.setattr(record.load(), "there", True)
    assert eam.prepare(problem, "on").value(problem.x0) == problem.manual.value(problem.x0)


@pytest.mark.parametrize("name", [b for b in eam.backend_names() if describe(b).runtime])
def test_a_backend_with_a_runtime_can_tell_whether_it_is_there(name):
    pytest.importorskip(describe(name).library)
    assert describe(name).load().has_runtime() in (True, False)


@pytest.mark.parametrize("backend", [b for b in eam.backend_names() if describe(b).kind == FORWARD])
def test_forward_mode_spreads_an_overflow(backend, prepare):
    """It multiplies the infinite derivative of one element by the zero direction of the others."""
    x = np.array([0.5, -250.0, 0.25])
    with np.errstate(all="ignore"):
        assert np.isinf(toy.gradient(x)).all()
        actual = prepare(toy.problem(3, 0), backend).gradient(x)
    np.testing.assert_array_equal(actual, [np.nan, -np.inf, np.nan])
