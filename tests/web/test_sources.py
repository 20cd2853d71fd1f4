"""The source panel shows whole sections, what they are and where they come from."""

from __future__ import annotations

from dataclasses import replace

import pytest
from web_fakes import abstention, answer, citation, hostile, passage

from assistant.types import LANGUAGES, Answer, Confidence, Conversation, Kind, Language, Turn
from assistant.web.chat import sources
from assistant.web.wording import texts


def panel(*replies: object, language: Language = "en") -> str:
    """Return the panel after questions that got these replies."""
    turns = tuple(Turn(f"question <{n}>", reply) for n, reply in enumerate(replies, start=1))  # type: ignore[arg-type]
    return sources.panel(Conversation(turns), texts(language))


def test_citations_of_one_section_share_a_card() -> None:
    """Three quotes of one section make one card with three numbers."""
    made = panel(answer())
    assert made.count("<article") == 1
    assert [f'id="s1-{n}"' in made for n in (1, 2, 3, 4)] == [True, True, True, False]
    assert all(f'class="q{n}"' in made for n in (1, 2, 3))


def test_the_whole_section_and_its_origin_are_shown() -> None:
    """A card shows what was not quoted too, who issued the source, its address and its dates."""
    made = panel(answer())
    assert "Insurance" in made
    assert "Office for Foreigners" in made
    assert 'href="https://www.gov.pl/web/udsc-en/temporary-residence"' in made
    assert 'rel="noopener noreferrer nofollow"' in made
    assert "March 2026" in made
    assert "30 September 2026" in made


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_foreign_original_is_labelled(language: Language) -> None:
    """A passage in another language than the answer's says so, one in the same does not."""
    label = texts(language).originals["ru"]
    assert (label in panel(answer(language, original="ru"), language=language)) is (language != "ru")


def test_a_stale_source_warns() -> None:
    """Only a stale source carries the warning."""
    assert texts("en").stale in panel(answer(stale=True))
    assert texts("en").stale not in panel(answer())


@pytest.mark.parametrize(
    ("kind", "confidence", "shown"),
    [
        (Kind.REGULATION, Confidence.OFFICIAL, Kind.REGULATION),
        (Kind.HOST_GUIDE, Confidence.SECONDARY, Kind.HOST_GUIDE),
        (Kind.ADAPTATION, Confidence.EXPERIENCE, Kind.LESSON),
        (Kind.LESSON, Confidence.EXPERIENCE, Kind.LESSON),
        (Kind.REGULATION, Confidence.NOT_REVIEWED, Kind.OTHER),
    ],
)
def test_the_badge_never_promises_too_much(kind: Kind, confidence: Confidence, shown: Kind) -> None:
    """Experience and unreviewed texts are called so, whatever kind they claim."""
    one = citation(1, "The decision", passage(), kind)
    one = replace(one, source=replace(one.source, confidence=confidence))
    assert sources.badge(one, texts("en")) == (shown.value, texts("en").kinds[shown.value])


def test_earlier_replies_are_folded_and_newest_is_open() -> None:
    """The cards of the last reply stand open, those of earlier ones below under their question."""
    made = panel(answer(), answer())
    assert made.index('id="s2-1"') < made.index("<details") < made.index('id="s1-1"')
    assert "question &lt;1&gt;" in made


def test_an_abstention_has_no_evidence() -> None:
    """After an abstention no card stands open, and its nearest sections are not in the panel."""
    made = panel(abstention())
    assert "<article" not in made
    assert texts("en").no_sources in made
    assert panel(answer(), abstention()).count("<section") == 0


def test_hostile_documents_stay_text() -> None:
    """A hostile heading and section bring no tag and no address of theirs."""
    made = panel(hostile())
    assert "<img" not in made
    assert "<script" not in made
    assert 'href="https://evil' not in made


@pytest.mark.parametrize(
    ("dated", "written"),
    [
        ("2026", "2026"),
        ("2026-03", "March 2026"),
        ("2026-03-05", "5 March 2026"),
        ("undated", "not dated"),
        ("x-y", "x-y"),
    ],
)
def test_dates_are_written_as_people_do(dated: str, written: str) -> None:
    """A source's date is as exact as it is known."""
    assert sources.written_date(dated, texts("en")) == written


def test_references_link_each_mark() -> None:
    """The list under a reply leads to each card."""
    made = sources.references(3, answer(), texts("en"))
    assert [made.count(f'href="#s3-{n}"') for n in (1, 2, 3)] == [1, 1, 1]


def test_a_section_without_heading_is_named_after_its_document() -> None:
    """Text before any heading goes by the document's title."""
    assert sources.heading(passage(heading="")) == "Exchange in Poland"


def test_two_sections_make_two_cards() -> None:
    """Quotes of different sections are not mixed."""
    other = replace(passage(), anchor="visa")
    both = replace(answer(), citations=(answer().citations[0], citation(2, "The decision", other)))
    assert isinstance(both, Answer)
    assert len(sources.cards(both)) == 2


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_card_leads_to_its_section_in_the_whole_document(language: Language) -> None:
    """The link stays on the site, in the language of the passage, which need not be the page's."""
    made, words = panel(answer(language), language=language), texts(language).whole_document
    address = f"/{language}/library/host_guides/poland#permit"
    assert f'<a class="here" href="{address}">{words}</a>' in made
    assert 'href="/ru/library/host_guides/poland#permit"' in panel(answer(language, original="ru"), language=language)


def test_a_hostile_section_cannot_leave_the_link() -> None:
    """An odd name of a document or anchor stays inside the address."""
    odd = replace(passage(), document='x" onclick="alert(1)', anchor="<b>")
    made = panel(replace(answer(), citations=(citation(1, "The decision", odd),)))
    assert 'onclick="' not in made
    assert "<b>" not in made
