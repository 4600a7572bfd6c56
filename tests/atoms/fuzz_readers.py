"""What any bytes do to the readers of potential files: a result, or an error with file and line.

fuzz.py runs this under atheris (`make fuzz`); test_fuzz.py tries the corpus and some mutations of
it. `corpus/` holds a small file of each kind, and each input that once raised another error, hung
or took all memory.
"""

from pathlib import Path

import numpy as np

from eam.atoms.setfl import read_funcfl, read_setfl
from eam.errors import PotentialFileError
from eam.ops import Ops

CORPUS = Path(__file__).with_name("corpus")
WORDS = (
    b"0 -1 5 7 92 1000 nan inf 1e308 -1e308 1e-310 1_0 1e3 0.1 1e30 fcc Ni \xff \xd9\xa1".split()
)


def try_bytes(data, folder):
    """Read some bytes as each kind of file, and look at what a potential is asked for.

    Raises:
        AssertionError: an undocumented error, or a number that is not finite.
    """
    path = Path(folder, "potential")
    path.write_bytes(data)
    for read in (read_setfl, read_funcfl):
        try:
            potential = read(path)
        except PotentialFileError as error:
            assert str(error).startswith(f"{path}:{error.line}: expected ")
            assert len(str(error)) < 500
            continue
        _look_at(potential)


def _look_at(potential):
    """Value and derivatives between, on and beyond the points of the tables are finite."""
    tables = potential.tables
    n_r = tables.density.shape[-1]
    r = np.array([0.3, 1.0, 1.5, n_r - 1.0, n_r + 0.5, 10.0 * n_r]) * tables.dr
    n_rho = tables.embedding.shape[-1]
    rho_i = np.array([0.0, 0.5, n_rho - 1.0, n_rho, 1e12 * n_rho]) * tables.drho
    n = len(potential.elements)
    types_r, types_rho = (None, None) if n == 1 else (np.full(6, n * n - 1), np.full(5, n - 1))
    results = [
        *potential.radial(Ops(np), r, types_r, potential.constants),
        *potential.radial_derivatives(r, types_r),
        *potential.radial_second_derivatives(r, types_r),
        potential.embedding(Ops(np), rho_i, types_rho, potential.constants),
        potential.embedding_derivative(rho_i, types_rho),
        potential.embedding_second_derivative(rho_i, types_rho),
    ]
    assert np.isfinite(np.concatenate(results)).all()


def mutated(data, chance):
    """The bytes with one to five faults of the kinds that a fuzzer finds fruitful."""
    for _ in range(chance.randrange(1, 6)):
        at = chance.randrange(len(data) + 1)
        words = data.split(b" ")
        k = chance.randrange(len(words))
        match chance.randrange(5):
            case 0:
                data = data[:at] + bytes([chance.randrange(256)]) + data[at + 1 :]
            case 1:
                data = data[:at] + data[at + chance.randrange(1, 60) :]
            case 2:
                data = data[:at] + data[at : at + 40] * 2 + data[at + 40 :]
            case _:
                data = b" ".join([*words[:k], chance.choice(WORDS), *words[k + 1 :]])
    return data


def corpus():
    """The files of the corpus, by name."""
    return sorted(CORPUS.iterdir())
