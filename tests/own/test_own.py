"""A function of the reader's own: what a file gives, what is refused, what is wrong with it."""

import os
from pathlib import Path

import numpy as np
import pytest

import eam
from eam.errors import EamError, FunctionFileError, InputError, NotOfferedError, UnknownModelError
from eam.measure import allocations, overhead, startup
from eam.measure.check import check
from eam.report.names import registered

SPRINGS = Path(__file__).parents[2] / "examples" / "springs.py"

LEAST = '''"""Half the square of x. More words.

And more.
"""
import numpy as np

def energy(x, xp):
    return 0.5 * xp.sum(x * x)

def gradient(x):
    return x.copy()

def x0(dimension):
    return np.linspace(1.0, 2.0, dimension)
'''


@pytest.fixture
def write(tmp_path):
    def write(text, name="mine.py"):
        path = tmp_path / name
        path.write_text(text)
        return str(path)

    return write


@pytest.mark.parametrize("backend", eam.backend_names())
def test_a_whole_file_works_in_every_backend(backend, prepare, unless_refused):
    with unless_refused():
        prepared = check(prepare(eam.problem(str(SPRINGS), 5), backend))
    assert prepared.in_place == eam.backends.describe(backend).in_place


def test_only_what_needs_pairs_or_another_kernel_is_refused():
    model = eam.models.model(SPRINGS)
    refused = [b for b in eam.backend_names() if eam.backends.describe(b).refusal(model, 5)]
    assert set(refused) == {"numba", "numba-inplace", "numba-parallel", "jax-blocked", "jax-dense"}


def test_the_record():
    model = eam.models.model(str(SPRINGS))
    assert (model.name, model.unit, model.reference) == ("springs", "beads", str(SPRINGS))
    assert model.summary == "A chain of springs between neighbouring beads"
    assert model.dimensions.overheads == (10, 100, 10_000)
    assert model.size(5) == 5
    assert eam.problem(SPRINGS, 5).model is model


def test_the_least_file_is_refused_where_something_is_missing(write):
    model = eam.models.model(write(LEAST))
    assert (model.summary, model.unit) == ("Half the square of x. More words", "N")

    def reason(backend):
        return eam.backends.describe(backend).refusal(model, 10)

    assert "no gradient_into" in reason("numpy-inplace")
    assert "no sum_of" in reason("jax-custom")
    assert "no compiled energy" in reason("enzyme")
    assert "no literal kernel" in reason("numba-literal")
    assert reason("jax") is None
    assert reason("autograd-primitive") is None


def test_an_object_of_a_module_and_a_file_of_another_folder(write, tmp_path, monkeypatch):
    write("import numpy as np\nfrom my_helpers import half\n" + LEAST.replace("0.5", "half"))
    write("half = 0.5", "my_helpers.py")
    assert eam.problem(str(tmp_path / "mine.py"), 3).x0.shape == (3,)
    functions = LEAST.partition("import")[2].replace("\n", "\n    ")
    methods = functions.replace("def ", "@staticmethod\n    def ")
    write(
        f"class Mine:\n    import{methods}".replace("np.lin", "Mine.np.lin"), "package_of_mine.py"
    )
    monkeypatch.chdir(tmp_path)
    problem = eam.problem("package_of_mine:Mine", 3)
    assert (problem.model.name, problem.model.reference) == ("Mine", "package_of_mine:Mine")
    assert check(eam.prepare(problem, "numpy"))


def test_a_file_named_like_a_model_is_not_that_model(write, tmp_path, monkeypatch):
    write(LEAST, "toy.py")
    write(f"class Any:\n    pass\n{LEAST}\ntoy = Any()\nvars(toy).update(globals())", "own_toys.py")
    monkeypatch.chdir(tmp_path)
    for reference, name in {"toy.py": "toy.py", "own_toys:toy": "own_toys.toy"}.items():
        model = eam.models.model(reference)
        assert (model.source, model.name) == (reference, name)
        assert registered(model.name) is None
    assert registered(eam.problem("toy", 3).model.name)
    with pytest.raises(FunctionFileError, match=r"^\./toy: is a path, so it has to end with \.py"):
        eam.problem("./toy", 3)


