"""Second derivatives and derivatives by parameters of atoms, by hand, as compiled loops over pairs.

numba compiles the formulas of `eam/models/` themselves, on scalars, so they stand nowhere else.
docs/explanation/quantities.md derives what the loops compute.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from types import ModuleType
from typing import Any

import numba
import numpy as np
from numba.extending import register_jitable
from numpy.typing import NDArray

from ..models import analytic
from ..models.analytic import Analytic
from ..problem import Array, Call, Positions
from . import scalars
from .lowlevel import njit

OPTIONS: Any = {"fastmath": {"reassoc", "nsz", "arcp", "contract"}, "error_model": "numpy"}

_FORMULAS = (
    "radial",
    "radial_derivatives",
    "radial_second_derivatives",
    "embedding",
    "embedding_derivative",
    "embedding_second_derivative",
    "radial_by_parameters",
    "embedding_by_parameters",
)
for _shared in (analytic.guarded_root, analytic.guarded_inverse_root, analytic.power):
    register_jitable(**OPTIONS)(_shared)


def calls(potential: Analytic, data: Mapping[str, NDArray[Any]], n_atoms: int) -> dict[str, Call]:
    """The quantities over a half list of pairs, for a potential given by formulas.

    Args:
        potential: with the published parameters.
        data: `i`, `j` and `shift` of the pairs (:func:`eam.models.pairs.constants`).
        n_atoms: the number of atoms.
    """
    module: Any = potential.formulas
    hessian_vector, parameter_gradient, force_matching = _loops(module)
    pairs = (data["i"].astype(np.uint32), data["j"].astype(np.uint32), data["shift"])
    kept, sums = np.empty((8, len(pairs[0]))), np.empty((5, n_atoms))
    out, by_theta = np.empty((n_atoms, 3)), np.empty(len(module.FITTED))

    def bind_hessian_vector(x: Positions, v: Positions) -> Callable[[], Positions]:
        def run() -> Positions:
            hessian_vector(out, x, v, potential.parameters, pairs, kept, sums)
            return out

        return run

    def bind_parameter_gradient(theta: Array, x: Positions) -> Callable[[], Array]:
        def run() -> Array:
            p = potential.with_theta(theta).parameters
            parameter_gradient(by_theta, x, p, pairs, kept, sums)
            return by_theta

        return run

    def bind_force_matching(
        theta: Array, x: Positions, forces: Positions, energy: Any, weight: Any
    ) -> Callable[[], tuple[float, Array]]:
        def run() -> tuple[float, Array]:
            p = potential.with_theta(theta).parameters
            targets = (forces, float(energy), float(weight))
            return force_matching(by_theta, out, x, p, targets, pairs, kept, sums), by_theta

        return run

    return {
        "hessian_vector": bind_hessian_vector,
        "parameter_gradient": bind_parameter_gradient,
        "force_matching": bind_force_matching,
    }


# without numba's cache on disk, which does not see that a formula has changed
compiler: Any = numba.njit


@lru_cache
def _loops(formulas: ModuleType) -> Any:
    """The loops for a module of formulas, compiled once."""
    register(formulas)
    return _hessian_vector(formulas), _parameter_gradient(formulas), _matching(formulas)


@lru_cache
def register(formulas: ModuleType) -> None:
    """Let compiled code call the formulas of a module, with :mod:`eam.kernels.scalars` as `xp`."""
    for function in _FORMULAS:
        register_jitable(**OPTIONS)(getattr(formulas, function))


@njit(**OPTIONS)
def vector(x: Any, pairs: Any, k: Any) -> Any:
    """The vector from i to j of the k-th pair, and its length."""
    i, j, shift = pairs
    a, b = i[k], j[k]
    dx = x[b, 0] - x[a, 0] + shift[k, 0]
    dy = x[b, 1] - x[a, 1] + shift[k, 1]
    dz = x[b, 2] - x[a, 2] + shift[k, 2]
    return dx, dy, dz, np.sqrt(dx * dx + dy * dy + dz * dz)


@njit(**OPTIONS)
def add_to_both(out: Any, a: Any, b: Any, x: Any, y: Any, z: Any) -> None:
    """Add a vector to the row of atom b, and subtract it from that of atom a."""
    out[a, 0] -= x
    out[a, 1] -= y
    out[a, 2] -= z
    out[b, 0] += x
    out[b, 1] += y
    out[b, 2] += z


def _hessian_vector(formulas: Any) -> Any:
    first, second = formulas.radial_derivatives, formulas.radial_second_derivatives
    f_prime_of, f_second_of = formulas.embedding_derivative, formulas.embedding_second_derivative

    @compiler(**OPTIONS)
    def hessian_vector(out: Any, x: Any, v: Any, p: Any, pairs: Any, kept: Any, sums: Any) -> None:
        i, j, _ = pairs
        rho_i, rho_along, f_prime, f_along = sums[0], sums[1], sums[2], sums[3]
        sums[:] = 0.0
        out[:] = 0.0
        for k in range(len(i)):
            a, b = i[k], j[k]
            dx, dy, dz, r = vector(x, pairs, k)
            vx, vy, vz = v[b, 0] - v[a, 0], v[b, 1] - v[a, 1], v[b, 2] - v[a, 2]
            r_along = (dx * vx + dy * vy + dz * vz) / r
            rho, _, rho_prime, phi_prime = first(scalars, r, p)
            rho_second, phi_second = second(scalars, r, p)
            kept[0, k], kept[1, k], kept[2, k], kept[3, k] = r, r_along, rho_prime, phi_prime
            kept[4, k], kept[5, k] = rho_second, phi_second
            rho_i[a] += rho
            rho_i[b] += rho
            rho_along[a] += rho_prime * r_along
            rho_along[b] += rho_prime * r_along
        for a in range(len(out)):
            f_prime[a] = f_prime_of(scalars, rho_i[a], p)
            f_along[a] = f_second_of(scalars, rho_i[a], p) * rho_along[a]
        for k in range(len(i)):
            a, b = i[k], j[k]
            dx, dy, dz, _ = vector(x, pairs, k)
            vx, vy, vz = v[b, 0] - v[a, 0], v[b, 1] - v[a, 1], v[b, 2] - v[a, 2]
            per_r, r_along, rho_prime = 1.0 / kept[0, k], kept[1, k], kept[2, k]
            both = f_prime[a] + f_prime[b]
            e_prime = (kept[3, k] + both * rho_prime) * per_r
            e_along = (kept[5, k] + both * kept[4, k]) * r_along
            e_along = (e_along + (f_along[a] + f_along[b]) * rho_prime - e_prime * r_along) * per_r
            add_to_both(
                out,
                a,
                b,
                e_along * dx + e_prime * vx,
                e_along * dy + e_prime * vy,
                e_along * dz + e_prime * vz,
            )

    return hessian_vector


def _parameter_gradient(formulas: Any) -> Any:
    first, by_parameters = formulas.radial, formulas.radial_by_parameters
    f_prime_of, f_by = formulas.embedding_derivative, formulas.embedding_by_parameters

    @compiler(**OPTIONS)
    def parameter_gradient(by_theta: Any, x: Any, p: Any, pairs: Any, kept: Any, sums: Any) -> None:
        i, j, _ = pairs
        rho_i, f_prime = sums[0], sums[1]
        sums[:] = 0.0
        by_theta[:] = 0.0
        for k in range(len(i)):
            _, _, _, r = vector(x, pairs, k)
            rho, _ = first(scalars, r, p)
            kept[0, k] = r
            rho_i[i[k]] += rho
            rho_i[j[k]] += rho
        for a in range(len(x)):
            f_prime[a] = f_prime_of(scalars, rho_i[a], p)
            by_f, _ = f_by(scalars, rho_i[a], p)
            for n in range(len(by_f)):
                by_theta[n] += by_f[n]
        for k in range(len(i)):
            both = f_prime[i[k]] + f_prime[j[k]]
            by_rho, by_phi, _, _ = by_parameters(scalars, kept[0, k], p)
            for n in range(len(by_rho)):
                by_theta[n] += by_phi[n] + both * by_rho[n]

    return parameter_gradient


def _matching(formulas: Any) -> Any:
    first, by_parameters = formulas.radial_derivatives, formulas.radial_by_parameters
    f_of, f_prime_of = formulas.embedding, formulas.embedding_derivative
    f_second_of, f_by = formulas.embedding_second_derivative, formulas.embedding_by_parameters

    @compiler(**OPTIONS)
    def force_matching(
        by_theta: Any, misfit: Any, x: Any, p: Any, targets: Any, pairs: Any, kept: Any, sums: Any
    ) -> Any:
        forces, energy, weight = targets
        i, j, _ = pairs
        rho_i, rho_along, f_prime, at_rho = sums[0], sums[1], sums[2], sums[3]
        sums[:] = 0.0
        by_theta[:] = 0.0
        found = 0.0
        for k in range(len(i)):
            dx, dy, dz, r = vector(x, pairs, k)
            rho, phi, rho_prime, phi_prime = first(scalars, r, p)
            kept[0, k], kept[1, k], kept[2, k] = r, rho_prime, phi_prime
            kept[3, k], kept[4, k], kept[5, k] = dx, dy, dz
            rho_i[i[k]] += rho
            rho_i[j[k]] += rho
            found += phi
        for a in range(len(x)):
            f_prime[a] = f_prime_of(scalars, rho_i[a], p)
            found += f_of(scalars, rho_i[a], p)
            for c in range(3):
                misfit[a, c] = forces[a, c]
        for k in range(len(i)):
            a, b = i[k], j[k]
            s = (kept[2, k] + (f_prime[a] + f_prime[b]) * kept[1, k]) / kept[0, k]
            add_to_both(misfit, a, b, s * kept[3, k], s * kept[4, k], s * kept[5, k])
        energy_misfit = found - energy
        loss, scale = weight * energy_misfit * energy_misfit, 2.0 * weight * energy_misfit
        for a in range(len(x)):
            for c in range(3):
                loss += misfit[a, c] * misfit[a, c]
        for k in range(len(i)):
            a, b = i[k], j[k]
            along = kept[3, k] * (misfit[b, 0] - misfit[a, 0])
            along += kept[4, k] * (misfit[b, 1] - misfit[a, 1])
            along += kept[5, k] * (misfit[b, 2] - misfit[a, 2])
            kept[6, k] = 2.0 * along / kept[0, k]
            rho_along[a] += kept[1, k] * kept[6, k]
            rho_along[b] += kept[1, k] * kept[6, k]
        for a in range(len(x)):
            at_rho[a] = f_second_of(scalars, rho_i[a], p) * rho_along[a] + scale * f_prime[a]
            by_f, by_f_prime = f_by(scalars, rho_i[a], p)
            for n in range(len(by_f)):
                by_theta[n] += scale * by_f[n] + rho_along[a] * by_f_prime[n]
        for k in range(len(i)):
            a, b = i[k], j[k]
            r_along = kept[6, k]
            of_rho, of_rho_prime = at_rho[a] + at_rho[b], (f_prime[a] + f_prime[b]) * r_along
            by_rho, by_phi, by_rho_prime, by_phi_prime = by_parameters(scalars, kept[0, k], p)
            for n in range(len(by_rho)):
                of_pair = scale * by_phi[n] + r_along * by_phi_prime[n]
                by_theta[n] += of_pair + of_rho * by_rho[n] + of_rho_prime * by_rho_prime[n]
        return loss

    return force_matching
