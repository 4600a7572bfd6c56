"""Print the verdict on each library from the results that asv has stored, without measuring.

`--fail-above 1.5 --backend jax --dimension 100` is a check for CI: it fails if the JAX gradient
takes more than 1.5 times as long as the NumPy gradient. It judges only overheads whose two times
come from one process.

Exit status: 0 no overhead is above the bound, 1 one is, 2 there is no measured overhead to judge.
"""

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..backends import describe
from ..errors import InputError, NoResultsError, UnknownModelError
from ..models import model_names
from .stored import stored_runs

if TYPE_CHECKING:
    from ..report.results import Run
    from ..report.verdicts import Verdict


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of the verdict."""
    parser.add_argument("--model", help="one model (default: all that were measured)")
    parser.add_argument("--backend", help="one backend (default: the fastest of each library)")
    parser.add_argument(
        "--dimension", type=int, help="default: 100, or the smallest that was measured"
    )
    parser.add_argument("--machine", help="one machine (default: all)")
    parser.add_argument(
        "--fail-above",
        type=float,
        metavar="RATIO",
        help="exit with status 1 if an overhead is above RATIO",
    )
    parser.add_argument(
        "--config", default="asv.conf.json", help="asv's configuration (default %(default)s)"
    )


def run(args: argparse.Namespace) -> int:
    """Print; 1 if an overhead is above the bound, NoResultsError where there is nothing to say."""
    if args.fail_above is not None and not args.fail_above > 0.0:
        raise InputError(f"--fail-above must be a positive ratio, not {args.fail_above}")
    judged: list[Verdict] = []
    for stored in latest_runs(args.config, args.machine):
        found = _found(stored, args)
        if found:
            print(f"{stored.machine['machine']}, commit {stored.commit[:8]}")
        if found and _is_about_everything(args):
            _print_libraries(stored)
        for verdict in found:
            print(f"  {verdict.results.model}: {verdict.sentence} [{verdict.word}]")
        judged += found
    if not judged:
        # an unknown name is another error than one that was not measured
        if args.backend is not None:
            describe(args.backend)
        if args.model is not None and args.model not in model_names():
            raise UnknownModelError(args.model, model_names())
        raise NoResultsError(f"no overhead was measured for {_choice(args)}; {_how(args)}")
    return 0 if args.fail_above is None else _gate(judged, args)


def _gate(judged: Sequence["Verdict"], args: argparse.Namespace) -> int:
    unpaired = [verdict.name for verdict in judged if not verdict.ratio.paired]
    if unpaired:
        raise NoResultsError(
            f"{', '.join(unpaired)}: the times were taken in separate processes, which is too "
            f"uncertain for a gate; {_how(args)}"
        )
    above = [verdict for verdict in judged if verdict.ratio.value > args.fail_above]
    for verdict in above:
        ratio = verdict.ratio
        print(
            f"above {args.fail_above}: {verdict.backend} at dimension {verdict.dimension}: "
            f"{ratio.value:.3f} ({ratio.low:.3f} to {ratio.high:.3f})"
        )
    return 1 if above else 0


def _is_about_everything(args: argparse.Namespace) -> bool:
    """Whether no model, backend or dimension was chosen."""
    return args.model is None and args.backend is None and args.dimension is None


def print_verdicts(runs: Sequence["Run"]) -> None:
    """Print a line for each library: on how many models it works, and how it stands there."""
    for stored in runs:
        print(f"{stored.machine['machine']}, commit {stored.commit[:8]}")
        _print_libraries(stored)


def _print_libraries(stored: "Run") -> None:
    from ..report.matrix import matrix
    from ..report.summary import library_sentence

    for row in matrix(stored).rows:
        print(f"  {library_sentence(row)}")


def _found(stored: "Run", args: argparse.Namespace) -> list["Verdict"]:
    from ..report.verdicts import verdict, verdicts

    found: list[Verdict] = []
    for results in [stored.model(args.model)] if args.model else stored.models():
        chosen = args.dimension
        dimension = results.reference_dimension if chosen is None else chosen
        if dimension is None:
            continue
        if args.backend is not None:
            one = verdict(results, args.backend, dimension)
            found += [one] if one is not None else []
        else:
            found += verdicts(results, dimension)
    return found


def latest_runs(config: str, machine: str | None) -> list["Run"]:
    """The latest run of each machine, the newest first."""
    runs = stored_runs(config, "the verdict")
    first = next(runs, None)
    if first is None:
        return []
    from ..report.results import Latest

    latest = Latest()
    for stored in (first, *runs):
        latest.add(stored)
    return [stored for stored in latest.runs() if machine in (None, stored.machine["machine"])]


def _choice(args: argparse.Namespace) -> str:
    names = ("model", "backend", "dimension", "machine")
    chosen = [f"{name} {value}" for name in names if (value := getattr(args, name)) is not None]
    return ", ".join(chosen) or "any library"


def _how(args: argparse.Namespace) -> str:
    pattern = f"Overhead.*'{args.backend}'" if args.backend else "Overhead"
    return f'measure it with: make report, or: asv run HEAD^! --bench "{pattern}"'
