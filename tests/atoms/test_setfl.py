"""Potential files: what is written is read back, and what is wrong is named with its line."""

from dataclasses import replace

import numpy as np
import pytest

import eam
from eam.atoms import textfile
from eam.atoms.setfl import COULOMB, SYMBOLS, read_funcfl, read_setfl, write_funcfl, write_setfl
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


@pytest.mark.parametrize(
    ("comment", "read"),
    [("", "\n\n"), ("one", "one\n\n"), ("one\ntwo\nthree\nfour", "one\ntwo\nthree")],
)
def test_a_comment_has_three_lines(tmp_path, comment, read):
    write_setfl(tmp_path / "file", replace(alloy(1), comment=comment))
    assert read_setfl(tmp_path / "file").tables.comment == read


# lines of the file: 20 is the header of Al
@pytest.mark.parametrize(
    ("header", "structure"),
    [
        ("13 26.981538 4.05", "unknown"),
        ("0 26.981538 4.05 xyz 1", "xyz"),
        ("13 26.981538 4.05 L12", "L12"),
    ],
)
@pytest.mark.parametrize("kind", ["alloy", "fs"])
def test_a_header_may_leave_the_structure_out(tmp_path, kind, header, structure):
    path, tables = tmp_path / "file", alloy(2)
    write_setfl(path, tables, kind)
    lines = path.read_text().splitlines()
    at = next(k for k, line in enumerate(lines) if line.startswith("13 "))
    path.write_text("\n".join(replaced(at + 1, header)(lines)))
    actual = read_setfl(path).tables
    assert actual.structures == ("fcc", structure)
    assert actual.atomic_numbers == (28, int(header.split()[0]))
    np.testing.assert_array_equal(actual.density, tables.density)
    np.testing.assert_array_equal(actual.r_pair, tables.r_pair)


@pytest.mark.parametrize("start", ["0 0 0 0 0", "7 7.5 7 7 7", "7.5 0 0 0 0", "-7 0 0 0 0"])
def test_a_line_of_numbers_is_no_header(tmp_path, start):
    path, tables = tmp_path / "file", alloy(2, symmetric=False)
    write_setfl(path, tables, "fs")
    lines = path.read_text().splitlines()
    at = 13 + 5 + 1  # the density of Ni at Al, after three comments, elements, grid, header, F
    path.write_text("\n".join(replaced(at, start)(lines)))
    actual = read_setfl(path).tables
    np.testing.assert_array_equal(actual.density[1, 0, :5], [float(w) for w in start.split()])
    np.testing.assert_array_equal(actual.density[0, 0], tables.density[0, 0])


@pytest.mark.parametrize("in_a_line", [1, 2])
def test_a_few_numbers_a_line_are_no_header(tmp_path, in_a_line):
    path, tables = tmp_path / "file", alloy(2, symmetric=False)
    write_setfl(path, tables, "fs")
    lines = path.read_text().splitlines()
    words = ["7", *" ".join(lines[18:23]).split()[1:]]
    pieces = [" ".join(words[k : k + in_a_line]) for k in range(0, 21, in_a_line)]
    path.write_text("\n".join([*lines[:18], *pieces, *lines[23:]]))
    assert read_setfl(path).tables.density[1, 0, 0] == 7.0


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


def test_a_charge_is_in_the_units_of_lammps(tmp_path):
    assert pytest.approx(14.3888, rel=1e-12) == COULOMB
    tables = alloy(1)
    tables.r_pair[:] = 4.0 * 14.3888
    write_funcfl(tmp_path / "file", tables)
    charges = (tmp_path / "file").read_text().splitlines()[3 + 7 : 3 + 7 + 5]
    assert [float(word) for line in charges for word in line.split()] == pytest.approx([2.0] * 21)


def test_a_light_particle_has_a_mass(tmp_path):
    write_setfl(tmp_path / "file", replace(alloy(1), masses=(5.4858e-4,)))
    assert read_setfl(tmp_path / "file").tables.masses == (5.4858e-4,)


