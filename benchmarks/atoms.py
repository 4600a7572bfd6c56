"""Embedded-atom models of rattled crystals: dimension counts atoms, pair lists are built before."""

from abc import ABC

import eam
from eam.atoms import half_list
from eam.models import tabulated

from .common import BACKENDS, Gradients, Overhead

# At 256 000 atoms the others take seconds a gradient, or gigabytes.
LARGE = ["numpy", "numba", "numba-inplace", "numba-parallel", "enzyme"]


class Tabulated(Gradients):
    """Copper on tables of 10001 points, 27 pairs an atom: what most simulations run."""

    model = "tabulated"
    params = [[108, 4000, 32_000, 256_000], BACKENDS]

    def setup(self, dimension, backend):
        """The largest crystal is for the fast."""
        if dimension > 32_000 and backend not in LARGE:
            raise NotImplementedError(f"256 000 atoms are timed with {', '.join(LARGE)} only")
        super().setup(dimension, backend)


class AtomsOverhead(Overhead, ABC):
    """Overheads, as common.Overhead tells, from two processes a library: torch compiles in each."""

    params = [[4000], BACKENDS]
    processes = 2


class TabulatedOverhead(AtomsOverhead):
    """Tables."""

    model = "tabulated"

    def setup_cache(self):
        """Measure every backend once, for all tracks."""
        return self.measure()

    setup_cache.timeout = 1800


class SuttonChen(Gradients):
    """Copper: powers of the distance, 70 pairs an atom."""

    model = "sutton-chen"
    params = [[4000], BACKENDS]


class FinnisSinclair(Gradients):
    """Tungsten: polynomials, 8 pairs an atom."""

    model = "finnis-sinclair"
    params = [[4000], BACKENDS]


class CleriRosato(Gradients):
    """Copper: exponentials, 39 pairs an atom."""

    model = "cleri-rosato"
    params = [[4000], BACKENDS]


class SuttonChenOverhead(AtomsOverhead):
    """Powers."""

    model = "sutton-chen"

    def setup_cache(self):
        """Measure these backends once, for all tracks."""
        return self.measure()

    setup_cache.timeout = 900


class FinnisSinclairOverhead(AtomsOverhead):
    """Polynomials."""

    model = "finnis-sinclair"

    def setup_cache(self):
        """Measure these backends once, for all tracks."""
        return self.measure()

    setup_cache.timeout = 900


class CleriRosatoOverhead(AtomsOverhead):
    """Exponentials."""

    model = "cleri-rosato"

    def setup_cache(self):
        """Measure these backends once, for all tracks."""
        return self.measure()

    setup_cache.timeout = 900


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
                from eam.kernels.cell_list import build
            except ImportError as missing:
                raise NotImplementedError(f"numba is not installed: {missing}") from missing
            self.build = lambda: build(atoms.positions, atoms.cell, atoms.pbc, potential.cutoff)
        self.build()

    def time_build(self, dimension, builder):
        """From positions to pairs."""
        self.build()
