"""The published pages in a real browser without a network."""

import json
import shutil
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise

import pytest

import eam
from eam.commands.main import main
from tests.report.published import HOSTILE, OVERHEAD, make_commits, publish, suite
from tests.report.stored_results import around


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


def wait(condition, seconds=20):
    from selenium.webdriver.support.wait import WebDriverWait

    WebDriverWait(None, seconds).until(lambda _: condition())


def requests(browser):
    messages = [json.loads(e["message"])["message"] for e in browser.get_log("performance")]
    sent = [m["params"] for m in messages if m["method"] == "Network.requestWillBeSent"]
    return [entry["request"]["url"] for entry in sent]


def numbers(value):
    """Every number in a JSON value."""
    if isinstance(value, dict | list):
        items = value.values() if isinstance(value, dict) else value
        return {number for item in items for number in numbers(item)}
    return {float(value)} if isinstance(value, int | float) else set()


def ours(html):
    return [path for path in html.glob("*.html") if path.name not in
            ("classic.html", "explore.html", "error.html")]  # fmt: skip


def test_every_page_opens_from_the_disk_and_asks_for_nothing(published, load):
    assert len(ours(published)) >= 3
    for page in ours(published):
        browser = load(page)
        assert [url for url in requests(browser) if not url.startswith(("file:", "data:"))] == []
        assert browser.find_element("css selector", "main h1").text


def strings(value):
    """Every text in a JSON value, in the words of a page."""
    if isinstance(value, dict | list):
        items = value.values() if isinstance(value, dict) else value
        return {text for item in items for text in strings(item)}
    return {" ".join(value.split())} if isinstance(value, str) else set()


def test_every_number_of_every_model_is_in_the_json(published, load):
    document = json.loads((published / "overheads.json").read_text())
    known, said = numbers(document), strings(document)
    pages = [path for path in ours(published) if path.name != "history.html"]
    assert len(pages) >= 7  # on two machines a front, the toy and tabulated, and a hostile model
    for page in pages:
        browser = load(page)
        shown = browser.execute_script(
            "return [...document.querySelectorAll('data')].map(d => Number(d.value))"
        )
        assert len(shown) > (3 if "img" in page.name else 20)
        assert set(shown) <= known, page.name
        sentences = browser.execute_script(
            "return [...document.querySelectorAll('.card p, .verdicts span:last-child, .lines li')]"
            ".map(e => e.textContent)"
        )
        assert sentences or "img" in page.name
        assert {" ".join(text.split()).removesuffix(".") for text in sentences} <= {
            text.removesuffix(".") for text in said
        }


def matrix_rows(browser):
    """library -> the texts of its two rows of the matrix."""
    found = {}
    for body in browser.find_elements("css selector", ".matrix tbody")[:-1]:
        rows = body.find_elements("css selector", "tr")
        library = rows[0].find_element("css selector", "th").text.splitlines()[0]
        cells = [row.find_elements("css selector", "td") for row in rows]
        found[library] = [[cell.text.splitlines()[0] for cell in row] for row in cells]
    return found


def test_the_matrix_has_a_row_for_each_library_and_leads_to_its_models(published, load):
    browser = load(published / "index.html")
    heads = [e.text for e in browser.find_elements("css selector", ".matrix thead th")]
    assert [head.splitlines()[0] for head in heads[2:4]] == ["tabulated", "toy"]
    rows = matrix_rows(browser)
    assert list(rows)[:2] == ["jax", "torch"]
    # tabulated, toy; works on, ahead, close, behind, not clear, mean
    assert rows["torch"] == [
        ["20×", "20×", "2 of 2", "0", "0", "2", "0", "20×"],
        ["~400× ?", "400×", "2 of 2", "0", "0", "1", "1", "400×"],
    ]
    assert rows["casadi"][0][:3] == ["not run", "not run", "0 of 2"]
    browser.find_element("css selector", ".matrix td a").click()
    wait(lambda: "tabulated" in browser.find_element("tag name", "h1").text)


def test_lines_of_code_are_on_the_front_page(published, load):
    browser = load(published / "index.html")
    heading = browser.find_element("id", "lines")
    rows = heading.find_elements("xpath", "following::tbody[1]/tr")
    assert [row.find_element("css selector", "th").text for row in rows] == list(eam.model_names())


