"""The cell list against vesin, in cells of every kind."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from vesin import NeighborList

from eam.errors import InputError
from eam.kernels.cell_list import build


def pairs_of(found):
    """(n_pairs, 5) rows i, j, vector; each pair in the direction that sorts first."""
    i, j = np.repeat(found.centres, np.diff(found.start)), found.neighbours
    place = found.built_at[found.atom_of] + found.shift
    return canonical(found.atom_of[i], found.atom_of[j], place[j] - place[i])


def canonical(i, j, vectors):
    i, j = i.astype(int), j.astype(int)
    x, y, z = vectors.round(6).T
    leading = np.where(x != 0.0, x, np.where(y != 0.0, y, z))
    backwards = (i > j) | ((i == j) & (leading < 0.0))
    vectors = np.where(backwards[:, None], -vectors, vectors)
    rows = np.column_stack([np.minimum(i, j), np.maximum(i, j), vectors])
    return rows[np.lexsort(rows[:, [4, 3, 2, 1, 0]].round(6).T)]


def expected_pairs(positions, cell, periodic, cutoff):
    search = NeighborList(cutoff=cutoff, full_list=False)
    return canonical(
        *search.compute(points=positions, box=cell, periodic=periodic, quantities="ijD")
    )


@st.composite
def configurations(draw):
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    cell = np.diag(rng.uniform(1.5, 12.0, 3)) + draw(st.sampled_from([0.0, 1.5])) * rng.normal(
        size=(3, 3)
    )
    periodic = np.array(draw(st.tuples(*[st.booleans()] * 3)))
    positions = rng.uniform(-1.5, 2.5, (draw(st.integers(1, 40)), 3)) @ cell
    return positions, cell, periodic, draw(st.floats(0.5, 7.0))


@settings(max_examples=150, deadline=None)
@given(configurations())
@pytest.mark.slow
def test_against_vesin(configuration):
    positions, cell, periodic, cutoff = configuration
    if abs(np.linalg.det(cell)) < 3.0:
        cell = cell + 6.0 * np.eye(3)
    actual = pairs_of(build(positions, cell, periodic, cutoff))
    expected = expected_pairs(positions, cell, periodic, cutoff)
    # sizes first: allclose would broadcast
    assert actual.shape == expected.shape
    np.testing.assert_allclose(actual, expected, atol=1e-9)


def test_free_axes_without_vectors():
    positions = np.random.default_rng(0).uniform(0.0, 6.0, (30, 3))
    free = pairs_of(build(positions, np.zeros((3, 3)), np.zeros(3, bool), 2.5))
    expected = expected_pairs(positions, 100.0 * np.eye(3), np.zeros(3, bool), 2.5)
    np.testing.assert_allclose(free, expected, atol=1e-12)


def test_a_few_atoms_in_a_large_empty_cell_need_few_bins():
    positions = np.array([[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [5e4, 5e4, 5e4]])
    found = build(positions, 1e5 * np.eye(3), np.ones(3, bool), 2.0)
    assert len(pairs_of(found)) == 1


def test_an_atom_is_neighbour_of_its_own_images():
    # simple cubic, one atom: 6 + 12 + 8 neighbours within 1.8 edges, half of them listed
    found = build(np.zeros((1, 3)), np.eye(3), np.ones(3, bool), 1.8)
    assert len(found.neighbours) == 13


def test_every_pair_is_listed_under_its_earlier_image():
    positions = np.random.default_rng(1).uniform(0.0, 9.0, (100, 3))
    found = build(positions, 9.0 * np.eye(3), np.ones(3, bool), 3.0)
    centre = np.repeat(found.centres, np.diff(found.start))
    assert len(centre) > 100
    assert (found.neighbours > centre).all()


@pytest.mark.parametrize(
    ("positions", "cell", "message"),
    [
        (np.array([[0.0, np.nan, 0.0]]), np.eye(3), "NaN"),
        (np.array([[np.inf, 0.0, 0.0]]), np.eye(3), "infinity"),
        (np.zeros((1, 3)), np.ones((3, 3)), "no volume"),
        (np.zeros((1, 3)), np.zeros((3, 3)), "no volume"),
    ],
)
def test_bad_input(positions, cell, message):
    with pytest.raises(InputError, match=message):
        build(positions, cell, np.ones(3, bool), 1.0)
