"""Finnis-Sinclair potentials of seven bcc metals.

    phi(r)   = (r - c)^2 (c0 + c1 r + c2 r^2),            r < c
    rho(r)   = (r - d)^2 + beta (r - d)^3 / d,            r < d
    F(rho_i) = -A sqrt(rho_i)

:mod:`eam.atoms.potential` explains the notation.

Source: M. W. Finnis and J. E. Sinclair, Phil. Mag. A 50, 45-55 (1984),
doi:10.1080/01418618408244210; for iron the erratum, Phil. Mag. A 53, 161 (1986). The parameters are
as in public libraries, which agree; energies are in eV, lengths in angstrom. phi and rho vanish
smoothly at c and d, and the cutoff is the larger of the two.
"""

import sys
from typing import Any, NamedTuple

from ..problem import Problem
from .analytic import Analytic, guarded_inverse_root, guarded_root, parameters_of
from .atomic import atomic_model, crystal_problem

MODEL = atomic_model(
    "finnis-sinclair",
    "Tungsten by Finnis and Sinclair: polynomials, 8 pairs an atom",
    tests=(4, 54),
    quantities=(4000,),
)
FITTED = ("A", "d", "beta", "c", "c0", "c1", "c2")
POSITIVE = frozenset({"A", "d", "c"})


class Parameters(NamedTuple):
    """One metal; lengths in angstrom, A in eV/angstrom, c0 c1 c2 in eV/angstrom^2, ^3, ^4."""

    form = "finnis-sinclair"  # by which the compiled kernels know these parameters
    A: float
    d: float
    beta: float
    c: float
    c0: float
    c1: float
    c2: float
    lattice_constant: float


PARAMETERS = {
    "V": Parameters(2.010637, 3.692767, 0.0, 3.8, -0.8816318, 1.4907756, -0.3976370, 3.0399),
    "Nb": Parameters(3.013789, 3.915354, 0.0, 4.2, -1.5640104, 2.0055779, -0.4663764, 3.3008),
    "Ta": Parameters(2.591061, 4.076980, 0.0, 4.2, 1.2157373, 0.0271471, -0.1217350, 3.3058),
    "Cr": Parameters(1.453418, 3.915720, 1.8, 2.9, 29.1429813, -23.3975027, 4.7578297, 2.8845),
    "Mo": Parameters(1.887117, 4.114825, 0.0, 3.25, 43.4475218, -31.9332978, 6.0804249, 3.1472),
    "W": Parameters(1.896373, 4.400224, 0.0, 3.25, 47.1346499, -33.7665655, 6.2541999, 3.1652),
    "Fe": Parameters(1.828905, 3.569745, 1.8, 3.4, 1.2371147, -0.3592185, -0.0385607, 2.8665),
}


def radial(xp: Any, r: Any, p: Parameters) -> tuple[Any, Any]:
    """rho and phi."""
    u = xp.where(r < p.d, r - p.d, 0.0)
    w = xp.where(r < p.c, r - p.c, 0.0)
    return u * u * (1.0 + p.beta / p.d * u), w * w * (p.c0 + r * (p.c1 + r * p.c2))


def radial_derivatives(xp: Any, r: Any, p: Parameters) -> tuple[Any, Any, Any, Any]:
    """rho, phi, rho' and phi'."""
    u = xp.where(r < p.d, r - p.d, 0.0)
    w = xp.where(r < p.c, r - p.c, 0.0)
    tilt, q, q_prime = p.beta / p.d, p.c0 + r * (p.c1 + r * p.c2), p.c1 + 2.0 * p.c2 * r
    return (
        u * u * (1.0 + tilt * u),
        w * w * q,
        u * (2.0 + 3.0 * tilt * u),
        w * (2.0 * q + w * q_prime),
    )


def radial_second_derivatives(xp: Any, r: Any, p: Parameters) -> tuple[Any, Any]:
    """rho'' and phi''."""
    w, q, q_prime = r - p.c, p.c0 + r * (p.c1 + r * p.c2), p.c1 + 2.0 * p.c2 * r
    rho_second = 2.0 + 6.0 * p.beta / p.d * (r - p.d)
    phi_second = 2.0 * q + 4.0 * w * q_prime + 2.0 * p.c2 * w * w
    return xp.where(r < p.d, rho_second, 0.0), xp.where(r < p.c, phi_second, 0.0)


def embedding(xp: Any, rho_i: Any, p: Parameters) -> Any:
    """F."""
    return -p.A * guarded_root(xp, rho_i)


def embedding_derivative(xp: Any, rho_i: Any, p: Parameters) -> Any:
    """F'."""
    return -0.5 * p.A * guarded_inverse_root(xp, rho_i)


def embedding_second_derivative(xp: Any, rho_i: Any, p: Parameters) -> Any:
    """F''."""
    return 0.25 * p.A * guarded_inverse_root(xp, rho_i) ** 3


def radial_by_parameters(xp: Any, r: Any, p: Parameters) -> tuple[Any, Any, Any, Any]:
    """The derivatives of rho, phi, rho' and phi' by A, d, beta, c, c0, c1 and c2."""
    u = xp.where(r < p.d, r - p.d, 0.0)
    w = xp.where(r < p.c, r - p.c, 0.0)
    t, tilt, q, q_prime = (
        u / p.d,
        p.beta * u / p.d,
        p.c0 + r * (p.c1 + r * p.c2),
        p.c1 + 2.0 * p.c2 * r,
    )
    none = 0.0 * r
    by_d = xp.where(r < p.d, -2.0 - 6.0 * tilt - 3.0 * tilt * t, 0.0)
    return (
        (none, -u * (2.0 + 3.0 * tilt + tilt * t), u * u * t, none, none, none, none),
        (none, none, none, -2.0 * w * q, w * w, w * w * r, w * w * r * r),
        (none, by_d, 3.0 * u * t, none, none, none, none),
        (
            none,
            none,
            none,
            xp.where(r < p.c, -2.0 * (q + w * q_prime), 0.0),
            2.0 * w,
            w * (2.0 * r + w),
            2.0 * w * r * (r + w),
        ),
    )


def embedding_by_parameters(xp: Any, rho_i: Any, p: Parameters) -> tuple[Any, Any]:
    """The derivatives of F and F' by A, d, beta, c, c0, c1 and c2."""
    none = 0.0 * rho_i
    by_a, by_a_prime = -guarded_root(xp, rho_i), -0.5 * guarded_inverse_root(xp, rho_i)
    return (by_a, none, none, none, none, none, none), (
        by_a_prime,
        none,
        none,
        none,
        none,
        none,
        none,
    )


def potential(element: str = "W") -> Analytic:
    """The potential of one of V Nb Ta Cr Mo W Fe; UnknownNameError lists them."""
    p = parameters_of(element, PARAMETERS, "finnis-sinclair")
    formulas: Any = sys.modules[__name__]
    return Analytic(element, "bcc", p.lattice_constant, max(p.c, p.d), p, formulas)


def problem(dimension: int, seed: int) -> Problem:
    """Rattled bcc tungsten of `dimension` atoms; x is (dimension, 3) in angstrom."""
    return crystal_problem(MODEL, potential(), dimension, seed)
