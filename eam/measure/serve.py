"""The measuring process: ``python -m eam.measure.serve MODULE FUNCTION DESCRIPTOR``.

The question arrives as JSON on standard input. The answers leave through a pipe, the file
descriptor named, one line of JSON each:

    ["doing", TEXT, FRACTION]       what is being done, and how much of all is done
    ["outcome", {...}]              one outcome; those sent before a crash count
    ["failed", REASON]              the function raised; no more outcomes follow
    ["end"]                         all outcomes were sent

Standard output and standard error belong to the libraries.
"""

import json
import os
import resource
import sys
from collections.abc import Callable, Iterable, Sequence
from importlib import import_module
from inspect import isgeneratorfunction
from pathlib import Path
from time import monotonic
from typing import Any, BinaryIO

from .environment import settle
from .outcome import Outcome, attempt, describe_error

Say = Callable[[str, float], None]
"""``say(doing, fraction)``: a sign of life of the measuring process."""

_SHARE_OF_MEMORY = 0.75
_SECONDS_BETWEEN_SIGNS = 0.25


def main(arguments: Sequence[str]) -> None:
    """Answer one question, and end."""
    module, function, descriptor = arguments
    question: dict[str, Any] = json.load(sys.stdin)
    os.set_inheritable(int(descriptor), False)  # what is started here must not keep it open
    _limit()
    settle()
    with os.fdopen(int(descriptor), "wb", buffering=0) as pipe:
        answers = _Answers(pipe)
        try:
            for outcome in _outcomes(getattr(import_module(module), function), answers, question):
                answers.send("outcome", vars(outcome))
        except (Exception, SystemExit) as error:
            answers.send("failed", describe_error(error))
        else:
            answers.send("end")


def _outcomes(
    function: Callable[..., Any], answers: "_Answers", question: dict[str, Any]
) -> Iterable[Outcome]:
    if isgeneratorfunction(function):
        return function(answers.say, **question)
    return [attempt(lambda: function(answers.say, **question))]


class _Answers:
    """The pipe to the parent."""

    def __init__(self, pipe: BinaryIO) -> None:
        self._pipe = pipe
        self._doing = ""
        self._said = 0.0

    def send(self, *message: Any) -> None:
        # a pipe may take a part of a long line
        line = memoryview(json.dumps(message).encode() + b"\n")
        while line:
            line = line[self._pipe.write(line) :]

    def say(self, doing: str, fraction: float) -> None:
        now = monotonic()
        if doing != self._doing or now - self._said > _SECONDS_BETWEEN_SIGNS:
            self._doing, self._said = doing, now
            self.send("doing", doing, fraction)


def _limit() -> None:
    """No core files; on Linux, no more private memory than most of what the machine has.

    A limit of the address space would not do: XLA and torch reserve more than they use.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    if sys.platform == "linux":
        soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
        limits = [int(_SHARE_OF_MEMORY * _memory()), soft, hard]
        least = min(limit for limit in limits if limit != resource.RLIM_INFINITY)
        resource.setrlimit(resource.RLIMIT_DATA, (least, hard))


def _memory() -> int:
    """Bytes that this machine, or the container, has."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    for file in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        limit = Path(file).read_text().strip() if Path(file).is_file() else "max"
        if limit.isdecimal():
            memory = min(memory, int(limit))
    return memory


if __name__ == "__main__":
    main(sys.argv[1:])
