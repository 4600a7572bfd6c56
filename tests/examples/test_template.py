"""The template repository: what eam init writes today, with the versions of our own suite."""

import tomllib
from pathlib import Path

from asv.config import Config

from eam.backends import describe
from eam.init import environment, files
from eam.init.finding import imports_of

ROOT = Path(__file__).parents[2]
TEMPLATE = ROOT / "examples" / "template"


def test_it_is_what_init_writes():
    settings = tomllib.loads((TEMPLATE / "eam.toml").read_text())
    where = environment.requirement(TEMPLATE)
    required = Config.load(str(TEMPLATE / "asv.conf.json")).matrix["req"]
    versions = {
        name.removeprefix("pip+"): version
        for name, (version,) in required.items()
        if name != "hatchling"
    }
    written = files.configuration(TEMPLATE, *settings.values(), versions, where)
    written |= {files.EXAMPLE: files.example()}
    for name, text in written.items():
        if not name.startswith(".asv/"):  # which keeps itself out of git
            assert (TEMPLATE / name).read_text() == text, name
    backends = map(describe, settings["backends"])
    imported = imports_of(TEMPLATE / files.EXAMPLE)
    assert versions.keys() == environment.pins(backends, imported, from_index=False).keys()


def test_its_versions_are_those_of_our_suite():
    ours = Config.load(str(ROOT / "asv.conf.json")).matrix["req"]
    for name, versions in Config.load(str(TEMPLATE / "asv.conf.json")).matrix["req"].items():
        # of a library with another release for another Python, one of them
        assert name == "hatchling" or {*versions} <= {*ours[name]}


def test_it_installs_the_clone_that_it_lies_in():
    where = environment.requirement(TEMPLATE)
    (install,) = Config.load(str(TEMPLATE / "asv.conf.json")).install_command
    assert install.endswith(f"'{where}'")
    environment_folder = TEMPLATE / ".asv" / "env" / "hash"
    upwards = where.count("..")
    assert environment_folder.parents[upwards - 1] == ROOT
