"""Energies of atoms: symmetries, derivatives, edge cases and bad input, of every potential."""

import numpy as np
import pytest

import eam
from eam.atoms import half_list
from eam.atoms.tables import Tables, Tabulated, types_of
from eam.errors import InputError, MissingBackendError, NotOfferedError
from eam.models import cleri_rosato, finnis_sinclair, sutton_chen, tabulated


def fs_alloy(interpolation="c2"):
    """Two elements, rho_ij is not rho_ji; fine tables, smooth at the cutoff."""
    r, rho = np.linspace(0, 4.5, 2001), np.linspace(0, 60, 3001)
    fade = (1 - r / 4.5) ** 3
    steep = np.array([[1.0, 1.4], [0.8, 1.9]])[..., None]
    hard = np.array([[40.0, 25.0], [25.0, 60.0]])[..., None]
    tables = Tables(
        elements=("Ni", "Al"),
        atomic_numbers=(28, 13),
        masses=(58.7, 27.0),
        lattice_constants=(3.52, 4.05),
        structures=("fcc", "fcc"),
        drho=0.02,
        dr=r[1],
        cutoff=4.5,
        embedding=np.stack([-1.1 * np.sqrt(rho + 0.5), -0.9 * np.sqrt(rho + 0.3)]),
        density=20 * np.exp(-steep * r) * fade,
        r_pair=r * hard * np.exp(-1.7 * r) * fade,
    )
    return Tabulated(tables, interpolation)


POTENTIALS = {
    "sutton-chen": sutton_chen.potential("Ag"),
    "finnis-sinclair": finnis_sinclair.potential("Fe"),  # the one with a cubic density
    "cleri-rosato": cleri_rosato.potential("Au"),
    "hermite": tabulated.potential("hermite"),
    "c2": tabulated.potential("c2"),
    "fs-alloy": fs_alloy(),
}


def sheared(potential, n_atoms=32, seed=5):
    """A rattled, sheared crystal, smaller than twice every cutoff, with a rotated cell."""
    block = eam.crystal(potential.structure, potential.lattice_constant, n_atoms, seed=seed)
    rng = np.random.default_rng(seed)
    deformation = np.linalg.qr(rng.normal(size=(3, 3)))[0] @ (
        np.eye(3) + 0.03 * rng.normal(size=(3, 3))
    )
    positions = block.positions @ deformation + 0.05 * rng.normal(size=block.positions.shape)
    types = rng.integers(len(potential.elements), size=n_atoms)
    return eam.Configuration(positions, block.cell @ deformation, types=types)


@pytest.fixture(params=POTENTIALS)
def potential(request):
    return POTENTIALS[request.param]


def evaluate(potential, atoms):
    problem = eam.atomic_problem(potential, atoms)
    manual, x = problem.manual, problem.x0
    return manual.value(x), manual.gradient(x), manual.virial(x), manual.energies(x)


def test_invariance(potential):
    atoms = sheared(potential)
    energy, gradient, virial, energies = evaluate(potential, atoms)
    assert energies.sum() == pytest.approx(energy, rel=1e-14)
    rng = np.random.default_rng(0)

    rotation = np.linalg.qr(rng.normal(size=(3, 3)))[0]
    turned = eam.Configuration(atoms.positions @ rotation, atoms.cell @ rotation, types=atoms.types)
    turned_energy, turned_gradient, turned_virial, _ = evaluate(potential, turned)
    assert turned_energy == pytest.approx(energy, rel=1e-13)
    np.testing.assert_allclose(turned_gradient, gradient @ rotation, atol=1e-10)
    np.testing.assert_allclose(turned_virial, rotation.T @ virial @ rotation, atol=1e-9)

    # moved as a whole, and each atom by some lattice vectors: out of the cell
    images = rng.integers(-2, 3, size=(len(atoms), 3))
    moved_to = atoms.positions + np.array([0.3, -7.0, 20.0]) + images @ atoms.cell
    moved = evaluate(potential, eam.Configuration(moved_to, atoms.cell, types=atoms.types))
    order = rng.permutation(len(atoms))
    shuffled = evaluate(
        potential,
        eam.Configuration(atoms.positions[order], atoms.cell, types=atoms.types[order]),
    )
    assert moved[0] == pytest.approx(energy, rel=1e-13)
    assert shuffled[0] == pytest.approx(energy, rel=1e-13)
    np.testing.assert_allclose(moved[1], gradient, atol=1e-10)
    np.testing.assert_allclose(shuffled[1], gradient[order], atol=1e-10)
    np.testing.assert_allclose(shuffled[3], energies[order], atol=1e-12)


