"""The temporary folder of a run has room for what libraries put there."""

import socket
import tempfile
from pathlib import Path

import pytest

from eam.errors import InputError
from eam.measure.temporary import require_short_path


@pytest.fixture(params=[40, 72, 73, 200])
def folder(request, monkeypatch):
    """The folder for temporary files, at a path of so many bytes."""
    with tempfile.TemporaryDirectory(prefix="eam-") as top:
        folder = Path(top, "x" * (request.param - len(top) - 1))
        folder.mkdir()
        monkeypatch.setattr(tempfile, "tempdir", str(folder))
        yield folder


def test_a_path_too_long_for_the_socket_of_asv_is_refused(folder):
    if len(str(folder)) > 72:
        with pytest.raises(InputError, match="TMPDIR"):
            require_short_path()
        return
    require_short_path()
    place = Path(tempfile.mkdtemp(prefix="asv-forkserver-"))
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(place / "socket"))
