"""The last line of `asv continuous` and `asv compare`: how often they are wrong here."""

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

from asv.commands.compare import Compare
from asv.commands.continuous import Continuous
from asv.console import log

from .rounds import Trial, read, store_in
from .series import SAME_CODE

# asv's own factor
RULE = "asv continuous, factor 1.1"
SMALLEST = "5 %"
_GATE = "To time both versions in one process: python -m eam gate BASE"


def say_how_often_they_are_wrong() -> None:
    """Let both commands end with :func:`line`."""
    for command in (Compare, Continuous):
        replaced: Any = command
        replaced.run = _then_said(replaced.run)


def _then_said(run: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(run)
    def run_and_say(conf: Any, *args: Any, **named: Any) -> Any:
        status = run(conf, *args, **named)
        log.flush()
        print(line(store_in(Path(conf.results_dir).parent)))
        return status

    return run_and_say


def line(store: Path) -> str:
    """A sentence on how often asv's comparisons are wrong, from the stored calibration.

    Args:
        store: the file that `eam calibrate` writes.
    """
    trials = [t for done in read(store).values() for t in done.trials if t.rule == RULE]
    alike = [t for t in trials if t.change == SAME_CODE]
    slower = [t for t in trials if t.change == SMALLEST]
    if not (alike and slower):
        return (
            "asv compares times of separate processes, and nobody has measured how often that is "
            f"wrong here. {_GATE}"
        )
    return (
        "asv compares times of separate processes. Here it found a change in "
        f"{_share(alike, '+-')} cases of identical code, and a slowdown of {SMALLEST} in "
        f"{_share(slower, '+')} ({store}). {_GATE}"
    )


def _share(trials: list[Trial], marks: str) -> str:
    hits = sum(bool(trial.verdict) and trial.verdict in marks for trial in trials)
    return f"{hits} of {len(trials)}"
