"""eam init: what it finds, what it writes, and that asv and our commands work there."""

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from asv.config import Config
from asv.results import iter_results_for_machine_and_hash

from eam.commands.main import main
from eam.init import environment
from eam.init.finding import functions_in, imports_of

ROOT = Path(__file__).parents[2]
SPRINGS = ROOT / "examples" / "springs.py"


def git(top, *arguments):
    identity = ("-c", "user.name=a", "-c", "user.email=a@b")
    command = ["git", "-C", str(top), *identity, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.fixture
def repository(tmp_path, monkeypatch):
    git(tmp_path, "init", "-q")
    monkeypatch.chdir(tmp_path)
    return tmp_path


WRITTEN = {
    "eam.toml",
    "asv.conf.json",
    "benchmarks/__init__.py",
    "benchmarks/gradients.py",
    "benchmarks/memory.py",
    "benchmarks/startup.py",
}


def test_an_empty_repository_gets_an_example_too(repository, capsys):
    assert main(["init", "--backends", "numpy,casadi"]) == 0
    written = git(repository, "ls-files", "-o", "--exclude-standard").split()
    assert set(written) == {*WRITTEN, "my_energy.py"}
    settings = tomllib.loads(Path("eam.toml").read_text())
    assert settings == {"models": ["my_energy.py"], "backends": ["numpy", "casadi"]}
    required = Config.load("asv.conf.json").matrix["req"]
    assert {"numpy", "casadi", "rich", "vesin", "pip+asv_runner"} <= set(required)
    assert "autograd" not in required
    assert "running the code in" in capsys.readouterr().out


def test_the_functions_of_a_repository_are_found_and_nothing_is_overwritten(repository, capsys):
    (repository / "src").mkdir()
    (repository / "src" / "chain.py").write_text(SPRINGS.read_text())
    (repository / "helpers.py").write_text("def energy(x, xp):\n    return 0\n")
    (repository / "eam.toml").write_text('models = ["src/chain.py"]\n')
    (repository / "benchmarks").mkdir()
    (repository / "benchmarks" / "memory.py").write_text("# mine\n")
    (repository / "src").mkdir(exist_ok=True)
    os.chdir(repository / "src")
    assert main(["init"]) == 0
    printed = capsys.readouterr().out
    assert "kept    eam.toml, which was there" in printed
    assert "kept    benchmarks/memory.py, which was there" in printed
    assert (repository / "eam.toml").read_text() == 'models = ["src/chain.py"]\n'
    assert (repository / "benchmarks" / "memory.py").read_text() == "# mine\n"
    assert "suite.Overhead" in (repository / "benchmarks" / "gradients.py").read_text()
    assert not (repository / "my_energy.py").exists()


def test_a_package_is_built_at_each_commit(repository):
    (repository / "pyproject.toml").write_text('[project]\nname = "chains"\nversion = "1"\n')
    (repository / "chain.py").write_text(SPRINGS.read_text())
    assert main(["init", "chain.py", "--backends", "numpy"]) == 0
    conf = Config.load("asv.conf.json")
    assert conf.project == "chains"
    assert "pip wheel" in conf.build_command[0]
    assert "{wheel_file}" in conf.install_command[-1]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (SPRINGS.read_text().replace("out[:-1] -= s", "out[:-1] += s"), "gradient is wrong in"),
        (SPRINGS.read_text().replace("def x0", "def x1"), "defines no function x0"),
    ],
)
def test_a_function_that_cannot_be_used_writes_nothing(repository, capsys, text, says):
    (repository / "chain.py").write_text(text)
    assert main(["init", "chain.py", "--backends", "numpy"]) == 2
    assert says in capsys.readouterr().err
    assert git(repository, "ls-files", "-o", "--exclude-standard").split() == ["chain.py"]


def test_outside_of_a_repository(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert main(["init"]) == 2
    assert "is in no git repository" in capsys.readouterr().err
    git(tmp_path, "init", "-q")
    assert main(["init", str(SPRINGS)]) == 2
    assert "is not in the repository" in capsys.readouterr().err


def test_only_whole_contracts_are_found_and_no_code_is_run(repository):
    (repository / "whole.py").write_text(SPRINGS.read_text())
    (repository / "part.py").write_text("def gradient(x):\n    return x\nraise SystemExit")
    (repository / "broken.py").write_text("def energy(")
    assert functions_in(repository) == ["whole.py"]
    assert imports_of(repository / "whole.py") == {"numpy"}


def test_what_the_file_imports_is_pinned():
    pins = environment.pins([], {"os", "numpy", "scipy", "no_such_package"}, from_index=False)
    assert pins["numpy"]
    assert pins["scipy"]
    assert not {"os", "no_such_package", "eam-gradients"} & pins.keys()
    assert environment.requirement(Path.cwd().parent) == f"eam-gradients @ {ROOT.as_uri()}"


def run(*command, status=0):
    done = subprocess.run(
        [sys.executable, "-m", *command],
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout + done.stderr


CASE = "gradients.MyEnergy.time_gradient"


def stored(commit):
    """benchmark -> its numbers, of a commit."""
    conf = Config.load("asv.conf.json")
    (machine,) = (path.parent.name for path in Path(conf.results_dir).glob("*/machine.json"))
    (results,) = iter_results_for_machine_and_hash(conf.results_dir, machine, commit)
    keys = results.get_all_result_keys()
    return {key: results.get_result_value(key, results.get_result_params(key)) for key in keys}


@pytest.mark.slow
def test_two_commits_measured_compared_and_published(repository, short_path, monkeypatch):
    monkeypatch.setenv("PIP_CACHE_DIR", str(Path.home() / ".cache" / "pip"))
    # where asv keeps its list of machines, and eam the lock of the machine
    for variable in ("HOME", "TMPDIR"):
        (short_path / variable).mkdir()
        monkeypatch.setenv(variable, str(short_path / variable))
    run("eam", "init", "--backends", "numpy")
    text = Path("my_energy.py").read_text().replace("(10, 1_000)", "(1_000,)")
    Path("my_energy.py").write_text(text)
    git(repository, "add", "-A")
    git(repository, "commit", "-q", "-m", "one")
    more = "    out[:-1] -= stretch\n    for _ in range(20):\n        np.cos(x)\n"
    Path("my_energy.py").write_text(text.replace("    out[:-1] -= stretch\n", more))
    git(repository, "commit", "-q", "-a", "-m", "slower")
    first, second = git(repository, "log", "--format=%H", "--reverse").split()

    # asv measures each commit's own file, whatever the working tree holds
    run("asv", "run", f"{first}^!", "--quick", "--bench", "time_gradient")
    run("eam", "track")
    slow, fast = stored(second), stored(first)
    assert slow[CASE][0] > 3.0 * fast[CASE][0] > 0.0
    assert all(overhead > 0.0 for overhead in slow["gradients.MyEnergyOverhead.track_overhead"])
    assert slow["memory.MyEnergy.peakmem_gradient"][0] > 0.0
    assert CASE in run("asv", "compare", first, second)

    page = Path(".asv/html/index.html").read_text()
    assert "my_energy" in page
    document = json.loads(Path(".asv/html/overheads.json").read_text())
    assert {model["model"] for run in document["runs"] for model in run["models"]} == {"my_energy"}
