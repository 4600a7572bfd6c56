"""The same functions in other hands, timed beside ours: C, and LAMMPS, ASE and matscipy."""
