"""Quantities beyond the gradient: what each library needs for them, over the same by hand."""

from collections.abc import Iterator

from ..backends import BY_HAND
from ..quantities import GRADIENT, quantity_names
from . import names
from .ratios import ratio, repeatability, score
from .results import ModelResults, Run
from .schema import QuantityCellEntry, QuantityEntry
from .source_lines import quantity_lines


def quantity_entries(run: Run) -> list[QuantityEntry]:
    """A row for each model and quantity that the run measured."""
    return [
        entry
        for results in run.results.values()
        for quantity in quantity_names()
        if quantity != GRADIENT
        for entry in _rows(results, quantity)
    ]


def _rows(results: ModelResults, quantity: str) -> Iterator[QuantityEntry]:
    metric = f"track_{quantity}_best"
    record = names.registered(results.model)
    for dimension in results.dimensions(metric):
        counted = record is not None and quantity in record.quantities
        lines = quantity_lines(results.model, quantity) if counted else None
        yield {
            "model": results.model,
            "unit": results.unit,
            "quantity": quantity,
            "dimension": dimension,
            "lines_of_energy": lines and lines[0],
            "lines_by_hand": lines and lines[1],
            "cells": list(_cells(results, metric, dimension)),
        }


def _cells(results: ModelResults, metric: str, dimension: int) -> Iterator[QuantityCellEntry]:
    """The fastest backend of each library that differentiates, over the best by hand."""
    for library, backends in names.by_library(results.backends(metric)).items():
        found = {
            name: estimate
            for name in backends
            if names.kind(name) not in BY_HAND
            and (estimate := results.get(metric, dimension, name)) is not None
        }
        if found:
            fastest = min(found, key=lambda name: found[name].value)
            over_best = ratio(found[fastest], repeatability(dimension), paired=True)
            yield {
                "library": library,
                "backend": fastest,
                "over_best": over_best.value,
                "score": score(over_best),
            }
