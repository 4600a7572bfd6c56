"""The cost of quantities beyond the gradient: energy and forces, second derivatives, fits."""

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

from ..model import Model
from ..quantities import GRADIENT, quantity_names
from .base import Cases, attributes, named_in


class Quantities(Cases):
    """Ratios of times that alternate in one process, as in :class:`eam.suite.Overhead`.

    Three tracks for each quantity that the model has by hand: over NumPy by hand, over the fastest
    by hand, and native allocations.
    """

    version = "1"

    @classmethod
    def choose(cls, model: Model, backends: Sequence[str]) -> None:
        """At the dimensions where the model's quantities are measured."""
        cls.params = [model.dimensions.quantities, list(backends)]
        for quantity in quantity_names():
            for name in _tracks(quantity) if quantity not in model.quantities else ():
                if quantity != GRADIENT:
                    vars(getattr(cls, name))["skip_benchmark"] = True

    def measure(self, reference: str, dimensions: Sequence[int], backends: Sequence[str]) -> Any:
        """The costs of all quantities, or where EAM_QUANTITIES is set, of those that it names."""
        try:
            quantities: Any = import_module("eam.measure.quantities")
        except ModuleNotFoundError:
            return {}  # a commit before there were quantities
        asked = [name for name in self.record.quantities if named_in("EAM_QUANTITIES", name)]
        return quantities.measure(reference, dimensions, backends, asked)

    def make_ready(self, *parameters: Any) -> None:
        """n/a where nothing was measured; each track knows whether its own quantity failed."""
        cases, dimension, backend = parameters
        if not cases.get((dimension, backend)):
            raise NotImplementedError(f"{backend!r} was not measured at dimension {dimension}")
        self.case = cases[dimension, backend]

    def number(self, quantity: str, read: Callable[[Any], Any]) -> Any:
        """Apply `read` to the cost of a quantity; NaN, which is n/a, where there is none."""
        cost = self.case.get(quantity)
        if cost is not None and cost.failed:
            raise RuntimeError(cost.failed)
        return float("nan") if cost is None or cost.missing else read(cost)


def _tracks(quantity: str) -> tuple[str, str, str]:
    return f"track_{quantity}", f"track_{quantity}_best", f"track_{quantity}_allocations"


def _track(quantity: str, unit: str, text: str, read: Callable[[Any], Any]) -> Any:
    @attributes(unit=unit, quantity=quantity)
    def track(self: Quantities, cases: Any, dimension: int, backend: str) -> Any:
        return self.number(quantity, read)

    track.__doc__ = text
    return track


def _samples(values: list[float]) -> dict[str, Any]:
    return {"samples": values, "number": 1}


for _quantity in quantity_names():
    if _quantity != GRADIENT:
        _over, _best, _allocations = _tracks(_quantity)
        _of = f"t({_quantity}) / t"
        for _name, _unit, _text, _read in (
            (_over, "ratio", f"{_of}(the same by numpy).", lambda cost: _samples(cost.overhead)),
            (_best, "ratio", f"{_of}(the fastest by hand).", lambda cost: _samples(cost.best)),
            (
                _allocations,
                "allocations",
                f"Native allocations of one {_quantity}.",
                lambda cost: float("nan") if cost.allocations is None else cost.allocations,
            ),
        ):
            setattr(Quantities, _name, _track(_quantity, _unit, _text, _read))
