"""Measure how often the gate and `asv continuous` raise a false alarm, and what they miss.

It compares this eam with itself, and with versions that do 5, 10 and 20 % more real work, through
the gate and through asv. It writes docs/explanation/calibration.md after each round, and stores the
round, so an interrupted run resumes where it left off. More rounds make a better table.

Exit status: 0 the page is written, 2 bad input, or stored rounds of another version of the gate.
"""

import argparse
import hashlib
import inspect
import json
import math
import os
import platform
import statistics
import tempfile
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ..calibration import continuous, extra_work
from ..errors import InputError, WorkerError
from ..gate import comparison, side_by_side, versions
from ..measure import timing, worker
from ..models import problem as make_problem

BACKENDS = ("numpy", "numba", "jax", "torch")
DIMENSIONS = (100, 10_000, 1_000_000)
CELLS = [(backend, dimension) for backend in BACKENDS for dimension in DIMENSIONS]
PERCENT = (5, 10, 20)
# The order of rounds: (tool, extra work in %). Identical code most often, since it must never
# alarm, and a small rate needs many trials.
CYCLE = (
    *(("gate", percent) for percent in (0, 5, 0, 10, 0, 20)),
    *(("asv", percent) for percent in (0, 5, 10, 20)),
)
# What decides a verdict; rounds from before an edit of these are not mixed with later ones.
PROTOCOL = [
    Path(inspect.getfile(module)) for module in (comparison, side_by_side, timing, extra_work)
]


