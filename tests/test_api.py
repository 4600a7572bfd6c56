"""What a user meets at the door: names, laziness, and errors that say what to do."""

import re
import subprocess
import sys

import numpy as np
import pytest

import eam
from eam.errors import (
    EamError,
    InputError,
    MissingBackendError,
    NotOfferedError,
    UnknownBackendError,
    UnknownModelError,
    install_command,
)

LIBRARIES = sorted({eam.backends.describe(name).library for name in eam.backend_names()})


def run_python(code):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


def test_import_imports_no_library_but_numpy():
    code = "import sys, eam; eam.backend_names(); print(*sys.modules)"
    modules = set(run_python(code).stdout.split())
    assert "numpy" in modules
    assert not modules & (set(LIBRARIES) - {"numpy"} | {"vesin", "ase", "rich", "asv", "altair"})


def test_atoms_import_no_ad_library():
    code = "import sys, eam; eam.problem('tabulated', 32); print(*sys.modules)"
    modules = set(run_python(code).stdout.split())
    assert "eam.atoms.neighbours" in modules
    assert not modules & (set(LIBRARIES) - {"numpy"} | {"vesin"})


def test_availability_imports_nothing():
    code = "import sys, eam; list(map(eam.is_available, eam.backend_names())); print(*sys.modules)"
    modules = set(run_python(code).stdout.split())
    assert "eam.backends" in modules
    assert not modules & (set(LIBRARIES) - {"numpy"})


def test_unknown_names_list_the_valid_ones():
    with pytest.raises(UnknownModelError, match=r"'tyo'.*toy"):
        eam.problem("tyo", 3)
    with pytest.raises(UnknownBackendError, match=r"'jaxx'.*numpy, .*jax.*torch"):
        eam.prepare(eam.problem("toy", 3), "jaxx")
    with pytest.raises(UnknownBackendError, match="numpy"):
        eam.is_available(["numpy"])


@pytest.mark.parametrize(
    "dimension", [0, -1, 2.0, "3", None, True, np.float64(3), float("nan")], ids=repr
)
def test_bad_dimension(dimension):
    with pytest.raises(InputError, match="dimension must be"):
        eam.problem("toy", dimension)


def test_numpy_integers_are_integers():
    assert eam.problem("toy", np.int32(3), seed=np.uint8(1)).x0.shape == (3,)


def test_bad_seed():
    with pytest.raises(InputError, match="seed must be at least 0, not -1"):
        eam.problem("toy", 3, seed=-1)


@pytest.mark.parametrize("backend", ["autograd", "jax-custom", "torch", "numba"])
def test_missing_library_names_the_install_command(backend, monkeypatch):
    library = eam.backends.describe(backend).library
    monkeypatch.setitem(sys.modules, library, None)
    assert not eam.is_available(backend)
    with pytest.raises(MissingBackendError, match=re.escape(install_command(library))):
        eam.prepare(eam.problem("toy", 3), backend)


def test_broken_library_raises_its_own_error(tmp_path):
    (tmp_path / "autograd").mkdir()
    (tmp_path / "autograd" / "__init__.py").write_text("raise OSError('libblas.so is gone')")
    code = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import eam;"
        "assert eam.is_available('autograd'); eam.prepare(eam.problem('toy', 3), 'autograd')"
    )
    failed = run_python(code)
    assert failed.returncode == 1
    assert failed.stderr.rstrip().endswith("OSError: libblas.so is gone")


def test_forward_mode_is_not_offered_where_it_makes_no_sense():
    with pytest.raises(NotOfferedError, match=r"up to x.size = \d+.* has 100000"):
        eam.prepare(eam.problem("toy", 100_000), "jax-forward")


class TestArguments:
    prepared = eam.prepare(eam.problem("toy", 3), "numpy-inplace")
    x = np.array([0.1, 0.2, 0.3])

    @pytest.mark.parametrize(
        ("bad", "message"),
        [
            (np.zeros(4), r"shape \(3,\), not \(4,\)"),
            (np.zeros((3, 1)), r"shape \(3,\), not \(3, 1\)"),
            (0.5, r"shape \(3,\), not \(\)"),
            (np.zeros(3, complex), "real numbers, not of dtype complex128"),
            (np.zeros(3, bool), "real numbers, not of dtype bool"),
            (["a", "b", "c"], "real numbers, not of dtype <U1"),
            ([None] * 3, "real numbers, not of dtype object"),
        ],
    )
    def test_bad_x(self, bad, message):
        out = np.full(3, 7.0)
        for call in (
            self.prepared.value,
            self.prepared.gradient,
            lambda x: self.prepared.gradient_into(out, x),
            lambda x: self.prepared.hessian_vector(x, self.x),
            lambda v: self.prepared.hessian_vector(self.x, v),
        ):
            with pytest.raises(InputError, match=message):
                call(bad)
        assert (out == 7.0).all()

    def test_bad_out(self):
        read_only = np.zeros(3)
        read_only.flags.writeable = False
        whole = np.zeros(5)
        for out, x, message in [
            ([0.0] * 3, self.x, "out must be a NumPy array, not list"),
            (np.zeros(2), self.x, r"out must have shape \(3,\), not \(2,\)"),
            (np.zeros(3, np.float32), self.x, "out must be of dtype float64, not float32"),
            (read_only, self.x, "read-only"),
            (self.x, self.x, "out overlaps x"),
            (whole[:3], whole[2:], "out overlaps x"),
        ]:
            with pytest.raises(InputError, match=message):
                self.prepared.gradient_into(out, x)
        assert not whole.any()

    def test_gradient_into_the_same_arrays_again(self):
        x, out = np.array(self.x), np.empty(3)
        self.prepared.gradient_into(out, x)
        x[0] = 0.7
        self.prepared.gradient_into(out, x)
        np.testing.assert_array_equal(out, self.prepared.gradient(x))
        out.flags.writeable = False
        with pytest.raises(InputError, match="read-only"):
            self.prepared.gradient_into(out, x)

    def test_what_cannot_be_bound(self):
        read_only = np.array(self.x)
        read_only.flags.writeable = False
        out = np.empty(3)
        for x, out_, message in [
            (read_only, out, "x must be float64, C-contiguous and writeable"),
            (np.empty(6)[::2], out, "x must be float64, C-contiguous"),
            (np.zeros(3, int), out, "x must be float64"),
            (np.zeros(4), out, r"shape \(3,\), not \(4,\)"),
            ([0.1, 0.2, 0.3], out, "must be a NumPy array, or the ndarray that asarray"),
            (self.x, np.empty(6)[::2], "out must be C-contiguous"),
            (self.x, self.x, "out overlaps x"),
        ]:
            with pytest.raises(InputError, match=message):
                self.prepared.bind(x, out_)

    def test_integers_and_single_precision_are_converted(self):
        assert self.prepared.value([0, 1, 2]) == self.prepared.value([0.0, 1.0, 2.0])
        assert self.prepared.gradient(np.zeros(3, np.float32)).dtype == np.float64


def test_every_error_is_an_eam_error():
    assert issubclass(MissingBackendError, EamError)
    assert issubclass(MissingBackendError, ImportError)
    assert issubclass(InputError, ValueError)
