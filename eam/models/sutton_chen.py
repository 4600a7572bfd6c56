"""Sutton-Chen potentials of ten fcc metals.

    phi(r)   = eps (a / r)^n
    rho(r)   = (a / r)^m
    F(rho_i) = -eps c sqrt(rho_i)

:mod:`eam.atoms.potential` explains the notation.

Source: A. P. Sutton and J. Chen, Phil. Mag. Lett. 61, 139-146 (1990),
doi:10.1080/09500839008206493; the parameters are as in public libraries, which agree. They were
fitted to sums over the infinite lattice. Here both functions end at a cutoff of 2.05 a, without a
taper; it lies between the shells at 2 a and 2.121 a and leaves 140 neighbours. The cutoff raises
the energy of copper by 0.044 eV per atom, and the energy drifts in molecular dynamics as pairs
cross it. Energies are in eV, lengths in angstrom.
"""

import sys
from typing import Any, NamedTuple

from ..problem import Problem
from .analytic import Analytic, guarded_inverse_root, guarded_root, parameters_of, power
from .atomic import atomic_model, crystal_problem

MODEL = atomic_model(
    "sutton-chen",
    "Copper by Sutton and Chen: powers of the distance, 70 pairs an atom",
    tests=(4,),
)
CUTOFF = 2.05  # of the lattice constant
FITTED = ("eps", "c", "a")
POSITIVE = frozenset(FITTED)


class Parameters(NamedTuple):
    """One metal; eps in eV, a and the cutoff in angstrom."""

    form = "sutton-chen"  # by which the compiled kernels know these parameters
    n: int
    m: int
    eps: float
    c: float
    a: float
    cutoff: float


def _metal(n: int, m: int, eps: float, c: float, a: float) -> Parameters:
    return Parameters(n, m, eps, c, a, CUTOFF * a)


PARAMETERS = {
    "Ni": _metal(9, 6, 1.5707e-2, 39.432, 3.52),
    "Cu": _metal(9, 6, 1.2382e-2, 39.432, 3.61),
    "Rh": _metal(12, 6, 4.9371e-3, 144.41, 3.80),
    "Pd": _metal(12, 7, 4.1790e-3, 108.27, 3.89),
    "Ag": _metal(12, 6, 2.5415e-3, 144.41, 4.09),
    "Ir": _metal(14, 6, 2.4489e-3, 334.94, 3.84),
    "Pt": _metal(10, 8, 1.9833e-2, 34.408, 3.92),
    "Au": _metal(10, 8, 1.2793e-2, 34.408, 4.08),
    "Pb": _metal(10, 7, 5.5765e-3, 45.778, 4.95),
    "Al": _metal(7, 6, 3.3147e-2, 16.399, 4.05),
}


def radial(xp: Any, r: Any, p: Parameters) -> tuple[Any, Any]:
    """rho and phi."""
    u = xp.where(r >= p.cutoff, 0.0, p.a / r)  # NaN passes
    return power(u, p.m), p.eps * power(u, p.n)


def radial_derivatives(xp: Any, r: Any, p: Parameters) -> tuple[Any, Any, Any, Any]:
    """rho, phi, rho' and phi'."""
    inverse = 1.0 / r
    u = xp.where(r >= p.cutoff, 0.0, p.a * inverse)
    rho, phi = power(u, p.m), p.eps * power(u, p.n)
    return rho, phi, -p.m * (rho * inverse), -p.n * (phi * inverse)


def radial_second_derivatives(xp: Any, r: Any, p: Parameters) -> tuple[Any, Any]:
    """rho'' and phi''."""
    rho, phi = radial(xp, r, p)
    return p.m * (p.m + 1) * rho / (r * r), p.n * (p.n + 1) * phi / (r * r)


def embedding(xp: Any, rho_i: Any, p: Parameters) -> Any:
    """F."""
    return -p.eps * p.c * guarded_root(xp, rho_i)


def embedding_derivative(xp: Any, rho_i: Any, p: Parameters) -> Any:
    """F'."""
    return -0.5 * p.eps * p.c * guarded_inverse_root(xp, rho_i)


def embedding_second_derivative(xp: Any, rho_i: Any, p: Parameters) -> Any:
    """F''."""
    return 0.25 * p.eps * p.c * guarded_inverse_root(xp, rho_i) ** 3


def radial_by_parameters(xp: Any, r: Any, p: Parameters) -> tuple[Any, Any, Any, Any]:
    """The derivatives of rho, phi, rho' and phi' by eps, c and a."""
    rho, phi, rho_prime, phi_prime = radial_derivatives(xp, r, p)
    none = 0.0 * r
    return (
        (none, none, p.m / p.a * rho),
        (phi / p.eps, none, p.n / p.a * phi),
        (none, none, p.m / p.a * rho_prime),
        (phi_prime / p.eps, none, p.n / p.a * phi_prime),
    )


def embedding_by_parameters(xp: Any, rho_i: Any, p: Parameters) -> tuple[Any, Any]:
    """The derivatives of F and F' by eps, c and a."""
    f, f_prime = embedding(xp, rho_i, p), embedding_derivative(xp, rho_i, p)
    none = 0.0 * rho_i
    return (f / p.eps, f / p.c, none), (f_prime / p.eps, f_prime / p.c, none)


def potential(element: str = "Cu") -> Analytic:
    """The potential of one of Ni Cu Rh Pd Ag Ir Pt Au Pb Al; UnknownNameError lists them."""
    p = parameters_of(element, PARAMETERS, "sutton-chen")
    formulas: Any = sys.modules[__name__]
    return Analytic(element, "fcc", p.a, p.cutoff, p, formulas)


def problem(dimension: int, seed: int) -> Problem:
    """Rattled fcc copper of `dimension` atoms; x is (dimension, 3) in angstrom."""
    return crystal_problem(MODEL, potential(), dimension, seed)
