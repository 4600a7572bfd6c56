"""One thread, one core, steady memory: what every measurement in this project asks for."""

import ctypes
import os
import sys

from ..cores import pin

# Read by the libraries when they are imported, so set before.
ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false",
}

# glibc's mallopt: (parameter, value). Freed memory is kept, and large blocks come from the heap;
# otherwise N = 10^6 measures page faults and the allocator's thresholds.
_KEEP_MEMORY = {
    "M_TRIM_THRESHOLD": (-1, 2**31 - 1),
    "M_TOP_PAD": (-2, 2**28),
    "M_MMAP_MAX": (-4, 0),
}

# What only a new process can be given: large pages for the heap, one order of every set.
PROTOCOL = {
    **ONE_THREAD,
    "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1",
    "PYTHONHASHSEED": "0",
}


def settle() -> None:
    """Ask for one thread, stay on one core, keep freed memory, where the system allows it.

    Call it before a library is imported; values that the user has set are left alone.
    """
    for name, value in ONE_THREAD.items():
        os.environ.setdefault(name, value)
    pin()
    if sys.platform == "linux":
        libc = ctypes.CDLL(None)
        if hasattr(libc, "mallopt"):  # glibc, not musl
            for parameter, value in _KEEP_MEMORY.values():
                libc.mallopt(parameter, value)