# of an eam/fs file of three elements: 5 lines; for each a header, 7 lines of F and 3 x 5 of
# densities; 6 x 5 lines of pairs
@pytest.mark.parametrize(
    ("kept", "expected"),
    [
        (5 + 8 + 9, "density of Ni at Al"),
        (5 + 8 + 14, "density of Ni at H"),
        (5 + 3 * 23 + 4, "r phi of Ni-Ni"),
        (5 + 3 * 23 + 9, "r phi of Al-Ni"),
        (5 + 3 * 23 + 24, "r phi of H-Al"),
        (5 + 3 * 23 + 29, "r phi of H-H"),
    ],
)
def test_the_table_that_is_cut_off_is_named(tmp_path, kept, expected):
    path = tmp_path / "file"
    write_setfl(path, alloy(3, symmetric=False), "fs")
    path.write_text("\n".join(path.read_text().splitlines()[:kept]))
    with pytest.raises(eam.errors.PotentialFileError, match=f"21 numbers: {expected}; found the"):
        read_setfl(path)


def cubics(number, n_rho, drho, n_r, dr, cutoff):
    """Tables of third-degree polynomials, which four-point interpolation gives exactly."""
    rho, r = drho * np.arange(n_rho), dr * np.arange(n_r)
    charge = number * (1.0 + 0.1 * r - 0.2 * r**2 + 0.1 * r**3)
    return Tables(
        elements=(SYMBOLS[number],),
        atomic_numbers=(number,),
        masses=(2.0 * number,),
        lattice_constants=(3.0 + 0.01 * number,),
        structures=("fcc",),
        drho=drho,
        dr=dr,
        cutoff=cutoff,
        embedding=(-1.0 * rho + 0.3 * rho**2 - 0.02 * rho**3)[None],
        density=(number - 0.5 * r + 0.2 * r**2 - 0.01 * r**3)[None, None],
        r_pair=14.3888 * charge[None, None] ** 2,
        comment=f"number {number}",
    )


def test_funcfl_files_are_mixed_on_the_coarsest_and_longest_grid(tmp_path):
    # in r, the first file is coarse and long; in rho, the second
    first = cubics(29, n_rho=31, drho=0.1, n_r=21, dr=0.25, cutoff=4.9)
    second = cubics(47, n_rho=23, drho=0.2, n_r=46, dr=0.1, cutoff=4.5)
    for name, tables in (("first", first), ("second", second)):
        write_funcfl(tmp_path / name, tables)
    mixed = read_funcfl(tmp_path / "first", tmp_path / "second").tables
    assert (mixed.dr, mixed.drho, mixed.cutoff) == (0.25, 0.2, 4.9)
    assert mixed.elements == ("Cu", "Ag")
    assert mixed.atomic_numbers == (29, 47)
    assert mixed.masses == (58.0, 94.0)
    assert mixed.lattice_constants == (3.29, 3.47)
    assert mixed.comment == "number 29\nnumber 47"
    # of 5.0 / 0.25 and 4.4 / 0.2 points; beyond its own range a table keeps its last value
    long_first = cubics(29, n_rho=22, drho=0.2, n_r=20, dr=0.25, cutoff=1.0)
    long_second = cubics(47, n_rho=22, drho=0.2, n_r=20, dr=0.25, cutoff=1.0)
    embedding = np.stack([long_first.embedding[0], long_second.embedding[0]])
    embedding[0, 16:] = first.embedding[0, -1]  # from rho = 3.2, where the first ends at 3.0
    np.testing.assert_allclose(mixed.embedding, embedding, rtol=1e-12, atol=1e-12)
    density = np.stack([long_first.density[0, 0], long_second.density[0, 0]])
    density[1, 19:] = second.density[0, 0, -1]  # from r = 4.75, where the second ends at 4.5
    np.testing.assert_allclose(mixed.density[0], density, rtol=1e-12)
    np.testing.assert_array_equal(mixed.density[0], mixed.density[1])
    charge = np.sqrt(np.stack([long_first.r_pair[0, 0], long_second.r_pair[0, 0]]) / 14.3888)
    charge[1, 19:] = np.sqrt(second.r_pair[0, 0, -1] / 14.3888)
    r_pair = 14.3888 * charge[:, None] * charge[None]
    np.testing.assert_allclose(mixed.r_pair, r_pair, rtol=1e-12)


