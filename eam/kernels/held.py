"""Arguments that compiled code holds, so a call neither converts nor allocates anything.

For each array among its arguments, a compiled function allocates 48 bytes at every call, and the
kernels of atoms have some twenty arrays in named tuples. Held arguments are one object, which is
converted once. The function that takes them stands in the file of the one that it calls, since
numba's cache of a file does not see a change in another.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from numba import types  # pyright: ignore[reportPrivateImportUsage]
from numba.experimental import structref

from .lowlevel import entry_point, njit


@structref.register
class _HeldType(types.StructRef):
    """The type of held arguments, which has the types of all."""


class Held(structref.StructRefProxy):
    """What compiled code holds, as Python sees it."""


structref.define_proxy(Held, _HeldType, ["arguments"])


@njit()
def _hold(arguments: Any) -> Any:
    return Held(arguments)


def bind(function: Any, *arguments: Any) -> Callable[[], Any]:
    """A call of a compiled function with these arguments, whose arrays stay where they are.

    It runs the machine code for these types directly.

    Args:
        function: takes held arguments.
    """
    held = _hold(arguments)
    return partial(entry_point(function, held), held)
