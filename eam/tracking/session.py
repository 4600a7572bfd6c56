"""A commit in its asv environment: made ready once, measured batch by batch, saved after each.

`asv run` saves when all it was asked for is measured, in place. Here asv measures a few cases at a
time, and a result file is replaced by a new one as a whole, so an interrupt or a full disk costs
the batch that is being measured and nothing else.
"""

import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from asv.benchmarks import Benchmarks
from asv.config import Config
from asv.environment import get_environments
from asv.repo import get_repo
from asv.results import Results, get_filename
from asv.runner import run_benchmarks
from asv.util import UserError

from ..errors import TrackError
from ..measure.temporary import require_short_path
from .machine import describe_machine
from .rot import hold_to_pins
from .saving import load_data, save_results
from .stored import Wanted, head


class Session:
    """The environment of HEAD, its benchmarks and its results.

    Attributes:
        environment: asv's.
        benchmarks: asv's record of each benchmark, by name.
        result_file: where the results of the commit in this environment are stored.
    """

    def __init__(
        self,
        config: str = "asv.conf.json",
        commit: str | None = None,
        results: Path | None = None,
        environments: Path | None = None,
    ) -> None:
        """Make the environment, install the commit into it, list the benchmarks as they are now.

        Args:
            config: asv's configuration.
            commit: its full hash; HEAD without it.
            results: the folder to store in; that of the configuration without it.
            environments: the folder for environments; likewise.

        Raises:
            TrackError: asv cannot make the environment or read the benchmarks.
            InputError: the path of the temporary folder is too long for asv.
        """
        require_short_path()
        self._conf: Any = Config.load(config)
        self._conf.results_dir = str(results or self._conf.results_dir)
        self._conf.env_dir = str(environments or self._conf.env_dir)
        self._commit = commit or head()
        try:
            self._machine = describe_machine()
            self._machine.save(self._conf.results_dir)
            repo: Any = get_repo(self._conf)
            (self.environment,) = get_environments(self._conf, [])
            self.environment.create()
            hold_to_pins(self.environment, Path(self._conf.env_dir))
            self._date = repo.get_date(self._commit)
            # where it is installed, this tells the environment which commit it has
            self.environment.install_project(self._conf, repo, self._commit)
            self._listed: Any = Benchmarks.discover(
                self._conf, repo, [self.environment], [self._commit]
            )
        except UserError as error:
            raise TrackError(f"asv: {error}") from error
        self._listed.save()
        self.benchmarks: dict[str, Any] = dict(self._listed.items())
        name = get_filename(self._machine.machine, self._commit, self.environment.name)
        self.result_file = Path(self._conf.results_dir, name)

    @property
    def libraries(self) -> list[str]:
        """The packages that are pinned, as the package index names them."""
        names = [name.removeprefix("pip+") for name in self.environment.requirements]
        return [name for name in names if name != "asv_runner"]

    def measure(self, batch: Sequence[Wanted], launch_method: str) -> str:
        """Let asv measure some cases, and save what it found; returns what failed ones printed."""
        results = self._results()
        load_data(results, self._conf.results_dir)
        run_benchmarks(
            self._chosen(batch), self.environment, results=results, launch_method=launch_method
        )
        save_results(results, self._conf.results_dir)
        failed = [name for name, status in results.errcode.items() if status]
        return "\n".join(results.stderr.get(name) or f"{name} failed" for name in failed)

    def _chosen(self, batch: Sequence[Wanted]) -> Any:
        """asv's benchmarks, with the cases of a batch selected."""
        names = {wanted.benchmark for wanted in batch}
        chosen: Any = Benchmarks(self._conf, [self.benchmarks[name] for name in sorted(names)])
        for name in names:
            wanted = {case.parameters for case in batch if case.benchmark == name}
            cases = itertools.product(*self.benchmarks[name]["params"])
            if self.benchmarks[name]["params"]:
                chosen.benchmark_selection[name] = [
                    index for index, case in enumerate(cases) if case in wanted
                ]
        return chosen

    def _results(self) -> Any:
        parameters = dict(self._machine.__dict__) | {"python": self.environment.python}
        parameters |= self.environment.requirements
        results: Any = Results(
            parameters,
            self.environment.requirements,
            self._commit,
            self._date,
            self.environment.python,
            self.environment.name,
            self.environment.env_vars,
        )
        return results
