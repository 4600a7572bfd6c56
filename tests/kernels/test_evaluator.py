"""The compiled kernels against the NumPy gradient, against brute force, and against themselves."""

import numpy as np
import pytest

from eam.atoms import Configuration, crystal
from eam.atoms.tables import Tables, Tabulated
from eam.errors import NotOfferedError
from eam.kernels.evaluator import Evaluator
from eam.models import cleri_rosato, finnis_sinclair, sutton_chen, tabulated
from eam.models.atomic import atomic_problem
from eam.models.pairs import ByHand

pytestmark = pytest.mark.slow


def alloy(symmetric):
    """Two elements made of copper's table; with different densities there and back as in eam/fs."""
    copper = tabulated.copper()
    factors = (
        np.array([[1.0, 0.8], [0.8, 1.2]]) if symmetric else np.array([[1.0, 0.7], [0.9, 1.2]])
    )
    pairs = np.array([[1.0, 1.1], [1.1, 1.3]])
    return Tabulated(
        Tables(
            elements=("A", "B"),
            atomic_numbers=(29, 47),
            masses=(63.5, 107.9),
            lattice_constants=(3.615, 4.0),
            structures=("fcc", "fcc"),
            drho=copper.drho,
            dr=copper.dr,
            cutoff=copper.cutoff,
            embedding=np.array([1.0, 0.9])[:, None] * copper.embedding,
            density=factors[..., None] * copper.density[0, 0],
            r_pair=pairs[..., None] * copper.r_pair[0, 0],
        )
    )


POTENTIALS = {
    "finnis-sinclair W": finnis_sinclair.potential("W"),
    "finnis-sinclair Fe": finnis_sinclair.potential("Fe"),
    "sutton-chen Cu": sutton_chen.potential("Cu"),
    "sutton-chen Pd": sutton_chen.potential("Pd"),
    "cleri-rosato Au": cleri_rosato.potential("Au"),
    "table hermite": tabulated.potential("hermite"),
    "table c2": tabulated.potential("c2"),
    "alloy": alloy(symmetric=True),
    "fs": alloy(symmetric=False),
}


def block(potential, n_atoms, rattle=0.1, seed=1):
    structure = "bcc" if potential.elements[0] in finnis_sinclair.PARAMETERS else "fcc"
    edge = 3.0 if structure == "bcc" else 3.9
    atoms = crystal(structure, edge, n_atoms, rattle=rattle, seed=seed)
    types = np.random.default_rng(seed).integers(0, len(potential.elements), len(atoms))
    # sheared, so nothing relies on an orthogonal cell
    shear = np.eye(3) + np.array([[0.0, 0.0, 0.0], [0.13, 0.0, 0.0], [-0.2, 0.31, 0.0]])
    return Configuration(atoms.positions @ shear, atoms.cell @ shear, True, types)


@pytest.fixture(params=POTENTIALS)
def potential(request):
    return POTENTIALS[request.param]


@pytest.mark.parametrize("n_atoms", [4, 16, 108, 2048])
def test_against_numpy(potential, n_atoms):
    # from smaller than the cutoff to enough layers for the second pass to overtake
    atoms = block(potential, n_atoms)
    reference = atomic_problem(potential, atoms)
    by_hand = ByHand(potential, reference.data, n_atoms)
    kernel = Evaluator(potential, atoms, skin=0.4)
    energies, gradient, virial = kernel.evaluate(atoms.positions)
    scale = np.abs(by_hand.gradient(atoms.positions)).max()
    np.testing.assert_allclose(
        gradient, by_hand.gradient(atoms.positions), rtol=1e-11, atol=1e-11 * scale
    )
    np.testing.assert_allclose(energies, by_hand.energies(atoms.positions), atol=1e-11)
    expected = by_hand.virial(atoms.positions)
    np.testing.assert_allclose(virial, expected, atol=1e-10 * np.abs(expected).max())
    assert kernel.value(atoms.positions) == pytest.approx(by_hand.value(atoms.positions), abs=1e-9)


def test_gradient_is_the_derivative_of_the_value(potential):
    atoms = block(potential, 16)
    kernel = Evaluator(potential, atoms, skin=0.1)
    direction = np.random.default_rng(3).standard_normal(atoms.positions.shape)
    step = 1e-4
    ahead = kernel.value(atoms.positions + step * direction)
    behind = kernel.value(atoms.positions - step * direction)
    along = np.vdot(kernel.gradient(atoms.positions), direction)
    # plainly truncated forms jump as a pair crosses the cutoff; here none does
    assert (ahead - behind) / (2.0 * step) == pytest.approx(along, rel=1e-5, abs=1e-6)


def test_brute_force():
    """All pairs of a free cluster, written out with no list at all."""
    potential = finnis_sinclair.potential("W")
    x = np.random.default_rng(5).uniform(0.0, 9.0, (25, 3))
    d = x[:, None] - x[None]
    r = np.sqrt((d * d).sum(axis=-1)) + 1e9 * np.eye(len(x))
    rho, phi, rho_prime, phi_prime = potential.radial_derivatives(r, None)
    rho_i = rho.sum(axis=1)
    f_prime = potential.embedding_derivative(rho_i, None)
    s = (phi_prime + (f_prime[:, None] + f_prime[None]) * rho_prime) / r
    energies = 0.5 * phi.sum(axis=1) - 1.896373 * np.sqrt(rho_i)
    kernel = Evaluator(potential, Configuration(x, np.zeros((3, 3)), False))
    np.testing.assert_allclose(
        kernel.gradient(x), np.einsum("ij,ijc->ic", s, d), rtol=1e-11, atol=1e-9
    )
    np.testing.assert_allclose(kernel.energies(x), energies, rtol=1e-12)


