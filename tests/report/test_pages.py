"""The published pages in a real browser without a network."""

import json
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from xml.etree import ElementTree

import pytest

import eam
from eam.commands.main import main
from tests.report.published import publish, suite
from tests.report.waiting import wait

pytestmark = pytest.mark.slow


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
    matrix = browser.find_element("css selector", ".matrix")
    for body in matrix.find_elements("css selector", "tbody")[:-1]:
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


def test_the_matrix_is_switched_to_a_quantity(published, load):
    browser = load(published / "index.html")
    browser.find_element("css selector", "label[for=of-hessian_vector]").click()
    panels = browser.find_elements("css selector", ".switch > div")
    (shown,) = [panel for panel in panels if panel.is_displayed()]
    rows = shown.find_elements("css selector", "tbody tr")
    assert [row.text.split()[:2] for row in rows[:2]] == [["jax", "3.00×"], ["torch", "30×"]]
    assert rows[-1].text.startswith("lines by hand")


def section(browser, heading):
    """The text below a heading of the front page."""
    return browser.find_element("id", heading).find_element("xpath", "..").text


def test_the_front_page_says_what_changed_and_how_fresh_it_is(published, load):
    browser = load(published / "index.html")
    changed = section(browser, "since")
    assert "1 run ago: 1 verdict and 3 overheads of" in changed
    assert "jax on toy at N = 100: 2.0× slower, from 1.20× to 2.40×; commit" in changed
    assert "python -m eam since 1970-01-01" in changed
    fresh = section(browser, "fresh")
    assert "Its commit is the newest." in fresh
    assert "was not looked up" in fresh


def test_machines_are_side_by_side_with_where_they_agree(published, load):
    browser = load(published / "index.html")
    rows = browser.find_elements("css selector", ".machines tbody tr")
    texts = [row.text.replace("\n", " ") for row in rows]
    assert "tabulated 4 000 atoms torch 20× slower 20× slower behind on all 2" in [
        text.replace("\u00a0", " ") for text in texts
    ]
    assert "Of " in browser.find_element("xpath", "//h2[@id='machines']/following::p[1]").text
    lead = browser.find_element("css selector", ".lead").text
    assert "2 machines were measured: where each verdict holds." in lead


def test_stored_names_that_are_unknown_and_names_that_were_not_measured_are_said(published, load):
    text = load(published / "index.html").find_element("tag name", "main").text
    assert "Without a number in this run: model" in text
    (other,) = published.glob("report-on-*.html")
    said = load(other).find_element("tag name", "main").text
    assert "backend <img src=x" in said
    assert "a name that this version of eam does not have" in said


def test_the_feed_has_the_steps(published):
    feed = ElementTree.parse(published / "steps.xml").getroot()
    atom = "{http://www.w3.org/2005/Atom}"
    titles = [entry.findtext(f"{atom}title") for entry in feed.iter(f"{atom}entry")]
    assert any(title.startswith("jax 2.0× slower: toy at N = 100") for title in titles)
    (link, *_) = [e.find(f"{atom}link").attrib.values() for e in feed.iter(f"{atom}entry")]
    assert next(iter(link)).startswith("history.html#machine=bench")


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