def test_a_number_opens_to_its_definition_its_samples_and_its_command(published, load):
    browser = load(published / "toy-on-bench.html")
    label = "th[@scope='row' and starts-with(., 'torch')]"
    browser.find_element("xpath", f"//div[@class='over-numpy']//tr[{label}]//button").click()
    opened = browser.find_element("css selector", "[popover]:popover-open")
    assert "torch at N = 100" in opened.text
    assert "Time of the gradient over that of the NumPy gradient" in opened.text
    assert "21 samples, half of them within" in opened.text
    assert r"--bench 'ToyOverhead\.track_overhead\(100, .torch.\)'" in opened.text
    opened.find_element("css selector", "button").click()
    assert browser.find_elements("css selector", "[popover]:popover-open") == []


def test_a_model_of_atoms_speaks_the_units_of_simulations(published, load):
    browser = load(published / "tabulated-on-bench.html")
    section = browser.find_element("id", "simulation").find_element("xpath", "..").text
    assert "A list of neighbours takes 2.00 ms, built by numba." in section
    table = browser.find_element("css selector", "[aria-label^='Simulation of 4']").text
    # 2e-7 s an atom, 4000 atoms: 0.8 ms, with a list each step 2.8 ms, each tenth 1 ms
    assert "numpy 200 ns 360 62 1.00×" in " ".join(table.split())


def test_startup_costs_are_on_the_page(published, load):
    browser = load(published / "toy-on-bench.html")
    text = browser.find_element("id", "startup").find_element("xpath", "..").text
    assert "jax 10 000 500 ms 480 ms 20 000 calls" in text
    assert "torch 10 000 1.50 s 8.00 s never" in text


def test_the_numbers_on_the_page_are_those_of_the_result_files(published, load):
    browser = load(published / "toy-on-bench.html")
    label = "th[@scope='row' and starts-with(., 'torch')]"
    row = browser.find_element("xpath", f"//div[@class='over-numpy']//tr[{label}]")
    cell = row.find_element("css selector", "td")
    assert float(cell.find_element("css selector", "data").get_attribute("value")) == 20.0
    assert cell.text.splitlines()[0] == "20×"
    assert "behind" in cell.get_attribute("class")


def test_the_denominator_is_selectable(published, load):
    browser = load(published / "toy-on-bench.html")
    first = {}
    for choice in ("numpy", "best", "value"):
        browser.find_element("id", f"over-{choice}").click()
        tables = browser.find_elements("css selector", ".heat > div")
        (shown,) = [table for table in tables if table.is_displayed()]
        assert shown.get_attribute("class") == f"over-{choice}"
        first[choice] = float(shown.find_element("css selector", "td data").get_attribute("value"))
    assert first == {"numpy": 1.0, "best": 20.0, "value": 1.9}


def history_rows(browser):
    rows = browser.find_elements("css selector", "#history-table tr")
    return [[cell.text for cell in row.find_elements("css selector", "th, td")] for row in rows]


def choices(browser):
    from selenium.webdriver.support.select import Select

    selects = browser.find_elements("css selector", "form.history select")
    return {s.get_attribute("name"): Select(s).first_selected_option.text for s in selects}


def test_the_history_opens_on_one_line_a_library_for_the_first_model_of_the_report(published, load):
    browser = load(published / "history.html")
    assert choices(browser) == {
        "machine": "bench",
        "model": "tabulated",
        "dimension": "4 000 atoms",
        "library": "the fastest of each library",
    }
    assert [row[3] for row in history_rows(browser)] == ["jax", "torch"] * 2


def test_the_history_follows_its_selects(published, load):
    from selenium.webdriver.support.select import Select

    browser = load(published / "history.html")

    def choose(expected, **values):
        for name, value in values.items():
            Select(browser.find_element("name", name)).select_by_value(value)
        wait(lambda: [row[3] for row in history_rows(browser)] == expected)
        return history_rows(browser)

    rows = choose(["jax", "jax-custom"] * 2, model="toy", dimension="10000", library="jax")
    assert [row[6] for row in rows] == ["2.0× slower", "", "", ""]
    points = "return document.querySelectorAll('#history .mark-symbol.role-mark path').length"
    # four points, and a ring around the step
    wait(lambda: browser.execute_script(points) == 5)
    assert browser.find_element("id", "history").text.count("2.0× slower") == 1
    assert "dimension=10000" in browser.current_url
    choose(["torch"] * 2, library="torch")
    choose(["torch"] * 2, model="tabulated")  # which was not measured at the N chosen above
    assert choices(browser)["dimension"] == "4 000 atoms"