def test_forces_sum_to_zero(potential):
    _, gradient, virial, _ = evaluate(potential, sheared(potential))
    np.testing.assert_allclose(gradient.sum(axis=0), 0.0, atol=1e-12)
    np.testing.assert_allclose(virial, virial.T, atol=1e-12 * np.abs(virial).max())


def test_gradient_is_the_derivative_of_the_energy(potential):
    problem = eam.atomic_problem(potential, sheared(potential))
    manual, x, h = problem.manual, problem.x0, 1e-4
    for v in np.random.default_rng(1).normal(size=(5, *x.shape)):
        energy = [manual.value(x + k * h * v) for k in (-2, -1, 1, 2)]
        expected = (energy[0] - 8 * energy[1] + 8 * energy[2] - energy[3]) / (12 * h)
        # LAMMPS's tables jump in their second derivative, which costs an order here
        assert np.sum(manual.gradient(x) * v) == pytest.approx(expected, rel=1e-7, abs=2e-7)


def test_hessian_vector_is_the_derivative_of_the_gradient(potential):
    problem = eam.atomic_problem(potential, sheared(potential))
    manual, x, h = problem.manual, problem.x0, 1e-5
    rng = np.random.default_rng(2)
    v, w = rng.normal(size=(2, *x.shape))
    actual = manual.hessian_vector(x, v)
    expected = (manual.gradient(x + h * v) - manual.gradient(x - h * v)) / (2 * h)
    scale = np.abs(expected).max()
    # a table's second derivative jumps between intervals
    rough = 1e-3 if isinstance(potential, Tabulated) else 1e-7
    np.testing.assert_allclose(actual, expected, atol=rough * scale)
    assert np.sum(w * actual) == pytest.approx(np.sum(v * manual.hessian_vector(x, w)), rel=1e-9)


def test_virial_is_the_derivative_by_strain(potential):
    atoms = sheared(potential)
    strained, h = eam.strain_problem(potential, atoms), 1e-5
    virial = eam.atomic_problem(potential, atoms).manual.virial(atoms.positions)
    at = 0.02 * np.random.default_rng(3).normal(size=(3, 3))
    expected = np.zeros((2, 3, 3))
    for k, base in enumerate((np.zeros((3, 3)), at)):
        for index in np.ndindex(3, 3):
            step = np.zeros((3, 3))
            step[index] = h
            up, down = strained.manual.value(base + step), strained.manual.value(base - step)
            expected[(k, *index)] = (up - down) / (2 * h)
    np.testing.assert_allclose(virial, expected[0], atol=1e-5)
    np.testing.assert_allclose(strained.manual.gradient(np.zeros((3, 3))), virial, atol=1e-12)
    np.testing.assert_allclose(strained.manual.gradient(at), expected[1], atol=1e-5)


@pytest.mark.parametrize("backend", ["autograd-custom", "jax", "jax-blocked", "jax-dense", "torch"])
@pytest.mark.parametrize("name", ["finnis-sinclair", "fs-alloy"])
def test_every_derivative_by_ad(backend, name, prepare):
    potential = POTENTIALS[name]
    atoms = sheared(potential)
    moved = prepare(eam.atomic_problem(potential, atoms), backend)
    strained = prepare(eam.strain_problem(potential, atoms), backend)
    manual, x = moved.problem.manual, moved.problem.x0
    v = np.random.default_rng(4).normal(size=x.shape)
    np.testing.assert_allclose(moved.gradient(x), manual.gradient(x), atol=1e-11)
    np.testing.assert_allclose(moved.hessian_vector(x, v), manual.hessian_vector(x, v), atol=1e-10)
    np.testing.assert_allclose(strained.gradient(np.zeros((3, 3))), manual.virial(x), atol=1e-10)


