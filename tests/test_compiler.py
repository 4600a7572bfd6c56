"""A compiler that is missing or fails: the error says which of the two, and what to do."""

import ctypes
import subprocess
import sys

import numpy as np
import pytest

import eam
from eam.compiler import OPTIMISED, find_compiler, shared_library
from eam.errors import CompilerError, NotOfferedError

SUBNORMALS = """
import ctypes, sys
ctypes.CDLL(sys.argv[1])
print(sys.float_info.min / 4 > 0.0)
"""


@pytest.fixture
def compiler():
    try:
        return find_compiler()
    except CompilerError as reason:
        pytest.skip(str(reason))


def test_no_compiler(monkeypatch):
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("CC", raising=False)
    with pytest.raises(CompilerError, match="apt install gcc"):
        find_compiler()
    monkeypatch.setenv("CC", "no-such-compiler")
    with pytest.raises(CompilerError, match="no-such-compiler"):
        find_compiler()


def test_a_compiler_that_fails(compiler, tmp_path):
    source = tmp_path / "broken.c"
    source.write_text("int main(void) { return }\n")
    with pytest.raises(CompilerError, match=r"broken\.c.*error"):
        shared_library(source, ["-O2"])


def test_fast_math_leaves_subnormals_alone(compiler, tmp_path):
    source = tmp_path / "twice.c"
    source.write_text("double twice(double x) { return 2.0 * x; }\n")
    library = shared_library(source, OPTIMISED)
    twice = ctypes.CDLL(str(library)).twice
    twice.restype, twice.argtypes = ctypes.c_double, [ctypes.c_double]
    assert twice(1.5) == 3.0
    command = [sys.executable, "-c", SUBNORMALS, str(library)]
    assert subprocess.run(command, capture_output=True, text=True).stdout.strip() == "True"


def test_casadi_compiled_without_a_compiler(monkeypatch):
    pytest.importorskip("casadi")
    monkeypatch.setenv("CC", "no-such-compiler")
    with pytest.raises(NotOfferedError, match=r"casadi-compiled.*install one"):
        eam.prepare(eam.problem("toy", 3), "casadi-compiled")


@pytest.mark.parametrize("backend", ["torch-aot", "torch-compile"])
def test_torch_without_a_compiler(monkeypatch, backend):
    pytest.importorskip("torch")
    monkeypatch.setenv("CXX", "no-such-compiler")
    with pytest.raises(NotOfferedError, match=rf"{backend}.*install one.*CXX"):
        eam.prepare(eam.problem("toy", 3), backend)


def test_casadi_leaves_what_it_lists_to_others():
    pytest.importorskip("casadi")
    problem = eam.problem("toy", 10**6 + 1)
    with pytest.raises(NotOfferedError, match="lists every element"):
        eam.prepare(problem, "casadi")


def test_casadi_holds_on_to_its_buffers():
    pytest.importorskip("casadi")
    problem = eam.problem("toy", 5000)
    call = eam.prepare(problem, "casadi").hot_gradient()
    others = [np.full(5000, np.nan) for _ in range(20)]
    call()
    del others
    _, _, out, (x,) = call.kept
    np.testing.assert_allclose(np.ravel(out), problem.manual.gradient(x), rtol=1e-10)
