"""The peers tables as Markdown, and their place in a page."""

import os
import platform
import subprocess
from collections.abc import Callable, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from ..backends import FORWARD, describe
from ..errors import InputError
from ..measure.fit import crossover, fit_affine, worst_misfit
from .native import PEERS, REFERENCE
from .toy import Column

BEGIN, END = "<!-- peers: begin -->", "<!-- peers: end -->"
_MISSING = float("nan")
# Forward and reverse mode differ by less than what identical code shows: no winner.
_LEVEL = 0.97


def render(columns: Sequence[Column], names: Sequence[str], compiler: str) -> str:
    """All tables, with the machine they were measured on; no row for what has no number at all."""
    names = [name for name in names if any(name in column.seconds for column in columns)]
    parts = [
        f"{machine(names)} {_first_line([compiler, '--version'])}.",
        "Time of a gradient over that of the literal C loop, which stands first, in microseconds:",
        _ratios(columns, names),
    ]
    if len(columns) > 1:
        parts += [
            "Cost growth: time of a call and of an element from the fit t = a + b N, where the "
            "times leave that fit most, and the N from which it stays faster than the literal C "
            "loop and than the allocating NumPy gradient:",
            _growth(columns, names),
        ]
        parts += _forward(columns, names)
    return "\n\n".join(parts + _reasons(columns))


def replace_section(page: str, tables: str, begin_mark: str = BEGIN, end_mark: str = END) -> str:
    """The page with what stands between its marks replaced.

    Raises:
        InputError: the marks are not there.
    """
    before, begin, rest = page.partition(begin_mark)
    _, end, after = rest.partition(end_mark)
    if not (begin and end):
        raise InputError(f"the page has no marks {begin_mark} and {end_mark}")
    return f"{before}{begin_mark}\n\n{tables}\n\n{end_mark}{after}"


def _ratios(columns: Sequence[Column], names: Sequence[str]) -> str:
    head = ["", *(_count(column.dimension) for column in columns)]
    literal = [f"{REFERENCE}, μs", *(three(c.seconds[REFERENCE] * 1e6) for c in columns)]
    rows = [
        [name, *(three(column.ratios.get(name, _MISSING)) for column in columns)]
        for name in (*PEERS, *names)
        if name != REFERENCE
    ]
    return table([head, literal, *rows])


def _growth(columns: Sequence[Column], names: Sequence[str]) -> str:
    head = ["", "a, μs", "b, ns", "worst misfit", "faster than C from", "than numpy from"]
    rows: list[list[str]] = []
    for name in (*PEERS, *names):
        times = _times(columns, name)
        try:
            a, b = fit_affine([c.dimension for c in columns], times)
        except InputError:
            rows.append([name, *["n/a"] * 5])
            continue
        n, misfit = worst_misfit([c.dimension for c in columns], times)
        since = [
            "" if name == other else _from(columns, times, _times(columns, other))
            for other in (REFERENCE, "numpy")
        ]
        rows.append([name, three(a * 1e6), three(b * 1e9), f"{misfit:.2f}x at {_count(n)}", *since])
    return table([head, *rows])


def _from(columns: Sequence[Column], times: list[float], others: list[float]) -> str:
    n = crossover([column.dimension for column in columns], times, others)
    if n is None:
        return "never"
    return "always" if n <= columns[0].dimension else f"N = {_two(n)}"


def _forward(columns: Sequence[Column], names: Sequence[str]) -> list[str]:
    """A sentence for each library that has a forward mode."""
    lines: list[str] = []
    for name in names:
        reverse = describe(name).library
        if describe(name).kind != FORWARD or reverse not in names:
            continue
        forward_times, reverse_times = _times(columns, name), _times(columns, reverse)
        wins = [
            column.dimension
            for column, forward, other in zip(columns, forward_times, reverse_times, strict=True)
            if forward < _LEVEL * other
        ]
        level = [_LEVEL * time for time in reverse_times]
        n = crossover([c.dimension for c in columns], level, forward_times)
        if not wins:
            lines.append(f"`{name}` is at no measured N faster than `{reverse}`.")
        else:
            until = f", up to N = {_two(n)}" if n else ""
            lines.append(f"`{name}` is faster than `{reverse}` from N = {wins[0]}{until}.")
    return [" ".join(lines)] if lines else []


def _times(columns: Sequence[Column], name: str) -> list[float]:
    return [column.seconds.get(name, _MISSING) for column in columns]


def _reasons(columns: Sequence[Column]) -> list[str]:
    """Why a row has gaps, each reason once."""
    reasons = {reason: name for c in columns for name, reason in reversed(c.reasons.items())}
    first = {name: reason for reason, name in reversed(reasons.items())}
    return ["\n".join(f"- {name}: {reason}" for name, reason in first.items())] if first else []


def machine(names: Sequence[str], others: Sequence[str] = ()) -> str:
    """The machine, and the versions of the backends `names` and of `others`."""
    libraries = dict.fromkeys(["numpy", *(describe(name).library for name in names), *others])
    versions: list[str] = []
    for library in libraries:
        try:
            versions.append(f"{library} {version(library)}")
        except PackageNotFoundError:
            continue
    return (
        f"Measured on {_processor()}, {os.cpu_count()} cores, one used; {platform.system()}, "
        f"Python {platform.python_version()}; {', '.join(versions)}."
    )


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.is_file():
        for line in cpuinfo.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _first_line(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return (done.stdout.splitlines() or [command[0]])[0]


def table(rows: list[list[str]]) -> str:
    """Aligned Markdown; the first row is the head."""
    widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))]
    align: list[Callable[[str, int], str]] = [str.ljust, *[str.rjust] * (len(widths) - 1)]
    lines = [
        "| " + " | ".join(f(cell, w) for f, cell, w in zip(align, row, widths, strict=True)) + " |"
        for row in rows
    ]
    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    return "\n".join([lines[0], "| " + " | ".join(rule) + " |", *lines[1:]])


def _count(n: float) -> str:
    power = len(str(int(n))) - 1
    return f"10^{power}" if n >= 10_000 and n == 10**power else f"{int(n)}"


def three(value: float) -> str:
    """Three digits, or n/a."""
    if value != value:
        return "n/a"
    return f"{value:.3g}" if abs(value) < 999.5 else f"{value:.0f}"


def _two(value: float) -> str:
    return f"{float(f'{value:.2g}'):g}" if value < 1e4 else f"{value:.2g}"
