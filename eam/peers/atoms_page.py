"""The table of atoms as Markdown."""

from collections.abc import Sequence

from .atoms import HAND, Column
from .codes import LAMMPS_STYLES
from .toy_page import machine, table, three

BEGIN, END = "<!-- peers-atoms: begin -->", "<!-- peers-atoms: end -->"
_CODES = (*LAMMPS_STYLES, "matscipy", "ASE")
_PACKAGES = ("lammps", "ase", "matscipy")


def render(columns: Sequence[Column], names: Sequence[str]) -> str:
    """Both tables, with the machine they were measured on."""
    rows = [*_CODES, HAND, *(name for name in names if name != HAND)]
    fixed = [name for name in rows if any(name in column.fixed for column in columns)]
    building = [name for name in rows if any(name in column.building for column in columns)]
    parts = [
        machine([*names], _PACKAGES),
        "Energy and forces with the list of neighbours given (LAMMPS: virial too), in nanoseconds "
        f"per atom, and that over the hand-written kernel, `{HAND}`; "
        "`numba-parallel` uses all cores, all others one:",
        _times(columns, fixed, "fixed"),
        "The list of neighbours built in every call:",
        _times(columns, building, "building"),
        "Memory, in bytes per atom: the most that a process holds while it computes, above what "
        "it holds after a crystal of 108 atoms (lists and constant arrays count, libraries and "
        "compilation do not):",
        _memory(columns, rows),
        _differences(columns),
    ]
    return "\n\n".join([*parts, *_reasons(columns)])


def _times(columns: Sequence[Column], names: Sequence[str], stage: str) -> str:
    head = ["atoms"]
    for column in columns:
        head += [f"{column.n_atoms}, ns", "ratio"]
    rows = [head]
    for name in names:
        row = [name]
        for column in columns:
            seconds: dict[str, float] = getattr(column, stage)
            time = seconds.get(name, float("nan"))
            row += [three(time / column.n_atoms * 1e9), three(time / seconds[HAND])]
        rows.append(row)
    return table(rows)


def _memory(columns: Sequence[Column], names: Sequence[str]) -> str:
    head = ["atoms", *(f"{column.n_atoms}" for column in columns)]
    found = [name for name in names if any(name in column.memory for column in columns)]
    return table([head, *([name, *(_bytes(c, name) for c in columns)] for name in found)])


def _bytes(column: Column, name: str) -> str:
    value = column.memory.get(name, float("nan"))
    return "n/a" if value != value else f"{value:.0f}"


def _differences(columns: Sequence[Column]) -> str:
    """One sentence: by how much the codes' forces differ at most."""
    worst = {
        name: max(column.differences[name] for column in columns if name in column.differences)
        for name in _CODES
        if any(name in column.differences for column in columns)
    }
    said = ", ".join(f"{name} {value:.0e}" for name, value in worst.items())
    return f"Largest difference from the kernel's forces, eV/Å: {said}." if said else ""


def _reasons(columns: Sequence[Column]) -> list[str]:
    reasons = {name: reason for column in columns for name, reason in column.reasons.items()}
    return ["\n".join(f"- {name}: {reason}" for name, reason in reasons.items())] if reasons else []
