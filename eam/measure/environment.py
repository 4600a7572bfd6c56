"""One thread, one core, steady memory: what every measurement in this project asks for."""

import os

# Read by the libraries when they are imported, so set before.
ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "NUMBA_NUM_THREADS": "1",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false",
}


def settle() -> None:
    """Ask for one thread, and stay on one core where the system allows that.

    Call it before a library is imported; values that the user has set are left alone.
    """
    for name, value in ONE_THREAD.items():
        os.environ.setdefault(name, value)
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
