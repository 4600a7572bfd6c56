"""Fresh processes to measure in: each has its own memory layout, and a crash ends only one of them.

:func:`run` asks one question of one process. :func:`run_cases` measures cases of several backends
in shared processes; a backend that crashes, hangs or fails there is measured again in a process of
its own, so it costs its own cases only.

A measuring process (:mod:`eam.measure.serve`) answers over a pipe of its own, so it does not
matter what a library prints. It must give a sign of life now and then, or it counts as hung.
"""

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from .conversation import Answered, Progress, converse
from .journal import journalled
from .outcome import Outcome

Case = tuple[int, str]
"""(dimension, backend) of the model in question."""

AnyCase = TypeVar("AnyCase", bound=tuple[Any, ...])
"""A case, or one with more to it: its second element is the backend."""

SILENCE = 180.0  # seconds; a backend that takes longer to compile or to answer counts as hung
# What answers: a command, without its arguments. Tests put their own in its place.
PROGRAM = [sys.executable, "-P", "-m", "eam.measure.serve"]


def run(
    function: Callable[..., Any],
    question: Mapping[str, Any],
    *,
    silence: float | None = None,
    progress: Progress | None = None,
    variables: Mapping[str, str] | None = None,
) -> Outcome:
    """Call ``function(say, **question)`` in a fresh process under the measuring protocol.

    Args:
        function: at the top of a module of eam; it may call ``say(doing, fraction)``. What it
            returns is the value of the outcome, and what it raises is the reason why there is none.
        question: keyword arguments; they and the value travel as JSON.
        silence: in seconds, SILENCE by default; the process is killed if it gives no sign of life
            for longer.
        progress: called with what the function says.
        variables: environment variables of this process alone.
    """
    answered = _ask(function, question, silence, progress, variables)
    if answered.outcomes:
        return answered.outcomes[0]
    return Outcome(failed=answered.death)


def run_cases(
    function: Callable[..., Iterable[Outcome]],
    groups: Sequence[Sequence[AnyCase]],
    question: Mapping[str, Any],
    *,
    silence: float | None = None,
    progress: Progress | None = None,
    variables: Mapping[str, str] | None = None,
    is_doubtful: Callable[[Outcome], bool] = lambda outcome: outcome.failed is not None,
) -> dict[AnyCase, Outcome]:
    """Measure groups of cases, each group in a fresh process.

    Args:
        function: a generator ``function(say, cases, **question)`` that yields the outcome of each
            case, in their order. What it yielded before its process died counts.
        groups: of cases.
        question, silence, progress, variables: as :func:`run` takes them.
        is_doubtful: whether an outcome that was found in company has to be found again alone.

    Returns:
        An outcome for every case. After a crash, the backend's other cases are tried in another
        process; after a hang they are not.
    """

    def ask(cases: Sequence[AnyCase]) -> Answered:
        asked = {**question, "cases": list(cases)}
        return _ask(function, asked, silence, progress, variables)

    found: dict[AnyCase, Outcome] = {}
    for group in groups:
        remaining = list(group)
        if len(_by_backend(group)) > 1:
            together = dict(zip(group, ask(group).outcomes, strict=False))
            sound = {case: o for case, o in together.items() if not is_doubtful(o)}
            found.update(sound)
            remaining = [case for case in group if case not in sound]
        for cases in _by_backend(remaining).values():
            found.update(_one_backend(cases, ask))
    return {case: found[case] for group in groups for case in group}


def _one_backend(
    cases: Sequence[AnyCase], ask: Callable[[Sequence[AnyCase]], Answered]
) -> dict[AnyCase, Outcome]:
    """Measure the cases of one backend; a crash costs one of them, a hang the rest."""
    found: dict[AnyCase, Outcome] = {}
    while left := [case for case in cases if case not in found]:
        answered = ask(left)
        found.update(zip(left, answered.outcomes, strict=False))
        unanswered = left[len(answered.outcomes) :]
        if unanswered:
            lost = unanswered if answered.hung else unanswered[:1]
            reason = answered.death or "the measuring process gave no outcome"
            found.update(dict.fromkeys(lost, Outcome(failed=reason)))
    return found


def _by_backend(cases: Iterable[AnyCase]) -> dict[str, list[AnyCase]]:
    backends: dict[str, list[AnyCase]] = {}
    for case in cases:
        backends.setdefault(case[1], []).append(case)
    return backends


def _ask(
    function: Callable[..., Any],
    question: Mapping[str, Any],
    silence: float | None,
    progress: Progress | None,
    variables: Mapping[str, str] | None,
) -> Answered:
    target = [function.__module__, function.__qualname__]

    def ask() -> Answered:
        return converse(
            [*PROGRAM, *target],
            question,
            SILENCE if silence is None else silence,
            progress or (lambda doing, fraction: None),
            variables or {},
        )

    return journalled(".".join(target), question, ask)
