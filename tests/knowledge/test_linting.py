"""What the content linter compares and counts: figures, links, lengths, headings, terms, persons."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from fakes import document

from assistant.knowledge.checking import check
from assistant.knowledge.glossary import Glossary, check_glossary, read_glossary
from assistant.knowledge.overview import reading, render, subjects
from assistant.knowledge.style import known_names, of_section, repeated_headings, words
from assistant.knowledge.versions import differences, numbers
from assistant.types import Document, Kind, Language, Passage

TODAY = date(2026, 11, 22)
LONG = (
    "The university asks every student for a transcript with good marks before the competition begins in spring. " * 3
)


def passage(text: str, language: Language = "en", **made: object) -> Passage:
    """Return one section."""
    return document("regulations/a", text, language=language, **made).passages[0]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "language", "found"),
    [
        ("EUR 11,904 a year, GPA 2.67", "en", {"11904", "2.67"}),
        ("11 904 евро, GPA 2,67", "ru", {"11904", "2.67"}),
        ("11 904 еуро", "kk", {"11904"}),
        ("1. first\n2. second, in 2025", "en", {"2025"}),
        ("see [the 3 rules](regulations/a2#b3) and https://x.org/2024", "en", {"3"}),
        ("8.04.2024", "ru", {"8.04.2024"}),
        ("", "en", set()),
    ],
)
def test_figures_read_the_same_in_every_language(text: str, language: Language, found: set[str]) -> None:
    """Separators of thousands and decimals differ; numbers of list items, links and addresses do not count."""
    assert numbers(text, language) == found


def test_a_figure_that_one_version_lacks_is_told() -> None:
    """The message names what is missing and what stands only there."""
    (told,) = differences(passage("It takes 15 days."), passage("Это занимает 51 день.", "ru"))
    assert "missing 15" in told
    assert "only here 51" in told
    assert not list(differences(passage("It takes 15 days."), passage("Это занимает 15 дней.", "ru")))


def test_a_link_that_one_version_lacks_is_told() -> None:
    """Links are compared by target."""
    model, other = passage("See [it](regulations/b#c)."), passage("См. [это](regulations/b#d).", "ru")
    assert any("regulations/b#c" in told for told in differences(model, other))


def test_sections_have_bounds_tables_apart() -> None:
    """Too short and too long are told; a table may say it all."""
    short, long = document("adaptation/a", "Yes."), document("adaptation/b", LONG * 6)
    table = document("adaptation/c", "Marks:\n\n| A | B |\n|---|---|\n| 1 | 2 |")
    assert "at least" in next(of_section(short, short.passages[0], frozenset()))
    assert "at most" in next(of_section(long, long.passages[0], frozenset()))
    assert not list(of_section(table, table.passages[0], frozenset()))
    assert words(table.passages[0]) == 1


def test_a_lesson_names_nobody() -> None:
    """A surname in a lesson is told; the same in a university's name, or in a regulation, is not."""
    named = document("lessons/a", f"{LONG} In the end, said Aigerova, it helped.", kind=Kind.LESSON)
    known = known_names([document("regulations/zhubanov", LONG)])
    assert any("Aigerova" in told for told in of_section(named, named.passages[0], known))
    rule = document("regulations/a", f"{LONG} In the end, said Aigerova, it helped.")
    assert not list(of_section(rule, rule.passages[0], known))
    university = document("lessons/b", f"{LONG} It was at the old Zhubanova University.", kind=Kind.LESSON)
    assert not list(of_section(university, university.passages[0], known))


def test_headings_tell_sections_apart() -> None:
    """The same heading in two documents of one language is told once."""
    told = list(repeated_headings([document("adaptation/a", LONG), document("adaptation/b", LONG)]))
    assert [(found.id, each.anchor) for found, each, _ in told] == [("adaptation/b", "s0")]


GLOSSARY = """terms:
  - id: academic-mobility
    en: {term: academic mobility, also: [exchange]}
    ru: {term: академическая мобильность, avoid: [академический мобилитет]}
    kk: {term: академиялық ұтқырлық}
    definition: {en: Study elsewhere for a time., ru: Учёба в другом вузе., kk: Басқа ЖОО-да оқу.}
"""


def test_glossary_is_read_and_faults_are_told(tmp_path: Path) -> None:
    """A term comes once for each language; a missing language is a fault."""
    path = tmp_path / "glossary.yaml"
    path.write_text(GLOSSARY, encoding="utf-8")
    glossary = read_glossary(tmp_path).value
    assert isinstance(glossary, Glossary)
    assert glossary.terms[0]["en"].also == ("exchange",)
    assert not check_glossary(read_glossary(tmp_path))
    path.write_text(GLOSSARY + GLOSSARY.partition("\n")[2].replace("academic-mobility", "other"), encoding="utf-8")
    assert sum("stands here twice" in fault.message for fault in check_glossary(read_glossary(tmp_path))) == 3
    path.write_text(GLOSSARY.replace("    kk: {term: академиялық ұтқырлық}\n", ""), encoding="utf-8")
    assert any("kk is missing" in fault.message for fault in check_glossary(read_glossary(tmp_path)))


def test_a_form_to_be_avoided_is_told_with_the_term(tmp_path: Path) -> None:
    """The check of a base reads its glossary."""
    (tmp_path / "glossary.yaml").write_text(GLOSSARY, encoding="utf-8")
    (tmp_path / "research").mkdir()
    head = (
        '---\ntitle: "О мобильности"\nkind: research\nsource_title: T\nsource_url: https://example.org/a\n'
        "source_date: 2025\nreviewed_on: 2026-11-22\nreview_by: 2027-11-22\nconfidence: research\n---\n"
    )
    body = "## Что это? {#what}\n\nАкадемический мобилитет — это учёба в другом вузе в течение семестра.\n"
    (tmp_path / "research" / "a.ru.md").write_text(head + body, encoding="utf-8")
    told = [fault for fault in check(tmp_path, today=TODAY) if "академическая мобильность" in fault.message]
    assert [(fault.path, fault.line) for fault in told] == [("research/a.ru.md", 11)]


def test_overview_puts_first_what_must_be_reviewed_first() -> None:
    """Rows come by the day of the next review; a missing language is seen; nothing is fetched."""
    from dataclasses import replace

    def due(each: Document, day: date) -> Document:
        return replace(each, source=replace(each.source, review_by=day, url="https://example.org/", title="<b>T</b>"))

    documents = [
        due(document("adaptation/later", LONG), date(2028, 1, 1)),
        due(document("adaptation/overdue", LONG), date(2026, 1, 1)),
        due(document("adaptation/soon", LONG), date(2026, 12, 1)),
    ]
    rows = subjects(documents, TODAY)
    assert [(row.id, row.state) for row in rows] == [
        ("adaptation/overdue", "overdue"), ("adaptation/soon", "soon"), ("adaptation/later", "fresh"),
    ]  # fmt: skip
    page = render(documents, (), {"terms": 3}, TODAY)
    assert "missing" in page
    assert "&lt;b&gt;T" in page
    assert "<script" not in page
    assert "src=" not in page
    assert reading(documents, "en").sentence_words == pytest.approx(17)
    assert reading(documents, "kk").words == 0
