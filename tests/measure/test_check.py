"""The check before timing: it passes what is right, and names what is wrong."""

import json
from dataclasses import replace

import numpy as np
import pytest

import eam
from eam.backends import Native
from eam.errors import CheckError
from eam.measure.check import check

N = 100


@pytest.fixture(scope="module")
def problem():
    return eam.problem("toy", N)


def patched(problem, **changes):
    """The NumPy backend with some of its native functions replaced."""
    native = replace(Native(problem.manual.value, problem.manual.gradient), **changes)
    return eam.Prepared(problem, "patched", native)


def gradient_float32(problem):
    return {"gradient": lambda x: problem.manual.gradient(x).astype(np.float32)}


def value_float32(problem):
    return {"value": lambda x: np.float32(problem.manual.value(x))}


def gradient_slightly_wrong(problem):
    return {"gradient": lambda x: problem.manual.gradient(x) * (1 + 1e-6)}


def one_element_wrong(problem):
    def gradient(x):
        result = problem.manual.gradient(x)
        result[-1] += 1e-9 * np.abs(result).max()
        return result

    return {"gradient": gradient}


def value_slightly_wrong(problem):
    return {"value": lambda x: problem.manual.value(x) * (1 + 1e-9)}


def gradient_of_nan(problem):
    return {"gradient": lambda x: np.full_like(x, np.nan)}


def always_the_answer_at_x0(problem):
    answer = problem.manual.gradient(problem.x0)
    return {"gradient": lambda x: answer.copy()}


def wrong_shape(problem):
    return {"gradient": lambda x: problem.manual.gradient(x)[:, None]}


def changes_input(problem):
    def gradient(x):
        result = problem.manual.gradient(x)
        x[0] += 1.0
        return result

    return {"gradient": gradient, "asarray": np.array}


def accumulates(problem):
    total = np.zeros(N)

    def gradient(x):
        nonlocal total
        total = total + problem.manual.gradient(x)
        return total

    return {"gradient": gradient}


def reuses_its_output(problem):
    out = np.empty(N)
    return {"gradient": lambda x: problem.manual.gradient_into(out, x)}


def leaves_an_element_unwritten(problem):
    def gradient_into(out, x):
        out[:-1] = problem.manual.gradient(x)[:-1]

    return {"gradient_into": gradient_into}


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (gradient_float32, "gradient is float32"),
        (value_float32, "value is float32"),
        (gradient_slightly_wrong, r"gradient is wrong by 1\.0e-06"),
        (one_element_wrong, r"gradient is wrong by 1\.0e-09"),
        (value_slightly_wrong, r"value is wrong by 1\.0e-09"),
        (gradient_of_nan, "gradient is wrong by nan"),
        (always_the_answer_at_x0, "gradient is wrong"),
        (wrong_shape, r"gradient has shape \(100, 1\)"),
        (changes_input, "gradient changes its input"),
        (accumulates, "another answer"),
        (reuses_its_output, "not declared in place"),
        (leaves_an_element_unwritten, "gradient is wrong by nan"),
    ],
)
def test_faults_are_named(problem, fault, reason):
    with pytest.raises(CheckError, match=f"'patched'.*{reason}"):
        check(patched(problem, **fault(problem)))


def test_reuse_is_fine_when_declared(problem):
    check(patched(problem, reuses_output=True, **reuses_its_output(problem)))


def test_a_float32_array_of_a_library_fails(problem):
    jnp = pytest.importorskip("jax.numpy")
    native = eam.prepare(problem, "jax").native

    def gradient(x):
        return native.gradient(x).astype(jnp.float32)

    with pytest.raises(CheckError, match="gradient is float32"):
        check(patched(problem, gradient=gradient, asarray=native.asarray))


def test_the_table_gives_a_wrong_backend_no_time(monkeypatch, capsys):
    from eam.backends import _numpy
    from eam.commands.main import main

    monkeypatch.setattr(_numpy, "in_place", lambda problem: Native(**gradient_and_value(problem)))
    arguments = ["--backends", "numpy,numpy-inplace", "--seconds", "0.1", "--json"]
    assert main(arguments) == 1
    rows = json.loads(capsys.readouterr().out)["rows"]
    right, wrong = (row for row in rows if row["error"] is not None or row["failed"])
    assert right["seconds"] > 0.0
    assert wrong["seconds"] is wrong["ratio"] is wrong["allocations"] is None
    assert "gradient is wrong by 1.0e-06" in wrong["reason"]


def gradient_and_value(problem):
    return {"value": problem.manual.value, **gradient_slightly_wrong(problem)}
