"""Numbers as overheads.json has them."""

import math
from typing import Any

from .model_schema import EstimateEntry, RatioEntry, SpreadEntry
from .ratios import Estimate, Ratio, Spread


def ratio_entry(ratio: Ratio) -> RatioEntry:
    """A ratio, with what may be claimed of it."""
    return {
        "value": ratio.value,
        "low": ratio.low,
        "high": ratio.high,
        "floor": ratio.floor,
        "paired": ratio.paired,
        "standing": ratio.standing,
        "spread": _spread(ratio.spread),
    }


def optional_ratio_entry(ratio: Ratio | None) -> RatioEntry | None:
    """A ratio, or None where there is none."""
    return None if ratio is None else ratio_entry(ratio)


def estimate_entry(estimate: Estimate | None) -> EstimateEntry | None:
    """A measured number, or None where there is none."""
    if estimate is None:
        return None
    return {
        "value": estimate.value,
        "low": estimate.low,
        "high": estimate.high,
        "spread": _spread(estimate.spread),
    }


def _spread(spread: Spread | None) -> SpreadEntry | None:
    if spread is None:
        return None
    return {
        "first_quartile": spread.first_quartile,
        "third_quartile": spread.third_quartile,
        "number": spread.number,
        "samples": list(spread.samples),
    }


def finite(value: Any) -> Any:
    """The same with null for every number that JSON does not have: NaN and the infinities."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {str(key): finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [finite(item) for item in value]
    return value
