"""The toy in C: compiled by the system's compiler, timed by a loop in C."""

import ctypes
import shutil
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..compiler import OPTIMISED, shared_library
from ..errors import CheckError
from ..problem import Array, Problem

PLAIN = ("-O2",)

# name -> (function of toy.c, flags)
PEERS = {
    "C value": ("value", PLAIN),
    "C literal gradient": ("gradient_literal", PLAIN),
    "C gradient, one exp": ("gradient_once", OPTIMISED),
    "C copy (memory floor)": ("copy", OPTIMISED),
}
REFERENCE = "C literal gradient"


@dataclass
class Peer:
    """A kernel of toy.c on its own arrays, with the `timeit` of :class:`timeit.Timer`."""

    library: Any
    function: str
    out: Array
    x: Array

    def timeit(self, number: int) -> float:
        """Seconds for `number` calls, counted in C."""
        call = ctypes.cast(getattr(self.library, self.function), ctypes.c_void_p)
        return self.library.seconds(
            call, self.out.ctypes.data, self.x.ctypes.data, self.x.size, number
        )


@contextmanager
def libraries() -> Generator[dict[tuple[str, ...], str]]:
    """toy.c compiled once for each set of flags: where each library is, while it is needed.

    Raises:
        CompilerError: there is no C compiler, or it fails.
    """
    with tempfile.TemporaryDirectory(prefix="eam-peers-") as directory:
        built: dict[tuple[str, ...], str] = {}
        for k, flags in enumerate({flags: None for _, flags in PEERS.values()}):
            source = Path(directory, f"toy{k}.c")
            shutil.copyfile(Path(__file__).with_name("toy.c"), source)
            built[flags] = str(shared_library(source, flags))
        yield built


def load(built: dict[tuple[str, ...], str], problem: Problem) -> dict[str, Peer]:
    """The peers of a problem, the gradients among them checked against the hand-written one."""
    peers: dict[str, Peer] = {}
    for name, (function, flags) in PEERS.items():
        library = ctypes.CDLL(built[flags])
        library.seconds.restype = ctypes.c_double
        library.seconds.argtypes = [ctypes.c_void_p] * 3 + [ctypes.c_size_t] * 2
        peer = Peer(library, function, np.zeros(problem.dimension), problem.x0.copy())
        peer.timeit(1)
        expected = problem.manual.gradient(problem.x0)
        if function.startswith("gradient") and not np.allclose(peer.out, expected, rtol=1e-10):
            raise CheckError(f"{name} ({' '.join(flags)}) gives a wrong gradient")
        peers[name] = peer
    return peers
