"""Potential files: setfl (eam/alloy and eam/fs) and funcfl, read and written.

A setfl file has three lines of comment; `Nel names`; `Nrho drho Nr dr cutoff`; for each element
`Z mass a lattice`, F, and rho; then r phi for the pairs 11, 21, 22, 31, ... In eam/alloy, rho of an
element is one array; in eam/fs it is one array for each element at whose atoms the density is.

A funcfl file has one element: a line of comment; `Z mass a lattice`; `Nrho drho Nr dr cutoff`; F,
the effective charge Z(r), and rho.

:mod:`eam.atoms.potential` explains the notation.
"""

from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import InputError
from ..problem import Array
from .tables import Tables, Tabulated
from .textfile import NumberFile, written

# r phi = COULOMB Z_i Z_j in eV angstrom: Hartree times Bohr radius, as LAMMPS rounds it. The CODATA
# value, 14.39964, is 0.08 % larger, but funcfl files were made for this one.
COULOMB = 27.2 * 0.529

Header = tuple[int, float, float, str]  # atomic number, mass, lattice constant, structure

FILE_KINDS = ("alloy", "fs")

# Bounds of what can be a potential. They are wide: they keep out what would overflow or take the
# memory of the machine.
MOST_ELEMENTS = 200
MOST_POINTS = 10_000_000
SPACING = 1e-6, 10.0  # angstrom
DENSITY_SPACING = 1e-20, 1e20
CUTOFF = 0.1, 100.0  # angstrom
LEAST_MASS = 1e-6  # g/mol; an electron has 5e-4


