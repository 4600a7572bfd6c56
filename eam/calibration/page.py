"""The page of the calibration: how often the comparisons were wrong."""

import math
import os
import platform
import statistics
from collections.abc import Mapping, Sequence

from ..gate.side_by_side import LARGE
from . import load
from .rounds import Done, Trial
from .series import SAME_CODE


def render(found: Mapping[str, Done]) -> str:
    """The page: what was found, by series, rule, change and size."""
    lines = [
        "# How often the comparisons are wrong",
        "",
        "`make calibrate` writes this page; do not edit it. It compares code with itself (0 %),",
        "and with code that does more real work: a loop after each gradient, whose length is",
        "adjusted until it takes that many per cent, or another algorithm inside.",
        "",
        "A round compares every backend at every dimension once. 'False alarms' counts the",
        "comparisons of identical code that came out slower or faster, and 'found' those of code",
        "with more work that came out slower. Dimensions of one backend share their processes",
        "within a round, so the comparisons are not all independent: the last column counts the",
        "sets of processes, which are. 'Ratio seen' is the ratio of new over old.",
        "",
        f"A busy machine is one with {load.DESCRIPTION}.",
        "",
    ]
    for done in found.values():
        for rule in dict.fromkeys(trial.rule for trial in done.trials):
            trials = [trial for trial in done.trials if trial.rule == rule]
            lines += [f"## {rule}", "", _about(done), "", *_table(trials, done.sizes), ""]
            if any(trial.ratio is not None for trial in trials):
                lines += [*_by_case(trials), ""]
    return "\n".join(lines)


def machine() -> str:
    """The machine that a table was measured on, in words."""
    return (
        f"{os.cpu_count()} CPUs, {platform.machine()}, {platform.system()}, "
        f"Python {platform.python_version()}"
    )


def _about(done: Done) -> str:
    return f"{done.rounds} rounds in {done.seconds / 60:.0f} minutes, on: {done.machine}."


def _table(trials: Sequence[Trial], sizes: Mapping[str, int]) -> list[str]:
    lines = [
        "| change | x.size | false alarms | found | unclear | ratio seen | independent |",
        "|---|---|---|---|---|---|---|",
    ]
    for change in _changes(trials):
        for label, is_large in (("<= 10^4", False), ("> 10^4", True)):
            chosen = [
                trial
                for trial in trials
                if trial.change == change
                and (sizes.get(str(trial.dimension), trial.dimension) > LARGE) == is_large
            ]
            if chosen:
                lines.append(f"| {change} | {label} | {_counts(chosen)} |")
    return lines


def _changes(trials: Sequence[Trial]) -> list[str]:
    return list(dict.fromkeys([SAME_CODE, *(trial.change for trial in trials)]))


def _counts(trials: Sequence[Trial]) -> str:
    total = len(trials)
    slower = sum(t.verdict == "+" for t in trials)
    either = slower + sum(t.verdict == "-" for t in trials)
    unclear = sum(t.verdict == "?" for t in trials)
    is_same = trials[0].change == SAME_CODE
    alarms = f"{either} of {total}" if is_same else ""
    found = "" if is_same else f"{slower} of {total}"
    # asv takes a process for each case, the gate one set for all dimensions of a library
    has_ratio = trials[0].ratio is not None
    shared = len({trial.dimension for trial in trials}) if has_ratio else 1
    return " | ".join([alarms, found, str(unclear), _spread(trials), str(total // shared)])


def _spread(trials: Sequence[Trial]) -> str:
    ratios = [t.ratio for t in trials if t.ratio is not None]
    if not ratios:
        return ""
    middle = math.exp(statistics.median(map(math.log, ratios)))
    return f"{middle:.3f} ({min(ratios):.3f} to {max(ratios):.3f})"


def _by_case(trials: Sequence[Trial]) -> list[str]:
    """The ratios that the gate saw, case by case: what the extra work really was."""
    changes = _changes(trials)
    lines = [
        "Median (lowest to highest) ratio of new over old, case by case:",
        "",
        f"| backend | dimension | {' | '.join(changes)} |",
        "|---|---" + "|---" * len(changes) + "|",
    ]
    for backend, dimension in dict.fromkeys((t.backend, t.dimension) for t in trials):
        case = [t for t in trials if (t.backend, t.dimension) == (backend, dimension)]
        seen = [_spread([t for t in case if t.change == change]) for change in changes]
        lines.append(f"| {backend} | {dimension} | {' | '.join(seen)} |")
    return lines
