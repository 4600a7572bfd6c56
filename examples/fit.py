"""A fit by force matching: tungsten's Finnis-Sinclair potential from forces on rattled atoms.

    python examples/fit.py

The forces and energies to match are those of the published parameters, so the fit has to find
them again, from a start a twentieth away. scipy's optimiser takes the gradient of the loss by the
parameters, first by hand and then by each library.
"""

from collections.abc import Sequence
from time import perf_counter

import numpy as np
from scipy.optimize import minimize

import eam
from eam.models import finnis_sinclair

FREE = ("A", "d", "c", "c0", "c1", "c2")  # beta is 0 for tungsten
WEIGHT = 0.1  # of the energies


def configurations(n_atoms: int, count: int) -> list[eam.Problem]:
    """Rattled tungsten, compressed and stretched, with a skin for longer cutoffs."""
    potential = finnis_sinclair.potential("W")
    scales = np.linspace(0.94, 1.06, count)
    return [
        eam.atomic_problem(
            potential,
            eam.crystal("bcc", scale * potential.lattice_constant, n_atoms, rattle=0.1, seed=seed),
            skin=0.4,
        )
        for seed, scale in enumerate(scales)
    ]


def fit(
    problems: Sequence[eam.Problem], backend: str, start: np.ndarray
) -> tuple[np.ndarray, int, float]:
    """Fitted values of `FREE`, the number of evaluations, and their seconds."""
    targets = [(p.x0, -p.manual.gradient(p.x0), p.manual.value(p.x0), WEIGHT) for p in problems]
    prepared = [eam.prepare(problem, backend) for problem in problems]
    names = problems[0].parameters.names
    free = [names.index(name) for name in FREE]
    published = problems[0].parameters.theta
    seconds = []

    def loss(relative: np.ndarray) -> tuple[float, np.ndarray]:
        begin = perf_counter()
        theta = published.copy()
        theta[free] = relative * start
        found = [
            one.force_matching(theta, *target)
            for one, target in zip(prepared, targets, strict=True)
        ]
        seconds.append(perf_counter() - begin)
        return sum(f for f, _ in found), sum(g for _, g in found)[free] * start

    # BFGS first steps by the whole gradient, so it is scaled to a step of a hundredth
    scale = 0.01 / np.linalg.norm(loss(np.ones(len(free)))[1])
    best = minimize(
        lambda relative: tuple(scale * part for part in loss(relative)),
        np.ones(len(free)),
        jac=True,
        method="BFGS",
        options={"gtol": 1e-12},
    )
    return best.x * start, len(seconds), sum(seconds[1:])  # the first call compiles


def main(
    n_atoms: int = 128,
    count: int = 3,
    backends: Sequence[str] = ("numpy", "numba-inplace", "jax", "torch"),
) -> dict[str, float]:
    """Fit with each backend and print how long it took; returns how far off each ends."""
    problems = configurations(n_atoms, count)
    names, published = problems[0].parameters.names, problems[0].parameters.theta
    wanted = np.array([published[names.index(name)] for name in FREE])
    start = wanted * (1.0 + 0.05 * np.array([1, -1, 1, -1, 1, -1]))
    found = {}
    for backend in backends:
        fitted, evaluations, seconds = fit(problems, backend, start)
        found[backend] = off = float(np.abs(fitted / wanted - 1.0).max())
        print(f"{backend:14} {evaluations} evaluations, {seconds:.2f} s, off by {off:.0e}")
    return found


if __name__ == "__main__":
    main()
