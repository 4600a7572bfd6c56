"""Embedded-atom models of rattled crystals: dimension counts atoms, pair lists are built before."""

from importlib import import_module

import eam
from eam.atoms import half_list
from eam.models import tabulated

from .registry import ATOMIC, BACKENDS, suite


class AtomsOverhead(suite.Overhead):
    """Overheads from two processes a library, since torch compiles in each."""

    processes = 2


globals().update(suite.one_class_a_model(__name__, suite.Gradients, ATOMIC, BACKENDS))
globals().update(suite.one_class_a_model(__name__, AtomsOverhead, ATOMIC, BACKENDS, "Overhead"))


def cell_list():
    """The cell list in numba, which older commits keep among the models."""
    try:
        return import_module("eam.kernels.cell_list")
    except ModuleNotFoundError as missing:
        if missing.name != "eam.kernels":
            raise NotImplementedError(f"numba is not installed: {missing}") from missing
        return import_module("eam.models._cell_list")


class Neighbours(suite.Noting):
    """Seconds to build the list of pairs within 5.507 angstrom in copper."""

    param_names = ["dimension", "builder"]
    params = [[4000, 32_000], ["vesin", "numba"]]
    version = "1"

    def make_ready(self, dimension, builder):
        """The crystal, and a first build that compiles."""
        potential = tabulated.potential()
        atoms = eam.crystal("fcc", potential.lattice_constant, dimension, rattle=0.05)
        self.build = lambda: half_list(atoms, potential.cutoff)
        if builder == "numba":
            build = cell_list().build
            self.build = lambda: build(atoms.positions, atoms.cell, atoms.pbc, potential.cutoff)
        self.build()

    def time_build(self, dimension, builder):
        """From positions to pairs."""
        self.build()
