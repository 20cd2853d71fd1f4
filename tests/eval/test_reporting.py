"""The report and compare pages: whole, self-contained, the same each time, and safe against what they show."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from eval.comparing import compare
from eval.configuring import RunConfig
from eval.errors import EvalError
from eval.plots import BUDGET, inline
from eval.reporting import compare_page, report
from eval.running import run
from eval.runs import RunFolder
from eval.scoring import score
from eval.systems import SystemName

CHROMIUM = Path("/usr/bin/chromium")
HOSTILE = "</script><script>alert(1)</script>"
BREAKS = "one\u2028two\u2029three & <!--"
SIZES = (ViewportSize(width=1280, height=800), ViewportSize(width=390, height=844))
TEXTS = {
    "visa": ("en", f"A visa takes 30 days. 🎓 Bring the original. {HOSTILE}"),
    "money": ("ru", "Стипендия приходит в конце месяца. Её размер — 500 евро."),
    "housing": ("kk", "Жатақханаға өтінішті қыркүйекте беріңіз. Әр бөлмеде үш орын бар."),
}
GOLD = {"visa": "Bring the original.", "money": "Её размер — 500 евро.", "housing": "Әр бөлмеде үш орын бар."}
QUESTIONS = {
    "visa": f"How long does a visa take? {HOSTILE}",
    "money": "Какой размер стипендии?",
    "housing": "Бөлмеде неше орын бар?",
}


def cases() -> Iterator[dict[str, Any]]:
    """Yield 60 cases: 18 of each language that a text answers, and six that none does."""
    for number in range(54):
        subject = list(TEXTS)[number % 3]
        yield {
            "id": f"{subject}-{number}",
            "lang": TEXTS[subject][0],
            "question": QUESTIONS[subject],
            "answerability": "answerable",
            "gold_doc_ids": [subject],
            "gold_quotes": [GOLD[subject]],
            "nuggets": [{"text": "A fact.", "any_of": [GOLD[subject]]}],
            "tags": ["follow_up"] if number % 2 else [HOSTILE],
            "history": [{"role": "user", "content": BREAKS}] if number % 2 else [],
        }
    for number in range(6):
        yield {
            "id": f"none-{number}",
            "lang": "en",
            "question": "A visa for Mars?",
            "answerability": "unanswerable",
        }


def made(root: Path, system: SystemName) -> RunFolder:
    """Return a scored run of the small dataset."""
    dataset = root / "dataset"
    dataset.mkdir(exist_ok=True)
    texts = ({"_id": name, "title": HOSTILE, "text": text, "lang": lang} for name, (lang, text) in TEXTS.items())
    for name, rows in (("cases", cases()), ("corpus", texts)):
        lines = (json.dumps(row, ensure_ascii=False) for row in rows)
        (dataset / f"{name}.jsonl").write_text("\n".join(lines), encoding="utf-8")
    run(dataset, root / system, RunConfig(system=system), work=root / "work", workers=1, progress=lambda *_: None)
    folder = RunFolder(root / system)
    score(folder)
    return folder


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, RunFolder]:
    """Return scored runs by the name of their system."""
    root = tmp_path_factory.mktemp("runs")
    return {name: made(root, name) for name in ("bm25", "oracle", "always_abstain")}


@pytest.fixture(scope="module")
def page(runs: dict[str, RunFolder]) -> Path:
    """Return a report with two baselines."""
    return report(runs["bm25"], [runs["oracle"], runs["always_abstain"]])


@pytest.fixture(scope="module")
def comparison(runs: dict[str, RunFolder], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a page that compares two runs."""
    first, second = runs["always_abstain"], runs["bm25"]
    return compare_page(
        compare(first, second), first, second, tmp_path_factory.mktemp("pages") / "new" / "compare.html"
    )


def data(page: Path) -> dict[str, Any]:
    """Return the cases that a report carries."""
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page.read_text(), re.DOTALL)
    assert found is not None
    return dict(json.loads(found[1]))


