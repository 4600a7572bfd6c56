"""The gate's table of comparisons, and its exit status."""

import json
from pathlib import Path
from typing import Any, TextIO

from rich import box
from rich.console import Console
from rich.table import Table

from ..gate.comparison import (
    BROKEN,
    BROKEN_IN_BOTH,
    FAILED,
    NOT_COMPARED,
    NOT_OFFERED,
    SAME_ANSWER,
    SLOWER,
    TOO_BUSY,
    Comparison,
)


def exit_status(rows: list[Comparison]) -> int:
    """1 if anything got slower or is broken; 2 if a process crashed, the machine was too busy, or
    nothing was measured; else 0."""
    verdicts = {row.verdict for row in rows}
    if verdicts & {SLOWER, BROKEN}:
        return 1
    unmeasured = {NOT_COMPARED, NOT_OFFERED, BROKEN_IN_BOTH}
    return 2 if verdicts & {FAILED, TOO_BUSY} or verdicts <= unmeasured else 0


def worth_showing(rows: list[Comparison], are_chosen: bool) -> list[Comparison]:
    """The rows without those that neither version offers, unless the reader has asked for them."""
    return [row for row in rows if row.verdict != NOT_OFFERED or (are_chosen and row.is_timed)]


def as_json(model: str, base: str, head: str, rows: list[Comparison]) -> dict[str, Any]:
    """The JSON of one model, for `gate --json`."""
    table: list[dict[str, Any]] = []
    for row in rows:
        entry: dict[str, Any] = {
            "backend": row.backend,
            "quantity": row.quantity,
            "dimension": row.dimension,
        }
        if row.problem is None:
            low, high = row.interval
            entry |= {"ratio": row.ratio, "low": low, "high": high, "ratios": row.ratios}
        table.append({**entry, "verdict": row.verdict, "reason": row.reason})
    answer = {"model": model, "base": base, "head": head, "status": exit_status(rows)}
    return {**answer, "rows": table}


def write(folder: Path, title: str, answer: dict[str, Any], rows: list[Comparison]) -> None:
    """Write the table as text, and as JSON, to table.txt and rows.json of a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "table.txt").open("w", encoding="utf-8") as file:
        print_table(title, rows, file)
    (folder / "rows.json").write_text(json.dumps(answer, indent=2), encoding="utf-8")


def print_table(title: str, rows: list[Comparison], file: TextIO) -> None:
    """Print a row a comparison, and the reasons of those without a number."""
    table = Table(title=title, box=box.SIMPLE_HEAD, pad_edge=False, title_justify="left")
    for column in ("benchmark", "quantity", "dimension", "new/old", "interval", "limit", "verdict"):
        side = "left" if column in ("benchmark", "quantity", "verdict") else "right"
        table.add_column(column, justify=side, no_wrap=True)
    for row in rows:
        if row.verdict == SAME_ANSWER:
            continue
        numbers = ["", "", ""]
        if row.problem is None:
            low, high = row.interval
            numbers = [f"{row.ratio:.3f}", f"{low:.3f}–{high:.3f}", f"{row.limit:.3f}"]
        table.add_row(row.backend, row.quantity, f"{row.dimension}", *numbers, row.verdict)
    width = None if file.isatty() else 100
    console = Console(file=file, width=width)
    console.print(table)
    for backend, reason in sorted({(row.backend, row.reason) for row in rows if row.reason}):
        console.print(f"{backend}: {reason}", markup=False, highlight=False)
    for quantity in dict.fromkeys(row.quantity for row in rows if row.verdict == SAME_ANSWER):
        names = [r.backend for r in rows if (r.quantity, r.verdict) == (quantity, SAME_ANSWER)]
        console.print(f"{quantity}: the same answer, untimed, by {', '.join(names)}")
    console.print(
        "new/old is the median of 2 to 14 fresh processes, the interval their lowest and highest "
        "(from ten on, without the outermost). SLOWER: beyond the limit, and 1 is not within. "
        "BROKEN: the old version has a number, the new one has none."
        + (
            " Too busy to tell: a version differed from itself by more than the limit; wait, or "
            "quieten the machine."
            if any(row.verdict == TOO_BUSY for row in rows)
            else ""
        ),
        highlight=False,
    )
