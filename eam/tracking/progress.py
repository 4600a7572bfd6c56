"""Progress in one line: the present measurement, the part done and the time left."""

import sys
from collections.abc import Sequence
from time import monotonic

from rich.console import Console
from rich.status import Status

from .batches import Batch

SPARSE = 20.0  # seconds between the lines of a log


class Progress:
    """A line that changes in a terminal, and a line now and then in a log."""

    def __init__(self) -> None:
        """Nothing to do yet."""
        self._console = Console(stderr=True)
        self._status: Status | None = None
        self._last_line = -SPARSE
        self._left = self._all = 0.0
        self._estimated = self._taken = 0.0
        self._began = 0.0

    def start(self, todo: Sequence[Batch]) -> None:
        """Say how much there is to do."""
        self._left = self._all = sum(batch.seconds for batch in todo)
        count = sum(len(batch.cases) for batch in todo)
        if count:
            self.say(f"{count} results to measure, about {_minutes(self._all)}")
        else:
            self.say("nothing is left to measure")

    def begin(self, batch: Batch) -> None:
        """Show what is measured now."""
        self._began = monotonic()
        done = 1.0 - self._left / self._all
        self.say(f"[{done:4.0%}, {_minutes(self._seconds_left())} left] {batch}", sparse=True)

    def end(self, batch: Batch) -> None:
        """Take note of how long a batch took."""
        self._taken += monotonic() - self._began
        self._estimated += batch.seconds
        self._left -= batch.seconds

    def say(self, line: str, *, sparse: bool = False) -> None:
        """Show a line; a sparse one only now and then in a log."""
        if self._console.is_terminal:
            if self._status is None:
                self._status = self._console.status(line)
                self._status.start()
            self._status.update(line)
        elif not sparse or monotonic() - self._last_line >= SPARSE:
            self._last_line = monotonic()
            print(line, file=sys.stderr, flush=True)

    def _seconds_left(self) -> float:
        """By the estimates, at the pace so far."""
        pace = self._taken / self._estimated if self._estimated else 1.0
        return self._left * pace


def _minutes(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"
