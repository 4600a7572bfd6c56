"""Potential files: what is written is read back, and what is wrong is named with its line."""

import numpy as np
import pytest

import eam
from eam.atoms.setfl import read_funcfl, read_setfl, write_funcfl, write_setfl
from eam.atoms.tables import Tables
from eam.models import tabulated


def alloy(n_elements=2, symmetric=True):
    """Small tables of smooth functions."""
    rng = np.random.default_rng(3)
    r = np.linspace(0, 5, 21)
    density = rng.random((1 if symmetric else n_elements, n_elements, 1)) * np.exp(-r)
    pair = rng.random((n_elements, n_elements, 1)) * (5 - r) ** 2
    return Tables(
        elements=("Ni", "Al", "H")[:n_elements],
        atomic_numbers=(28, 13, 1)[:n_elements],
        masses=(58.6934, 26.981538, 1.008)[:n_elements],
        lattice_constants=(3.52, 4.05, 3.0)[:n_elements],
        structures=("fcc", "fcc", "hcp")[:n_elements],
        drho=0.1,
        dr=0.25,
        cutoff=5.0,
        embedding=-rng.random((n_elements, 1)) * np.sqrt(np.linspace(0, 3, 31)),
        density=np.broadcast_to(density, (n_elements, n_elements, 21)),
        r_pair=pair + pair.swapaxes(0, 1),
        comment="one\ntwo\nthree",
    )


def assert_same(actual, expected):
    for name in Tables.__dataclass_fields__:
        np.testing.assert_array_equal(getattr(actual, name), getattr(expected, name), err_msg=name)


@pytest.mark.parametrize(
    ("tables", "kind"),
    [
        (alloy(1), "alloy"),
        (alloy(1), "fs"),
        (alloy(3), "alloy"),
        (alloy(2), "fs"),
        (alloy(3, symmetric=False), "fs"),
        (tabulated.copper(), "alloy"),
    ],
)
def test_setfl_round_trip(tmp_path, tables, kind):
    write_setfl(tmp_path / "file", tables, kind)
    assert_same(read_setfl(tmp_path / "file").tables, tables)


def test_setfl_kinds_that_cannot_be_written(tmp_path):
    with pytest.raises(eam.errors.InputError, match="kind='fs'"):
        write_setfl(tmp_path / "file", alloy(2, symmetric=False), "alloy")
    with pytest.raises(eam.errors.InputError, match="alloy, fs"):
        write_setfl(tmp_path / "file", alloy(2), "eam")


def test_funcfl_round_trip(tmp_path):
    tables = alloy(1)
    write_funcfl(tmp_path / "file", tables)
    actual = read_funcfl(tmp_path / "file").tables
    # LAMMPS's grid ends one point before the file's
    np.testing.assert_allclose(actual.r_pair[0, 0], tables.r_pair[0, 0, :-1], rtol=1e-14)
    np.testing.assert_allclose(actual.density[0, 0], tables.density[0, 0, :-1], rtol=1e-14)
    np.testing.assert_allclose(actual.embedding[0], tables.embedding[0, :-1], rtol=1e-14)
    assert actual.elements == ("Ni",)


def test_funcfl_cannot_hold(tmp_path):
    with pytest.raises(eam.errors.InputError, match="one element"):
        write_funcfl(tmp_path / "file", alloy(2))
    attractive = alloy(1)
    attractive.r_pair[0, 0, 3] = -1.0
    with pytest.raises(eam.errors.InputError, match="attractive"):
        write_funcfl(tmp_path / "file", attractive)


def replaced(line, text):
    """A change to a file: line `line`, counted from 1, becomes `text`."""

    def change(lines):
        return [*lines[: line - 1], text, *lines[line:]]

    return change


# lines of the file: 3 comments, 4 elements, 5 grid, 6 header, 7-13 F of Ni, 14-18 density of Ni
@pytest.mark.parametrize(
    ("change", "line", "expected", "found"),
    [
        (replaced(4, "two Ni Al"), 4, "number of elements", "'two'"),
        (replaced(4, "3 Ni Al"), 4, "3 symbols", "2"),
        (replaced(4, "2 Ni Ni"), 4, "differ", "Ni Ni"),
        (replaced(5, "31 0.1 21 0.25"), 5, "Nrho drho Nr dr cutoff", "4"),
        (replaced(5, "31 -0.1 21 0.25 5.0"), 5, "drho, a positive number", "'-0.1'"),
        (replaced(5, "31 0.1 2 0.25 5.0"), 5, "Nr, at least 5", "'2'"),
        (replaced(5, "31 0.1 21 nan 5.0"), 5, "dr, a positive number", "'nan'"),
        (replaced(5, "29 0.1 21 0.25 5.0"), 12, "29 numbers: F of Ni", "30"),
        (replaced(6, "28 fcc"), 6, "'Z mass lattice_constant structure' of Ni", "28 fcc"),
        (replaced(6, "Ni 58 3.52 fcc"), 6, "atomic number", "'Ni'"),
        (replaced(6, "28 0.0 3.52 fcc"), 6, "positive mass", "'0.0'"),
        (replaced(9, "1.0 2.0 oops 3.0 4.0"), 9, "finite number: F of Ni", "'oops'"),
        (replaced(15, "1.0 2.0 inf 3.0 4.0"), 15, "finite number: density of Ni", "'inf'"),
        (lambda lines: lines[:20], 20, "31 numbers: F of Al", "end of the file"),
        (lambda lines: lines[:3], 3, "number of elements", "end of the file"),
        (lambda lines: [], 1, "comment", "end of the file"),
        (lambda lines: [*lines, "1.0"], 47, "nothing after the last table", "'1.0'"),
    ],
)
def test_malformed_setfl(tmp_path, change, line, expected, found):
    path = tmp_path / "bad.eam.alloy"
    write_setfl(path, alloy(2))
    path.write_text("\n".join(change(path.read_text().splitlines())))
    with pytest.raises(eam.errors.PotentialFileError) as caught:
        read_setfl(path)
    message = str(caught.value)
    assert message.startswith(f"{path}:{line}: expected ")
    assert expected in message
    assert found in message.partition("; found ")[2]


def test_malformed_funcfl(tmp_path):
    path = tmp_path / "bad.eam"
    write_funcfl(path, alloy(1))
    lines = path.read_text().splitlines()
    path.write_text("\n".join(replaced(2, "128 1.0 3.0 fcc")(lines)))
    with pytest.raises(eam.errors.PotentialFileError, match=r":2: expected an atomic number"):
        read_funcfl(path)
    path.write_text("\n".join(lines[:-1]))
    with pytest.raises(eam.errors.PotentialFileError, match="the density; found the end"):
        read_funcfl(path)


def test_no_file(tmp_path):
    with pytest.raises(eam.errors.PotentialFileError, match="missing: expected a readable file"):
        read_setfl(tmp_path / "missing")


def test_unknown_interpolation(tmp_path):
    write_setfl(tmp_path / "file", alloy(1))
    with pytest.raises(eam.errors.InputError, match="hermite, c2"):
        read_setfl(tmp_path / "file", "linear")
