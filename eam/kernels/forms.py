"""What a form of potential is to the compiled kernels: its terms for a pair and for an atom.

A form is known by the name that the type of its parameters carries. `pair_terms` and `embed` have
no body of their own: when numba compiles a kernel it puts the form's function in their place, so
that there is one kernel for all forms and no call in its loop. Everything here is scalar arithmetic
without branches where it can be, so that the loop around it vectorises.
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

# All of fastmath but nnan and ninf: NaN must come out where NaN went in.
OPTIONS: Any = {"fastmath": {"reassoc", "nsz", "arcp", "contract", "afn"}, "error_model": "numpy"}

EIGHT = np.uint64(8)  # numba makes a float64 of uint64 and a signed integer


class Table(NamedTuple):
    """Tables of one element.

    Attributes:
        cells: flat (n_r * 8,): for each cell k two cubics in r per_dr - k, of the density and of
            r phi(r); 64 bytes, a cache line.
        per_dr: cells per angstrom.
        embedding: (n_rho, 4), cubics in rho per_drho - k.
        per_drho: cells per unit of density.
    """

    form = "table"
    cells: Any
    per_dr: float
    embedding: Any
    per_drho: float


class AlloyTable(NamedTuple):
    """As :class:`Table`, for several elements, one after the other.

    Attributes:
        cells: for an atom of type t next to one of type s those from (t * n_types + s) * n_r on.
        n_types: how many elements.
    """

    form = "alloy table"
    cells: Any
    per_dr: float
    embedding: Any
    per_drho: float
    n_types: int


def parameters_of(potential: Any) -> Any:
    """The parameters of a potential, as the kernels take them.

    Raises:
        NotOfferedError: no kernel knows its form.
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
        raise NotOfferedError(f"no compiled kernel knows the form of {type(potential).__name__}")
    return parameters


def pair_terms(p: Any, r: Any, per_r: Any, t: Any, s: Any) -> Any:
    """What two atoms of types t and s at distance r < cutoff give; compiled code only.

    Returns:
        Density at t and at s, their derivatives divided by r, phi and phi'/r.
    """
    raise NotImplementedError


def one_element(p: Any) -> Any:
    """Whether both atoms of every pair find the same density; compiled code only, a constant."""
    raise NotImplementedError


def embed(p: Any, rho: Any, t: Any) -> Any:
    """F and F' of an atom of type t at density rho; compiled code only."""
    raise NotImplementedError


@register_jitable(**OPTIONS)
def _power(u: Any, n: Any) -> Any:
    """u^n for n from 0 to 15, without a loop, so that the one around it vectorises."""
    u2 = u * u
    u4 = u2 * u2
    power = (u if n & 1 else 1.0) * (u2 if n & 2 else 1.0)
    return power * (u4 if n & 4 else 1.0) * (u4 * u4 if n & 8 else 1.0)


def _sutton_chen(p: Any, r: Any, per_r: Any, t: Any, s: Any) -> Any:
    u = p.a * per_r
    rho, phi = _power(u, p.m), p.eps * _power(u, p.n)
    slope = -p.m * rho * per_r * per_r
    return rho, rho, slope, slope, phi, -p.n * phi * per_r * per_r


def _finnis_sinclair(p: Any, r: Any, per_r: Any, t: Any, s: Any) -> Any:
    u, w, tilt = min(r - p.d, 0.0), min(r - p.c, 0.0), p.beta / p.d
    rho, slope = u * u * (1.0 + tilt * u), u * (2.0 + 3.0 * tilt * u) * per_r
    q = p.c0 + r * (p.c1 + r * p.c2)
    phi_slope = w * (2.0 * q + w * (p.c1 + 2.0 * p.c2 * r)) * per_r
    return rho, rho, slope, slope, w * w * q, phi_slope


def _cleri_rosato(p: Any, r: Any, per_r: Any, t: Any, s: Any) -> Any:
    inline_always()
    stretch = r / p.r0 - 1.0
    # the exponents are between -p r_c / r0 and p: far within what exp_middle is right for
    rho = p.xi * p.xi * exp_middle(-2.0 * p.q * stretch)[0]
    phi = 2.0 * p.A * exp_middle(-p.p * stretch)[0]
    slope = -2.0 * p.q / p.r0 * rho * per_r
    return rho, rho, slope, slope, phi, -p.p / p.r0 * phi * per_r


