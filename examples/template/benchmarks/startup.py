"""Imports of the libraries, and first gradients in a new process."""

from eam import suite

MODELS, BACKENDS = suite.configured(__file__)


class Import(suite.Import):
    """Seconds to import a library in a new process."""

    imports = suite.imported_by(BACKENDS)
    params = [list(imports)]


globals().update(suite.one_class_a_model(__name__, suite.FirstCall, MODELS, BACKENDS, "FirstCall"))
