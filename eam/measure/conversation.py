"""A question to a measuring process, and what comes back until it ends.

Whatever happens to the process, :func:`converse` returns, and neither the process nor anything that
it started in its group is left then.
"""

import json
import os
import selectors
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import IO, Any

from .environment import PROTOCOL
from .outcome import Outcome
from .processes import exit_on_signals, group_of_processes

Progress = Callable[[str, float], None]
"""``progress(doing, fraction)``: what a measuring process does, and how much of all is done."""

_GRACE = 5.0  # seconds to end in, after the last answer
_POLL = 0.5  # seconds
_OUTPUT_KEPT = 4096  # bytes


@dataclass
class Answered:
    """The answers of a measuring process.

    Attributes:
        outcomes: in the order in which they came.
        death: why no more came.
        hung: whether it was killed because it gave no sign of life.
    """

    outcomes: list[Outcome] = field(default_factory=list[Outcome])
    death: str | None = None
    hung: bool = False


def converse(
    program: Sequence[str],
    question: Mapping[str, Any],
    silence: float,
    progress: Progress,
    variables: Mapping[str, str],
) -> Answered:
    """Start `program` with a pipe for its answers, ask, and listen until it ends.

    Args:
        program: a command; the file descriptor of the pipe is added to its arguments.
        question: what it reads from standard input, as JSON.
        silence: seconds without a sign of life after which it is killed.
        progress: called with each sign of life.
        variables: environment variables beside those of the measuring protocol.
    """
    environment = {**PROTOCOL, **os.environ, **variables}
    environment["PYTHONPATH"] = str(Path(__file__).parents[2])
    reading, writing = os.pipe()
    with (
        os.fdopen(reading, "rb", buffering=0) as answers,
        exit_on_signals(),
        group_of_processes() as group,
    ):
        process = subprocess.Popen(
            [*program, str(writing)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            pass_fds=[writing],
            process_group=group,
            env=environment,
            bufsize=0,
        )
        os.close(writing)
        with process:  # closes its pipes
            try:
                return _Conversation(process, answers, silence, progress).hold(question)
            finally:
                process.kill()  # it may have left its group


class _Conversation:
    """One question to a process, and what comes back until the process ends."""

    def __init__(
        self,
        process: subprocess.Popen[bytes],
        answers: IO[bytes],
        silence: float,
        progress: Progress,
    ) -> None:
        self._process = process
        self._answers = answers
        self._silence = silence
        self._progress = progress
        self._deadline = monotonic() + silence
        self._answered = Answered()
        self._doing = "starting"
        self._is_over = False  # the last answer has come; the process ends by itself
        self._unfinished = b""  # a line of an answer
        self._output = b""

    def hold(self, question: Mapping[str, Any]) -> Answered:
        assert self._process.stdin is not None
        # it may have died; the reason follows
        with suppress(BrokenPipeError), self._process.stdin as pipe:
            pipe.write(json.dumps(question).encode())
        self._listen()
        if not self._is_over:
            self._answered.death = self._reason()
        return self._answered

    def _listen(self) -> None:
        """Read what comes through both pipes, until the process has ended or must be killed."""
        assert self._process.stdout is not None
        with selectors.DefaultSelector() as selector:
            selector.register(self._answers, selectors.EVENT_READ, self._hear)
            selector.register(self._process.stdout, selectors.EVENT_READ, self._keep)
            while monotonic() < self._deadline:
                has_ended = self._process.poll() is not None
                ready = selector.select(0.0 if has_ended else _POLL)
                for key, _ in ready:
                    data = os.read(key.fd, 1 << 16)
                    if data:
                        key.data(data)
                    else:
                        selector.unregister(key.fileobj)
                if has_ended and all(key.fileobj is not self._answers for key, _ in ready):
                    return
                if not selector.get_map():
                    with suppress(subprocess.TimeoutExpired):
                        self._process.wait(_POLL)
        self._answered.hung = not self._is_over

    def _hear(self, data: bytes) -> None:
        *lines, self._unfinished = (self._unfinished + data).split(b"\n")
        for line in lines:
            self._deadline = monotonic() + self._silence
            match json.loads(line):
                case ["doing", doing, fraction]:
                    self._doing = doing
                    self._progress(doing, fraction)
                case ["outcome", outcome]:
                    self._answered.outcomes.append(Outcome(**outcome))
                case ["failed", reason]:
                    self._answered.death = reason
                    self._end()
                case _:
                    self._end()

    def _end(self) -> None:
        self._is_over = True
        self._deadline = monotonic() + _GRACE

    def _keep(self, data: bytes) -> None:
        self._output = (self._output + data)[-_OUTPUT_KEPT:]

    def _reason(self) -> str:
        status = self._process.poll()
        if self._answered.hung:
            how = f"gave no sign of life for {self._silence:.0f} s"
        elif status is not None and status < 0:
            how = f"was ended by {_signal_name(-status)}"
        elif status == 0:
            how = "ended without an answer (exit status 0)"
        else:
            how = f"ended with exit status {status}"
        words = self._output.decode(errors="replace").strip().splitlines()[-3:]
        printable = ["".join(filter(str.isprintable, word))[:200] for word in words]
        last = f"; its last output: {' | '.join(printable)}" if printable else ""
        return f"the measuring process {how} while {self._doing}{last}"


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
