"""Private names of other packages: there, or missed with a sentence that says which."""

from importlib.metadata import version

import numpy as np
import pytest

import eam
from eam.errors import PrivateNameError
from eam.private import private


def test_a_name_of_a_module_or_an_object():
    assert private("numpy.linalg", "norm") is np.linalg.norm
    assert private(np, "linalg.norm") is np.linalg.norm
    assert private(np.float64(3.0), "real") == 3.0


@pytest.mark.parametrize(
    ("owner", "path", "name"),
    [
        ("numpy.linalg", "no_such", "numpy.linalg.no_such"),
        ("numpy.no_such_module", "norm", "numpy.no_such_module.norm"),
        (np, "linalg.no_such.norm", "numpy.linalg.no_such.norm"),
        (np.float64(3.0), "no_such", "numpy.float64.no_such"),
    ],
)
def test_a_name_that_is_gone_is_named_with_its_package_and_version(owner, path, name):
    with pytest.raises(PrivateNameError, match=rf"^numpy {version('numpy')} has no {name}, "):
        private(owner, path)


def test_a_package_that_is_not_installed():
    with pytest.raises(PrivateNameError, match=r"^no_such_package has no no_such_package\.name, "):
        private("no_such_package", "name")


def test_a_backend_says_which_name_is_gone(monkeypatch):
    jax = pytest.importorskip("jax")
    from eam.backends import _jax

    _jax._inline_device.cache_clear()
    monkeypatch.delattr("jax._src.lib.xla_client.make_cpu_client")
    message = rf"^jax {jax.__version__} has no jax._src.lib.xla_client.make_cpu_client, "
    with pytest.raises(PrivateNameError, match=message):
        eam.prepare(eam.problem("toy", 3), "jax-sync")
