"""Results of the toy as the report reads them; a published report, and a browser for it."""

import shutil

import pytest

from tests.report.published import HOSTILE, OVERHEAD, make_commits, publish, suite
from tests.report.stored_results import Suite, around, read
from tests.report.waiting import wait

BENCHMARKS = {
    "overhead": "gradients.ToyOverhead.track_overhead",
    "best": "gradients.ToyOverhead.track_overhead_best",
    "omega": "gradients.ToyOverhead.track_omega",
    "time": "gradients.Toy.time_gradient",
    "value": "gradients.Toy.time_value",
    "allocations": "memory.Toy.track_allocations",
    "bytes": "memory.Toy.track_allocated_bytes",
}


@pytest.fixture
def run_of(tmp_path):
    """What a run holds of the toy: run_of(overhead={(dimension, backend): number or samples})."""

    def make(**cases):
        stored = {BENCHMARKS[name]: numbers for name, numbers in cases.items()}
        return read(tmp_path, Suite(stored)).model("toy")

    return make


@pytest.fixture(scope="session")
def commits(tmp_path_factory):
    return make_commits(tmp_path_factory.mktemp("repository"))


@pytest.fixture(scope="session")
def published(tmp_path_factory, commits):
    """Two commits, two machines, one of them and one backend with a hostile name."""
    other = suite(commits.second, 2_000_000)
    other.machine = HOSTILE.replace("/", "")  # it names a folder
    other.versions = {"jax": HOSTILE}
    other.cells[OVERHEAD].update({(100, HOSTILE): around(2.0), (100, "torch"): None})
    model = HOSTILE.replace(".", "")  # a dot ends the name of a class
    other.cells[f"gradients.{model}.time_gradient"] = {(100, "numpy"): 1e-6}
    done = publish(
        tmp_path_factory.mktemp("published"),
        commits,
        suite(commits.first, 1_000_000),
        suite(commits.second, 2_000_001, factor=2.0),
        other,
    )
    assert done.status == 0, done.output
    return done.html


@pytest.fixture(scope="session")
def browser():
    """Headless Chromium that reaches nothing but this machine."""
    webdriver = pytest.importorskip("selenium.webdriver")
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not (chromium and driver):
        pytest.skip("no chromium and chromedriver here; on Debian: apt-get install chromium-driver")
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for argument in (
        "--headless=new",
        "--no-sandbox",
        "--disable-dev-shm-usage",
        "--force-prefers-reduced-motion",
        "--window-size=1280,900",
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    ):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    chrome = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
    yield chrome
    chrome.quit()


@pytest.fixture
def load(browser):
    """Load a page, wait for its charts; its console and its requests must be clean."""

    def load(page):
        browser.get_log("browser"), browser.get_log("performance")
        browser.get(page if isinstance(page, str) else page.as_uri())
        waiting = (
            "return document.querySelectorAll('.chart:not([hidden]):not(:has(svg, canvas))').length"
        )
        wait(lambda: browser.execute_script(waiting) == 0)
        return browser

    yield load
    assert [entry for entry in browser.get_log("browser") if entry["level"] != "INFO"] == []
