"""Print what a measurement depends on: processor, settings, threads, allocator and versions.

`make report` stores these facts beside asv's results, as COMMIT-ENVIRONMENT.facts. Send them along
when you report a number that surprises you.

Exit status: 0.
"""

import argparse
import json
import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from ..backends import backend_names, describe
from .environment import PROTOCOL, settle

_ALLOCATOR = ("GLIBC_TUNABLES", "LD_PRELOAD", "MALLOC_")
_LINUX = {
    "governor": "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor",
    "turbo_off": "/sys/devices/system/cpu/intel_pstate/no_turbo",
    "huge_pages": "/sys/kernel/mm/transparent_hugepage/enabled",
}


def configure(parser: argparse.ArgumentParser) -> None:
    """No options: it prints JSON."""


def run(args: argparse.Namespace) -> int:
    """Print the facts, as they are for a measurement: one thread, one core."""
    settle()
    print(json.dumps(facts(), indent=2))
    return 0


def facts() -> dict[str, Any]:
    """The facts of this process and machine; None for what cannot be read here."""
    libraries = sorted({describe(name).library for name in backend_names()})
    names = [*libraries, "llvmlite", "jaxlib", "memray", "asv", "asv_runner"]
    affinity = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else None
    return {
        "cpu": _cpu(),
        "cpus": os.cpu_count(),
        "cpus_allowed": affinity,
        "load": os.getloadavg() if hasattr(os, "getloadavg") else None,
        **{fact: _read(path) for fact, path in _LINUX.items()},
        "system": platform.platform(),
        "libc": " ".join(platform.libc_ver()).strip() or None,
        "python": platform.python_version(),
        "threads": {name: os.environ.get(name) for name in PROTOCOL},
        "allocator": {k: v for k, v in os.environ.items() if k.startswith(_ALLOCATOR)},
        "versions": {name: _version(name) for name in names},
    }


def _cpu() -> str | None:
    lines = (_read("/proc/cpuinfo") or "").splitlines()
    models = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.processor() or None


def _read(path: str) -> str | None:
    try:
        return Path(path).read_text().strip()
    except OSError:
        return None


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


if __name__ == "__main__":
    run(argparse.Namespace())
