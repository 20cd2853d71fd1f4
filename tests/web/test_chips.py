"""What of a profile is shown above the conversation."""

from __future__ import annotations

from dataclasses import replace
from html import escape

import pytest
from web_fakes import UNIVERSITY, FakeAssistant, university

from assistant.types import LANGUAGES, Circumstances, Document, Language
from assistant.web.chat.chips import chips
from assistant.web.wording import texts

WORDS = texts("en")
POLAND = {"en": "Poland", "ru": "Польша", "kk": "Польша"}
ABAI = "regulations/abai_kaznpu"


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_known_shows_nothing(language: Language) -> None:
    """Who has said nothing sees no chips and no button."""
    assert chips(Circumstances(), FakeAssistant().document, texts(language)) == ""


@pytest.mark.parametrize("language", LANGUAGES)
def test_country_and_university_are_named_in_the_language_of_the_page(language: Language) -> None:
    """The chips say what counts, and lead to where it is changed or forgotten."""
    words = texts(language)
    made = chips(Circumstances(country="PL", institution=ABAI), FakeAssistant().document, words)
    assert f"<li>{POLAND[language]}</li><li>{UNIVERSITY[language]}</li>" in made
    assert f'href="/{language}/plan/">{words.profile_change}</a>' in made
    assert f'id="forget-0">{words.profile_forget}</button>' in made
    assert words.profile_used in made


def test_a_programme_goes_by_its_own_name() -> None:
    """A programme is not called after the office that issued its rules."""
    rules = replace(university(), source=replace(university().source, programme="Mevlana"))
    made = chips(Circumstances(programme="regulations/mevlana"), lambda name, _language: rules if name else None, WORDS)
    assert "<li>Mevlana</li>" in made
    assert UNIVERSITY["en"] not in made


def test_a_document_that_is_not_there_in_the_language_is_named_in_english() -> None:
    """A document without a Kazakh version still has a name."""

    def english_only(id: str, language: Language) -> Document | None:
        return FakeAssistant().document(id, language) if language == "en" else None

    assert UNIVERSITY["en"] in chips(Circumstances(institution=ABAI), english_only, texts("kk"))


def test_a_document_that_has_gone_is_left_out() -> None:
    """What the base no longer holds is no chip; alone it shows nothing, beside others only them."""
    gone = Circumstances(institution="regulations/gone")
    assert chips(gone, FakeAssistant().document, WORDS) == ""
    assert chips(replace(gone, country="PL"), FakeAssistant().document, WORDS).count("<li>") == 1


def test_a_country_that_is_none_is_shown_as_it_was_said() -> None:
    """A code without a country stays visible, so that it can be forgotten."""
    assert "<li>ZX</li>" in chips(Circumstances(country="ZX"), FakeAssistant().document, WORDS)


@pytest.mark.parametrize("field", ["institution", "title"])
def test_hostile_names_stay_text(field: str) -> None:
    """Nothing of a document's title or institution becomes a tag."""
    attack = '<img src=x onerror=alert(1)>"><script>alert(2)</script>'
    document = replace(university(), source=replace(university().source, institution="", title=""))
    if field == "title":
        document = replace(document, title=attack)
    else:
        document = replace(document, source=replace(document.source, institution=attack))
    made = chips(Circumstances(institution=ABAI), lambda name, _language: document if name else None, WORDS)
    assert f"<li>{escape(attack)}</li>" in made
    assert "<img" not in made
    assert "<script" not in made
