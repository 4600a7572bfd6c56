"""The files that `eam init` writes, from the templates in the folder `template`."""

import json
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from string import Template

EXAMPLE = "my_energy.py"
_TEMPLATES = Path(__file__).parent / "template"
_PIP = "in-dir={env_dir} python -m pip"


def example() -> str:
    """A function to begin with: a chain of springs."""
    return _text(EXAMPLE)


def configuration(
    top: Path,
    models: Sequence[str],
    backends: Sequence[str],
    versions: Mapping[str, str],
    requirement: str | None,
) -> dict[str, str]:
    """Path -> text, of all files but the reader's own.

    Args:
        top: of the repository.
        models: to be measured, by their paths from the top.
        backends: to be measured.
        versions: distribution -> version, of asv's environment.
        requirement: where pip finds eam; None for the version in `versions`.
    """
    suite = sorted(_TEMPLATES.joinpath("benchmarks").iterdir())
    return {
        "eam.toml": _filled("eam.toml", models=list(models), backends=list(backends)),
        "asv.conf.json": _filled("asv.conf.json", **_commands(top, versions, requirement)),
        # keeps environments and results out of git, whatever the reader's own rules are
        ".asv/.gitignore": "*\n",
        **{name: _text(name) for name in (f"benchmarks/{path.stem}" for path in suite)},
    }


def _commands(top: Path, versions: Mapping[str, str], requirement: str | None) -> dict[str, object]:
    required = {_name_for_asv(name): [version] for name, version in versions.items()}
    install: list[str] = []
    if requirement is not None:
        required["hatchling"] = [""]  # builds eam
        install.append(f"{_PIP} install -q --no-deps --no-build-isolation '{requirement}'")
    project, build, uninstall = top.name, list[str](), list[str]()
    if (top / "pyproject.toml").is_file() or (top / "setup.py").is_file():
        project = _project(top)
        build = ["python -m pip wheel -q --no-deps -w {build_cache_dir} {build_dir}"]
        install.append(f"{_PIP} install -q --no-deps --force-reinstall {{wheel_file}}")
        uninstall = ["return-code=any python -m pip uninstall -y {project}"]
    return {
        "project": project,
        "build": build,
        "install": install,
        "uninstall": uninstall,
        "requirements": required,
    }


def _name_for_asv(distribution: str) -> str:
    # without the mark, asv would install its newest runner itself
    return f"pip+{distribution}" if distribution == "asv_runner" else distribution


def _project(top: Path) -> str:
    """The name of the reader's package, as pip knows it; of the folder where it is not declared."""
    path = top / "pyproject.toml"
    declared = tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return declared.get("project", {}).get("name", top.name)


def _filled(name: str, **values: object) -> str:
    """A template with values as JSON, which is TOML as well for strings and lists of them."""
    texts = {key: _json(value) for key, value in values.items()}
    return Template(_text(name)).substitute(texts)


def _json(value: object) -> str:
    if isinstance(value, dict):
        lines = [f"            {json.dumps(k)}: {json.dumps(v)}" for k, v in value.items()]
        return "{\n" + ",\n".join(lines) + "\n        }"
    return json.dumps(value)


def _text(name: str) -> str:
    return _TEMPLATES.joinpath(f"{name}.txt").read_text(encoding="utf-8")