@pytest.mark.parametrize("backend", ["numpy", "autograd", "jax", "torch"])
@pytest.mark.parametrize("name", ["sutton-chen", "finnis-sinclair", "cleri-rosato", "hermite"])
def test_isolated_atoms(backend, name, prepare):
    potential = POTENTIALS[name]
    positions = [[0.0, 0, 0], [0, 0, 2.5], [50, 0, 0]]  # a pair, and one alone
    atoms = eam.Configuration(positions, np.zeros((3, 3)), pbc=False)
    prepared = prepare(eam.atomic_problem(potential, atoms), backend)
    x = prepared.problem.x0
    gradient = prepared.gradient(x)
    assert np.isfinite(prepared.value(x))
    assert np.isfinite(gradient).all()
    np.testing.assert_array_equal(gradient[2], 0.0)
    assert prepared.problem.manual.energies(x)[2] == 0.0
    np.testing.assert_allclose(gradient, prepared.problem.manual.gradient(x), atol=1e-12)


def test_no_pairs_at_all():
    energy, gradient, virial, _ = evaluate(
        finnis_sinclair.potential(), eam.Configuration([[1.0, 2, 3]], 50 * np.eye(3))
    )
    assert energy == 0.0
    np.testing.assert_array_equal(gradient, 0.0)
    np.testing.assert_array_equal(virial, 0.0)


def test_pairs_at_the_cutoff(potential):
    def pair_energy(r):
        atoms = eam.Configuration([[0.0, 0, 0], [r, 0, 0]], np.zeros((3, 3)), pbc=False)
        problem = eam.atomic_problem(potential, atoms, skin=0.1)
        isolated = evaluate(potential, eam.Configuration([[0.0, 0, 0]], np.eye(3) * 50))[0]
        return problem.manual.value(problem.x0) - 2 * isolated

    assert pair_energy(potential.cutoff) == 0.0
    assert pair_energy(potential.cutoff + 0.05) == 0.0
    assert pair_energy(0.9 * potential.cutoff) != 0.0


def test_a_skin_changes_nothing(potential):
    atoms = sheared(potential)
    skinned = eam.atomic_problem(potential, atoms, skin=0.4)
    energy, gradient, _, _ = evaluate(potential, atoms)
    assert skinned.manual.value(skinned.x0) == pytest.approx(energy, rel=1e-14)
    np.testing.assert_allclose(skinned.manual.gradient(skinned.x0), gradient, atol=1e-12)


@pytest.mark.parametrize(
    "pbc", [(True,) * 3, (True, False, True), (False, False, True), (False,) * 3]
)
@pytest.mark.parametrize("n_atoms", [1, 2, 20])
def test_half_list_is_complete(pbc, n_atoms):
    rng = np.random.default_rng(n_atoms)
    cell = np.array([[3.0, 0.2, 0], [-1.1, 2.8, 0.3], [0.5, 0.9, 3.5]])
    atoms = eam.Configuration(rng.normal(size=(n_atoms, 3)) * 3, cell, pbc)
    cutoff = 6.0
    pairs = half_list(atoms, cutoff)
    n_images = [8 if periodic else 0 for periodic in atoms.pbc]
    images = np.stack(np.meshgrid(*(np.arange(-n, n + 1) for n in n_images)), -1).reshape(-1, 3)
    d = atoms.positions[None, :, None] - atoms.positions[:, None, None] + images @ cell
    close = np.linalg.norm(d, axis=-1) < cutoff
    found = set(map(tuple, np.column_stack([pairs.i, pairs.j, pairs.images])))
    both = found | {(j, i, -a, -b, -c) for i, j, a, b, c in found}
    expected = {(i, j, *images[k]) for i, j, k in np.argwhere(close) if i != j or images[k].any()}
    assert both == expected
    assert 2 * len(found) == len(expected) == 2 * len(pairs)
    np.testing.assert_allclose(pairs.shift, pairs.images @ cell)


