"""The words around the quotes."""

import string
import tomllib
from importlib import resources

import pytest

from assistant.answering.wording import bare, wording, written_source_date
from assistant.types import LANGUAGES, Kind, Language, Reason


def placeholders(text: str) -> set[str]:
    """Return the names that a text wants filled in."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_says_the_same_things(language: Language) -> None:
    """Groups, keys and placeholders are those of English, and no text is empty."""
    english, other = wording("en"), wording(language)
    assert {g: set(t) for g, t in other.items()} == {g: set(t) for g, t in english.items()}
    for group, texts in other.items():
        for key, text in texts.items():
            assert text.strip()
            assert placeholders(text) == placeholders(english[group][key]), (group, key)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_and_reason_has_words(language: Language) -> None:
    """A kind of text or reason without words would end in an error before a student."""
    assert {kind.value for kind in Kind} <= set(wording(language)["lead"])
    assert {reason.value for reason in Reason} == set(wording(language)["abstain"])


def test_kazakh_is_kazakh_and_russian_is_russian() -> None:
    """Every longer Kazakh text holds a Kazakh letter; no Russian text does."""
    for language, wanted in (("kk", True), ("ru", False)):
        path = resources.files("assistant.answering") / "wording" / f"{language}.toml"
        for texts in tomllib.loads(path.read_text(encoding="utf-8")).values():
            for text in texts.values():
                if len(text) > 40:
                    assert bool(set("әғқңөұүһі") & set(text.casefold())) is wanted, text


def test_dates_of_sources_are_written_out() -> None:
    """A year stays, a month and a day are written out, and no date says so."""
    assert written_source_date("2025", "ru") == "2025"
    assert written_source_date("2024-08-21", "en") == "21 August 2024"
    assert "2024" in written_source_date("2024-08", "kk")
    assert written_source_date("undated", "kk") == "күні көрсетілмеген"


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_said_around_an_answer_can_be_taken_off(language: Language) -> None:
    """Lead and notes go, whatever stands in their fields; the text, and what it comes from, stays letter for letter."""
    said = wording(language)
    notes = [f"*{said['note'][name]}*" for name in ("stale", "check", "experience", "drafted")]
    around = [said["lead"]["verified_answer"], f"{said['note']['office']} [1]", *notes]
    own = [said["lead"]["regulation"], "> Quote [1]", f"*{said['note']['original']}*", "- one\n- two [2]"]
    filled = [each.replace("{", "").replace("}", "") for each in (around[0], *own, *around[1:])]
    assert bare("\n\n".join(filled), language) == "\n\n".join(filled[1:5])


@pytest.mark.parametrize("piece", ["*", "\n\n", "**Checked by a mentor** (", " says so (", "):"])
def test_what_is_said_around_is_found_in_linear_time(piece: str) -> None:
    """50,000 repetitions are no trouble."""
    assert len(bare(piece * 50_000, "en")) <= len(piece) * 50_000
