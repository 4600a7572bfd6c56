"""Embedded-atom models of rattled crystals: dimension counts atoms, pair lists are built before."""

from abc import ABC

import eam
from eam.atoms import half_list
from eam.models import tabulated

from .common import BACKENDS, Gradients, Grid, Overhead, Times, unchecked

# A compile of each in two processes a model is what the suite has time for.
FEW = ["numpy", "numba", "enzyme", "autograd", "jax", "jax-custom", "jax-blocked"]
FEW += ["torch", "torch-custom", "torch-compile"]


class Tabulated(Times):
    """Copper on tables of 10001 points, 27 pairs an atom: what most simulations run."""

    model = "tabulated"
    params = [[108, 4000], BACKENDS]


class TabulatedOverhead(Overhead):
    """Overheads of tabulated copper, as common.Overhead tells, from two processes a library.

    torch compiles for most of a minute in each of them.
    """

    model = "tabulated"
    params = [[4000], BACKENDS]
    processes = 2

    def setup_cache(self):
        """Measure every backend once, for all tracks."""
        return self.measure()

    setup_cache.timeout = 1800


class SuttonChen(Gradients):
    """Copper: powers of the distance, 70 pairs an atom."""

    model = "sutton-chen"
    params = [[4000], FEW]


class FinnisSinclair(Gradients):
    """Tungsten: polynomials, 8 pairs an atom."""

    model = "finnis-sinclair"
    params = [[4000], FEW]


class CleriRosato(Gradients):
    """Copper: exponentials, 39 pairs an atom."""

    model = "cleri-rosato"
    params = [[4000], FEW]


class AnalyticOverhead(Overhead, ABC):
    """Overheads of a model without tables: each library's best ways, and plain AD beside them."""

    params = [[4000], FEW]
    processes = 2


class SuttonChenOverhead(AnalyticOverhead):
    """Powers."""

    model = "sutton-chen"

    def setup_cache(self):
        """Measure these backends once, for all tracks."""
        return self.measure()

    setup_cache.timeout = 900


class FinnisSinclairOverhead(AnalyticOverhead):
    """Polynomials."""

    model = "finnis-sinclair"

    def setup_cache(self):
        """Measure these backends once, for all tracks."""
        return self.measure()

    setup_cache.timeout = 900


class CleriRosatoOverhead(AnalyticOverhead):
    """Exponentials."""

    model = "cleri-rosato"

    def setup_cache(self):
        """Measure these backends once, for all tracks."""
        return self.measure()

    setup_cache.timeout = 900


class TabulatedMemory(Grid):
    """Peak resident memory of the whole process, for tabulated copper."""

    model = "tabulated"
    params = [[32_000], BACKENDS]
    version = "1"

    def setup(self, dimension, backend):
        """Import and prepare, but take no gradient yet."""
        self.gradient = unchecked(self.model, dimension, backend).hot_gradient()

    def peakmem_gradient(self, dimension, backend):
        """The process after three gradients."""
        for _ in range(3):
            self.gradient()


class Neighbours:
    """Seconds to build the list of pairs within 5.507 angstrom in copper."""

    param_names = ["dimension", "builder"]
    params = [[4000, 32_000], ["vesin", "numba"]]
    version = "1"

    def setup(self, dimension, builder):
        """The crystal, and a first build that compiles."""
        potential = tabulated.potential()
        atoms = eam.crystal("fcc", potential.lattice_constant, dimension, rattle=0.05)
        self.build = lambda: half_list(atoms, potential.cutoff)
        if builder == "numba":
            try:
                from eam.models._cell_list import build
            except ImportError as missing:
                raise NotImplementedError(f"numba is not installed: {missing}") from missing
            self.build = lambda: build(atoms.positions, atoms.cell, atoms.pbc, potential.cutoff)
        self.build()

    def time_build(self, dimension, builder):
        """From positions to pairs."""
        self.build()