def test_crystals():
    for structure, sizes in (("fcc", (4, 108, 4000)), ("bcc", (2, 54, 128, 4000))):
        for n_atoms in sizes:
            atoms = eam.crystal(structure, 3.0, n_atoms)
            assert len(atoms) == n_atoms
            lengths = np.diag(atoms.cell)
            assert lengths.max() <= 2 * lengths.min()
            basis = 4 if structure == "fcc" else 2
            assert atoms.volume == pytest.approx(27.0 * n_atoms / basis)
    same = [eam.crystal("fcc", 3.0, 32, rattle=0.1, seed=7).positions for _ in range(2)]
    np.testing.assert_array_equal(*same)
    other = eam.crystal("fcc", 3.0, 32, rattle=0.1, seed=8).positions
    assert np.abs(other - same[0]).max() > 0.01


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: eam.crystal("fcc", 3.0, 109), "no fcc block has 109 atoms; .* 108"),
        (lambda: eam.crystal("fcc", 3.0, 1), "4, 8"),
        (lambda: eam.crystal("hcp", 3.0, 4), "structure must be one of fcc, bcc"),
        (lambda: eam.problem("sutton-chen", 5), "no fcc block has 5 atoms"),
        (lambda: eam.Configuration([[0, 0]], np.eye(3)), r"shape \(n_atoms, 3\), not \(1, 2\)"),
        (lambda: eam.Configuration([], np.eye(3)), r"not \(0,\)"),
        (lambda: eam.Configuration(np.zeros((0, 3)), np.eye(3)), "at least one atom"),
        (lambda: eam.Configuration([[0, 0, np.nan]], np.eye(3)), r"positions\[0\] is not finite"),
        (lambda: eam.Configuration([[0, 0, 0j]], np.eye(3)), "real numbers"),
        (lambda: eam.Configuration([[0, 0, 0]], np.zeros((3, 3))), "no volume"),
        (lambda: eam.Configuration([[0, 0, 0]], np.ones((3, 3))), "no volume"),
        (lambda: eam.Configuration([[0, 0, 0]], np.eye(2)), "cell must be real numbers"),
        (lambda: eam.Configuration([[0, 0, 0]], np.eye(3), types=[0, 1]), "1 integers"),
        (lambda: types_of(("Ni", "Al"), ["Ni", "Cu"]), "no element 'Cu' .* Ni, Al"),
        (lambda: sutton_chen.potential("W"), "unknown element of sutton-chen 'W'; .* Ni, Cu"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises((InputError, eam.errors.UnknownNameError), match=message):
        call()


def test_bad_types_and_coincident_atoms():
    potential = finnis_sinclair.potential()
    with pytest.raises(InputError, match="types must be 0 to 0, counting W; they run from 1 to 1"):
        eam.atomic_problem(potential, eam.Configuration([[0, 0, 0]], 9 * np.eye(3), types=[1]))
    twice = eam.Configuration([[0.0, 0, 0], [1, 1, 1], [9, 9, 9]], 9 * np.eye(3))
    close = eam.Configuration([[0.0, 0, 0], [0, 0, 8.95]], 9 * np.eye(3))
    with pytest.raises(InputError, match=r"0\.05 angstrom apart"):
        eam.atomic_problem(potential, close)
    with pytest.raises(InputError, match=r"atoms 0 and 2 are 0 angstrom apart, less than 0\.1"):
        eam.atomic_problem(potential, twice)


def test_density_beyond_the_table():
    potential = tabulated.potential()
    pressed = eam.crystal("fcc", 2.4, 4)
    eam.atomic_problem(potential, eam.crystal("fcc", 3.6, 4), warn_beyond_table=True)
    with pytest.warns(UserWarning, match="4 atoms have a density beyond the table's 100"):
        problem = eam.atomic_problem(potential, pressed, warn_beyond_table=True)
    # linear beyond the table: F' keeps its last value
    f_prime = potential.embedding_derivative(np.array([100.0, 150.0, 200.0]), None)
    np.testing.assert_allclose(f_prime, f_prime[0], rtol=1e-12)
    assert np.isfinite(problem.manual.value(problem.x0))


def test_a_strain_has_no_compiled_gradient():
    problem = eam.strain_problem(POTENTIALS["c2"], sheared(POTENTIALS["c2"]))
    with pytest.raises((NotOfferedError, MissingBackendError)):
        eam.prepare(problem, "numba")


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        (np.eye(3) * 1e-3, "both in angstrom"),
        (np.diag([1e-9, 1e6, 1e6]), "both in angstrom"),
        # without the refusal, vesin ends the process here
        (np.diag([5.0, 3000.0, 3000.0]), r"vesin cannot search a space of \[1, 681, 681\] cutoffs"),
    ],
)
def test_a_cell_that_the_cutoff_does_not_fit_is_refused(cell, message):
    atoms = eam.Configuration([[0, 0, 0]], cell)
    with pytest.raises(InputError, match=message):
        half_list(atoms, 4.4)


def test_atoms_far_away_are_refused():
    with pytest.raises(InputError, match=r"positions\[1\] is beyond 1e\+07 angstrom"):
        eam.Configuration([[0, 0, 0], [0, 1e300, 0]], np.eye(3), False)