def headings(page: Path) -> list[str]:
    """Return the headings of the sections."""
    return re.findall(r"<h2[^>]*>(.*?)</h2>", page.read_text())


def test_a_report_has_all_sections_in_order(page: Path) -> None:
    """What was run stands first, then what came of it, then the cases."""
    assert headings(page) == [
        "Run", "Main figures", "Slices", "Recall at k", "Risk over coverage", "Reliability of support", "Error budget",
        "Time of a reply", "Worst cases", "All cases",
    ]  # fmt: skip


def test_a_comparison_has_all_sections_in_order(comparison: Path) -> None:
    """What differs stands first; a run that always abstains got right only what nothing answers."""
    assert headings(comparison) == [
        "What differs in the runs", "Main differences", "All differences", "Fixed: 54 cases", "Broken: 6 cases",
    ]  # fmt: skip
    assert "config.system" in comparison.read_text()


def test_pages_fetch_nothing(page: Path, comparison: Path) -> None:
    """No address leaves the file, and the policy forbids what might be overlooked."""
    for each in (page, comparison):
        text = each.read_text()
        assert "http:" not in text
        assert "https:" not in text
        assert not re.search(r"\ssrc=|url\((?!#)|@import", text)
        assert all(target.startswith(("#", "data:,")) for target in re.findall(r'href="([^"]*)"', text))
        assert "default-src 'none'" in text


def test_hostile_texts_stay_texts(page: Path, comparison: Path) -> None:
    """Nothing that a case, a text or a tag says is markup in a page, and the data cannot end its script."""
    for each in (page, comparison):
        assert "<script>alert" not in each.read_text()
    assert page.read_text().count("</script>") == 2
    assert "\u2028" not in page.read_text()


def test_the_data_parses_back(page: Path) -> None:
    """The case browser gets every case as it was, and each text once."""
    found = data(page)
    assert [each["id"] for each in found["cases"]] == [each["id"] for each in cases()]
    assert found["cases"][1]["history"] == [["user", BREAKS]]
    assert found["cases"][0]["question"] == QUESTIONS["visa"]
    assert {unit: text for unit, _, _, text in found["passages"]} == {name: text for name, (_, text) in TEXTS.items()}


def test_a_quote_is_marked_by_letters(runs: dict[str, RunFolder]) -> None:
    """Begin and end of a quote count letters as the browser's script does, also behind a sign of two halves."""
    found = data(report(runs["oracle"]))
    _, place, begin, end = found["cases"][0]["cited"][0]
    assert found["passages"][place][3][begin:end] == GOLD["visa"]
    assert found["cases"][0]["gold"] == [[GOLD["visa"], "quoted"]]
    assert found["cases"][0]["hits"][0][3] == 1


def test_silence_shows_where_the_gold_was(runs: dict[str, RunFolder]) -> None:
    """A case for which nothing was found shows the text that would have answered it."""
    found = data(report(runs["always_abstain"]))
    first = found["cases"][0]
    assert (first["reason"], first["cited"], first["gold"]) == ("no_source", [], [[GOLD["visa"], "not found"]])
    assert first["missed"] == [["visa", "en", 0]]


def test_pages_are_the_same_each_time(runs: dict[str, RunFolder], tmp_path: Path) -> None:
    """The same input gives the same bytes, and no half-written file is left."""
    texts = [report(runs["bm25"], [runs["oracle"]]).read_bytes() for _ in range(2)]
    assert texts[0] == texts[1]
    pair = runs["bm25"], runs["oracle"]
    pages = [compare_page(compare(*pair), *pair, tmp_path / f"{name}.html").read_bytes() for name in "ab"]
    assert pages[0] == pages[1]
    assert not list(runs["bm25"].folder.glob("*.partial"))


