"""The axes: for each library, its first release, what is released with it, and what is held.

A time is divided by the time of a gradient written by hand, so NumPy and numba must not change
along an axis. Where no single NumPy fits all releases, an axis has several stretches. The release
at a join belongs to both, so a change of NumPy is never taken for a change of the library.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from ..errors import UnknownNameError

# The Pythons that a lock may ask for; a release gets the oldest that it has wheels for.
PYTHONS = ("3.11", "3.12", "3.13")

# What every environment needs to measure: the denominators, eam's own needs, asv's.
BASE = ("numba", "llvmlite", "rich", "vesin", "memray", "asv-runner", "pympler")
# What the above need.
BASE_NEEDS = (
    "jinja2",
    "linkify-it-py",
    "markdown-it-py",
    "markupsafe",
    "mdit-py-plugins",
    "mdurl",
    "packaging",
    "platformdirs",
    "pygments",
    "textual",
    "typing-extensions",
)


@dataclass(frozen=True)
class Stretch:
    """A part of an axis along which everything but the library is equal.

    Attributes:
        pins: package -> version, beside those of `held.txt`.
        releases: a version specifier; empty for all.
        pythons: that these pins have wheels for.
    """

    pins: Mapping[str, str] = field(default_factory=dict[str, str])
    releases: str = ""
    pythons: tuple[str, ...] = PYTHONS

    def holds(self, version: Version) -> bool:
        """Whether a release belongs to this stretch."""
        return version in SpecifierSet(self.releases)


@dataclass(frozen=True)
class Axis:
    """How the releases of one library are locked and measured.

    Attributes:
        library: its import name and its name on the index.
        first: its oldest release that eam runs on.
        stretches: with the NumPy of each.
        backends: that are measured; the first is the one that steps are looked for in.
        needs: what it requires beside NumPy, at the versions of `held.txt`.
        same_version: a package released with it under the same version numbers.
        same_date: a package released with it under other version numbers.
        atoms: whether it is measured on tabulated copper too.
        install_options: for uv.
    """

    library: str
    first: str
    stretches: tuple[Stretch, ...]
    backends: tuple[str, ...]
    needs: tuple[str, ...] = ()
    same_version: str | None = None
    same_date: str | None = None
    atoms: bool = True
    install_options: tuple[str, ...] = ()

    @property
    def companion(self) -> str | None:
        """The package that is released with the library."""
        return self.same_version or self.same_date


_NUMPY_1, _NUMPY_2 = "1.26.4", "2.2.6"
_BEFORE_3_13 = ("3.11", "3.12")

_AXES = {
    "autograd": Axis(
        "autograd",
        first="1.5",
        stretches=(Stretch({"numpy": _NUMPY_1}, pythons=_BEFORE_3_13),),
        backends=("autograd", "autograd-primitive"),
        needs=("future",),
    ),
    "casadi": Axis(
        "casadi",
        first="3.6.0",
        stretches=(Stretch({"numpy": _NUMPY_2}),),
        backends=("casadi", "casadi-compiled"),
    ),
    "jax": Axis(
        "jax",
        first="0.4.13",
        stretches=(
            # jaxlib of these was compiled for NumPy 1, and jax takes from SciPy what 1.13 removed
            Stretch({"numpy": _NUMPY_1, "scipy": "1.12.0"}, "<=0.4.30", _BEFORE_3_13),
            Stretch({"numpy": _NUMPY_2, "scipy": "1.15.3"}, ">=0.4.30"),
        ),
        backends=("jax", "jax-sync"),
        needs=("ml-dtypes", "opt-einsum"),
        same_version="jaxlib",
    ),
    "numba": Axis(
        "numba",
        first="0.57.0",
        stretches=(
            Stretch({"numpy": "1.24.4"}, "<=0.58.1", ("3.11",)),
            Stretch({"numpy": _NUMPY_1}, ">=0.58.1", _BEFORE_3_13),
        ),
        backends=("numba", "numba-inplace"),
        same_date="llvmlite",
    ),
    "numpy": Axis(
        "numpy",
        first="1.26.0",
        stretches=(Stretch(),),
        backends=("numpy", "numpy-inplace"),
    ),
    "pytensor": Axis(
        "pytensor",
        first="2.20.0",
        stretches=(
            Stretch({"numpy": _NUMPY_1, "scipy": "1.12.0"}, "<=2.30.3", _BEFORE_3_13),
            Stretch({"numpy": _NUMPY_2, "scipy": "1.15.3"}, ">=2.30.3"),
        ),
        backends=("pytensor",),
        needs=(
            "cons",
            "etuples",
            "filelock",
            "logical-unification",
            "minikanren",
            "multipledispatch",
            "setuptools",
            "toolz",
        ),
        atoms=False,
    ),
    "torch": Axis(
        "torch",
        first="2.3.0",
        stretches=(Stretch({"numpy": _NUMPY_2}),),
        backends=("torch", "torch-compile"),
        needs=("filelock", "fsspec", "mpmath", "networkx", "setuptools", "sympy"),
        install_options=("--torch-backend", "cpu"),
    ),
}


def libraries() -> tuple[str, ...]:
    """The libraries that have an axis."""
    return tuple(_AXES)


def axis(library: str) -> Axis:
    """The axis of a library; UnknownNameError lists those that have one."""
    try:
        return _AXES[library]
    except KeyError:
        raise UnknownNameError("library", library, _AXES) from None


@cache
def held() -> Mapping[str, str]:
    """The pins that are equal along every axis: package -> version, from `held.txt`."""
    text = Path(__file__).with_name("held.txt").read_text(encoding="utf-8")
    pins: dict[str, str] = {}
    for line in text.splitlines():
        if line and not line.startswith("#"):
            requirement = Requirement(line)
            (pin,) = requirement.specifier
            pins[canonicalize_name(requirement.name)] = pin.version
    return pins
