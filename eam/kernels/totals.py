"""The virial, and the energy as a sum, from what a gradient leaves in its work arrays."""

from typing import Any

from .forms import OPTIONS
from .lowlevel import njit


@njit(**OPTIONS)
def virial_into(out: Any, work: Any) -> None:
    """Write dE/d(strain), (3, 3): the sum over images of the last gradient times the position."""
    out[:] = 0.0
    for k in range(len(work.points)):
        point, gradient = work.points[k], work.gradients[k]
        out[0, 0] += gradient.x * point.x
        out[1, 1] += gradient.y * point.y
        out[2, 2] += gradient.z * point.z
        out[1, 2] += gradient.y * point.z
        out[0, 2] += gradient.x * point.z
        out[0, 1] += gradient.x * point.y
    out[1, 0], out[2, 0], out[2, 1] = out[0, 1], out[0, 2], out[1, 2]


@njit(**OPTIONS)
def energy(energies: Any, gradient: Any) -> Any:
    """The sum of the energies of atoms, and NaN where the gradient of the same pass has one."""
    return energies.sum() + (gradient[0, 0] - gradient[0, 0])


@njit(**OPTIONS)
def held_virial_into(held: Any) -> None:
    """:func:`virial_into` with arguments that are held (:mod:`eam.kernels.held`)."""
    virial_into(*held.arguments)


@njit(**OPTIONS)
def held_energy(held: Any) -> Any:
    """:func:`energy` with arguments that are held."""
    return energy(*held.arguments)