def test_a_list_serves_every_position_within_its_skin():
    potential, skin = tabulated.potential(), 0.8
    atoms = block(potential, 108, rattle=0.0)
    kernel = Evaluator(potential, atoms, skin)
    rng = np.random.default_rng(2)
    first = kernel.gradient(atoms.positions)
    for _ in range(5):
        moved = atoms.positions + rng.uniform(-1.0, 1.0, (108, 3)) * 0.5 * skin / np.sqrt(3.0)
        fresh = Evaluator(potential, Configuration(moved, atoms.cell, True))
        np.testing.assert_allclose(kernel.gradient(moved), fresh.gradient(moved), atol=1e-12)
    np.testing.assert_allclose(kernel.gradient(atoms.positions), first, atol=1e-13)


def test_rebuilding_takes_the_memory_that_is_there():
    potential = POTENTIALS["fs"]
    kernel = Evaluator(potential, block(potential, 500), skin=0.2)
    energies = kernel._work.energies
    for n_atoms in (108, 500, 864):  # fewer, as many, more
        atoms = block(potential, n_atoms, seed=n_atoms)
        kernel.rebuild(atoms)
        fresh = Evaluator(potential, atoms, skin=0.2)
        assert np.array_equal(kernel.gradient(atoms.positions), fresh.gradient(atoms.positions))
        assert kernel.value(atoms.positions) == fresh.value(atoms.positions)
        assert np.shares_memory(energies, kernel._work.energies) == (n_atoms <= 500)


def test_a_bound_call_follows_what_x_holds():
    potential = POTENTIALS["table hermite"]
    atoms = block(potential, 108)
    kernel = Evaluator(potential, atoms, skin=0.4)
    x, out = atoms.positions.copy(), np.empty((108, 3))
    call = kernel.bind(out, x)
    x[3, 0] += 0.1
    call()
    assert np.array_equal(out, kernel.gradient(x))


def test_the_same_call_gives_the_same_bits():
    potential = tabulated.potential()
    atoms = block(potential, 500)
    kernel = Evaluator(potential, atoms, skin=0.5)
    assert np.array_equal(kernel.gradient(atoms.positions), kernel.gradient(atoms.positions))


@pytest.mark.parametrize("n_atoms", [4, 108, 2048])
@pytest.mark.parametrize("potential", ["table hermite", "fs", "finnis-sinclair Fe"], indirect=True)
@pytest.mark.slow
def test_on_threads_as_on_one(potential, n_atoms):
    atoms = block(potential, n_atoms)
    x = atoms.positions
    alone = Evaluator(potential, atoms, 0.4)
    together = Evaluator(potential, atoms, 0.4, n_threads=3)
    expected = alone.gradient(x)
    np.testing.assert_allclose(together.gradient(x), expected, atol=1e-13 * np.abs(expected).max())
    # in this order: no pass may rely on what another call left behind
    moved = x + 0.01 * np.random.default_rng(0).standard_normal(x.shape)
    assert together.value(moved) == pytest.approx(alone.value(moved), rel=1e-14)
    np.testing.assert_allclose(together.virial(x), alone.virial(x), atol=1e-9)
    assert np.array_equal(together.gradient(x), together.gradient(x))


def test_slabs_have_about_as_many_pairs_each():
    potential = tabulated.potential()
    found = Evaluator(potential, block(potential, 2048), n_threads=3).list
    pairs_before = found.start[found.layers]
    assert len(found.slabs) == 4
    most_of_a_layer = np.diff(pairs_before).max()
    assert np.ptp(np.diff(pairs_before[found.slabs])) <= 2 * most_of_a_layer


def test_isolated_atoms_and_pairs_beyond_the_cutoff_feel_nothing(potential):
    beyond = 1.01 * potential.cutoff
    x = np.array([[0.0, 0.0, 0.0], [beyond, 0.0, 0.0], [0.0, 40.0, 0.0]])
    atoms = Configuration(x, np.zeros((3, 3)), False)
    kernel = Evaluator(potential, atoms, skin=1.0)
    assert np.array_equal(kernel.gradient(x), np.zeros((3, 3)))


def test_nan_comes_out_where_it_goes_in():
    potential = finnis_sinclair.potential("W")
    atoms = block(potential, 16)
    x = atoms.positions.copy()
    x[3, 1] = np.nan
    for n_threads in (1, 2):
        kernel = Evaluator(potential, atoms, n_threads=n_threads)
        assert np.isnan(kernel.value(x))
        assert np.isnan(kernel.gradient(x)).all()


def test_a_form_without_a_kernel_is_refused():
    class Strange:
        cutoff = 3.0
        elements = ("X",)

    with pytest.raises(NotOfferedError, match="Strange"):
        Evaluator(Strange(), Configuration(np.zeros((1, 3)), np.eye(3)))
