"""Measure what is missing of commits and releases on a Dask cluster, one job a node at a time.

A job is a quantity of a model at a commit, or a release of a library. Every machine of the cluster
(a processor and its number of cores) gets its whole history; its nodes share the jobs. Without
--scheduler this machine alone measures. Results go to results/ as soon as a job is done, so you can
stop at any time; the next sweep measures what is missing then. Run it from the top of the
repository. Dask runs code on the nodes: see "Use several machines" in the documentation.

Exit status: 0 nothing is missing, 1 some jobs failed or found no node, 2 bad input, or a scheduler
that is unsafe or does not answer.
"""

import argparse
import signal
import sys
from collections.abc import Generator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console

from ..errors import InputError, MissingToolError, TrackError
from ..models import model
from ..quantities import quantity
from ..releases.axes import axis, libraries

COUNTS = (1, 10, 100)  # of nodes, for what a plan costs


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of `sweep`."""
    parser.add_argument(
        "--commits", metavar="A,B..C", help="commits and ranges, as git names them (default HEAD)"
    )
    parser.add_argument("--models", metavar="A,B", help="of the commits (default: all)")
    parser.add_argument("--quantities", metavar="A,B", help="of the commits (default: all)")
    parser.add_argument(
        "--releases", metavar="A,B", help=f"of these libraries: {', '.join(libraries())}"
    )
    parser.add_argument(
        "--most", type=int, default=24, help="releases of each library (default 24)"
    )
    parser.add_argument(
        "--even-if-busy", action="store_true", help="measure where other programs run, too"
    )
    parser.add_argument("--plan", action="store_true", help="print the jobs and what they cost")
    parser.add_argument(
        "--scheduler", metavar="ADDRESS", help="of a Dask scheduler: tcp://... or tls://..."
    )


def run(args: argparse.Namespace) -> int:
    """Measure what is missing; the module's docstring lists the statuses."""
    if not Path("asv.conf.json").exists():
        raise TrackError("asv.conf.json is not here; run this from the top of the repository")
    try:
        from ..sweep.jobs import list_commits
        from ..sweep.plan import Plan
    except ModuleNotFoundError as error:
        raise MissingToolError("a sweep", str(error.name), "sweep") from error
    named = _names(args.releases) or []
    models, quantities = _names(args.models), _names(args.quantities)
    for check, names in ((axis, named), (model, models), (quantity, quantities)):
        for name in names or ():
            check(name)
    commits = [] if named and not args.commits else list_commits(args.commits or "HEAD")
    plan = Plan(commits, named, args.most, models, quantities)
    return _print(plan) if args.plan else _sweep(plan, args)


def _names(text: str | None) -> list[str] | None:
    return text.split(",") if text else None


def _print(plan: Any) -> int:
    from ..sweep.plan import seconds_on
    from ..tracking.machine import machine_name

    console = Console(highlight=False, soft_wrap=True, markup=False)
    jobs = plan.jobs(machine_name())
    for job in jobs:
        console.print(f"{job.seconds:6.0f} s  {job}")
    costs = (f"{seconds_on(jobs, count) / 3600.0:.1f} h on {count}" for count in COUNTS)
    console.print(f"{len(jobs)} jobs for {machine_name()}; by nodes: {', '.join(costs)}")
    return 0


def _sweep(plan: Any, args: argparse.Namespace) -> int:
    try:
        from ..sweep import worker
        from ..sweep.run import Sweep
    except ModuleNotFoundError as error:
        raise MissingToolError("a sweep", str(error.name), "sweep") from error
    from ..tracking.progress import Progress

    say = Progress().say
    with _client(args.scheduler) as client:
        say(f"Dask's dashboard: {client.dashboard_link}")
        measure = partial(worker.measure, even_if_busy=args.even_if_busy)
        stored = plan.merge, plan.is_stored
        sweep = Sweep(client, plan.jobs, *stored, plan.bridge, say, measure=measure)
        sweep.run()
        say(f"[{sweep.progress()}]")
    for key, why in sweep.failed.items():
        print(f"{key} failed: {why}", file=sys.stderr)
    if no_node := bool(sweep.left or not sweep.machines):
        what = f"{sweep.left} jobs found" if sweep.machines else "there is"
        print(f"{what} no node; see above which nodes were left out, and why", file=sys.stderr)
    return 1 if sweep.failed or no_node else 0


@contextmanager
def _client(scheduler: str | None) -> Generator[Any]:
    """A client of the scheduler, or of a cluster of this machine alone."""
    from distributed import Client, LocalCluster

    from ..sweep.nodes import require_private

    if scheduler is None:
        # a Ctrl-C is for this process, which then ends its worker; the worker would print its own
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            cluster = LocalCluster(
                n_workers=1, threads_per_worker=1, host="127.0.0.1", dashboard_address="127.0.0.1:0"
            )
        finally:
            signal.signal(signal.SIGINT, before)
        with cluster, Client(cluster) as client:
            yield client
        return
    try:
        client = Client(scheduler)
    except (OSError, ValueError) as error:
        raise InputError(f"no scheduler answers at {scheduler}: {error}") from None
    with client:
        require_private(client)
        yield client
