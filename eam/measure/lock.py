"""One measurement at a time on a machine: two at once would slow each other down."""

import os
import shlex
import sys
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from ..errors import BusyError

# In the folder that all users of the machine share.
PATH = Path(tempfile.gettempdir(), "eam-measuring.lock")


@contextmanager
def only_measurement() -> Generator[None]:
    """Hold the lock of this machine; the system gives it back when this process ends.

    Raises:
        BusyError: another process holds it; the message has its id and its command.
    """
    try:
        import fcntl
    except ImportError:  # not a POSIX system
        yield
        return
    if not PATH.exists():
        PATH.touch()
        PATH.chmod(0o666)
    with PATH.open("r+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = file.read().strip() or "unknown"
            raise BusyError(
                f"another measurement runs on this machine, process {holder}; wait for it to end, "
                "or end it"
            ) from None
        file.truncate(0)
        file.write(f"{os.getpid()}: {shlex.join(sys.orig_argv)}")
        file.flush()
        yield