def test_a_link_shows_a_choice_of_the_history_again(published, load):
    address = (published / "history.html").as_uri()
    browser = load(f"{address}#machine=bench&model=toy&dimension=100&library=torch")
    assert list(choices(browser).values()) == ["bench", "toy", "N = 100", "all of torch"]
    browser.find_element("css selector", "ol.steps a").click()
    wait(lambda: choices(browser)["library"] == "all of jax")
    wait(lambda: "2.0× slower" in browser.find_element("id", "history-table").text)
    browser.get(f"{address}#model=nosuch")
    wait(lambda: choices(browser)["model"] == "tabulated")


def test_the_table_of_the_history_begins_with_fifty_rows(tmp_path, commits, load):
    suites = [suite(commits.first, 10**12 + i * 10**8) for i in range(8)]
    for i, one in enumerate(suites):
        one.machine, one.commit = "bench", f"{i}" * 40
    html = publish(tmp_path, commits, *suites).html
    browser = load(f"{(html / 'history.html').as_uri()}#model=toy&library=*")
    assert len(history_rows(browser)) == 40
    assert not browser.find_element("id", "history-more").is_displayed()
    browser.execute_script("table(Array(60).fill({ run: 0, value: 1, low: 1, high: 1 }), 50)")
    assert len(history_rows(browser)) == 50
    more = browser.find_element("id", "history-more")
    assert more.text == "Show all 60 rows"
    more.click()
    assert len(history_rows(browser)) == 60


def test_every_link_leads_somewhere(published, load):
    for page in ours(published):
        links = load(page).execute_script(
            "return [...document.querySelectorAll('a')].map(a => a.getAttribute('href'))"
        )
        for link in links:
            file, _, anchor = link.partition("#")
            target = published / (file or page.name)
            assert target.exists(), f"{link} on {page.name}"
            known = not anchor or "=" in anchor or f'id="{anchor}"' in target.read_text()
            assert known, f"{link} on {page.name}"


def test_asvs_classic_pages_lead_back(published):
    assert '<a href="index.html"' in (published / "classic.html").read_text()


def test_hostile_results_execute_nothing(published, load):
    text = ""
    for page in ours(published):
        browser = load(page)
        assert browser.execute_script("return window.hacked") is None
        assert browser.find_elements("css selector", "img") == []
        assert len(browser.find_elements("css selector", "script:not([type])")) in (0, 3, 4)
        text += browser.find_element("tag name", "body").text
    assert text.count("<script>window.hacked=1") >= 3


@pytest.mark.parametrize("page", ["index.html", "tabulated-on-bench.html", "history.html"])
def test_pages_read_without_a_mouse(published, load, page):
    browser = load(published / page)
    faults = browser.execute_script("""
      const named = (e) => e.getAttribute('aria-label') || e.labels?.length || e.textContent.trim();
      return [
        ...[...document.querySelectorAll('a, button, input, select')].filter((e) => !named(e)),
        ...[...document.querySelectorAll('table')].filter((t) => !t.caption),
        ...[...document.querySelectorAll('th')].filter((th) => !th.scope),
        ...[...document.querySelectorAll('.scroll')].filter((e) => e.tabIndex !== 0),
      ].map((e) => e.outerHTML.slice(0, 80))""")
    assert faults == []
    levels = browser.execute_script(
        "return [...document.querySelectorAll('h1,h2,h3')].map(h => Number(h.tagName[1]))"
    )
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


@pytest.mark.parametrize("page", ["index.html", "tabulated-on-bench.html", "history.html"])
def test_a_phone_does_not_scroll_sideways(published, load, page):
    browser = load(published / page)
    browser.set_window_size(390, 844)
    try:
        width = "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
        wait(lambda: browser.execute_script(width) <= 0)
    finally:
        browser.set_window_size(1280, 900)


def test_asv_tachyon_shows_the_same_results(published, browser):
    handler = partial(QuietHandler, directory=str(published))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        browser.get(f"http://127.0.0.1:{server.server_port}/explore.html")
        wait(lambda: "track_overhead" in browser.find_element("tag name", "body").text)
        browser.find_element("link text", "To the report").click()
        assert (
            browser.find_element("tag name", "h1").text == "May I stop writing gradients by hand?"
        )
    finally:
        server.shutdown()
        server.server_close()
        browser.get_log("browser")


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


def test_the_picture_is_taken_in_light_and_dark(published, browser, tmp_path, capsys):
    page = str(published / "index.html")
    assert main(["picture", "--page", page, "--folder", str(tmp_path)]) == 0
    light, dark = ((tmp_path / f"report-{s}.png").read_bytes() for s in ("light", "dark"))
    assert light[:8] == dark[:8] == b"\x89PNG\r\n\x1a\n"
    assert light != dark
    assert main(["picture", "--page", str(tmp_path / "nosuch.html")]) == 2
    assert "make report" in capsys.readouterr().err
