"""The bridge to Enzyme, on an energy with work arrays and constants of several dtypes."""

import gc
from dataclasses import replace

import numpy as np
import pytest
from numba import njit

import eam
from eam.model import Model
from eam.models import problem as toy_problem
from eam.problem import CompiledEnergy, Manual, Problem

pytest.importorskip("enzyme_ad", reason="enzyme-ad has wheels for CPython 3.11 on Linux only")

from eam.backends._enzyme_bridge import gradient_address
from eam.backends._enzyme_text import cpu_attributes


@njit(error_model="numpy")
def pairs_energy(x, density, pairs, weights):
    """sum_i sqrt(sum_j w_ij (x_i - x_j)^2), over listed pairs, both ways."""
    for i in range(density.size):
        density[i] = 1e-3
    for p in range(pairs.shape[0]):
        i, j = pairs[p, 0], pairs[p, 1]
        term = weights[p] * (x[i] - x[j]) ** 2
        density[i] += term
        density[j] += term
    energy = 0.0
    for i in range(density.size):
        energy += np.sqrt(density[i])
    return energy


def pairs_problem(n):
    rng = np.random.default_rng(n)
    pairs = np.array([(i, j) for i in range(n) for j in range(i)], np.uint64)
    weights = rng.random(len(pairs)).astype(np.float32)
    x0 = rng.random((n, 1))

    def gradient(x):
        flat = x.reshape(-1)
        steps = 1e-5 * np.eye(n)
        energy = [
            pairs_energy.py_func(flat + step, np.empty(n), pairs, weights)
            - pairs_energy.py_func(flat - step, np.empty(n), pairs, weights)
            for step in steps
        ]
        return np.reshape(energy, x.shape) / 2e-5

    return Problem(
        model=Model("pairs", has_energy_loop=True),
        dimension=n,
        x0=x0,
        energy=lambda ops, x, data: None,
        manual=Manual(lambda x: 0.0, gradient, lambda out, x: None),
        compiled_energy=lambda: CompiledEnergy(pairs_energy, (n,), (pairs, weights)),
    )


@pytest.mark.parametrize("n", [2, 5, 9])
def test_work_arrays_and_constants(n):
    problem = pairs_problem(n)
    prepared = eam.prepare(problem, "enzyme")
    expected = problem.manual.gradient(problem.x0)
    np.testing.assert_allclose(prepared.gradient(problem.x0), expected, rtol=1e-6, atol=1e-8)
    assert prepared.value(problem.x0) > 0.0


def test_buffers_live_as_long_as_the_call():
    problem = toy_problem("toy", 20_000)
    call = eam.prepare(problem, "enzyme").hot_gradient()
    gc.collect()
    # memory that was given back would be handed out again here
    scribbled = [np.full(20_000, np.nan) for _ in range(20)]
    call()
    del scribbled
    out, x = call.arrays[:2]
    np.testing.assert_allclose(out, problem.manual.gradient(x), rtol=1e-12)


def test_one_compilation_serves_every_dimension():
    before = gradient_address.cache_info().misses
    for n in (11, 12, 13):
        eam.prepare(toy_problem("toy", n), "enzyme")
    assert gradient_address.cache_info().misses - before <= 1


def test_no_more_than_the_cpu_has():
    avx2 = dict.fromkeys(["avx2", "fma", "bmi", "bmi2", "f16c", "lzcnt", "movbe"], True)
    avx512 = avx2 | dict.fromkeys(["avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"], True)
    assert cpu_attributes({"sse2": True}) == ""
    assert cpu_attributes(avx2) == '"target-cpu"="x86-64-v3"'
    assert cpu_attributes(avx512) == '"target-cpu"="x86-64-v4"'
    assert cpu_attributes(avx512 | {"avx512vl": False}) == '"target-cpu"="x86-64-v3"'


def test_a_model_without_a_loop_is_refused():
    toy = toy_problem("toy", 3)
    problem = replace(toy, model=replace(toy.model, has_energy_loop=False))
    with pytest.raises(eam.errors.NotOfferedError, match="no compiled energy"):
        eam.prepare(problem, "enzyme")
