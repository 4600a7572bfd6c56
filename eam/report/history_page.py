"""The data of the history page: an index in the page, and a file for each choice.

The page holds the commits and the list of choices. The numbers of a choice (machine, model and
dimension) are in a script of their own beside it, since all of them would be too much for one page
after some hundred commits.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, TypedDict
from urllib.parse import urlencode

from .. import formatting
from ..backends import FORWARD, REVERSE
from .history import Past, largest
from .names import by_library, kind, library
from .ratios import Ratio
from .schema import StepEntry

FOLDER = "history"
STEPS_SHOWN = 20


class _Choice(NamedTuple):
    machine: str
    model: str
    dimension: int


class CommitRow(TypedDict):
    """A run as the page's script has it; `versions` is an index into those of the page."""

    commit: str
    subject: str
    date: int
    versions: int


class ChoiceRow(TypedDict):
    """A choice on the page, and the file that holds its numbers.

    `libraries` are the backends by library, and `fastest` those that speak for their libraries.
    """

    machine: str
    model: str
    dimension: int
    at: str
    file: str
    libraries: dict[str, list[str]]
    fastest: list[str]


class StepLink(TypedDict):
    """A step in words, the address of what shows it, and the date of its commit."""

    text: str
    href: str
    date: int


class HistoryIndex(TypedDict):
    """The data in the page: runs oldest first, and the largest steps first."""

    runs: list[CommitRow]
    versions: list[dict[str, str]]
    choices: list[ChoiceRow]


def write_history(
    history: Sequence[Past],
    steps: Sequence[StepEntry],
    subjects: Mapping[str, str],
    folder: Path,
) -> HistoryIndex:
    """Write the files of data below `folder`, and return the page's index of them.

    Args:
        history: every run, in the order of the commits.
        steps: between the runs.
        subjects: commit -> the first line of its message.
        folder: of the report.
    """
    (folder / FOLDER).mkdir(exist_ok=True)
    versions = {key: i for i, key in enumerate(dict.fromkeys(map(_versions, history)))}
    marks: dict[_Choice, list[StepEntry]] = {}
    for step in steps:
        marks.setdefault(_choice_of(step), []).append(step)
    choices: list[ChoiceRow] = []
    units = {model: unit for past in history for model, unit in past.units.items()}
    for choice, runs in _by_choice(history).items():
        name = f"{slug(f'{choice.model}-{choice.dimension}-on-{choice.machine}')}-{len(choices)}"
        at = formatting.at(choice.dimension, units[choice.model])
        row = _choice_row(choice, at, f"{FOLDER}/{name}.js", runs)
        _write(folder / row["file"], row, runs, marks.get(choice, []), history)
        choices.append(row)
    return {
        "runs": [
            {
                "commit": past.commit[:8],
                "subject": subjects.get(past.commit, ""),
                "date": past.date,
                "versions": versions[_versions(past)],
            }
            for past in history
        ],
        "versions": [dict(key) for key in versions],
        "choices": choices,
    }


def step_links(steps: Sequence[StepEntry]) -> list[StepLink]:
    """The largest steps."""
    return [_link(step) for step in largest(steps)[:STEPS_SHOWN]]


def newest_steps(steps: Sequence[StepEntry]) -> list[StepLink]:
    """All steps, the newest first."""
    return [_link(step) for step in sorted(steps, key=lambda step: -step["date"])]


def _link(step: StepEntry) -> StepLink:
    return {"text": _sentence(step), "href": f"#{_address(step)}", "date": step["date"]}


def in_words(step: StepEntry) -> str:
    """The change of a step: '1.4× slower', or '1.4× faster, jax 0.11.0'."""
    change, release = step["change"], step["release"]
    text = f"{formatting.times(max(change, 1.0 / change))} {'slower' if change > 1.0 else 'faster'}"
    return f"{text}, {release}" if release else text


def slug(text: str) -> str:
    """A text as part of a file name."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:100]


def _sentence(step: StepEntry) -> str:
    at = formatting.at(step["dimension"], step["unit"])
    return (
        f"{step['backend']} {in_words(step)}: {step['model']} at {at} on {step['machine']}, "
        f"{formatting.day(step['date'])}, commit {step['commit'][:8]}"
    )


def _address(step: StepEntry) -> str:
    choice = _choice_of(step)._asdict()
    return urlencode({**choice, "library": library(step["backend"])})


def _choice_of(step: StepEntry) -> _Choice:
    return _Choice(step["machine"], step["model"], step["dimension"])


def _versions(past: Past) -> tuple[tuple[str, str], ...]:
    return tuple(past.versions.items())


Overheads = dict[str, Ratio]  # by backend


def _by_choice(history: Iterable[Past]) -> dict[_Choice, dict[int, Overheads]]:
    """For each choice, the overheads of its runs, by the index of the run."""
    found: dict[_Choice, dict[int, Overheads]] = {}
    for order, past in enumerate(history):
        for (model, dimension, backend), ratio in past.overheads.items():
            runs = found.setdefault(_Choice(past.machine, model, dimension), {})
            runs.setdefault(order, {})[backend] = ratio
    return found


def _choice_row(choice: _Choice, at: str, file: str, runs: Mapping[int, Overheads]) -> ChoiceRow:
    backends = dict.fromkeys(name for overheads in runs.values() for name in overheads)
    libraries = by_library(backends)
    fastest = [_fastest(names, runs) for names in libraries.values()]
    return {
        "machine": choice.machine,
        "model": choice.model,
        "dimension": choice.dimension,
        "at": at,
        "file": file,
        "libraries": libraries,
        "fastest": [name for name in fastest if name is not None],
    }


def _fastest(backends: Sequence[str], runs: Mapping[int, Overheads]) -> str | None:
    """The backend without a hand-written rule that was the fastest when last measured."""
    plain = [name for name in backends if kind(name) in (REVERSE, FORWARD)]
    for overheads in reversed([*runs.values()]):
        found = {name: overheads[name] for name in plain if name in overheads}
        if found:
            return min(found, key=lambda name: (not found[name].paired, found[name].value))
    return None


def _write(
    path: Path,
    row: ChoiceRow,
    runs: Mapping[int, Overheads],
    steps: Sequence[StepEntry],
    history: Sequence[Past],
) -> None:
    names = [name for group in row["libraries"].values() for name in group]
    columns = {
        name: {
            "value": [_short(o[name].value) if name in o else None for o in runs.values()],
            "low": [_short(o[name].low) if name in o else None for o in runs.values()],
            "high": [_short(o[name].high) if name in o else None for o in runs.values()],
            "paired": [name in o and o[name].paired for o in runs.values()],
        }
        for name in names
    }
    order = {history[i].commit: i for i in runs}
    data = {
        "runs": list(runs),
        "floor": [max(ratio.floor for ratio in o.values()) for o in runs.values()],
        "backends": columns,
        "steps": [[order[s["commit"]], s["backend"], in_words(s)] for s in steps],
    }
    text = f"eamHistory({json.dumps(row['file'])}, {json.dumps(data, allow_nan=False)});\n"
    path.write_text(text, encoding="utf-8")


def _short(number: float) -> float:
    """Six digits: what is shown has three."""
    return float(f"{number:.6g}")
