"""The errors: their tree as it is drawn, and what a misspelt name is answered."""

import inspect
import re

import pytest

from eam import errors


def drawn():
    """What the module's docstring draws: error -> its parent."""
    path, tree = [], {}
    for line in errors.__doc__.splitlines():
        found = re.match(r"    ([│ ├└─]*)(\w+Error)\b", line)
        if found:
            depth = len(found[1]) // 4
            path[depth:] = [found[2]]
            tree[found[2]] = path[depth - 1] if depth else None
    return tree


def test_the_tree_is_drawn_as_it_is():
    bases = {
        name: value.__bases__[0].__name__
        for name, value in inspect.getmembers(errors, inspect.isclass)
        if issubclass(value, Exception)
    }
    bases["EamError"] = None
    assert drawn() == bases


def test_a_misspelt_name_is_answered_with_the_nearest():
    with pytest.raises(errors.UnknownNameError, match=r"did you mean 'jax'\? valid names: numpy"):
        raise errors.UnknownBackendError("jaxx", ["numpy", "jax"])
    with pytest.raises(errors.UnknownNameError, match=r"'qqq'; valid names: numpy"):
        raise errors.UnknownBackendError("qqq", ["numpy", "jax"])
