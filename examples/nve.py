"""Molecular dynamics of tungsten at constant energy: how well the energy is kept, by time step.

    python examples/nve.py

The Finnis-Sinclair potential and its slope vanish at the cutoff, so the error is the integrator's
alone and grows with the square of the step.
"""

import numpy as np
from ase import units
from ase.build import bulk
from ase.md.velocitydistribution import Stationary
from ase.md.verlet import VelocityVerlet

from eam.ase import EAM
from eam.models import finnis_sinclair


def energy_rms(step: float, picoseconds: float = 1.0, repeats: int = 4) -> float:
    """Rms deviation of the total energy, in microelectronvolt per atom; `step` in femtoseconds."""
    potential = finnis_sinclair.potential("W")
    atoms = bulk("W", "bcc", a=potential.lattice_constant, cubic=True) * ((repeats,) * 3)
    atoms.calc = EAM(potential)
    # of 540 K, half goes into the potential energy
    thermal = np.sqrt(atoms.get_masses() * units.kB * 540.0)[:, None]
    atoms.set_momenta(thermal * np.random.default_rng(0).standard_normal((len(atoms), 3)))
    Stationary(atoms)
    dynamics = VelocityVerlet(atoms, timestep=step * units.fs)
    energies = []
    dynamics.attach(lambda: energies.append(atoms.get_total_energy()))
    dynamics.run(round(1000.0 * picoseconds / step))
    return float(np.std(energies)) / len(atoms) * 1e6


if __name__ == "__main__":
    for step in (1.0, 2.0, 4.0):
        print(f"dt {step:.0f} fs: energy rms {energy_rms(step):5.1f} microelectronvolt per atom")
