"""The forms of potentials that the compiled kernels know: the terms of a pair and of an atom.

The type of a potential's parameters has an attribute `form`, the name of the form. `pair_terms` and
`embed` have no body of their own: when numba compiles a kernel, it puts the form's function in
their place. One kernel therefore serves all forms, without a call in its loop. The functions are
scalar arithmetic with as few branches as possible, so LLVM vectorises the loop around them.

:mod:`eam.atoms.potential` explains the notation.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numba.extending import overload, register_jitable

from ..atoms.tables import Tabulated
from ..errors import NotOfferedError
from ..private import private
from .exp import exp_middle
from .lowlevel import inline_always

# All flags of fastmath except nnan and ninf: a NaN in the positions must reach the result.
OPTIONS: Any = {"fastmath": {"reassoc", "nsz", "arcp", "contract", "afn"}, "error_model": "numpy"}

EIGHT = np.uint64(8)  # numba turns uint64 combined with a signed integer into float64


class Table(NamedTuple):
    """Tables of one element.

    Attributes:
        radial_rows: flat (n_r * 8,): for interval k two cubics in r per_dr - k, of rho(r) and of
            r phi(r); 64 bytes, a cache line.
        per_dr: intervals per angstrom.
        embedding_rows: (n_rho, 4), the cubics of F in rho_i per_drho - k.
        per_drho: intervals per unit of density.
    """

    form = "table"
    radial_rows: Any
    per_dr: float
    embedding_rows: Any
    per_drho: float


class AlloyTable(NamedTuple):
    """As :class:`Table`, for several elements.

    Attributes:
        radial_rows: the n_r rows for an atom i and its neighbour j start at row types_ij * n_r.
        embedding_rows: the rows of one element follow those of another.
        n_types: the number of elements.
    """

    form = "alloy table"
    radial_rows: Any
    per_dr: float
    embedding_rows: Any
    per_drho: float
    n_types: int


def parameters_of(potential: Any) -> Any:
    """The parameters of a potential in the form that the kernels take.

    Raises:
        NotOfferedError: the kernels do not know its form.
    """
    if isinstance(potential, Tabulated):
        tables = potential.tables
        table = Table(
            potential.radial_rows.ravel(),
            1.0 / tables.dr,
            potential.embedding_rows,
            1.0 / tables.drho,
        )
        n_types = len(potential.elements)
        return table if n_types == 1 else AlloyTable(*table, n_types)
    parameters = getattr(potential, "parameters", None)
    if getattr(parameters, "form", None) not in _FORMS:
        raise NotOfferedError(
            f"the compiled kernels do not know the form of {type(potential).__name__}"
        )
    return parameters


def pair_terms(p: Any, r: Any, per_r: Any, type_i: Any, type_j: Any) -> Any:
    """The terms of a pair of atoms at distance r < cutoff; only for compiled code.

    Args:
        p: the parameters.
        r: the distance.
        per_r: 1 / r.
        type_i: the type of the one atom.
        type_j: the type of the other.

    Returns:
        rho_ij, rho_ji, d_rho_ij, d_rho_ji, phi and d_phi.
    """
    raise NotImplementedError


def one_element(p: Any) -> Any:
    """Whether rho_ij is rho_ji for every pair; only for compiled code, where it is a constant."""
    raise NotImplementedError


def embed(p: Any, rho_i: Any, type_i: Any) -> Any:
    """F and F' at the density rho_i of an atom; only for compiled code."""
    raise NotImplementedError


@register_jitable(**OPTIONS)
def _power(u: Any, n: Any) -> Any:
    """u^n for n from 0 to 15, without a loop, so the loop around it vectorises."""
    u2 = u * u
    u4 = u2 * u2
    power = (u if n & 1 else 1.0) * (u2 if n & 2 else 1.0)
    return power * (u4 if n & 4 else 1.0) * (u4 * u4 if n & 8 else 1.0)


def _sutton_chen(p: Any, r: Any, per_r: Any, type_i: Any, type_j: Any) -> Any:
    u = p.a * per_r
    rho, phi = _power(u, p.m), p.eps * _power(u, p.n)
    d_rho = -p.m * rho * per_r * per_r
    return rho, rho, d_rho, d_rho, phi, -p.n * phi * per_r * per_r


def _finnis_sinclair(p: Any, r: Any, per_r: Any, type_i: Any, type_j: Any) -> Any:
    u, w, tilt = min(r - p.d, 0.0), min(r - p.c, 0.0), p.beta / p.d
    rho, d_rho = u * u * (1.0 + tilt * u), u * (2.0 + 3.0 * tilt * u) * per_r
    q = p.c0 + r * (p.c1 + r * p.c2)
    d_phi = w * (2.0 * q + w * (p.c1 + 2.0 * p.c2 * r)) * per_r
    return rho, rho, d_rho, d_rho, w * w * q, d_phi


def _cleri_rosato(p: Any, r: Any, per_r: Any, type_i: Any, type_j: Any) -> Any:
    inline_always()
    stretch = r / p.r0 - 1.0
    # the exponents lie between -p r_c / r0 and p, far within the range of exp_middle
    rho = p.xi * p.xi * exp_middle(-2.0 * p.q * stretch)[0]
    phi = 2.0 * p.A * exp_middle(-p.p * stretch)[0]
    d_rho = -2.0 * p.q / p.r0 * rho * per_r
    return rho, rho, d_rho, d_rho, phi, -p.p / p.r0 * phi * per_r


