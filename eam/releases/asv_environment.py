"""asv's environments for locks: a commit of the generated history is installed as its lock says.

asv loads this as a plugin, see the configuration that :mod:`eam.releases.history` writes.
"""

from typing import Any

from asv import environment
from asv.util import UserError

from ..errors import EamError
from . import environments
from .axes import PYTHONS
from .index import Release, find, releases
from .locks import Environment, locks

_Base: Any = environment.Environment  # untyped


class LockedEnvironment(_Base):
    """The environments of all releases of a stretch, each in its folder; asv takes them for one.

    Each has the lock of a commit, and is made when asv installs that commit.
    """

    tool_name = "locked"

    def __init__(
        self, conf: Any, python: str, requirements: dict[str, str], variables: dict[Any, str]
    ) -> None:
        self._requirements = requirements
        self._locked = Environment(python, tuple(sorted(requirements.items())))
        super().__init__(conf, python, requirements, variables)
        self._base_requirements = {}  # the locks hold what asv needs

    @classmethod
    def matches(cls, python: str) -> bool:
        """A version such as 3.11."""
        return python in PYTHONS

    def create(self) -> None:
        """Nothing: each commit has a folder of its own."""

    def install_project(self, conf: Any, repo: Any, commit_hash: str) -> None:
        """Install the lock of a commit; UserError with the reason where that does not work."""
        release = self._release(repo, commit_hash)
        for lock in locks(release):
            if lock.environment == self._locked:
                try:
                    folder = environments.environment(lock)
                except EamError as error:
                    raise UserError(str(error)) from error
                self._path = str(folder)
                self._global_env_vars |= environments.variables(folder)
                self._set_installed_commit_hash(commit_hash)
                self._set_commit_hash(commit_hash)
                return
        raise UserError(f"{release.name} has no lock {self._locked.file}")

    def _release(self, repo: Any, commit_hash: str) -> Release:
        """The release of a commit, by its message."""
        library, version = repo._run_git(["log", "-1", "--format=%s", commit_hash, "--"]).split()
        return find(releases(library), version)

    def run(self, args: list[str], **kwargs: Any) -> Any:
        """Run the Python of the commit that was installed last."""
        return self.run_executable("python", args, **kwargs)
