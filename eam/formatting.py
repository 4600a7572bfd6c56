"""Numbers as people read them. Only Latin-1 characters, so any terminal prints them."""

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

_SPACE = "\u00a0"  # no line break inside a number
_TIMES = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns"))
_BYTES = ((1e9, "GB"), (1e6, "MB"), (1e3, "kB"), (1.0, "B"))


def digits(number: float, significant: int = 2) -> str:
    """`number` to some significant digits, without an exponent: 0.052, 4.1, 29, 12 000."""
    if not math.isfinite(number):
        return str(number)
    if number == 0.0:
        return "0"
    magnitude = math.floor(math.log10(abs(float(f"{number:.{significant - 1}e}"))))
    decimals = significant - 1 - magnitude
    return f"{round(number, decimals):,.{max(0, decimals)}f}".replace(",", _SPACE)


def times(ratio: float) -> str:
    """A ratio: 1.0×."""
    return f"{digits(ratio)}×"


def fine(ratio: float) -> str:
    """A ratio where small differences matter: 0.059, 0.98, 1.03, 29."""
    return f"{ratio:.2f}" if 0.0995 <= ratio < 9.995 else digits(ratio)


def dimension(number: float) -> str:
    """A measured N in full, its thousands separated: 10 000."""
    return f"{number:,.0f}".replace(",", _SPACE)


def at(number: float | str, unit: str) -> str:
    """A dimension with what it counts: 'N = 100', or '4 000 atoms'.

    A measured dimension, an integer, is given in full, and an interpolated one rounded. Text is
    taken as it is.
    """
    if not isinstance(number, str):
        number = dimension(number) if isinstance(number, int) else digits(number)
    return f"N = {number}" if unit == "N" else f"{number} {unit}"


def seconds(value: float) -> str:
    """A time with the unit that suits it: 5.85 µs."""
    return _with_unit(value, _TIMES)


def size(value: float) -> str:
    """A number of bytes, in decimal units: 6.93 kB is 6930 bytes."""
    if 0.0 <= value < 1000.0:
        return f"{value:.0f}{_SPACE}B"
    return _with_unit(value, _BYTES)


def count(value: float) -> str:
    """A count that is an average: 61, or 0.4."""
    return digits(value, 1) if 0.0 < value < 1.0 else dimension(value)


def rounded(value: float) -> str:
    """A number in full below 100, else to two digits: 8, 74 000."""
    return dimension(value) if value < 100.0 else digits(value)


def percent(fraction: float) -> str:
    """A fraction as a percentage: 27 %."""
    return f"{100.0 * fraction:.0f}{_SPACE}%"


def day(milliseconds: int) -> str:
    """A date as asv stores it, milliseconds since 1970: 23 Nov 2026."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%d %b %Y").lstrip("0")


def isoday(milliseconds: int) -> str:
    """The same as commands take it: 2026-11-23."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%Y-%m-%d")


def listed(names: list[str]) -> str:
    """'a', 'a and b', 'a, b and c'."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def conditions(facts: Mapping[str, Any]) -> str:
    """The state of a machine while it was measured, from what `eam.measure.facts` found."""
    load, busy = facts.get("load"), facts.get("busy")
    return ", ".join(
        [
            *([str(busy)] if busy else []),
            f"load {load[-1]:.1f} at the end" if load else "load not known",
            f"clock governor {facts.get('governor') or 'not readable'}",
            f"large pages {facts.get('huge_pages') or 'not readable'}",
            facts.get("libc") or "C library not known",
            *[f"{name}={value}" for name, value in (facts.get("threads") or {}).items() if value],
            *[f"{name}={value}" for name, value in (facts.get("allocator") or {}).items()],
        ]
    )


def _with_unit(value: float, units: tuple[tuple[float, str], ...]) -> str:
    scale, unit = next((u for u in units if abs(value) >= 0.9995 * u[0]), units[-1])
    return f"{digits(value / scale, 3)}{_SPACE}{unit}"
