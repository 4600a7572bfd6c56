"""The models and backends of a repository's own suite, from its eam.toml."""

from pathlib import Path

from ..backends import Backend, built_in_names, describe
from ..errors import InputError
from ..model import Model
from ..models import model
from ..own.repository import NAME, find_repository


def configured(module: str) -> tuple[list[Model], dict[str, Backend]]:
    """The models and backends that a suite measures, for :func:`eam.suite.one_class_a_model`.

    Args:
        module: the `__file__` of a module of the suite; the eam.toml of its repository counts.

    Raises:
        InputError: there is no eam.toml.
        UnknownBackendError: it names a backend that does not exist.
    """
    repository = find_repository(Path(module).parent)
    if repository is None:
        raise InputError(f"{module}: there is no {NAME} in its repository; write it with: eam init")
    names = built_in_names() if repository.backends is None else repository.backends
    backends = {name: describe(name) for name in names}
    return [model(name) for name in repository.models], backends