def test_a_grid_that_the_range_does_not_divide_is_rounded(tmp_path):
    write_funcfl(tmp_path / "long", cubics(29, n_rho=28, drho=0.1, n_r=49, dr=0.1, cutoff=4.0))
    write_funcfl(tmp_path / "coarse", cubics(47, n_rho=6, drho=0.2, n_r=6, dr=0.25, cutoff=1.0))
    tables = read_funcfl(tmp_path / "long", tmp_path / "coarse").tables
    assert tables.density.shape == (2, 2, 19)  # 4.8 / 0.25 = 19.2
    assert tables.embedding.shape == (2, 14)  # 2.7 / 0.2 = 13.5


def test_funcfl_takes_one_file_of_each_element(tmp_path):
    write_funcfl(tmp_path / "file", alloy(1))
    with pytest.raises(eam.errors.InputError, match="at least one file"):
        read_funcfl()
    with pytest.raises(eam.errors.InputError, match="two files of one element: Ni, Ni"):
        read_funcfl(tmp_path / "file", tmp_path / "file")


def test_funcfl_keeps_the_first_line_of_a_comment(tmp_path):
    for comment in ("one\ntwo", ""):
        write_funcfl(tmp_path / "file", replace(alloy(1), comment=comment))
        assert read_funcfl(tmp_path / "file").tables.comment == comment.partition("\n")[0]


