"""One measurement at a time on a machine: two at once would slow each other down.

A measurement has a temporary folder of its own, among those that all users of the machine share,
and in it a locked file that tells who measures. Nothing stays when it ends, not even if it is
killed: the system gives back the lock, and the folder is removed.
"""

import fcntl
import os
import shlex
import sys
import tempfile
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

from ..errors import BusyError
from .temporary import own_temporary_folder

SHARED = Path(tempfile.gettempdir())
_PREFIX = "eam-measuring-"
_HOLDER = "holder"


@contextmanager
def only_measurement() -> Generator[Path]:
    """Let no other measurement begin; inside, temporary files go to the folder that it yields.

    Raises:
        BusyError: another process measures; the message has its id and its command.
    """
    with (
        own_temporary_folder(SHARED, _PREFIX) as folder,
        Path(folder, _HOLDER).open("w", encoding="utf-8") as file,
    ):
        folder.chmod(0o755)  # other users see who measures
        file.write(f"{os.getpid()}: {shlex.join(sys.orig_argv)}")
        file.flush()
        fcntl.flock(file, fcntl.LOCK_EX)
        # locked before the others are looked at: of two that begin at once, one at least is refused
        for other in SHARED.glob(f"{_PREFIX}*/{_HOLDER}"):
            if other.parent != folder:
                _require_unlocked(other)
        yield folder


def _require_unlocked(holder: Path) -> None:
    """Raise if a file is locked; one that has gone, or that this user may not read, is not."""
    with suppress(FileNotFoundError, PermissionError), holder.open(encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BusyError(
                f"another measurement runs on this machine, process {file.read()}; wait for it to "
                "end, or end it"
            ) from None