@register_jitable(**OPTIONS)
def _cubic(c: Any, k: Any, x: Any) -> Any:
    """The cubic with coefficients c[k] to c[k + 3], and its slope."""
    c1, c2, c3 = c[k + np.uint64(1)], c[k + np.uint64(2)], c[k + np.uint64(3)]
    return c[k] + x * (c1 + x * (c2 + x * c3)), c1 + x * (2.0 * c2 + x * 3.0 * c3)


@register_jitable(**OPTIONS)
def _cell(p: Any, r: Any, n_r: Any) -> Any:
    """The cell that r lies in and the place in it; the last cell continues beyond the table."""
    x = r * p.per_dr
    k = min(np.int32(x), np.int32(n_r) - np.int32(1))
    return np.uint64(np.uint32(k)), x - k


def _table(p: Any, r: Any, per_r: Any, t: Any, s: Any) -> Any:
    k, x = _cell(p, r, len(p.cells) // 8)
    rho, slope = _cubic(p.cells, EIGHT * k, x)
    phi, phi_slope = _cubic(p.cells, EIGHT * k + np.uint64(4), x)
    slope *= p.per_dr * per_r
    phi *= per_r
    return rho, rho, slope, slope, phi, (phi_slope * p.per_dr - phi) * per_r * per_r


def _alloy_table(p: Any, r: Any, per_r: Any, t: Any, s: Any) -> Any:
    n_types = np.uint64(p.n_types)
    n_r = np.uint64(len(p.cells)) // (EIGHT * n_types * n_types)
    k, x = _cell(p, r, n_r)
    there = EIGHT * ((t * n_types + s) * n_r + k)
    back = EIGHT * ((s * n_types + t) * n_r + k)
    rho, slope = _cubic(p.cells, there, x)
    rho_back, slope_back = _cubic(p.cells, back, x)
    phi, phi_slope = _cubic(p.cells, there + np.uint64(4), x)
    phi *= per_r
    scale = p.per_dr * per_r
    phi_slope = (phi_slope * p.per_dr - phi) * per_r * per_r
    return rho, rho_back, slope * scale, slope_back * scale, phi, phi_slope


@register_jitable(**OPTIONS)
def _root(amplitude: Any, rho: Any) -> Any:
    """-amplitude sqrt(rho) and its slope; both 0 for an isolated atom, whose slope is infinite."""
    if rho <= 0.0:
        return 0.0, 0.0
    root = np.sqrt(rho)
    return -amplitude * root, -0.5 * amplitude / root


@register_jitable(**OPTIONS)
def _tabulated(p: Any, rho: Any, first: Any, n_rho: Any) -> Any:
    x = rho * p.per_drho
    k = max(np.int64(0), min(np.int64(x), n_rho - 1))
    x -= k
    row = p.embedding[first + k]
    slope = (row[1] + x * (2.0 * row[2] + x * 3.0 * row[3])) * p.per_drho
    return row[0] + x * (row[1] + x * (row[2] + x * row[3])), slope


def _sutton_chen_embedding(p: Any, rho: Any, t: Any) -> Any:
    return _root(p.eps * p.c, rho)


def _finnis_sinclair_embedding(p: Any, rho: Any, t: Any) -> Any:
    return _root(p.A, rho)


def _cleri_rosato_embedding(p: Any, rho: Any, t: Any) -> Any:
    return _root(1.0, rho)


def _table_embedding(p: Any, rho: Any, t: Any) -> Any:
    return _tabulated(p, rho, 0, len(p.embedding))


def _alloy_table_embedding(p: Any, rho: Any, t: Any) -> Any:
    n_rho = len(p.embedding) // p.n_types
    return _tabulated(p, rho, np.int64(t) * n_rho, n_rho)


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
def _pair_terms(p: Any, r: Any, per_r: Any, t: Any, s: Any) -> Any:
    return _FORMS[form_of(p)][0]


@overload(one_element, jit_options=OPTIONS)
def _one_element(p: Any) -> Any:
    return _no if form_of(p) == "alloy table" else _yes


@overload(embed, jit_options=OPTIONS)
def _embed(p: Any, rho: Any, t: Any) -> Any:
    return _FORMS[form_of(p)][1]
