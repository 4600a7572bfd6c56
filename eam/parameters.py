"""The parameters of a model, theta in formulas: what a fit may change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .errors import InputError


@dataclass(frozen=True)
class Parameters:
    """Names and published values of parameters, in the order of theta.

    Attributes:
        names: as the formulas of the model write them.
        values: the published ones, in the units of the formulas.
        positive: the names of those that make no sense unless they are positive.
    """

    names: tuple[str, ...]
    values: tuple[float, ...]
    positive: frozenset[str] = frozenset()

    @property
    def theta(self) -> NDArray[np.float64]:
        """The values in a new array, (n_parameters,)."""
        return np.array(self.values, np.float64)

    def checked(self, theta: Mapping[str, float] | Sequence[float] | Any) -> NDArray[np.float64]:
        """`theta` as an array (n_parameters,).

        Args:
            theta: numbers in the order of `names`, or a mapping from names to numbers, in which a
                parameter that is left out has its published value.

        Raises:
            InputError: an unknown name, another number of values, or a value that is not a finite
                number or has the wrong sign; the message lists what is valid.
        """
        if isinstance(theta, Mapping):
            theta = self._ordered(theta)
        try:
            array = np.asarray(theta, np.float64)
        except (TypeError, ValueError):
            raise InputError(f"parameters must be numbers, {self._valid}; not {theta!r}") from None
        if array.shape != (len(self.names),):
            raise InputError(
                f"parameters must be {len(self.names)} numbers, {self._valid}; "
                f"not of shape {array.shape}"
            )
        for name, value in zip(self.names, array.tolist(), strict=True):
            if not np.isfinite(value) or (name in self.positive and value <= 0.0):
                kind = "positive" if name in self.positive else "finite"
                raise InputError(f"parameter {name!r} must be {kind}, not {value:g}")
        return np.ascontiguousarray(array)

    def _ordered(self, given: Mapping[Any, Any]) -> list[Any]:
        for name in given:
            if name not in self.names:
                nearest = get_close_matches(str(name), self.names)
                meant = f"did you mean {' or '.join(map(repr, nearest))}? " if nearest else ""
                raise InputError(f"unknown parameter {name!r}; {meant}valid names: {self._valid}")
        published = zip(self.names, self.values, strict=True)
        return [given.get(name, value) for name, value in published]

    @property
    def _valid(self) -> str:
        return ", ".join(self.names)
