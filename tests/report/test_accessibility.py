"""The pages under axe-core: phone, laptop and print, light and dark."""

import pytest

from tests.report.published import ROOT

pytestmark = pytest.mark.slow

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
PAGES = ["index.html", "toy-on-bench.html", "tabulated-on-bench.html", "history.html"]
SIZES = {"phone": (390, 844), "laptop": (1280, 800)}


@pytest.fixture(scope="module")
def axe():
    if not AXE.exists():
        pytest.skip("axe-core is not here; get it with: npm install --no-save axe-core@4.14.1")
    return AXE.read_text(encoding="utf-8")


@pytest.fixture
def shown(browser):
    """Show pages at a size, on a medium and in a colour scheme."""

    def show(size, medium, scheme):
        width, height = SIZES[size]
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        feature = {"name": "prefers-color-scheme", "value": scheme}
        media = {"media": medium, "features": [feature]}
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", media)

    yield show
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": []})


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(
    ("size", "medium", "scheme"),
    [
        ("phone", "screen", "light"),
        ("phone", "screen", "dark"),
        ("laptop", "screen", "light"),
        ("laptop", "screen", "dark"),
        ("laptop", "print", "light"),
    ],
)
def test_axe_finds_nothing(published, load, axe, shown, page, size, medium, scheme):
    shown(size, medium, scheme)
    browser = load(published / page)
    browser.execute_script(axe)
    found = browser.execute_async_script(
        "const done = arguments[0]; axe.run(document, {resultTypes: ['violations']}).then("
        "({ violations }) => done(violations.flatMap((v) =>"
        " v.nodes.map((n) => `${v.id}: ${n.html.slice(0, 90)} ${n.any[0]?.message ?? ''}`))))"
    )
    assert found == []