@register_jitable(**OPTIONS)
def _cubic(c: Any, k: Any, x: Any) -> Any:
    """The cubic with coefficients c[k] to c[k + 3] at x, and its derivative."""
    c1, c2, c3 = c[k + np.uint64(1)], c[k + np.uint64(2)], c[k + np.uint64(3)]
    return c[k] + x * (c1 + x * (c2 + x * c3)), c1 + x * (2.0 * c2 + x * 3.0 * c3)


@register_jitable(**OPTIONS)
def _interval(p: Any, r: Any, n_r: Any) -> Any:
    """The interval of r and the place in it; the last interval continues beyond the table.

    NaN, the r of two atoms at one place, belongs to the last.
    """
    x = r * p.per_dr
    # as unsigned numbers, since that of NaN is negative, and no row is there
    k = np.int32(min(np.uint32(np.int32(x)), np.uint32(n_r) - np.uint32(1)))
    return np.uint64(np.uint32(k)), x - k


def _table(p: Any, r: Any, per_r: Any, type_i: Any, type_j: Any) -> Any:
    k, x = _interval(p, r, len(p.radial_rows) // 8)
    rho, rho_prime = _cubic(p.radial_rows, EIGHT * k, x)
    phi, phi_prime = _cubic(p.radial_rows, EIGHT * k + np.uint64(4), x)
    d_rho = rho_prime * (p.per_dr * per_r)
    phi *= per_r
    return rho, rho, d_rho, d_rho, phi, (phi_prime * p.per_dr - phi) * per_r * per_r


def _alloy_table(p: Any, r: Any, per_r: Any, type_i: Any, type_j: Any) -> Any:
    n_types = np.uint64(p.n_types)
    n_r = np.uint64(len(p.radial_rows)) // (EIGHT * n_types * n_types)
    k, x = _interval(p, r, n_r)
    row_ij = EIGHT * ((type_i * n_types + type_j) * n_r + k)
    row_ji = EIGHT * ((type_j * n_types + type_i) * n_r + k)
    rho_ij, rho_prime_ij = _cubic(p.radial_rows, row_ij, x)
    rho_ji, rho_prime_ji = _cubic(p.radial_rows, row_ji, x)
    phi, phi_prime = _cubic(p.radial_rows, row_ij + np.uint64(4), x)
    phi *= per_r
    scale = p.per_dr * per_r
    d_phi = (phi_prime * p.per_dr - phi) * per_r * per_r
    return rho_ij, rho_ji, rho_prime_ij * scale, rho_prime_ji * scale, phi, d_phi


@register_jitable(**OPTIONS)
def _root(amplitude: Any, rho_i: Any) -> Any:
    """F = -amplitude sqrt(rho_i) and F'; both are 0 for a lone atom, where F' is infinite."""
    if rho_i <= 0.0:
        return 0.0, 0.0
    root = np.sqrt(rho_i)
    return -amplitude * root, -0.5 * amplitude / root


@register_jitable(**OPTIONS)
def _tabulated(p: Any, rho_i: Any, first: Any, n_rho: Any) -> Any:
    """F and F' from the `n_rho` rows that start at row `first`."""
    x = rho_i * p.per_drho
    k = max(np.int64(0), np.int64(min(x, np.float64(n_rho - 1))))  # 0 for NaN
    x -= k
    row = p.embedding_rows[first + k]
    f_prime = (row[1] + x * (2.0 * row[2] + x * 3.0 * row[3])) * p.per_drho
    return row[0] + x * (row[1] + x * (row[2] + x * row[3])), f_prime


def _sutton_chen_embedding(p: Any, rho_i: Any, type_i: Any) -> Any:
    return _root(p.eps * p.c, rho_i)


def _finnis_sinclair_embedding(p: Any, rho_i: Any, type_i: Any) -> Any:
    return _root(p.A, rho_i)


def _cleri_rosato_embedding(p: Any, rho_i: Any, type_i: Any) -> Any:
    return _root(1.0, rho_i)


def _table_embedding(p: Any, rho_i: Any, type_i: Any) -> Any:
    return _tabulated(p, rho_i, 0, len(p.embedding_rows))


def _alloy_table_embedding(p: Any, rho_i: Any, type_i: Any) -> Any:
    n_rho = len(p.embedding_rows) // p.n_types
    return _tabulated(p, rho_i, np.int64(type_i) * n_rho, n_rho)


# form -> pair_terms, embed
_FORMS: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "sutton-chen": (_sutton_chen, _sutton_chen_embedding),
    "finnis-sinclair": (_finnis_sinclair, _finnis_sinclair_embedding),
    "cleri-rosato": (_cleri_rosato, _cleri_rosato_embedding),
    "table": (_table, _table_embedding),
    "alloy table": (_alloy_table, _alloy_table_embedding),
}


def _yes(p: Any) -> Any:
    return True


def _no(p: Any) -> Any:
    return False


def form_of(parameters: Any) -> str:
    """The form of a potential, from numba's type of its parameters."""
    return private(parameters, "instance_class").form


@overload(pair_terms, jit_options=OPTIONS)
def _pair_terms(p: Any, r: Any, per_r: Any, type_i: Any, type_j: Any) -> Any:
    return _FORMS[form_of(p)][0]


@overload(one_element, jit_options=OPTIONS)
def _one_element(p: Any) -> Any:
    return _no if form_of(p) == "alloy table" else _yes


@overload(embed, jit_options=OPTIONS)
def _embed(p: Any, rho_i: Any, type_i: Any) -> Any:
    return _FORMS[form_of(p)][1]