@dataclass
class Trial:
    """One comparison: `verdict` is '+' slower, '-' faster, '?' unclear or '' the same."""

    rule: str
    percent: int
    backend: str
    dimension: int
    verdict: str
    ratio: float | None = None


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of `calibrate`."""
    parser.add_argument(
        "--minutes", type=float, default=20.0, help="how long to measure (default 20)"
    )
    parser.add_argument("--tool", choices=("gate", "asv"), help="run rounds of one tool only")
    parser.add_argument("--fresh", action="store_true", help="discard the rounds stored so far")


def run(args: argparse.Namespace) -> int:
    """Run rounds until the time is over, and write the table."""
    if not args.minutes > 0:
        raise InputError(f"--minutes must be positive, not {args.minutes}")
    root = versions.repository()
    store = root / ".asv" / "calibration.json"
    state = _state(store, args.fresh)
    tools = [args.tool] if args.tool else ["gate", "asv"]
    started = time.monotonic()
    while (time.monotonic() - started) < 60 * args.minutes:
        tool, percent = _next(state["rounds"], tools)
        print(f"{tool}, {percent} % more work ...", flush=True)
        began = time.monotonic()
        trials = _round(root, tool, percent, state)
        state["trials"] += map(asdict, trials)
        state["rounds"][tool] += 1
        state["seconds"] += time.monotonic() - began
        store.parent.mkdir(exist_ok=True)
        store.write_text(json.dumps(state))
        page = root / "docs" / "explanation" / "calibration.md"
        page.parent.mkdir(exist_ok=True)
        page.write_text(render([Trial(**trial) for trial in state["trials"]], state))
        print(f"  {sum(t.verdict in ('+', '-') for t in trials)} of {len(trials)} called changed")
    return 0


def _state(store: Path, fresh: bool) -> dict[str, Any]:
    """The rounds stored so far, if they were measured as rounds are measured now."""
    protocol = hashlib.sha256(b"".join(path.read_bytes() for path in PROTOCOL)).hexdigest()
    if fresh or not store.exists():
        rounds = {"gate": 0, "asv": 0}
        return {"protocol": protocol, "rounds": rounds, "seconds": 0.0, "trials": []}
    state = json.loads(store.read_text())
    if state.get("protocol") != protocol:
        raise InputError(
            f"the rounds in {store} were measured by another version of the gate; forget them with "
            "--fresh"
        )
    return state


def _next(rounds: dict[str, int], tools: list[str]) -> tuple[str, int]:
    """The next step of the cycle, each tool at its own pace."""
    order = {tool: [step for step in CYCLE if step[0] == tool] for tool in tools}
    tool = min(tools, key=lambda name: rounds[name] / len(order[name]))
    return order[tool][rounds[tool] % len(order[tool])]


def _round(root: Path, tool: str, percent: int, state: dict[str, Any]) -> list[Trial]:
    if "work" not in state:
        question = {
            "backends": BACKENDS,
            "dimensions": DIMENSIONS,
            "fractions": [p / 100 for p in PERCENT],
        }
        outcome = worker.run(extra_work.calibrate_work, question)
        if not outcome.succeeded:
            raise WorkerError(f"the extra work could not be calibrated: {outcome.failed}")
        state["work"] = outcome.value

    def edit(tree: Path) -> None:
        if percent:
            chosen = {cell: loops[PERCENT.index(percent)] for cell, loops in state["work"].items()}
            extra_work.slow_down(tree, chosen)

    with tempfile.TemporaryDirectory(prefix="eam-calibrate-") as directory:
        top = Path(directory)
        if tool == "asv":
            return _through_asv(continuous.compare(root, edit, CELLS, top), percent)
        base = versions.snapshot(root, top / "base")
        head = versions.snapshot(root, top / "head")
        edit(head)
        cells = [(b, d, make_problem("toy", d).x0.size) for b, d in CELLS]
        marks = {
            comparison.SLOWER: "+",
            comparison.FASTER: "-",
            comparison.UNCLEAR: "?",
            comparison.SAME: "",
        }
        return [
            Trial("gate", percent, r.backend, r.dimension, marks[r.verdict], r.ratio)
            for r in comparison.compare(base, head, "toy", cells)
            if r.verdict in marks
        ]


def _through_asv(changes: dict[float, continuous.Changes], percent: int) -> list[Trial]:
    return [
        Trial(f"asv continuous, factor {factor:g}", percent, *cell, found.get(cell, ""))
        for factor, found in changes.items()
        for cell in CELLS
    ]


def render(trials: list[Trial], state: dict[str, Any]) -> str:
    """The page: what was found, by rule, size and extra work."""
    lines = [
        "# How often the comparisons are wrong",
        "",
        "`make calibrate` writes this page; do not edit it. It compares code with itself, and with",
        "code that does 5, 10 and 20 % more real work: a loop after each gradient, whose length is",
        f"adjusted until it takes that much time. The backends are {', '.join(BACKENDS)}.",
        "",
        f"- Machine: {_machine()}",
        f"- Rounds: gate {state['rounds']['gate']}, asv {state['rounds']['asv']}, "
        f"in {state['seconds'] / 60:.0f} minutes",
        "",
        "A round compares every backend at every dimension once. 'False alarms' counts the",
        "comparisons of identical code (0 %) that came out slower or faster, and 'found' those of",
        "code with more work that came out slower. Dimensions of one backend share their processes",
        "within a round, so the comparisons are not all independent: the last column counts the",
        "sets of processes, which are. 'Ratio seen' is the gate's ratio of new over old.",
        "",
    ]
    for rule in dict.fromkeys(trial.rule for trial in trials):
        lines += [f"## {rule}", "", *_table([t for t in trials if t.rule == rule]), ""]
    return "\n".join([*lines, *_by_cell(trials)])


def _table(trials: list[Trial]) -> list[str]:
    lines = [
        "| more work | dimension | false alarms | found | unclear | ratio seen | independent |",
        "|---|---|---|---|---|---|---|",
    ]
    for percent in (0, *PERCENT):
        for label, dimensions in (("<= 10^4", DIMENSIONS[:2]), ("10^6", DIMENSIONS[2:])):
            chosen = [t for t in trials if t.percent == percent and t.dimension in dimensions]
            if chosen:
                lines.append(f"| {percent} % | {label} | {_counts(chosen, percent, dimensions)} |")
    return lines


def _counts(trials: list[Trial], percent: int, dimensions: Iterable[int]) -> str:
    total = len(trials)
    slower = sum(t.verdict == "+" for t in trials)
    either = slower + sum(t.verdict == "-" for t in trials)
    unclear = sum(t.verdict == "?" for t in trials)
    alarms = f"{either} of {total}" if percent == 0 else ""
    found = f"{slower} of {total}" if percent else ""
    # asv takes a process for each cell, the gate one set for all dimensions of a library
    shared = len(tuple(dimensions)) if trials[0].rule == "gate" else 1
    return " | ".join([alarms, found, str(unclear), _spread(trials), str(total // shared)])


def _spread(trials: list[Trial]) -> str:
    ratios = [t.ratio for t in trials if t.ratio is not None]
    if not ratios:
        return ""
    middle = math.exp(statistics.median(map(math.log, ratios)))
    return f"{middle:.3f} ({min(ratios):.3f} to {max(ratios):.3f})"


def _by_cell(trials: list[Trial]) -> list[str]:
    """The ratios that the gate saw, cell by cell: what the extra work really was."""
    lines = [
        "## The gate, backend by backend",
        "",
        "Median (lowest to highest) ratio of new over old.",
        "",
        "| backend | dimension | 0 % | 5 % | 10 % | 20 % |",
        "|---|---|---|---|---|---|",
    ]
    for backend, dimension in CELLS:
        cell = [
            t for t in trials if (t.rule, t.backend, t.dimension) == ("gate", backend, dimension)
        ]
        seen = [_spread([t for t in cell if t.percent == p]) for p in (0, *PERCENT)]
        lines.append(f"| {backend} | {dimension} | {' | '.join(seen)} |")
    return [*lines, ""]


def _machine() -> str:
    load = f", load average {os.getloadavg()[2]:.1f}" if hasattr(os, "getloadavg") else ""
    return (
        f"{os.cpu_count()} CPUs, {platform.machine()}, {platform.system()}, "
        f"Python {platform.python_version()}{load}"
    )
