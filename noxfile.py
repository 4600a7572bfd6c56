"""The package elsewhere: other Pythons, one library alone, the oldest and newest versions allowed.

    nox -l                          what there is
    nox -s alone -- jax             one extra alone
    nox -s pythons-3.13             another Python
    EXTRAS=jax,numba nox -s pythons-3.13

Each session has an environment of its own. Where a library has no wheel for a Python or a platform
(enzyme: CPython 3.11 on x86-64 Linux; memray: not on Windows), its backends are refused with a
reason, and so are their tests.
"""

import os
import tomllib
from pathlib import Path

import nox

nox.options.default_venv_backend = "uv|virtualenv"
nox.options.sessions = ["alone", "pythons"]

PROJECT = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
# what the extra `all` names, but for ASE and memray, which have no backend
LIBRARIES = sorted({*EXTRAS["all"][0].partition("[")[2].strip("]").split(",")} - {"ase", "memray"})
ASKED = os.environ.get("EXTRAS", "all")
PYTHONS = ["3.11", "3.12", "3.13"]
TESTING = ["pytest>=8.3", "hypothesis>=6.100", "mpmath>=1.3", "psutil>=6", "sybil>=9"]
CONFORMANCE = ["tests/backends/test_conformance.py", "tests/atoms", "tests/models", "-q"]
ALONE = """
import sys, eam
library = sys.argv[1]
names = [name for name in eam.backend_names() if eam.is_available(name)]
for name in names:
    record = eam.backends.describe(name)
    for model in ("toy", "tabulated"):
        dimension = 100 if model == "toy" else 108
        if not record.refusal(eam.models.model(model), dimension):
            try:
                eam.measure.check.check(eam.prepare(eam.problem(model, dimension), name))
            except eam.errors.NotOfferedError as reason:
                print(reason)
found = sorted({eam.backends.describe(name).library for name in names})
print(sys.version.split()[0], library, "->", *found)
"""


@nox.session(python="3.11")
@nox.parametrize("library", LIBRARIES, ids=LIBRARIES)
def alone(session, library):
    """NumPy and one library: every backend that is there passes the check before a timing."""
    session.install(f".[{library}]")
    session.run("python", "-c", f"import eam.measure.check\n{ALONE}", library)
    session.run("python", "-m", "eam", "--help", silent=True)


@nox.session(python=PYTHONS)
def pythons(session):
    """The tests of backends, models and files with all libraries that have wheels, or some."""
    session.install(f".[{ASKED}]", *TESTING)
    session.run("python", "-m", "pytest", *CONFORMANCE, *session.posargs)


@nox.session(python=PYTHONS[0])
def oldest(session):
    """The lowest versions that the extras allow."""
    session.install("--resolution", "lowest-direct", ".[numba,autograd,jax,ase]", *TESTING)
    session.run("python", "-m", "pytest", *CONFORMANCE, *session.posargs)


@nox.session(python=PYTHONS[-1])
def newest(session):
    """The newest versions that the extras allow, of everything below them too."""
    session.install("--upgrade", ".[all]", *TESTING)
    session.run("python", "-m", "pytest", *CONFORMANCE, *session.posargs)
