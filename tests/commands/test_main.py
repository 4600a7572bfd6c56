"""The command line itself."""

import subprocess
import sys


def test_a_reader_that_goes_away_causes_no_traceback():
    # more output than a pipe holds, and a reader that takes one byte of it
    script = (
        "import sys; from eam.commands import main as m; "
        "m._module = lambda name: type('Long', (), {'__doc__': '', "
        "'configure': staticmethod(lambda parser: None), "
        "'run': staticmethod(lambda args: print('x' * 1_000_000))}); "
        "sys.exit(m.main([]))"
    )
    command = [sys.executable, "-c", script]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.read(1)
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 141
