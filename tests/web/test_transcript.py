"""A conversation as a text to keep."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest
from web_fakes import LAST, NO_ANSWER, TEXTS, UNIVERSITY, abstention, answer, citation, passage, source

from assistant.types import LANGUAGES, Citation, Conversation, Language, Reply, Turn
from assistant.web.chat.transcript import markdown
from assistant.web.wording import texts

TODAY = date(2026, 11, 22)
DATED = {"en": "March 2026", "ru": "март 2026 г.", "kk": "2026 ж. наурыз"}
DAYS = {"en": "22 November 2026.", "ru": "22 ноября 2026 г.", "kk": "2026 ж. 22 қараша."}


def kept(*replies: Reply | None, language: Language = "en", address: str = "") -> str:
    """Return the text of questions that got these replies, with ordinary spaces in its dates."""
    turns = tuple(Turn(f"question\n{n}", reply) for n, reply in enumerate(replies, start=1))
    made = markdown(Conversation(turns), texts(language), today=TODAY, address=address)
    return made.replace("\u202f", " ")


def sources_of(text: str) -> list[str]:
    """Return the lines that tell where a quote comes from."""
    return re.findall(r"^- \[\d+\] .*$", text, re.MULTILINE)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_quote_is_kept_with_its_source_and_dates(language: Language) -> None:
    """Each citation has its quote, who issued it, its address, its date and what sort of text it is."""
    words, lines = texts(language), sources_of(kept(answer(language), language=language))
    assert [line.split("]")[0] for line in lines] == ["- [1", "- [2", "- [3"]
    assert TEXTS[language][3] in lines[0]
    assert LAST[language] in lines[1]
    for line in lines:
        assert f"{TEXTS[language][1]} › {TEXTS[language][0]}" in line
        assert source(language).institution in line
        assert f"<{source(language).url}>" in line
        assert f"{words.dated}: {DATED[language]}" in line
        assert words.kinds["host_guide"] in line
        assert words.stale not in line


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_says_what_it_is_and_when_it_was_kept(language: Language) -> None:
    """The name, the day in words and the advice to look at the dates stand above the questions."""
    text, words = kept(answer(language), language=language), texts(language)
    assert text.startswith(f"# {words.name}\n\n{words.kept_on} {DAYS[language]} {words.kept_note}\n\n## question 1\n\n")
    assert text.endswith("\n")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_stale_source_keeps_its_warning(language: Language) -> None:
    """Who reads the text later is warned as on the page."""
    assert kept(answer(language, stale=True), language=language).count(texts(language).stale) == 3


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_abstention_and_a_stopped_reply_are_kept_as_such(language: Language) -> None:
    """No answer is no answer, also later; neither has a source."""
    text, words = kept(abstention(language), None, language=language), texts(language)
    assert f"**{words.no_answer}.** {NO_ANSWER[language]}" in text
    assert f"## question 2\n\n*{words.stopped}*" in text
    assert not sources_of(text)


def test_a_quote_of_several_lines_stands_on_one() -> None:
    """A list that was quoted whole does not break the list of sources."""
    listed = passage(text="You need:\n\n- a passport\n- a letter\n")
    one: Citation = replace(citation(1, "- a passport\n- a letter", listed))
    lines = sources_of(kept(replace(answer(), citations=(one,))))
    assert len(lines) == 1
    assert "«- a passport - a letter»" in lines[0]


def test_what_a_source_does_not_have_is_left_out() -> None:
    """Without institution and address no empty place is kept, and an undated source says so."""
    bare = replace(citation(1, TEXTS["en"][3], passage()), source=replace(source(), institution="", url="", dated=""))
    (line,) = sources_of(kept(replace(answer(), citations=(bare,))))
    assert line.endswith(f"{texts('en').kinds['host_guide']}; {texts('en').dated}: {texts('en').undated}")
    assert UNIVERSITY["en"] not in line


def test_with_an_address_each_quote_leads_to_its_whole_document() -> None:
    """The link is the library's, in the language of the passage that is quoted."""
    text = kept(answer("en", original="ru"), address="https://host.example")
    assert text.count("<https://host.example/ru/library/host_guides/poland#permit>") == 3


def test_questions_stand_in_the_order_in_which_they_were_asked() -> None:
    """The oldest question comes first, each with the reply it got."""
    text = kept(answer(), abstention(), answer())
    places = [text.index(f"## question {number}") for number in (1, 2, 3)]
    assert places == sorted(places)
    assert places[1] < text.index(NO_ANSWER["en"]) < places[2]
