"""What the tests ask of measuring processes."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from eam.errors import NotOfferedError
from eam.measure import worker
from eam.measure.outcome import Outcome


def doubles(say, number):
    say("doubling", 0.5)
    return 2 * number


def refuses(say):
    raise NotOfferedError("not here")


def talks(say, seconds):
    start = time.monotonic()
    while time.monotonic() - start < seconds:
        say("talking", 0.0)
    return "done"


def by_dimension(say, cases, crash):
    """The pid of the process; it ends at the cases to crash at."""
    for dimension, name in cases:
        if [dimension, name] in crash:
            os._exit(7)
        yield Outcome(os.getpid())


def sleeps(say, file):
    """For ever, beside a process of its own; the file holds the ids of both."""
    child = subprocess.Popen(["sleep", "1000"])
    Path(file).write_text(f"{os.getpid()} {child.pid}")
    time.sleep(1000)


if __name__ == "__main__":
    from tests.measure import served  # a measuring process imports it under this name

    # a shell's background job ignores SIGINT, and one under nohup SIGHUP, and both hand that on
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    worker.run(served.sleeps, {"file": sys.argv[1]})
