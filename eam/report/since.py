"""Changes since a date, commit or release: each machine's latest run against one of then.

An overhead has changed where the intervals of the two runs stay apart even when widened by the
floor. A verdict has changed where that holds for the library's fastest backend and it counts as
something else now; or where the library has a number in one of the runs only.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from .. import formatting
from ..backends import FORWARD, REVERSE
from ..errors import InputError
from .history import Past, Series, differ, largest
from .names import by_library, kind, registered
from .ratios import CLOSE, Ratio, Score, score
from .schema import ChangeEntry, SinceEntry, StepEntry

LOOK = timedelta(days=90)  # how far the front page looks back
_SCORES = {
    Score.AHEAD: "ahead",
    Score.CLOSE: f"within {CLOSE}×",
    Score.BEHIND: "behind",
    Score.UNCLEAR: "not clear",
    Score.MISSING: "without a number",
}


class Commit(NamedTuple):
    """A commit that the repository knows, and its date in milliseconds since 1970."""

    name: str
    date: int


def a_look_ago(history: Iterable[Past]) -> dict[str, Past]:
    """Machine -> its last run at least LOOK before its latest; where there is none, its first."""
    found: dict[str, Past] = {}
    for machine, own in _by_machine(history).items():
        day = own[-1].date - LOOK / timedelta(milliseconds=1)
        found[machine] = _last_until(own, day) or own[0]
    return found


def runs_then(history: Sequence[Past], text: str, commit: Commit | None) -> dict[str, Past]:
    """Machine -> the run that stood at a date or a commit, or the first one with a release.

    Args:
        history: every run, in the order of the commits.
        text: 2026-05-01, a commit, or jax==0.10.2.
        commit: what the repository knows `text` as, if it is a commit there.

    Raises:
        InputError: no machine has a run of then; says what there is.
    """
    found = {m: past for m, own in _by_machine(history).items() if (past := _at(own, text, commit))}
    if not found:
        first = history[0]
        example = next((f"{n}=={v}" for n, v in first.versions.items() if v), "jax==0.10.2")
        raise InputError(
            f"no stored run is of {text} or before; the first is of {first.commit[:8]}, "
            f"{formatting.day(first.date)}. Give a later date such as 2026-05-01, a commit, or a "
            f"release that was measured, such as {example}"
        )
    return found


def _at(own: Sequence[Past], text: str, commit: Commit | None) -> Past | None:
    try:
        day = datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError:
        pass
    else:
        return _last_until(own, (day + timedelta(days=1)).timestamp() * 1e3 - 1.0)
    release = re.fullmatch(r"([\w-]+?)(?:==|-)(\d[\w.]*)", text)
    if release is not None:
        return next((past for past in own if past.versions.get(release[1]) == release[2]), None)
    name = commit.name if commit else text
    exact = [past for past in own if past.commit.startswith(name)]
    return exact[-1] if exact else _last_until(own, commit.date) if commit else None


def _last_until(own: Iterable[Past], date: float) -> Past | None:
    return max((p for p in own if p.date <= date), key=lambda past: past.date, default=None)


def _by_machine(history: Iterable[Past]) -> dict[str, list[Past]]:
    found: dict[str, list[Past]] = {}
    for past in history:
        found.setdefault(past.machine, []).append(past)
    return found


def changes(
    history: Sequence[Past], steps: Iterable[StepEntry], then: Mapping[str, Past]
) -> dict[str, SinceEntry]:
    """Machine -> what changed from its run `then` to its latest.

    Args:
        history: every run, in the order of the commits.
        steps: between the runs.
        then: machine -> run.
    """
    runs = _by_machine(history)
    by_machine: dict[str, list[StepEntry]] = {}
    for step in steps:
        by_machine.setdefault(step["machine"], []).append(step)
    found: dict[str, SinceEntry] = {}
    for machine, before in then.items():
        after = runs[machine][runs[machine].index(before) + 1 :]
        commits = {past.commit for past in after}
        between = [s for s in by_machine.get(machine, []) if s["commit"] in commits]
        found[machine] = _changes(before, after, between)
    return found


def _changes(then: Past, after: Sequence[Past], steps: Sequence[StepEntry]) -> SinceEntry:
    now = after[-1] if after else then
    both = then.overheads.keys() & now.overheads.keys()
    moved = [
        _change(now.units, series, then.overheads[series], now.overheads[series], steps)
        for series in now.overheads
        if series in both and differ(then.overheads[series], now.overheads[series])
    ]
    for change in moved:
        change["sentence"] = _overhead_in_words(change)
    verdicts = list(_verdicts(then, now, steps))
    for change in verdicts:
        change["sentence"] = _verdict_in_words(change)
    return {
        "commit": then.commit,
        "date": then.date,
        "runs": len(after),
        "compared": len(both),
        "sentence": _summary(then, len(after), len(both), len(verdicts), len(moved)),
        "verdicts": verdicts,
        "overheads": largest(moved),
    }


def _verdicts(then: Past, now: Past, steps: Sequence[StepEntry]) -> Iterator[ChangeEntry]:
    """The libraries that count as something else now, at the reference size of each model."""
    for model in dict.fromkeys(series.model for series in now.overheads):
        dimension = _reference(model, now)
        before, after = (_fastest(past, model, dimension) for past in (then, now))
        if not (before and after):
            continue  # the model was not measured in one of the runs
        for library in dict.fromkeys([*before, *after]):
            old, new = before.get(library), after.get(library)
            if old is None or new is None:
                series, known = old or new or (None, None)
                if series is not None and known is not None:
                    yield _change(now.units, series, old and old[1], new and new[1], steps)
            elif score(old[1]) != score(new[1]) and differ(old[1], new[1]):
                yield _change(now.units, new[0], old[1], new[1], steps)


def _reference(model: str, now: Past) -> int:
    """The dimension of a model's verdicts."""
    known = registered(model)
    measured = [series.dimension for series in now.overheads if series.model == model]
    return known.dimensions.reference if known else min(measured)


