"""The types of a model's part of overheads.json, which docs/reference/overheads-json.md describes.

Times are in seconds, sizes in bytes, dates in milliseconds since 1970; None is what is not known.
"""

from typing import Literal, TypedDict

from .ratios import Standing

# The measured fields of a case.
Field = Literal[
    "gradient_seconds",
    "value_seconds",
    "allocations",
    "allocated_bytes",
    "peak_bytes",
    "process_peak_bytes",
]


class SpreadEntry(TypedDict):
    """How the samples of a number lie; `samples` is empty where asv kept none."""

    first_quartile: float
    third_quartile: float
    number: int
    samples: list[float]


class EstimateEntry(TypedDict):
    """A measured number and its interval."""

    value: float
    low: float | None
    high: float | None
    spread: SpreadEntry | None


class RatioEntry(TypedDict):
    """A ratio of two times; see `eam.report.ratios.Ratio`."""

    value: float
    low: float
    high: float
    floor: float
    paired: bool
    standing: Standing
    spread: SpreadEntry | None


class OverheadEntry(TypedDict):
    """A gradient's time over each denominator."""

    numpy: RatioEntry | None
    best: RatioEntry | None
    value: RatioEntry | None


class CaseEntry(TypedDict):
    """One backend at one dimension of a model; see `Field` for what is measured."""

    backend: str
    dimension: int
    overhead: OverheadEntry
    why_missing: str | None
    reason: str | None
    gradient_seconds: EstimateEntry | None
    value_seconds: EstimateEntry | None
    allocations: EstimateEntry | None
    allocated_bytes: EstimateEntry | None
    peak_bytes: EstimateEntry | None
    process_peak_bytes: EstimateEntry | None


class BackendEntry(TypedDict):
    """A backend that a model was measured with."""

    backend: str
    library: str
    kind: str


class FloorEntry(TypedDict):
    """The A/A floor at a dimension, as a fraction."""

    dimension: int
    floor: float


class BestManualEntry(TypedDict):
    """The fastest hand-written gradient at a dimension."""

    dimension: int
    backend: str


class AnswerEntry(TypedDict):
    """An answer in a few words, then sentences with the numbers; the standing colours it."""

    question: str
    answer: str
    details: list[str]
    standing: Standing


class VerdictEntry(TypedDict):
    """The verdict on a library; see `eam.report.verdicts.Verdict`."""

    library: str
    version: str
    backend: str
    name: str
    dimension: int
    word: str
    sentence: str
    standing: Standing
    overhead: RatioEntry
    overhead_best: RatioEntry | None
    crossover: float | None


class GrowthEntry(TypedDict):
    """The fit t = a + b N of a backend's times, and the N from which it is ahead of NumPy."""

    backend: str
    seconds_per_call: float
    seconds_per_element: float
    worst_dimension: float | None
    worst_misfit: float | None
    crossover: float | None


class CustomAdjointEntry(TypedDict):
    """The gain of a hand-written rule; see `eam.report.findings.CustomAdjoint`."""

    library: str
    plain: RatioEntry
    custom: RatioEntry
    primitive: RatioEntry | None
    recovered: float | None


class AllocationEntry(TypedDict):
    """The allocations of a gradient; see `eam.report.findings.Allocation`."""

    backend: str
    kind: str
    in_place: bool
    count: float
    allocated: float | None
    peak: float | None
    gradient: float
    spares_the_result: bool


class ForwardEntry(TypedDict):
    """Forward mode against reverse mode: the dimensions where it is which."""

    library: str
    faster: list[int]
    level: list[int]
    slower: list[int]


class StartupEntry(TypedDict):
    """The time a backend takes before it is hot; see `eam.report.startup.Startup`."""

    backend: str
    dimension: int
    import_seconds: float | None
    first_seconds: float
    break_even: float | None


class PostEntry(TypedDict):
    """A row of the forum post, as a multiple of its manual gradient."""

    row: str
    ratio: float
    allocations: int
    allocated_bytes: float


class NowEntry(RatioEntry):
    """Today's counterpart of a row of the forum post: a backend and its overhead."""

    backend: str


class BesideEntry(PostEntry):
    """A row of the forum post beside today's."""

    now: list[NowEntry]


class MissingEntry(TypedDict):
    """Something that a run does not hold, and the command that measures it."""

    what: str
    command: str


class StepTimeEntry(TypedDict):
    """The speed of a simulation with a backend's gradient at one number of atoms.

    A step is a gradient, and each `rebuilt_every` steps a new list of neighbours; None for a list
    that is never built again.
    """

    backend: str
    rebuilt_every: int | None
    seconds: float
    steps_per_second: float
    nanoseconds_per_day: float
    over_numpy: float | None
    over_best: float | None


class SimulationEntry(TypedDict):
    """The steps of a simulation at one number of atoms."""

    dimension: int
    timestep_femtoseconds: float
    list_builder: str | None
    list_seconds: float | None
    nanoseconds_per_atom: dict[str, float]
    steps: list[StepTimeEntry]


class ModelEntry(TypedDict):
    """One model of a run; `benchmarks` are those that measure it, by metric."""

    model: str
    summary: str
    unit: str
    benchmarks: dict[str, str]
    reference_dimension: int | None
    dimensions: list[int]
    backends: list[BackendEntry]
    floors: list[FloorEntry]
    best_manual: list[BestManualEntry]
    cases: list[CaseEntry]
    headline: list[AnswerEntry]
    questions: list[AnswerEntry]
    verdicts: list[VerdictEntry]
    growth: list[GrowthEntry]
    custom_adjoints: list[CustomAdjointEntry]
    allocations: list[AllocationEntry]
    memory_dimensions: list[int]
    forward_modes: list[ForwardEntry]
    startup: list[StartupEntry]
    simulation: list[SimulationEntry]
    beside_2019: list[BesideEntry]
    missing: list[MissingEntry]
