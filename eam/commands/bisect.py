"""Find the releases between two that changed the speed of a gradient, and show each by itself.

The ends are compared, then every half whose ends differ, so several steps are found. What was
compared once is not compared again. Each step is confirmed by processes of its own, what is
released with the library (jaxlib) is moved alone where that runs, and a reproducer is written: one
file without eam that shows the step with timeit.

Exit status: 0 no step, 1 at least one, 2 nothing could be compared.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from rich.console import Console

from ..errors import EamError, InputError, UnknownBackendError
from ..measure.lock import only_measurement
from ..releases import (
    bisection,
    comparisons,
    environments,
    index,
    pair,
    reproducer,
    sides,
)
from ..releases.axes import axis
from ..releases.comparisons import Entry
from ..releases.index import Release
from ..releases.locks import Lock
from ..tracking.machine import describe_machine


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of `bisect`."""
    parser.add_argument("library", help="such as jax")
    parser.add_argument("first", help="the older release")
    parser.add_argument("last", help="the newer release")
    parser.add_argument("--dimension", type=int, default=100, help="of the problem (default 100)")
    parser.add_argument("--backend", help="default: the library's plain one")
    parser.add_argument("--model", default="toy", help="name of the model (default toy)")


def run(args: argparse.Namespace) -> int:
    """Bisect; the module's docstring lists the statuses."""
    along = axis(args.library)
    backend = args.backend or along.backends[0]
    if backend not in along.backends:
        raise UnknownBackendError(backend, along.backends)
    bisect = _Bisection(args.library, args.model, backend, args.dimension)
    between = _between(index.releases(args.library), args.first, args.last)
    bisect.say(f"{len(between)} releases from {args.first} to {args.last}")
    with only_measurement():
        found = list(bisection.steps(between, bisect.compare))
        for before, after, ratio in found:
            bisect.show(before, after, ratio)
    if not found:
        bisect.say("no step")
    return 1 if found else 0


def _between(known: Sequence[Release], first: str, last: str) -> list[Release]:
    """The releases from one to the other, by version, that have a lock."""
    ends = index.find(known, first).order, index.find(known, last).order
    if not ends[0] < ends[1]:
        raise InputError(f"{first} is not older than {last}; name the older release first")
    ordered = sorted(known, key=lambda release: release.order)
    return [r for r in ordered if ends[0] <= r.order <= ends[1] and r.pythons]


class _Bisection:
    """One library and case: compares, remembers and prints."""

    def __init__(self, library: str, model: str, backend: str, dimension: int) -> None:
        self.model = model
        self.case = pair.Case(backend, dimension)
        self._file = comparisons.path(library, describe_machine().machine)
        self._console = Console(file=sys.stdout, highlight=False, soft_wrap=True)

    def say(self, text: str) -> None:
        """Print a line."""
        self._console.print(text, markup=False)

    def compare(self, a: Release, b: Release, seed: int = 0) -> tuple[str, float]:
        """The verdict on two releases and b over a, from the store or from new processes."""
        one, other = _locks(a, b)
        stored = self._stored(a, b, seed)
        if stored is None:
            rows = self._measure(one, other, seed)
            stored = comparisons.entry(one, other, self.model, rows, seed)
            comparisons.add(self._file, [stored])
        self.say(
            f"  {a.version} → {b.version}: {stored.ratio:.3f} "
            f"({stored.low:.3f}–{stored.high:.3f}, floor {stored.floor:.3f}) {stored.verdict}"
        )
        return stored.verdict, stored.ratio

    def _stored(self, a: Release, b: Release, seed: int) -> Entry | None:
        for found in comparisons.read(self._file):
            names = (found.a, found.b, found.seed, found.model, found.backend, found.dimension)
            wanted = (a.version, b.version, seed, self.model, *self.case)
            if names == wanted and not found.variables:
                return found
        return None

    def _measure(self, a: Lock, b: Lock, seed: int) -> pair.Comparison:
        folders = [environments.environment(lock, copy) for copy, lock in enumerate((a, a, b, b))]
        (row,) = pair.compare(folders[:2], folders[2:], [self.case], model=self.model, seed=seed)
        if row.reason is not None:
            raise EamError(f"{a.release.version} and {b.release.version}: {row.reason}")
        return row

    def show(self, before: Release, after: Release, ratio: float) -> None:
        """Confirm a step, find what moved it, write its reproducer."""
        self.say(f"{after.name} is a step of {ratio:.3f} after {before.version}; confirming:")
        verdict, _ = self.compare(before, after, seed=1)
        if verdict == pair.SAME:
            self.say("  not confirmed")
            return
        a, b = _locks(before, after)
        differing = sides.differences(a, b)
        for package in differing if len(differing) > 1 else ():
            self._move(a, b, package)
        self._reproduce(a, b)

    def _move(self, a: Lock, b: Lock, package: str) -> None:
        """Compare the older release with itself and one package of the newer one."""
        moved = replace(a, pins=MappingProxyType({**a.pins, package: b.pins[package]}))
        label = f"{package} {a.pins[package]} → {b.pins[package]} alone"
        try:
            row = self._measure(a, moved, seed=2)
        except EamError as error:
            self.say(f"  {label}: does not run ({str(error)[:200]})")
            return
        low, high = row.interval
        self.say(f"  {label}: {row.ratio:.3f} ({low:.3f}–{high:.3f}) {row.verdict}")

    def _reproduce(self, a: Lock, b: Lock) -> None:
        backend, dimension = self.case
        if self.model != "toy" or backend not in reproducer.backends():
            self.say(f"  no reproducer is written for {backend} of {self.model}")
            return
        name = f"{a.release.name}-to-{b.release.version}-{backend}-{dimension}.py"
        path = Path("reproducers") / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(reproducer.reproducer(a, b, backend, dimension, name), encoding="utf-8")
        self.say(f"  reproducer: {path}")


def _locks(a: Release, b: Release) -> tuple[Lock, Lock]:
    return sides.pair(sides.Side(a.library, a.version), sides.Side(b.library, b.version))