def test_a_changed_file_is_read_again(write):
    path = write(LEAST)
    assert eam.problem(path, 3).manual.value(np.ones(3)) == 1.5
    os.utime(write(LEAST.replace("0.5", "1.5")), ns=(1, 1))
    assert eam.problem(path, 3).manual.value(np.ones(3)) == 4.5


@pytest.mark.slow
def test_matrices_are_taken_but_by_what_takes_vectors_only(write, prepare):
    path = write(LEAST.replace(", dimension)", ", 3 * dimension).reshape(dimension, 3)"))
    problem = eam.problem(path, 4)
    assert problem.x0.shape == (4, 3)
    for backend in ("autograd", "jax", "pytensor", "torch"):
        check(prepare(problem, backend))
    with pytest.raises(NotOfferedError, match=r"takes vectors, .* has the shape \(4, 3\)"):
        eam.prepare(problem, "casadi")


@pytest.mark.parametrize(
    ("backend", "energy", "reason"),
    [
        ("casadi", "xp.prod(x) * xp.sum(x * x)", "lacks the operation 'prod'"),
        ("torch", "xp.sum(xp.reciprocal(xp.fabs(1 / x)) * x) / 2", "lacks the operation 'fabs'"),
        ("pytensor", "xp.sum(x * x) * len(x) / len(x) / 2", "cannot run energy .*: TypeError"),
        ("jax", "float(0.5 * xp.sum(x * x))", "cannot run energy .*: ConcretizationTypeError"),
    ],
)
def test_what_a_library_cannot_run_is_refused_with_the_operation(
    backend, energy, reason, write, prepare
):
    problem = eam.problem(write(LEAST.replace("0.5 * xp.sum(x * x)", energy)), 3)
    with pytest.raises(NotOfferedError, match=reason) as refusal:
        prepare(problem, backend)
    assert "mine.py:8" in str(refusal.value)


@pytest.mark.slow
def test_everything_that_measures_takes_it_by_its_path(write, monkeypatch, tmp_path):
    write(LEAST)
    monkeypatch.chdir(tmp_path)
    cases = overhead.measure("mine.py", [3], ["numpy", "autograd"], processes=1, seconds=0.01)
    assert len(cases[3, "autograd"].overhead) > 0, cases
    assert allocations.measure("mine.py", [3], ["numpy"])[3, "numpy"].failed is None
    assert startup.measure("mine.py", [3], ["numpy"])[3, "numpy"].first > 0.0


GRADIENT = "def gradient(x):\n    return x.copy()"
ENERGY = "return 0.5 * xp.sum(x * x)"

FAULTS = {
    "no gradient": (GRADIENT, "", r"mine.py: defines no function gradient\(x\)"),
    "no function": (GRADIENT, "gradient = 3", r"mine.py: defines no function gradient\(x\)"),
    "signature": (
        "def energy(x, xp)",
        "def energy(x)",
        r"mine.py:7: energy has to take \(x, xp\), and takes \(x\)",
    ),
    "shape": ("return x.copy()", "return x[1:].copy()", r"mine.py:10: .* shape \(2,\), .*\(3,\)"),
    "dtype": (
        "return x.copy()",
        "return x.astype(np.float32)",
        r"mine.py:10: .* has to be a float64 NumPy array, and is an array of float32",
    ),
    "alias": ("return x.copy()", "return x", r"mine.py:10: .*returns x"),
    "no gradient returned": ("return x.copy()", "x.copy()", r"mine.py:10: .*is NoneType None"),
    "NaN": (ENERGY, "return xp.sum(xp.log(-x))", r"mine.py:7: energy\(x, np\) is nan at x0"),
    "NaN in the gradient": (
        "return x.copy()",
        "return np.where(x < 1.5, np.nan, x)",
        r"mine.py:10: gradient\(x\) is nan at x0, in its element \[0\]",
    ),
    "array": (ENERGY, "return x * x", r"mine.py:7: energy.* is an array of float64"),
    "complex": (ENERGY, "return 1j", r"mine.py:7: energy.* has to be a real number"),
    "raises": (ENERGY, "return 1 / 0", r"mine.py:8: energy raises ZeroDivisionError"),
    "exits": (
        "return x.copy()",
        "raise SystemExit(3)",
        r"mine.py:11: gradient raises SystemExit: 3",
    ),
    "import": (
        "import numpy as np\n",
        "import numpy as np\nimport nump\n",
        r"mine.py:6: cannot be imported: ModuleNotFoundError: No module named 'nump'",
    ),
    "exit": ("import numpy as np\n", "import numpy as np\nraise SystemExit(3)\n", "mine.py:6"),
    "any other exception on import": (
        "import numpy as np\n",
        "import numpy as np\nraise BaseException('now')\n",
        r"mine.py:6: cannot be imported: BaseException: now",
    ),
    "any other exception": (
        "return x.copy()",
        "raise BaseException('now')",
        r"mine.py:11: gradient raises BaseException: now",
    ),
    "syntax": ("return x.copy()", "return x.copy(", r"mine.py:11: is not Python"),
    "x0": ("np.linspace(1.0, 2.0, dimension)", "'abc'", r"mine.py:13: x0\(3\) has to be an array"),
    "x0 is NaN": ("np.linspace(1.0, 2.0, dimension)", "[np.nan]", r"mine.py:13: .*holds NaN"),
    "dimensions": ("import", "DIMENSIONS = (0, 3)\nimport", "DIMENSIONS has to be .*, and is"),
    "unit": ("import", "UNIT = 3\nimport", "UNIT has to be a string, and is 3"),
}


