"""The operations that an energy may use everywhere, held against NumPy in every library."""

import numpy as np
import pytest

import eam
from eam.backends import REVERSE, describe
from eam.model import Model, one_per_dimension
from eam.ops import OPERATIONS
from eam.problem import Manual, Problem

X = np.array([0.3, 1.7, 0.9, 1.2])
CONSTANT = np.array([1.0, 0.5, 1.4, 0.2])

CALLS = {
    "power": lambda xp, x: xp.power(x, 3),
    "maximum": lambda xp, x: xp.maximum(x, 1.0) + xp.maximum(x, 1.5 - x),
    "minimum": lambda xp, x: xp.minimum(x, 1.0) + xp.minimum(x, 1.5 - x),
    "where": lambda xp, x: xp.where(x > 1.0, x * x, 0.0),
    "dot": lambda xp, x: xp.dot(x, xp.exp(x)),
    "asarray": lambda xp, x: x * xp.asarray(CONSTANT),
    "concatenate": lambda xp, x: xp.concatenate([x[:2] * x[2:], x[1:3]]) ** 2,
}


def called(xp, name, x):
    return CALLS.get(name, lambda xp, x: getattr(xp, name)(x))(xp, x)


def parts(x):
    """Each operation works on a part of x of its own, so a wrong derivative tells whose it is."""
    return zip(OPERATIONS, (x[k : k + 4] for k in range(0, 4 * len(OPERATIONS), 4)), strict=True)


def value(x):
    return float(sum(np.sum(called(np, name, part)) for name, part in parts(x)))


def gradient(x, h=1e-5):
    unit = np.eye(len(X))
    return np.concatenate(
        [
            [
                (np.sum(called(np, name, part + h * e)) - np.sum(called(np, name, part - h * e)))
                / (2.0 * h)
                for e in unit
            ]
            for name, part in parts(x)
        ]
    )


def energy(ops, x, data):
    return sum(ops.xp.sum(called(ops.xp, name, part) * 1.0) for name, part in parts(x))


def one_a_library():
    """The first backend of each library that differentiates an energy over its namespace."""
    found = {}
    for name in eam.backend_names():
        backend = describe(name)
        if backend.kind == REVERSE and not backend.needs_energy_loop:
            found.setdefault(backend.library, name)
    return list(found.values())


@pytest.mark.parametrize("backend", one_a_library())
def test_operations(backend, prepare):
    x = np.tile(X, len(OPERATIONS))
    model = Model("operations", shape=one_per_dimension)
    prepared = prepare(Problem(model, len(x), x, energy, Manual(value, gradient)), backend)
    assert prepared.value(x) == pytest.approx(value(x), rel=1e-12)
    rows = (array.reshape(-1, 4) for array in (prepared.gradient(x), gradient(x)))
    close = [np.allclose(*pair, rtol=1e-7, atol=1e-8) for pair in zip(*rows, strict=True)]
    assert not {name for name, right in zip(OPERATIONS, close, strict=True) if not right}
