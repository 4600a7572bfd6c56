"""Cleri-Rosato potentials (Gupta's form, tight binding in the second moment) of nine fcc metals.

    phi(r)   = 2 A exp(-p (r / r0 - 1))
    rho(r)   = xi^2 exp(-2 q (r / r0 - 1))
    F(rho_i) = -sqrt(rho_i)

:mod:`eam.atoms.potential` explains the notation.

Source: F. Cleri and V. Rosato, Phys. Rev. B 48, 22-33 (1993), doi:10.1103/PhysRevB.48.22;
the parameters are as in public libraries, which agree. The paper writes the repulsion as
sum_ij A exp(...) without a factor of one half, so a pair that counts once has 2 A. r0 is
a / sqrt(2). The paper's sums run over five shells, 78 neighbours. Here the functions end at a
cutoff of 1.6566 a, half way to the sixth shell, without a taper, so the energy drifts in molecular
dynamics as pairs cross the cutoff. Lead is left out: its published parameters are not in
equilibrium at their own lattice constant. Energies are in eV, lengths in angstrom.
"""

import math
import sys
from typing import Any, NamedTuple

from ..problem import Problem
from .analytic import Analytic, guarded_inverse_root, guarded_root, parameters_of
from .atomic import atomic_model, crystal_problem

MODEL = atomic_model(
    "cleri-rosato",
    "Copper by Cleri and Rosato: exponentials, 39 pairs an atom",
    tests=(4,),
)
CUTOFF = 1.6566  # of the lattice constant
FITTED = ("A", "xi", "p", "q")
POSITIVE = frozenset(FITTED)


class Parameters(NamedTuple):
    """One metal; A and xi in eV, the lattice constant in angstrom."""

    form = "cleri-rosato"  # by which the compiled kernels know these parameters
    A: float
    xi: float
    p: float
    q: float
    lattice_constant: float
    r0: float
    cutoff: float


def _metal(a: float, xi: float, p: float, q: float, lattice_constant: float) -> Parameters:
    r0, cutoff = lattice_constant / math.sqrt(2.0), CUTOFF * lattice_constant
    return Parameters(a, xi, p, q, lattice_constant, r0, cutoff)


PARAMETERS = {
    "Ni": _metal(0.0376, 1.070, 16.999, 1.189, 3.523),
    "Cu": _metal(0.0855, 1.224, 10.960, 2.278, 3.615),
    "Rh": _metal(0.0629, 1.660, 18.450, 1.867, 3.803),
    "Pd": _metal(0.1746, 1.718, 10.867, 3.742, 3.887),
    "Ag": _metal(0.1028, 1.178, 10.928, 3.139, 4.085),
    "Ir": _metal(0.1156, 2.289, 16.980, 2.691, 3.839),
    "Pt": _metal(0.2975, 2.695, 10.612, 4.004, 3.924),
    "Au": _metal(0.2061, 1.790, 10.229, 4.036, 4.079),
    "Al": _metal(0.1221, 1.316, 8.612, 2.516, 4.050),
}


def radial(xp: Any, r: Any, p: Parameters) -> tuple[Any, Any]:
    """rho and phi."""
    stretch, outside = r / p.r0 - 1.0, r >= p.cutoff  # NaN is not outside
    rho = xp.where(outside, 0.0, p.xi**2 * xp.exp(-2.0 * p.q * stretch))
    return rho, xp.where(outside, 0.0, 2.0 * p.A * xp.exp(-p.p * stretch))


def radial_derivatives(xp: Any, r: Any, p: Parameters) -> tuple[Any, Any, Any, Any]:
    """rho, phi, rho' and phi'."""
    rho, phi = radial(xp, r, p)
    return rho, phi, -2.0 * p.q / p.r0 * rho, -p.p / p.r0 * phi


def radial_second_derivatives(xp: Any, r: Any, p: Parameters) -> tuple[Any, Any]:
    """rho'' and phi''."""
    rho, phi = radial(xp, r, p)
    return (2.0 * p.q / p.r0) ** 2 * rho, (p.p / p.r0) ** 2 * phi


def embedding(xp: Any, rho_i: Any, p: Parameters) -> Any:
    """F."""
    return -guarded_root(xp, rho_i)


def embedding_derivative(xp: Any, rho_i: Any, p: Parameters) -> Any:
    """F'."""
    return -0.5 * guarded_inverse_root(xp, rho_i)


def embedding_second_derivative(xp: Any, rho_i: Any, p: Parameters) -> Any:
    """F''."""
    return 0.25 * guarded_inverse_root(xp, rho_i) ** 3


def radial_by_parameters(xp: Any, r: Any, p: Parameters) -> tuple[Any, Any, Any, Any]:
    """The derivatives of rho, phi, rho' and phi' by A, xi, p and q."""
    stretch, none = r / p.r0 - 1.0, 0.0 * r
    rho, phi, rho_prime, phi_prime = radial_derivatives(xp, r, p)
    return (
        (none, 2.0 / p.xi * rho, none, -2.0 * stretch * rho),
        (phi / p.A, none, -stretch * phi, none),
        (none, 2.0 / p.xi * rho_prime, none, -2.0 / p.r0 * rho - 2.0 * stretch * rho_prime),
        (phi_prime / p.A, none, -phi / p.r0 - stretch * phi_prime, none),
    )


def embedding_by_parameters(xp: Any, rho_i: Any, p: Parameters) -> tuple[Any, Any]:
    """The derivatives of F and F' by A, xi, p and q, which F does not depend on."""
    none = 0.0 * rho_i
    return (none, none, none, none), (none, none, none, none)


def potential(element: str = "Cu") -> Analytic:
    """The potential of one of Ni Cu Rh Pd Ag Ir Pt Au Al; UnknownNameError lists them."""
    p = parameters_of(element, PARAMETERS, "cleri-rosato")
    formulas: Any = sys.modules[__name__]
    return Analytic(element, "fcc", p.lattice_constant, p.cutoff, p, formulas)


def problem(dimension: int, seed: int) -> Problem:
    """Rattled fcc copper of `dimension` atoms; x is (dimension, 3) in angstrom."""
    return crystal_problem(MODEL, potential(), dimension, seed)
