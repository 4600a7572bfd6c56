"""Cold costs, which the other benchmarks leave out: imports, first calls, and their break-even."""

from .registry import BACKENDS, TOYS, suite

IMPORTS = suite.imported_by(BACKENDS)


class Import(suite.Import):
    """Seconds to import a library in a new process; fails if the import fails."""

    params = [list(IMPORTS)]
    imports = IMPORTS


class _FirstCall(suite.FirstCall):
    @classmethod
    def choose(cls, model, backends):
        """Where what is compiled matters."""
        cls.params = [[10_000], list(backends)]


# of the toy alone, under the name that it has always had
FirstCall = suite.one_class(__name__, _FirstCall, TOYS[0], BACKENDS, "FirstCall")
