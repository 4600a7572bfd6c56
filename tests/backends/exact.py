"""Value and gradient to 50 digits, by mpmath, of the registered models.

The derivatives of the functions of one variable are mpmath's numerical ones; no derivative that
somebody wrote by hand is used. An error is measured in units of the rounding error of what is
summed, since a sum can be no more accurate than its terms.
"""

from functools import lru_cache
from types import SimpleNamespace

import mpmath
import numpy as np

import eam
from eam.atoms.tables import Tabulated
from eam.models import cleri_rosato, finnis_sinclair, sutton_chen, tabulated

EPSILON = float(np.finfo(float).eps)
MODULES = {
    "sutton-chen": sutton_chen,
    "finnis-sinclair": finnis_sinclair,
    "cleri-rosato": cleri_rosato,
    "tabulated": tabulated,
}
_MP = SimpleNamespace(
    where=lambda condition, yes, no: yes if condition else no, sqrt=mpmath.sqrt, exp=mpmath.exp
)


@lru_cache
def exact(model, dimension):
    """(value, gradient) as floats, and for each what one rounding error of its terms is."""
    problem = eam.problem(model, dimension)
    with mpmath.workdps(50):
        if model == "toy":
            return _toy(problem.x0)
        return _atoms(problem, *_functions(MODULES[model].potential()))


def _toy(x):
    densities = [mpmath.exp(-3 * (mpmath.mpf(float(a)) + 1)) for a in x]
    rho = sum(densities)
    value = rho**2 + rho**3 + rho**4 / 4
    slope = mpmath.diff(lambda rho: rho**2 + rho**3 + rho**4 / 4, rho)
    gradient = np.array([float(-3 * slope * density) for density in densities])
    return (float(value), EPSILON * float(value)), (gradient, EPSILON * np.abs(gradient))


def _atoms(problem, radial, embedding):
    x = [[mpmath.mpf(float(a)) for a in row] for row in problem.x0]
    pairs = []
    data = problem.data
    for i, j, shift in zip(data["i"], data["j"], data["shift"], strict=True):
        d = [x[j][c] - x[i][c] + mpmath.mpf(float(shift[c])) for c in range(3)]
        pairs.append((i, j, d, mpmath.sqrt(sum(c * c for c in d))))
    rho = [mpmath.mpf(0)] * len(x)
    values = []
    for i, j, _, r in pairs:
        density, phi = radial(r)
        rho[i] += density
        rho[j] += density  # an atom and its own image are a pair too
        values.append(phi)
    values += [embedding(density) for density in rho]
    slopes = [mpmath.diff(embedding, density) for density in rho]
    gradient = [[mpmath.mpf(0)] * 3 for _ in x]
    size = np.zeros((len(x), 3))
    for i, j, d, r in pairs:
        density_prime = mpmath.diff(lambda r: radial(r)[0], r)
        phi_prime = mpmath.diff(lambda r: radial(r)[1], r)
        terms = [phi_prime, slopes[i] * density_prime, slopes[j] * density_prime]
        for c in range(3):
            gradient[j][c] += sum(terms) * d[c] / r
            gradient[i][c] -= sum(terms) * d[c] / r
            for atom in (i, j):
                size[atom, c] += float(sum(map(abs, terms)) * abs(d[c]) / r)
    value, magnitude = float(sum(values)), float(sum(map(abs, values)))
    return (value, EPSILON * magnitude), (np.array(gradient, dtype=float), EPSILON * size)


def _functions(potential):
    """rho and phi of r, and F of rho, over mpmath's numbers."""
    if isinstance(potential, Tabulated):
        return _table(potential)
    formulas, parameters = potential.formulas, potential.parameters
    return (
        lambda r: formulas.radial(_MP, r, parameters),
        lambda rho: formulas.embedding(_MP, rho, parameters),
    )


def _table(potential):
    tables = potential.tables

    def cubic(rows, spacing, at, position):
        k = min(int(position / mpmath.mpf(spacing)), len(rows) - 1)
        t = position / mpmath.mpf(spacing) - k
        return sum(mpmath.mpf(float(c)) * t**n for n, c in enumerate(rows[k][at : at + 4]))

    def radial(r):
        if r >= tables.cutoff:
            return mpmath.mpf(0), mpmath.mpf(0)
        rows = potential.radial_rows
        return cubic(rows, tables.dr, 0, r), cubic(rows, tables.dr, 4, r) / r

    return radial, lambda rho: cubic(potential.embedding_rows, tables.drho, 0, rho)
