"""A vacancy in tungsten: its formation energy before and after the atoms around it relax.

    python examples/vacancy.py

The Finnis-Sinclair potential of 1984 gives 3.71 eV for the rigid lattice.
"""

from ase.build import bulk
from ase.optimize import FIRE

from eam.ase import EAM
from eam.models import finnis_sinclair


def formation_energies(repeats: int = 5, force: float = 1e-3) -> tuple[float, float]:
    """(rigid, relaxed) in eV, for a cube of `repeats` cells; relaxed to `force` in eV/angstrom."""
    potential = finnis_sinclair.potential("W")
    atoms = bulk("W", "bcc", a=potential.lattice_constant, cubic=True) * ((repeats,) * 3)
    atoms.calc = EAM(potential)
    perfect = atoms.get_potential_energy() / len(atoms)
    del atoms[0]
    rigid = atoms.get_potential_energy() - perfect * len(atoms)
    FIRE(atoms, logfile=None).run(fmax=force, steps=500)
    return rigid, atoms.get_potential_energy() - perfect * len(atoms)


if __name__ == "__main__":
    rigid, relaxed = formation_energies()
    print(f"vacancy in W: {rigid:.3f} eV on the rigid lattice, {relaxed:.3f} eV relaxed")
