"""A temporary folder for a run, which goes with the run, however that ends."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from ..errors import InputError

# asv's fork server opens this socket in the temporary folder. The system holds the path of a socket
# in 104 bytes (macOS) or 108 (Linux), the last of which is zero.
_SOCKET = "asv-forkserver-12345678/socket"
_LONGEST = 104 - 1

# Waits until the other end of a pipe is closed, which happens even if this process is killed, and
# then until the processes that use the folder have been killed too.
_REMOVE = 'read nothing; sleep 1; rm -rf "$0"'


# By default torch keeps what it compiles in the temporary folder, where others may have made it.
TORCH_CACHE = str(Path.home() / ".cache" / "torchinductor")


@contextmanager
def own_temporary_folder(top: Path, prefix: str) -> Generator[Path]:
    """Inside, temporary files of this process and of those that it starts go to a new folder.

    What torch compiles is kept for the next run, in a folder of the user's own.

    Args:
        top: where to make it.
        prefix: of its name.
    """
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=top))
    remover = subprocess.Popen(
        ["sh", "-c", _REMOVE, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        process_group=0,  # or a Ctrl-C would end it before it has done its work
    )
    before, environment = tempfile.tempdir, dict(os.environ)
    tempfile.tempdir = os.environ["TMPDIR"] = str(folder)
    os.environ.setdefault("TORCHINDUCTOR_CACHE_DIR", TORCH_CACHE)
    try:
        yield folder
    finally:
        tempfile.tempdir = before
        for name in ("TMPDIR", "TORCHINDUCTOR_CACHE_DIR"):
            os.environ.pop(name, None)
            if name in environment:
                os.environ[name] = environment[name]
        shutil.rmtree(folder, ignore_errors=True)
        remover.kill()
        with remover:
            remover.wait()


def require_short_path() -> None:
    """Raise InputError if asv's fork server could not open its socket in the temporary folder."""
    folder = tempfile.gettempdir()
    if len(os.fsencode(Path(folder, _SOCKET))) > _LONGEST:
        raise InputError(
            "asv opens a socket in the temporary folder, and the path of that folder is too long "
            f"for one: {folder}\nset the environment variable TMPDIR to a folder with a shorter "
            "path, such as /tmp"
        )