def _fastest(past: Past, model: str, dimension: int) -> dict[str, tuple[Series, Ratio]]:
    """Library -> its fastest backend without a rule by hand; a paired ratio goes before others."""
    here = {s.backend: s for s in past.overheads if (s.model, s.dimension) == (model, dimension)}
    plain = [name for name in here if kind(name) in (REVERSE, FORWARD)]
    found: dict[str, tuple[Series, Ratio]] = {}
    for library, names in by_library(plain).items():
        rows = [(here[name], past.overheads[here[name]]) for name in names]
        found[library] = min(rows, key=lambda row: (not row[1].paired, row[1].value))
    return found


def _change(
    units: Mapping[str, str],
    series: Series,
    old: Ratio | None,
    new: Ratio | None,
    steps: Iterable[StepEntry],
) -> ChangeEntry:
    own = [s for s in steps if (s["model"], s["dimension"], s["backend"]) == series]
    return {
        "model": series.model,
        "dimension": series.dimension,
        "unit": units[series.model],
        "backend": series.backend,
        "before": None if old is None else old.value,
        "after": None if new is None else new.value,
        "change": 1.0 if old is None or new is None else new.value / old.value,
        "was": score(old),
        "now": score(new),
        "commits": [step["commit"] for step in own],
        "releases": [step["release"] for step in own if step["release"]],
        "sentence": "",
    }


def _verdict_in_words(change: ChangeEntry) -> str:
    """'jax on tabulated: was behind (4.0×), is within 1.25× (1.20×); commit 1234abcd'."""
    was, now = _counted(change["was"], change["before"]), _counted(change["now"], change["after"])
    return f"{change['backend']} on {_place(change)}: was {was}, is {now}{_cause(change)}"


def _overhead_in_words(change: ChangeEntry) -> str:
    """'jax on toy at N = 100: 1.4× slower, from 1.00× to 1.40×; commit 1234abcd, jax 0.11.0'."""
    factor = max(change["change"], 1.0 / change["change"])
    way = "slower" if change["change"] > 1.0 else "faster"
    before, after = (formatting.fine(change[end] or 0.0) for end in ("before", "after"))
    return (
        f"{change['backend']} on {_place(change)}: {formatting.times(factor)} {way}, "
        f"from {before}× to {after}×{_cause(change)}"
    )


def _summary(then: Past, runs: int, compared: int, verdicts: int, overheads: int) -> str:
    """How much was compared, and how much of it changed."""
    start = f"{formatting.day(then.date)} (commit {then.commit[:8]})"
    if not runs:
        return f"No run is newer than that of {start}, so there is nothing to compare."
    return (
        f"Since {start}, {_number(runs, 'run')} ago: {_number(verdicts, 'verdict')} and "
        f"{_number(overheads, 'overhead')} of {compared} changed by more than their intervals."
    )


def _number(count: int, noun: str) -> str:
    return f"{count or 'no'} {noun}{'s' * (count != 1)}"


def _counted(found: Score, value: float | None) -> str:
    return _SCORES[found] + ("" if value is None else f" ({formatting.fine(value)}×)")


def _place(change: ChangeEntry) -> str:
    return f"{change['model']} at {formatting.at(change['dimension'], change['unit'])}"


def _cause(change: ChangeEntry) -> str:
    names = [f"commit {commit[:8]}" for commit in dict.fromkeys(change["commits"])]
    causes = [*names, *dict.fromkeys(change["releases"])]
    return f"; {', '.join(causes)}" if causes else "; in no single step"
