"""What this project tells its users to install exists, and installs this project."""

import ast
import re
import tomllib
from pathlib import Path

import pytest

import eam
from eam.errors import install_command

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = PROJECT["optional-dependencies"]

# As long as no package index has the distribution, a command has to name the clone.
OURS = re.compile(r"pip install (-q )?(-c constraints.txt )?-e '\.\[(?P<extras>[a-z_,]+)\]'")


# Somebody else's library may be installed by its name, if this project depends on it.
NAMES = {re.match(r"[\w-]+", need)[0] for needs in EXTRAS.values() for need in needs}
DEPENDENCY = re.compile(r"pip install (?P<name>[\w-]+)")


# What CI does instead: first all that is locked, then this clone alone.
LOCKED = re.compile(
    r"pip install -q (--require-hashes -r requirements-ci\.txt "
    r"|--no-deps --no-build-isolation -e \. )"
)


def works(command):
    """Whether an install command installs this clone with an extra that exists, or a dependency."""
    if LOCKED.match(command):
        return True
    if ours := OURS.match(command):
        return set(ours["extras"].split(",")) <= set(EXTRAS)
    other = DEPENDENCY.match(command)
    return bool(other) and other["name"] in NAMES - {PROJECT["name"]}


def printed_files():
    """Every file whose text a user of the project or of its pages may read."""
    for name in ("README.md", "CONTRIBUTING.md", "Makefile", ".ci/run"):
        yield ROOT / name
    for folder in ("eam", "benchmarks", "examples", "docs", "tests"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix not in {".py", ".md", ".html", ".js", ".c"} or "_build" in path.parts:
                continue
            if path != Path(__file__):
                yield path


def commands(text):
    """The install commands in a text, each to the end of its quotes or line."""
    joined = re.sub(r"\s+", " ", text)
    return [
        joined[found.start() : found.start() + 80]
        for found in re.finditer(r"pip3? install\b", joined)
    ]


def test_every_printed_install_command_works_in_a_clone():
    wrong, seen = [], 0
    for path in printed_files():
        for command in commands(path.read_text()):
            if "{','.join(extras)}" in command:  # the source of install_command itself
                continue
            seen += 1
            if not works(command):
                wrong.append(f"{path.relative_to(ROOT)}: {command}")
    assert not wrong
    assert seen > 5


def named_extras():
    """The extras that the code names where it asks for an install command."""
    for path in sorted((ROOT / "eam").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
                continue
            if node.func.id == "install_command":
                named = node.args
            elif node.func.id == "MissingToolError":
                named = node.args[2:]
            else:
                continue
            for extra in named:
                if isinstance(extra, ast.Constant):
                    yield pytest.param(extra.value, id=f"{path.name}:{node.lineno}")


@pytest.mark.parametrize("extra", list(named_extras()))
def test_every_extra_that_the_code_names_exists(extra):
    assert extra in EXTRAS


@pytest.mark.parametrize("backend", eam.backend_names())
def test_every_library_has_an_extra(backend):
    assert eam.backends.describe(backend).library in EXTRAS


def test_extras_refer_to_this_distribution():
    own = [need for needs in EXTRAS.values() for need in needs if need.startswith("eam")]
    assert own
    assert all(need.startswith(f"{PROJECT['name']}[") for need in own)


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("pip install -e '.[jax]'", True),
        ("pip install -q -c constraints.txt -e '.[report,dev]'", True),
        ("pip install uv", True),
        ("pip install 'eam[jax]'", False),
        ("pip install eam", False),
        ("pip install eam-gradients", False),
        ("pip install -e '.[jacks]'", False),
        ("pip install -e .", False),
    ],
)
def test_which_commands_work(command, expected):
    assert works(command) == expected


def test_install_command():
    assert install_command("jax") == "python -m pip install -e '.[jax]'"
    assert OURS.search(install_command("report", "dev"))["extras"] == "report,dev"
