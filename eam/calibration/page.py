"""The page of the calibration: how often the comparisons were wrong."""

import math
import os
import platform
import statistics
from collections.abc import Iterable

from .rounds import BACKENDS, CASES, DIMENSIONS, PERCENT, Rounds, Trial


def render(rounds: Rounds) -> str:
    """The page: what was found, by rule, size and extra work."""
    lines = [
        "# How often the comparisons are wrong",
        "",
        "`make calibrate` writes this page; do not edit it. It compares code with itself, and with",
        "code that does 5, 10 and 20 % more real work: a loop after each gradient, whose length is",
        f"adjusted until it takes that much time. The backends are {', '.join(BACKENDS)}.",
        "",
        f"- Machine: {_machine()}",
        f"- Rounds: gate {rounds.rounds['gate']}, asv {rounds.rounds['asv']}, "
        f"in {rounds.seconds / 60:.0f} minutes",
        "",
        "A round compares every backend at every dimension once. 'False alarms' counts the",
        "comparisons of identical code (0 %) that came out slower or faster, and 'found' those of",
        "code with more work that came out slower. Dimensions of one backend share their processes",
        "within a round, so the comparisons are not all independent: the last column counts the",
        "sets of processes, which are. 'Ratio seen' is the gate's ratio of new over old.",
        "",
    ]
    trials = rounds.trials
    for rule in dict.fromkeys(trial.rule for trial in trials):
        lines += [f"## {rule}", "", *_table([t for t in trials if t.rule == rule]), ""]
    return "\n".join([*lines, *_by_case(trials)])


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
    # asv takes a process for each case, the gate one set for all dimensions of a library
    shared = len(tuple(dimensions)) if trials[0].rule == "gate" else 1
    return " | ".join([alarms, found, str(unclear), _spread(trials), str(total // shared)])


def _spread(trials: list[Trial]) -> str:
    ratios = [t.ratio for t in trials if t.ratio is not None]
    if not ratios:
        return ""
    middle = math.exp(statistics.median(map(math.log, ratios)))
    return f"{middle:.3f} ({min(ratios):.3f} to {max(ratios):.3f})"


def _by_case(trials: list[Trial]) -> list[str]:
    """The ratios that the gate saw, case by case: what the extra work really was."""
    lines = [
        "## The gate, backend by backend",
        "",
        "Median (lowest to highest) ratio of new over old.",
        "",
        "| backend | dimension | 0 % | 5 % | 10 % | 20 % |",
        "|---|---|---|---|---|---|",
    ]
    for backend, dimension in CASES:
        case = [
            t for t in trials if (t.rule, t.backend, t.dimension) == ("gate", backend, dimension)
        ]
        seen = [_spread([t for t in case if t.percent == p]) for p in (0, *PERCENT)]
        lines.append(f"| {backend} | {dimension} | {' | '.join(seen)} |")
    return [*lines, ""]


def _machine() -> str:
    load = f", load average {os.getloadavg()[2]:.1f}" if hasattr(os, "getloadavg") else ""
    return (
        f"{os.cpu_count()} CPUs, {platform.machine()}, {platform.system()}, "
        f"Python {platform.python_version()}{load}"
    )