@pytest.mark.filterwarnings("ignore:invalid value encountered in log:RuntimeWarning")
@pytest.mark.parametrize("fault", FAULTS)
def test_bad_input_is_one_sentence_with_file_and_line(fault, write):
    old, new, sentence = FAULTS[fault]
    assert old in LEAST
    path = write(LEAST.replace(old, new, 1))
    with pytest.raises(FunctionFileError, match=sentence) as error:
        eam.problem(path, 3)
    assert "\n" not in str(error.value)


def test_an_interrupt_is_no_fault_of_the_file(write):
    with pytest.raises(KeyboardInterrupt):
        eam.problem(write("raise KeyboardInterrupt"), 3)
    with pytest.raises(KeyboardInterrupt):
        eam.problem(write(LEAST.replace("return x.copy()", "raise KeyboardInterrupt")), 3)


LOOPS = """
def energy_loop(x):
    total = 0.0
    for a in x:
        total += a * a
    return 0.5 * total

def gradient_loop(out, x):
    for k in range(x.size):
        out[k] = x[k]
"""


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("= x[k]", "= nothing[k]", r":24: gradient_loop fails under numba: \w+Error: .*'nothing'"),
        (
            "out[k] = x[k]",
            "raise ValueError('no')",
            r":2[24]: gradient_loop fails .*: ValueError: no",
        ),
        ("= x[k]", "= -x[k]", r":22: gradient_loop gives -2 in .*\[2\], and gradient gives 2$"),
        ("range(", "range(1, ", r":22: gradient_loop gives nan in element \[0\]"),
        ("0.5 * total", "total", r":16: energy_loop gives 7\.25, and energy gives 3\.625$"),
    ],
)
def test_a_broken_loop_is_one_sentence_with_file_and_line(old, new, sentence, write):
    pytest.importorskip("numba")
    path = write(LEAST + LOOPS.replace(old, new, 1))
    with pytest.raises(FunctionFileError, match=rf"mine\.py{sentence}") as error:
        eam.prepare(eam.problem(path, 3), "numba-literal")
    assert "\n" not in str(error.value)


def test_what_is_not_there():
    with pytest.raises(FunctionFileError, match=r"nosuch.py: there is no such file"):
        eam.problem("nosuch.py", 3)
    with pytest.raises(FunctionFileError, match="cannot be imported: ModuleNotFoundError"):
        eam.problem("nosuch_module:thing", 3)
    with pytest.raises(FunctionFileError, match="has no attribute 'thing'"):
        eam.problem("json:thing", 3)
    with pytest.raises(UnknownModelError, match="valid names: toy"):
        eam.problem("springs", 3)


def test_a_seed_that_x0_does_not_take():
    with pytest.raises(InputError, match="no seed"):
        eam.problem(str(SPRINGS), 5, seed=1)
    assert issubclass(FunctionFileError, EamError)