def test_ids_are_unique_and_known(page: Path, comparison: Path) -> None:
    """Several drawings live in one page without taking each other's parts."""
    for each in (page, comparison):
        text = each.read_text()
        ids = re.findall(r'\sid="([^"]+)"', text)
        assert len(ids) == len(set(ids))
        used = {name for names in re.findall(r'aria-labelledby="([^"]+)"', text) for name in names.split()}
        used |= set(re.findall(r'(?:url\(|href=")#([^)"]+)', text))
        assert used <= set(ids)


def test_the_best_is_named(page: Path) -> None:
    """The oracle's recall is called best in words; a figure that is the same everywhere is not."""
    text = page.read_text()
    row = re.search(r"<th scope=\"row\">right or acceptable.*?</tr>", text, re.DOTALL)
    assert row is not None
    assert row[0].count("</strong> best") == 1
    same = re.search(r"<th scope=\"row\">reply in the right language.*?</tr>", text, re.DOTALL)
    assert same is not None
    assert "best" not in same[0]


def test_small_slices_say_so(page: Path) -> None:
    """A slice of 18 cases is grey, with a sign beside its figures and no tint."""
    table = re.search(r'aria-label="By language".*?</table>', page.read_text(), re.DOTALL)
    assert table is not None
    assert "n = 18" in table[0]
    assert all("†" in cell and "--t" not in cell for cell in re.findall(r"<td [^>]*few.*?</td>", table[0]))
    assert "few" in table[0]


def test_every_outcome_is_in_the_budget(page: Path) -> None:
    """The budget lists each outcome once, and its counts add up to the cases."""
    table = re.search(r'aria-label="Error budget".*?</table>', page.read_text(), re.DOTALL)
    assert table is not None
    assert re.findall(r'scope="row">(.*?)</th>', table[0]) == [str(each) for each in BUDGET]
    rows = re.findall(r'scope="row">.*?</th><td class="n">(\d+)', table[0])
    assert sum(map(int, rows)) == 60


def test_times_and_supports_are_drawn_where_there_are_any(runs: dict[str, RunFolder], page: Path) -> None:
    """A baseline's supports are no probabilities and it is not timed; the oracle's are."""
    assert 'id="latency-title"' not in page.read_text()
    assert 'id="reliability-title"' not in page.read_text()
    assert 'id="reliability-title"' in report(runs["oracle"]).read_text()


def test_timed_replies_get_a_histogram(runs: dict[str, RunFolder], tmp_path: Path) -> None:
    """Median and 95th percentile are said in words."""
    folder = RunFolder(tmp_path)
    for file in runs["oracle"].folder.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    rows = [json.loads(line) | {"timings_ms": {"total": n}} for n, line in enumerate(folder.records.open(), start=1)]
    folder.write_lines("records.jsonl", rows)
    assert "Half of 60 replies took at most 30 ms, 95 % at most 57 ms." in report(folder).read_text()


def test_a_baseline_of_other_cases_is_refused(runs: dict[str, RunFolder], tmp_path: Path) -> None:
    """Figures of different questions do not stand beside each other."""
    other = made(tmp_path, "oracle")
    other.write_json("run.json", other.meta() | {"dataset_digest": "other"})
    with pytest.raises(EvalError, match="are not of the same cases"):
        report(runs["bm25"], [other])


def test_words_of_a_drawing_are_escaped() -> None:
    """A run's name may hold any sign."""
    svg = inline('<svg viewBox="0 0 1 1" id="a"><g id="b"><path id="c"/></g></svg>', "name", HOSTILE, "a < b")
    assert "<script>" not in svg
    assert '<path id="name-c"/>' in svg


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Return Chromium."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        yield chromium
        chromium.close()


