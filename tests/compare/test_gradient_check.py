"""The check of a gradient by hand: a mistake is named, with its place and likely reason."""

from pathlib import Path

import numpy as np
import pytest

import eam
from eam.compare.gradient_check import CENTRAL, COMPLEX_STEP, check_gradient
from eam.errors import FunctionFileError

SPRINGS = Path(__file__).parents[2] / "examples" / "springs.py"
ENERGY = "return 0.5 * stretch * stretch"
RETURNED = "    gradient_into(out, x)\n    return out"


@pytest.fixture
def problem(tmp_path):
    def problem(old="", new="", dimension=20):
        text = SPRINGS.read_text()
        assert old in text
        path = tmp_path / "mine.py"
        path.write_text(text.replace(old, new, 1))
        return eam.problem(path, dimension)

    return problem


def test_a_right_gradient_is_right_to_rounding(problem):
    checked = check_gradient(problem())
    assert (checked.method, checked.components) == (COMPLEX_STEP, 20)
    assert checked.error < 1e-14


@pytest.mark.parametrize(
    "energy",
    [
        "return 0.5 * abs(stretch) ** 2",  # real, and far from the derivative
        "return 0.5 * np.asarray(stretch, float) ** 2",
        "return 0.5 * stretch * stretch if np.isrealobj(stretch) else [] + 1",
    ],
)
def test_an_energy_that_takes_no_complex_numbers_is_differenced(problem, energy):
    checked = check_gradient(problem(ENERGY, energy))
    assert checked.method == CENTRAL
    assert checked.error < 1e-8


MISTAKES = {
    "sign": ("return -out", r"wrong in 20 of 20 components, such as: \[.*; likely the sign"),
    "factor": ("return 2.0 * out", "likely a factor: 2 times the right one"),
    "index": ("return np.roll(out, 1)", "likely an index: .* the component before it"),
    "reverse": ("return out[::-1].copy()", "likely an index: they come in the reverse order"),
    "end": ("out[-1] *= 2.0\n    out[0] = 3.0\n    return out", "only the ends are wrong"),
    "never written": ("out[3] = 0.0\n    return out", r"wrong in 1 of 20 components: \[3\] is 0 "),
    "constant": ("return out + 0.25", r"likely a constant term: all are off by 0\.25"),
    "digits": ("return out * 1.0000001", "too few digits"),
    "term": ("return out + 0.01 * x**2", "no sign, factor or index explains"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_named_with_its_line_and_likely_reason(problem, mistake):
    returned, sentence = MISTAKES[mistake]
    wrong = problem(RETURNED, RETURNED.replace("return out", returned))
    with pytest.raises(FunctionFileError, match=rf"mine\.py:30: gradient is .*{sentence}") as error:
        check_gradient(wrong)
    assert str(error.value).endswith("(checked by complex step)")


def test_a_number_that_is_off_is_shown_with_the_right_one(problem):
    text = "out[4] += 1.0\n    return out"
    with pytest.raises(FunctionFileError) as error:
        check_gradient(problem(RETURNED, RETURNED.replace("return out", text)))
    right = eam.problem(SPRINGS, 20).manual.gradient(eam.problem(SPRINGS, 20).x0)[4]
    assert f"[4] is {right + 1.0:.6g} and should be {right:.6g}" in str(error.value)


INTO = "    out[:-1] -= stretch"


@pytest.mark.parametrize(
    ("new", "says"),
    [
        ("    out[:-1] += stretch", r"mine\.py:40: gradient_into leaves .* in out\[\d+\], where"),
        ("    out[:-1] -= stretch\n    out[3] = np.nan", r"leaves nan in out\[3\], where gradient"),
        ("    raise KeyError(3)", r"mine\.py:\d+: gradient_into raises KeyError: 3"),
    ],
)
def test_what_is_written_into_an_array_is_the_gradient(tmp_path, new, says):
    copied = "    stretch = x[1:] - x[:-1] - 1.0\n    out[1:] += stretch\n    out[:-1] -= stretch\n"
    path = tmp_path / "mine.py"
    path.write_text(
        SPRINGS.read_text()
        .replace(INTO, new, 1)
        .replace(RETURNED, f"    out[:] = 0.0\n{copied}    return out", 1)
    )
    with pytest.raises(FunctionFileError, match=says):
        check_gradient(eam.problem(path, 20))


def test_of_a_large_gradient_every_component_is_seen_along_a_direction(problem):
    assert check_gradient(problem(dimension=400), most=10).components <= 12
    off = problem(RETURNED, RETURNED.replace("return out", "out[201] += 1e-6\n    return out"), 400)
    with pytest.raises(FunctionFileError, match="wrong along a random direction"):
        check_gradient(off, most=10)


def test_matrices_are_indexed_by_row_and_column(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text(
        "import numpy as np\n"
        "def energy(x, xp):\n    return xp.sum(x**3) / 3\n"
        "def gradient(x):\n    return np.roll(x * x, 1, axis=1)\n"
        "def x0(n):\n    return np.random.default_rng(0).random((n, 3))\n"
    )
    with pytest.raises(FunctionFileError, match=r"\[\d, [012]\] is .* before it along axis 1"):
        check_gradient(eam.problem(path, 5))


def test_x0_at_the_edge_of_the_domain(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text(
        "import numpy as np\n"
        "def energy(x, xp):\n    return xp.sum(xp.sqrt(x - 1.0) ** 3)\n"
        "def gradient(x):\n    return 1.5 * np.sqrt(x - 1.0)\n"
        "def x0(n):\n    return np.ones(n)\n"
    )
    with np.errstate(all="ignore"), pytest.raises(FunctionFileError, match="within the domain"):
        check_gradient(eam.problem(path, 5))
