"""Problems of atoms: a potential, a configuration and its pair list."""

import warnings
from dataclasses import replace
from typing import Any, Protocol

import numpy as np

from ..atoms import Configuration, crystal
from ..atoms.neighbours import half_list
from ..atoms.potential import Potential
from ..errors import InputError
from ..model import Dimensions, Model
from ..problem import Array, Call, CompiledEnergy, Manual, PerAtom, Positions, Problem
from ..quantities import FIRST_ORDER, PARAMETRIC, as_call
from .analytic import Analytic
from .fitting import Fitted
from .pairs import PAIR_ARRAYS, ByHand, constants, energy_of

# angstrom: finite differences and the check before a timing move atoms without a skin by less
SLACK = 0.01
RATTLE = 0.05  # angstrom: about the thermal displacement of a metal at room temperature


# Any potential on any atoms. A registered model is this with a name and dimensions.
CUSTOM = Model(
    name="custom",
    summary="An embedded-atom potential on atoms of your own",
    unit="atoms",
    has_pairs=True,
    kernels=("vectorised", "threaded"),
    has_energy_loop=True,
    quantities=(*FIRST_ORDER, "hessian_vector"),
    compiled_quantities=FIRST_ORDER,
)
# The same of a potential given by formulas, with parameters that a fit may change.
FORMULAS = replace(
    CUSTOM,
    quantities=(*FIRST_ORDER, "hessian_vector", *PARAMETRIC),
    compiled_quantities=(*FIRST_ORDER, "hessian_vector", *PARAMETRIC),
)


def atomic_model(
    name: str,
    summary: str,
    tests: tuple[int, ...],
    of: Model = FORMULAS,
    **measured: tuple[int, ...],
) -> Model:
    """A registered model of atoms, compared at 4000 atoms.

    Args:
        name: as :func:`eam.model_names` lists it.
        summary: a phrase that says what the model is.
        tests: a few numbers of atoms that are quick to try.
        of: `FORMULAS`, or `CUSTOM` for any other potential.
        measured: fields of :class:`eam.model.Dimensions` beyond gradients and overheads.
    """
    at = {"gradients": (4000,), "overheads": (4000,), **measured}
    return replace(
        of, name=name, summary=summary, dimensions=Dimensions(tests, reference=4000, **at)
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
    model: Model | None = None,
    warn_beyond_table: bool = False,
) -> Problem:
    """The energy of `atoms` as a function of their positions.

    The pair list is built here, once, with the pairs within the potential's cutoff plus `skin`. The
    problem is right for every x in which no atom has moved by more than half the skin. A prepared
    problem refuses an x beyond that; its hot calls, which check nothing, give a wrong energy there.

    Args:
        potential: as :func:`eam.read_setfl` or the `potential` function of a model returns it.
        atoms: the configuration; its positions become `x0`.
        skin: angstrom.
        model: the registered model that the problem belongs to, if there is one.
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
    calls, parameters = _calls(by_hand), None
    if isinstance(potential, Analytic):
        calls |= _fitted_calls(Fitted(potential, data, len(atoms)))
        parameters = potential.fitted
    if warn_beyond_table:
        _warn_beyond(potential.density_limit, by_hand.densities(atoms.positions))

    def compiled(variant: str) -> Manual:
        import numba

        from ..kernels.evaluator import Evaluator
        from ..kernels.second_order import calls as second_order_calls

        n_threads: int = numba.get_num_threads() if variant == "threaded" else 1
        kernel = Evaluator(potential, atoms, skin, n_threads)
        second_order = (
            second_order_calls(potential, data, len(atoms))
            if isinstance(potential, Analytic)
            else {}
        )
        return Manual(
            kernel.value,
            kernel.gradient,
            kernel.gradient_into,
            bind=kernel.bind,
            energies=kernel.energies,
            virial=kernel.virial,
            calls={**kernel.calls, **second_order},
        )

    def energy_loop() -> CompiledEnergy:
        from ..kernels.energy_loop import compiled_energy
        from ..kernels.parameter_loop import energy_of_parameters

        energy = compiled_energy(potential, atoms, skin)
        if not isinstance(potential, Analytic):
            return energy
        return replace(energy, of_parameters=energy_of_parameters(potential, data, len(atoms)))

    return Problem(
        model=model or (CUSTOM if parameters is None else FORMULAS),
        dimension=len(atoms),
        x0=atoms.positions,
        energy=energy_of(potential),
        manual=Manual(
            by_hand.value,
            by_hand.gradient,
            by_hand.gradient_into,
            energies=by_hand.energies,
            virial=by_hand.virial,
            calls=calls,
        ),
        compiled=compiled,
        data=data,
        pairs={name: filling for name, filling in PAIR_ARRAYS.items() if name in data},
        compiled_energy=energy_loop,
        parameters=parameters,
        valid_within=0.5 * skin + SLACK,
    )


def _calls(by_hand: ByHand) -> dict[str, Call]:
    """The quantities of any potential."""
    return {
        "value_and_gradient": as_call(by_hand.value_and_gradient),
        "virial": as_call(by_hand.gradient_and_virial),
        "hessian_vector": as_call(by_hand.hessian_vector),
    }


def _fitted_calls(fitted: Fitted) -> dict[str, Call]:
    """The quantities of a potential with parameters."""

    def parameter_gradient(theta: Array, x: Positions) -> Array:
        return fitted.with_theta(theta).parameter_gradient(x)

    def force_matching(theta: Array, x: Positions, *targets: Any) -> tuple[float, Array]:
        return fitted.with_theta(theta).force_matching(x, *targets)

    return {
        "parameter_gradient": as_call(parameter_gradient),
        "force_matching": as_call(force_matching),
    }


def _warn_beyond(limit: float, rho_i: PerAtom) -> None:
    beyond = np.flatnonzero(rho_i > limit)
    if len(beyond):
        warnings.warn(
            f"{len(beyond)} atoms have a density beyond the table's {limit:g}, where F continues "
            f"linearly; the first is atom {beyond[0]} with {rho_i[beyond[0]]:g}",
            stacklevel=3,
        )