@pytest.fixture
def opened(browser: Browser) -> Iterator[Any]:
    """Return a function that opens a file; at the end there must have been no fault and no other request."""
    faults: list[str] = []
    contexts = []

    def visit(path: Path, size: ViewportSize, scheme: Literal["light", "dark"] = "light") -> Page:
        contexts.append(browser.new_context(viewport=size, color_scheme=scheme))
        tab = contexts[-1].new_page()
        own = (path.as_uri(), "data:")
        tab.on("request", lambda request: None if request.url.startswith(own) else faults.append(request.url))
        tab.on("console", lambda message: faults.append(message.text) if message.type in ("error", "warning") else None)
        tab.on("pageerror", lambda error: faults.append(str(error)))
        tab.on("dialog", lambda dialog: (faults.append(dialog.message), dialog.dismiss()))
        tab.goto(path.as_uri())
        return tab

    yield visit
    for context in contexts:
        context.close()
    assert faults == []


needs_browser = pytest.mark.skipif(not CHROMIUM.exists(), reason=f"{CHROMIUM} is missing: no page was tested")


@pytest.mark.browser
@needs_browser
@pytest.mark.parametrize("size", SIZES, ids=["desk", "phone"])
def test_the_case_browser_filters_and_opens(opened: Any, page: Path, size: ViewportSize) -> None:
    """Fifty cases are shown, then more; filters narrow them and say how many are left; an open case shows its quote."""
    tab = opened(page, size)
    rows = tab.locator("#cases > li")
    assert rows.count() == 50
    tab.click("#more")
    assert rows.count() == 60
    assert tab.evaluate("document.activeElement === document.querySelectorAll('#cases summary')[50]")
    tab.select_option("#by-lang", "kk")
    assert tab.locator("#count").inner_text() == "18 of 60 cases match; 18 are shown."
    tab.fill("#by-words", "БӨЛМЕДЕ")
    assert rows.count() == 18
    tab.select_option("#by-tag", "follow_up")
    assert rows.count() == 9
    rows.first.locator("summary").first.click()
    assert rows.first.locator("mark").first.inner_text() == TEXTS["housing"][1]
    assert BREAKS in str(rows.first.locator("p", has_text="user:").text_content())
    tab.fill("#by-words", "no such words")
    assert rows.count() == 0


@pytest.mark.browser
@needs_browser
def test_a_worst_case_leads_to_its_row(opened: Any, page: Path) -> None:
    """The button beside a bad case shows it among all, open and focused, hostile words and all."""
    tab = opened(page, SIZES[0])
    tab.locator("[data-id]").first.click()
    assert tab.locator("#cases > li > details[open]").count() == 1
    assert tab.evaluate("document.activeElement.tagName") == "SUMMARY"


@pytest.mark.browser
@needs_browser
@pytest.mark.parametrize(("size", "scheme"), [(SIZES[0], "light"), (SIZES[1], "dark")], ids=["desk", "phone"])
def test_pages_fit_and_axe_finds_nothing(
    opened: Any, page: Path, comparison: Path, size: ViewportSize, scheme: Literal["light", "dark"]
) -> None:
    """No page scrolls sideways, at a desk in light or on a phone in dark, and everyone can use it."""
    for path in (page, comparison):
        tab = opened(path, size, scheme)
        if path == page:
            tab.locator("#cases summary").first.click()
        assert not tab.evaluate("document.documentElement.scrollWidth > window.innerWidth")
        found = Axe().run(tab).response["violations"]
        assert [f"{each['id']} {[node['target'] for node in each['nodes']][:3]}" for each in found] == []


@pytest.mark.browser
@needs_browser
def test_paper_shows_all_sections(opened: Any, runs: dict[str, RunFolder]) -> None:
    """In print nothing is folded away that a reader cannot open there, and no control is left."""
    tab = opened(report(runs["oracle"]), SIZES[0])
    tab.evaluate("dispatchEvent(new Event('beforeprint'))")
    tab.emulate_media(media="print")
    assert tab.locator("section > details table").is_visible()
    assert not tab.locator("#by-words").is_visible()
    assert not tab.locator("nav").is_visible()
