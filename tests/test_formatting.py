"""Numbers as people read them."""

import pytest

from eam import formatting


@pytest.mark.parametrize(
    ("ratio", "text"),
    [(0.0521, "0.052×"), (0.999, "1.0×"), (1.04, "1.0×"), (4.07, "4.1×"), (28.8, "29×"),
     (9.96, "10×"), (1234.0, "1\u00a0200×")],
)  # fmt: skip
def test_ratios_read_well(ratio, text):
    assert formatting.times(ratio) == text


def test_units_read_well():
    assert formatting.seconds(5.85e-6) == "5.85\u00a0µs"
    assert formatting.seconds(0.9999e-3) == "1.00\u00a0ms"
    assert formatting.seconds(40e-12) == "0.0400\u00a0ns"
    assert formatting.size(96) == "96\u00a0B"
    assert formatting.size(6933) == "6.93\u00a0kB"
    assert formatting.count(61.0) == "61"
    assert [formatting.rounded(number) for number in (8.0, 74_321.0)] == ["8", "74\u00a0000"]
    assert formatting.listed(["a", "b", "c"]) == "a, b and c"
