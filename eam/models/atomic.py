"""Problems of atoms: a potential, a configuration and its pair list."""

import warnings
from dataclasses import replace
from typing import Protocol

import numpy as np

from ..atoms import Configuration, crystal
from ..atoms.neighbours import half_list
from ..atoms.potential import Potential
from ..errors import InputError
from ..model import Dimensions, Model
from ..problem import CompiledEnergy, Manual, PerAtom, Problem
from .pairs import ByHand, constants, energy_of

RATTLE = 0.05  # angstrom: about the thermal displacement of a metal at room temperature


# Any potential on any atoms. A registered model is this with a name and dimensions.
CUSTOM = Model(
    name="custom",
    summary="An embedded-atom potential on atoms of your own",
    unit="atoms",
    has_pairs=True,
    kernels=("vectorised", "threaded"),
    has_energy_loop=True,
)


def atomic_model(
    name: str, summary: str, tests: tuple[int, ...], **measured: tuple[int, ...]
) -> Model:
    """A registered model of atoms, compared at 4000 atoms.

    Args:
        name: as :func:`eam.model_names` lists it.
        summary: a phrase that says what the model is.
        tests: a few numbers of atoms that are quick to try.
        measured: fields of :class:`eam.model.Dimensions` beyond gradients and overheads.
    """
    at = {"gradients": (4000,), "overheads": (4000,), **measured}
    return replace(
        CUSTOM, name=name, summary=summary, dimensions=Dimensions(tests, reference=4000, **at)
    )


class Crystalline(Potential, Protocol):
    """A potential that knows the crystal it was fitted to."""

    @property
    def structure(self) -> str:
        """\"fcc\" or \"bcc\"."""
        ...

    @property
    def lattice_constant(self) -> float:
        """Edge of the cubic cell, angstrom."""
        ...


def crystal_problem(model: Model, potential: Crystalline, n_atoms: int, seed: int) -> Problem:
    """A rattled crystal of the potential's own structure and lattice constant."""
    atoms = crystal(
        potential.structure, potential.lattice_constant, n_atoms, rattle=RATTLE, seed=seed
    )
    return atomic_problem(potential, atoms, model=model)


def atomic_problem(
    potential: Potential,
    atoms: Configuration,
    *,
    skin: float = 0.0,
    model: Model = CUSTOM,
    warn_beyond_table: bool = False,
) -> Problem:
    """The energy of `atoms` as a function of their positions.

    The pair list is built here, once, with the pairs within the potential's cutoff plus `skin`. The
    problem is right for every x in which no atom has moved by more than half the skin.

    Args:
        potential: as :func:`eam.read_setfl` or the `potential` function of a model returns it.
        atoms: the configuration; its positions become `x0`.
        skin: angstrom.
        model: the model that the problem belongs to.
        warn_beyond_table: warn if the density at an atom of `atoms` is beyond the potential's
            table, where F continues linearly.

    Raises:
        InputError: types that the potential does not have, or atoms closer than 0.1 angstrom.
    """
    n_elements = len(potential.elements)
    if len(atoms) and not 0 <= atoms.types.min() <= atoms.types.max() < n_elements:
        raise InputError(
            f"types must be 0 to {n_elements - 1}, counting {', '.join(potential.elements)}; "
            f"they run from {atoms.types.min()} to {atoms.types.max()}"
        )
    pairs = half_list(atoms, potential.cutoff + skin)
    data = constants(potential, atoms, pairs)
    by_hand = ByHand(potential, data, len(atoms))
    if warn_beyond_table:
        _warn_beyond(potential.density_limit, by_hand.densities(atoms.positions))

    def compiled(variant: str) -> Manual:
        import numba

        from ..kernels.evaluator import Evaluator

        n_threads: int = numba.get_num_threads() if variant == "threaded" else 1
        kernel = Evaluator(potential, atoms, skin, n_threads)
        return Manual(
            kernel.value,
            kernel.gradient,
            kernel.gradient_into,
            bind=kernel.bind,
            energies=kernel.energies,
            virial=kernel.virial,
        )

    def energy_loop() -> CompiledEnergy:
        from ..kernels.energy_loop import compiled_energy

        return compiled_energy(potential, atoms, skin)

    return Problem(
        model=model,
        dimension=len(atoms),
        x0=atoms.positions,
        energy=energy_of(potential),
        manual=Manual(
            by_hand.value,
            by_hand.gradient,
            by_hand.gradient_into,
            by_hand.hessian_vector,
            energies=by_hand.energies,
            virial=by_hand.virial,
        ),
        compiled=compiled,
        data=data,
        compiled_energy=energy_loop,
    )


def _warn_beyond(limit: float, rho_i: PerAtom) -> None:
    beyond = np.flatnonzero(rho_i > limit)
    if len(beyond):
        warnings.warn(
            f"{len(beyond)} atoms have a density beyond the table's {limit:g}, where F continues "
            f"linearly; the first is atom {beyond[0]} with {rho_i[beyond[0]]:g}",
            stacklevel=3,
        )