@pytest.mark.parametrize(("number", "symbol"), [(1, "H"), (92, "U")])
def test_funcfl_names_elements_by_their_atomic_numbers(tmp_path, number, symbol):
    write_funcfl(tmp_path / "file", replace(alloy(1), atomic_numbers=(number,)))
    assert read_funcfl(tmp_path / "file").tables.elements == (symbol,)


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
        (replaced(4, "0 Ni Al"), 4, "number of elements and their symbols (line 4", "'0'"),
        (replaced(4, "3 Ni Al"), 4, "3 symbols", "2"),
        (replaced(4, "1 Ni Al"), 4, "1 symbols", "2"),
        (replaced(4, "2 Ni Ni"), 4, "symbols that differ; found Ni Ni", "Ni Ni"),
        (replaced(5, "31 0.1 21 0.25"), 5, "Nrho drho Nr dr cutoff", "4"),
        (replaced(5, "31 -0.1 21 0.25 5.0"), 5, "drho, a positive number", "'-0.1'"),
        (replaced(5, "31 0.1 21 0.25 5.0 6"), 5, "Nrho drho Nr dr cutoff", "6"),
        (replaced(5, "4 0.1 21 0.25 5.0"), 5, "Nrho, at least 5", "'4'"),
        (replaced(5, "5 0.1 21 0.25 5.0"), 12, "21 numbers: density of Ni", "25 up to the end"),
        (replaced(5, "31 0.1 5 0.25 5.0"), 16, "atomic number", "'"),
        (replaced(5, "31 0.1 4 0.25 5.0"), 5, "Nr, at least 5", "'4'"),
        (replaced(5, "31 0.1 21 0.25 0.0"), 5, "the cutoff, a positive number", "'0.0'"),
        (replaced(5, "31 0.1 21 nan 5.0"), 5, "dr, a positive number", "'nan'"),
        (
            replaced(5, "31 0.1 21 1e308 5.0"),
            5,
            "dr, a positive number from 1e-06 to 10",
            "'1e308'",
        ),
        (replaced(5, "31 1e308 21 0.25 5.0"), 5, "from 1e-20 to 1e+20", "'1e308'"),
        (replaced(5, "31 0.1 21 0.25 1e3"), 5, "from 0.1 to 100 angstrom", "'1e3'"),
        (replaced(5, "31 0.1 21 0.25 1e-310"), 5, "from 0.1 to 100 angstrom", "'1e-310'"),
        (replaced(5, "31 0.1 21 0.25 1_0"), 5, "the cutoff", "'1_0'"),
        (replaced(5, "3_1 0.1 21 0.25 5"), 5, "Nrho", "'3_1'"),
        (
            replaced(5, "31 0.1 1000000000000 0.25 5.0"),
            5,
            "Nr, at most 10000000",
            "'1000000000000'",
        ),
        (
            replaced(5, "31 0.1 10000000 0.25 5.0"),
            5,
            "50000062 numbers: tables of 2 elements",
            "too short for them",
        ),
        (replaced(4, "201 Ni"), 4, "at most 200", "'201'"),
        (replaced(6, "1000 58.7 3.52 fcc"), 6, "at most 999", "'1000'"),
        (replaced(6, 5000 * "9" + " 58.7 3.52 fcc"), 6, "atomic number", "'9999"),
        (replaced(9, "1.0 2.0 1_0 3.0 4.0"), 9, "finite number: F of Ni", "'1_0'"),
        (replaced(9, "1.0 2.0 \u0665 3.0 4.0"), 9, "finite number: F of Ni", "'\u0665'"),
        (replaced(9, "1.0 2.0 1e31 3.0 4.0"), 9, "finite number: F of Ni", "'1e31'"),
        (replaced(6, "28 \x1b[31m"), 6, "structure' of Ni", "28 \N{REPLACEMENT CHARACTER}[31m"),
        (replaced(5, "29 0.1 21 0.25 5.0"), 12, "29 numbers: F of Ni", "30"),
        (replaced(6, "28 fcc"), 6, "'Z mass lattice_constant structure' of Ni", "28 fcc"),
        (replaced(6, "28 " + 70 * "x"), 6, "structure' of Ni", "28 " + 57 * "x" + "\n"),
        (replaced(6, "-1 58.7 3.52 fcc"), 6, "atomic number", "'-1'"),
        (replaced(6, "28 58.7 fcc 3.52"), 6, "a lattice constant", "'fcc'"),
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
    assert found in message.partition("; found ")[2] + "\n"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (replaced(2, "93 1.0 3.0 fcc"), ":2: expected an atomic number from 1 to 92; found 93"),
        (replaced(2, "0 1.0 3.0 fcc"), ":2: expected an atomic number from 1 to 92; found 0"),
        (replaced(2, "28 1.0"), "structure' of the element; found 28 1.0"),
        (lambda lines: lines[:-1], "21 numbers: the density; found the end of the file after 20"),
        (lambda lines: [*lines, "1.0"], "nothing after the density; found '1.0'"),
    ],
)
def test_malformed_funcfl(tmp_path, change, message):
    path = tmp_path / "bad.eam"
    write_funcfl(path, alloy(1))
    path.write_text("\n".join(change(path.read_text().splitlines())))
    with pytest.raises(eam.errors.PotentialFileError) as caught:
        read_funcfl(path)
    assert message in str(caught.value)


@pytest.mark.parametrize("name", ["/dev/zero", "a\0b", ""])
def test_what_is_no_file_of_text(name, monkeypatch):
    monkeypatch.setattr(textfile, "MOST_CHARACTERS", 10**6)
    with pytest.raises(eam.errors.PotentialFileError, match="expected"):
        read_setfl(name)


def test_no_file(tmp_path):
    with pytest.raises(eam.errors.PotentialFileError, match="missing: expected a readable file"):
        read_setfl(tmp_path / "missing")


def test_unknown_interpolation(tmp_path):
    write_setfl(tmp_path / "file", alloy(1))
    with pytest.raises(eam.errors.InputError, match="hermite, c2"):
        read_setfl(tmp_path / "file", "linear")
