"""Startup costs: the import, the first gradient, and when a faster gradient repays them."""

from dataclasses import dataclass

from .names import library
from .results import Run

IMPORT, FIRST, BREAK_EVEN = "startup.Import.timeraw_import", "track_first_call", "track_break_even"


@dataclass(frozen=True)
class Startup:
    """The time a backend takes at one dimension before its gradient is hot.

    Attributes:
        import_seconds: importing its library in a new interpreter; None if not measured.
        first_seconds: preparing (tracing, compiling) and taking the first gradient.
        break_even: the number of gradients after which `first_seconds` is repaid against the
            NumPy gradient; None where it never is.
    """

    backend: str
    dimension: int
    import_seconds: float | None
    first_seconds: float
    break_even: float | None


def startup_costs(run: Run, model: str) -> list[Startup]:
    """The startup costs of every backend and dimension that has them, in the order of the suite."""
    imports = {
        name.replace("_", "-"): estimate.value
        for (benchmark, name, *_), estimate in run.others.items()
        if benchmark == IMPORT
    }
    results = run.model(model)
    rows: list[Startup] = []
    for name in results.backends(FIRST):
        for n in results.dimensions(FIRST):
            first = results.get(FIRST, n, name)
            repaid = results.get(BREAK_EVEN, n, name)
            if first is not None:
                calls = repaid.value if repaid is not None else None
                rows.append(Startup(name, n, imports.get(library(name)), first.value, calls))
    return rows