def read_setfl(path: str | PathLike[str], interpolation: str = "hermite") -> Tabulated:
    """The potential in a setfl file; the file itself shows whether it is eam/alloy or eam/fs.

    Args:
        path: of the file.
        interpolation: "hermite", as LAMMPS does it, or "c2", a cubic spline.

    Raises:
        PotentialFileError: the message has the file, the line and what was expected there.
        InputError: an unknown interpolation.
    """
    file = NumberFile(path)
    comment = "\n".join(file.line("three lines of comment") for _ in range(3))
    words = file.words("the number of elements and their symbols")
    expected = "the number of elements and their symbols (line 4 of a setfl file)"
    n = file.integer(words[0], expected, 1, MOST_ELEMENTS)
    if len(words) != n + 1:
        file.fail(f"{n} symbols after the number of elements", f"{len(words) - 1}")
    if len(set(words[1:])) < n:
        file.fail("symbols that differ", " ".join(words[1:]))
    n_rho, drho, n_r, dr, cutoff = _grid(file)
    file.require_room_for(n * (n_rho + n_r) + n * (n + 1) // 2 * n_r, f"tables of {n} elements")
    headers: list[Header] = []
    embedding, density = np.empty((n, n_rho)), np.empty((n, n, n_r))
    fs = False
    for b, element in enumerate(words[1:]):
        headers.append(_header(file, element))
        embedding[b] = file.numbers(n_rho, f"F of {element}")
        density[:, b] = file.numbers(n_r, f"density of {element}")
        fs = fs or (b == 0 and n > 1 and not _is_header(file.peek()))
        for a in range(1, n if fs else 0):
            density[a, b] = file.numbers(n_r, f"density of {element} at {words[1 + a]}")
    r_pair = np.empty((n, n, n_r))
    for a in range(n):
        for b in range(a + 1):
            values = file.numbers(n_r, f"r phi of {words[1 + a]}-{words[1 + b]}")
            r_pair[a, b] = r_pair[b, a] = values
    file.end("nothing after the last table")
    tables = Tables(
        tuple(words[1:]),
        *_columns(headers),
        drho=drho,
        dr=dr,
        cutoff=cutoff,
        embedding=embedding,
        density=density,
        r_pair=r_pair,
        comment=comment,
    )
    return Tabulated(tables, interpolation)


def write_setfl(path: str | PathLike[str], tables: Tables, kind: str = "alloy") -> None:
    """Write tables as a setfl file; reading it gives the same bits.

    Args:
        path: of the file, overwritten.
        tables: the values.
        kind: "alloy" or "fs".

    Raises:
        InputError: an unknown kind, or densities that eam/alloy cannot hold, since they depend on
            both elements.
    """
    if kind not in FILE_KINDS:
        raise InputError(f"kind must be one of {', '.join(FILE_KINDS)}, not {kind!r}")
    n, n_r = len(tables.elements), tables.density.shape[-1]
    if kind == "alloy" and not (tables.density == tables.density[:1]).all():
        raise InputError("eam/alloy cannot hold densities of both elements: write kind='fs'")
    comment = [*tables.comment.splitlines(), "", "", ""][:3]
    parts = ["\n".join(comment) + "\n", f"{n} {' '.join(tables.elements)}\n"]
    n_rho = tables.embedding.shape[-1]
    parts.append(f"{n_rho} {_full(tables.drho)} {n_r} {_full(tables.dr)} {_full(tables.cutoff)}\n")
    for b in range(n):
        parts += [_written_header(tables, b), written(tables.embedding[b])]
        parts += [written(tables.density[a, b]) for a in range(n if kind == "fs" else 1)]
    parts += [written(tables.r_pair[a, b]) for a in range(n) for b in range(a + 1)]
    Path(path).write_text("".join(parts), encoding="utf-8")


def read_funcfl(*paths: str | PathLike[str], interpolation: str = "hermite") -> Tabulated:
    """The potential in funcfl files, one for each element, mixed as LAMMPS's pair style eam does.

    Four-point Lagrange interpolation brings charges, densities and embedding functions to one grid
    of the largest spacings and ranges; as in LAMMPS, the grid ends one point before the range. The
    symbols of the elements follow from their atomic numbers: funcfl files have no symbols.

    Raises:
        PotentialFileError: the message has the file, the line and what was expected there.
        InputError: no file, two files of one element, or an unknown interpolation.
    """
    singles = [_one_funcfl(path) for path in paths]
    if not singles:
        raise InputError("read_funcfl needs at least one file")
    dr, drho = max(s["dr"] for s in singles), max(s["drho"] for s in singles)
    r_max = max((len(s["charge"]) - 1) * s["dr"] for s in singles)
    rho_max = max((len(s["embedding"]) - 1) * s["drho"] for s in singles)
    r, rho = np.arange(int(r_max / dr + 0.5)) * dr, np.arange(int(rho_max / drho + 0.5)) * drho
    charge = np.array([_resampled(s["charge"], r / s["dr"]) for s in singles])
    density = np.array([_resampled(s["density"], r / s["dr"]) for s in singles])
    headers = _columns([s["header"] for s in singles])
    symbols = tuple(SYMBOLS[number] for number in headers[0])
    if len(set(symbols)) < len(symbols):
        raise InputError(f"two files of one element: {', '.join(symbols)}")
    tables = Tables(
        symbols,
        *headers,
        drho=drho,
        dr=dr,
        cutoff=max(s["cutoff"] for s in singles),
        embedding=np.array([_resampled(s["embedding"], rho / s["drho"]) for s in singles]),
        density=np.broadcast_to(density, (len(singles), *density.shape)),
        r_pair=COULOMB * charge[:, None] * charge[None],
        comment="\n".join(s["comment"] for s in singles),
    )
    return Tabulated(tables, interpolation)


def write_funcfl(path: str | PathLike[str], tables: Tables) -> None:
    """Write one element's tables as a funcfl file.

    Raises:
        InputError: more than one element, or a pair potential that is negative somewhere: an
            effective charge cannot express it.
    """
    if len(tables.elements) != 1:
        raise InputError("a funcfl file holds one element; write a setfl file instead")
    if (tables.r_pair < 0.0).any():
        raise InputError("a funcfl file cannot hold an attractive pair potential; write setfl")
    n_rho, n_r = tables.embedding.shape[-1], tables.density.shape[-1]
    parts = [(tables.comment.splitlines() or [""])[0] + "\n", _written_header(tables, 0)]
    parts.append(f"{n_rho} {_full(tables.drho)} {n_r} {_full(tables.dr)} {_full(tables.cutoff)}\n")
    charge = np.sqrt(tables.r_pair[0, 0] / COULOMB)
    parts += [written(values) for values in (tables.embedding[0], charge, tables.density[0, 0])]
    Path(path).write_text("".join(parts), encoding="utf-8")


def _one_funcfl(path: str | PathLike[str]) -> dict[str, Any]:
    file = NumberFile(path)
    comment = file.line("a line of comment")
    header = _header(file, "the element")
    if not 0 < header[0] < len(SYMBOLS):
        file.fail(f"an atomic number from 1 to {len(SYMBOLS) - 1}", str(header[0]))
    n_rho, drho, n_r, dr, cutoff = _grid(file)
    blocks = ((n_rho, "F"), (n_r, "the effective charge Z(r)"), (n_r, "the density"))
    embedding, charge, density = (file.numbers(count, what) for count, what in blocks)
    file.end("nothing after the density")
    return {
        "comment": comment,
        "header": header,
        "drho": drho,
        "dr": dr,
        "cutoff": cutoff,
        "embedding": embedding,
        "charge": charge,
        "density": density,
    }


def _resampled(f: Array, position: Array) -> Array:
    """f between its points by four-point Lagrange interpolation, at positions in grid points."""
    k = np.clip(position, 1, len(f) - 3).astype(int)
    p = np.minimum(position - k, 2.0)
    return (
        -p * (p - 1.0) * (p - 2.0) / 6.0 * f[k - 1]
        + (p * p - 1.0) * (p - 2.0) / 2.0 * f[k]
        - p * (p + 1.0) * (p - 2.0) / 2.0 * f[k + 1]
        + p * (p * p - 1.0) / 6.0 * f[k + 2]
    )


def _grid(file: NumberFile) -> tuple[int, float, int, float, float]:
    expected = "Nrho drho Nr dr cutoff"
    words = file.words(expected)
    if len(words) != 5:
        file.fail(f"five numbers, {expected}", f"{len(words)}")
    n_rho = file.integer(words[0], "Nrho", 5, MOST_POINTS)
    drho = file.number(words[1], _range("drho", *DENSITY_SPACING), *DENSITY_SPACING)
    n_r = file.integer(words[2], "Nr", 5, MOST_POINTS)
    dr = file.number(words[3], _range("dr", *SPACING, " angstrom"), *SPACING)
    cutoff = file.number(words[4], _range("the cutoff", *CUTOFF, " angstrom"), *CUTOFF)
    return n_rho, drho, n_r, dr, cutoff


def _range(name: str, least: float, most: float, unit: str = "") -> str:
    return f"{name}, a positive number from {least:g} to {most:g}{unit}"


def _columns(
    headers: list[Header],
) -> tuple[tuple[int, ...], tuple[float, ...], tuple[float, ...], tuple[str, ...]]:
    """Atomic numbers, masses, lattice constants and structures."""
    numbers, masses, lattice_constants, structures = zip(*headers, strict=True)
    return numbers, masses, lattice_constants, structures


def _header(file: NumberFile, element: str) -> Header:
    expected = f"'Z mass lattice_constant structure' of {element}"
    words = file.words(expected)
    if len(words) < 3:
        file.fail(expected, " ".join(words)[:60])
    number = file.integer(words[0], f"an atomic number: {expected}", 0, 999)
    mass = file.number(words[1], f"a positive mass: {expected}", LEAST_MASS)
    lattice_constant = file.number(words[2], f"a lattice constant: {expected}")
    # some public files leave the structure out
    return number, mass, lattice_constant, words[3] if len(words) > 3 else "unknown"


def _is_header(words: list[str]) -> bool:
    """Whether words are an element's header: an integer, and no fourth word or a lattice's name."""
    if len(words) < 3 or not words[0].isdigit():
        return False
    return len(words) == 3 or words[3][0].isalpha()


def _written_header(tables: Tables, b: int) -> str:
    return (
        f"{tables.atomic_numbers[b]} {_full(tables.masses[b])} "
        f"{_full(tables.lattice_constants[b])} {tables.structures[b]}\n"
    )


def _full(value: float) -> str:
    """All digits, of a Python float or a NumPy scalar."""
    return repr(float(value))


_SYMBOLS = """
X H He Li Be B C N O F Ne Na Mg Al Si P S Cl Ar K Ca Sc Ti V Cr Mn Fe Co Ni Cu Zn Ga Ge As Se Br Kr
Rb Sr Y Zr Nb Mo Tc Ru Rh Pd Ag Cd In Sn Sb Te I Xe Cs Ba La Ce Pr Nd Pm Sm Eu Gd Tb Dy Ho Er Tm Yb
Lu Hf Ta W Re Os Ir Pt Au Hg Tl Pb Bi Po At Rn Fr Ra Ac Th Pa U
"""
SYMBOLS = _SYMBOLS.split()  # the index is the atomic number
