"""The classes, models and backends of the checkout that this suite belongs to.

asv runs this suite on older commits too, and hands a benchmark its parameters by their index. So
they must be the same at every commit, and cannot come from the eam that is installed for one: they
come from the source tree beside this folder, loaded under a name of its own. A commit that lacks a
model or a backend is n/a there.
"""

import importlib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

_NAME = "eam_of_the_suite"


def _load() -> ModuleType:
    package = Path(__file__).parents[1] / "eam"
    spec = importlib.util.spec_from_file_location(
        _NAME, package / "__init__.py", submodule_search_locations=[str(package)]
    )
    module = importlib.util.module_from_spec(spec)
    sys.modules[_NAME] = module
    spec.loader.exec_module(module)
    return module


_eam = _load()

MODELS = [_eam.models.model(name) for name in _eam.models.built_in_names()]
BACKENDS = {name: _eam.backends.describe(name) for name in _eam.backends.built_in_names()}
TOYS = [model for model in MODELS if model.unit == "N"]
ATOMIC = [model for model in MODELS if model.unit == "atoms"]
suite = importlib.import_module(f"{_NAME}.suite")
