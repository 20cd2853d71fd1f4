"""The words of the pages: complete, and each in its own language."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from assistant.errors import SettingError
from assistant.types import LANGUAGES, Kind, Language
from assistant.web import wording
from assistant.web.wording import FOLDER, Texts, texts

CYRILLIC = re.compile(r"[А-Яа-яЁёӘәҒғҚқҢңӨөҰұҮүҺһІі]")
KAZAKH = re.compile(r"[ӘәҒғҚқҢңӨөҰұҮүҺһІі]")
LATIN = re.compile(r"[A-Za-z]")


def leaves(entries: Any, key: str = "") -> Iterator[tuple[str, str]]:
    """Yield every text of a file with its path."""
    if isinstance(entries, dict):
        for name, value in entries.items():
            yield from leaves(value, f"{key}.{name}")
    elif isinstance(entries, list):
        for index, value in enumerate(entries):
            yield from leaves(value, f"{key}.{index}")
    else:
        yield key, entries


FOLDERS = sorted(FOLDER.parent.rglob("texts"))
"""Every folder of texts: those of all pages, and those of one."""

NAMES = re.compile(
    r"JavaScript|JSON|https|BM25|TODO|application/json|/api/v1/openapi\.json|departure=|GPA|Telegram|IELTS|TOEFL iBT|Duolingo|HSK|TÖMER|CEFR|ECTS|Erasmus\+|iCalendar|Markdown|Mevlana|Orhun|"
    r"Global UGRAD|DAAD|KA171|[ABC][12]|\b[A-Z]{3}\b|\{[a-z_]+\}"
)
"""What is written in Latin letters in every language."""


TYPED = ".coverage.file."
"""What is typed into a document's head, letter for letter, and the command that checks it."""


def read(folder: Path, language: Language) -> dict[str, str]:
    """Return all texts of a language in a folder by path; the language's own code is no text."""
    leaf = leaves(tomllib.loads((folder / f"{language}.toml").read_text(encoding="utf-8")))
    return {key: value for key, value in leaf if key != ".language"}


def one_form(key: str) -> str:
    """Return the path of a text, the same for all forms of a plural: languages have not as many."""
    return re.sub(r"\.(?:one|few|many|other)$", ".*", key)


every_folder = pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.parent.name)


@every_folder
@pytest.mark.parametrize("language", LANGUAGES)
def test_same_keys_and_no_empty_text(folder: Path, language: Language) -> None:
    """Every language says the same things, and says each of them."""
    assert set(map(one_form, read(folder, language))) == set(map(one_form, read(folder, "en")))
    assert all(value.strip() == value and value for value in read(folder, language).values())


@every_folder
def test_every_language_has_the_same_places_to_fill(folder: Path) -> None:
    """What is put into a text has a place in every language."""
    for key, text in read(folder, "en").items():
        places = set(re.findall(r"\{[a-z_]+\}", text))
        for language in LANGUAGES:
            others = [text for other, text in read(folder, language).items() if one_form(other) == one_form(key)]
            assert all(set(re.findall(r"\{[a-z_]+\}", other)) == places for other in others), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_has_words(language: Language) -> None:
    """No kind of text and no language of an original lacks its words."""
    words = texts(language)
    assert set(words.kinds) == {kind.value for kind in Kind}
    assert set(words.originals) == set(LANGUAGES)


@every_folder
def test_english_has_no_cyrillic(folder: Path) -> None:
    """English texts hold no Cyrillic letter."""
    assert not [key for key, value in read(folder, "en").items() if CYRILLIC.search(value)]


@every_folder
@pytest.mark.parametrize("language", ["ru", "kk"])
def test_cyrillic_texts_have_no_english_words(folder: Path, language: Language) -> None:
    """Russian and Kazakh texts hold no Latin word but a name that has no other."""
    said = {key: value for key, value in read(folder, language).items() if not key.startswith(TYPED)}
    assert not [key for key, value in said.items() if LATIN.search(NAMES.sub("", value))]


@every_folder
def test_russian_has_no_kazakh_letters_and_kazakh_has_many(folder: Path) -> None:
    """Russian and Kazakh are not mixed up."""
    assert not [key for key, value in read(folder, "ru").items() if KAZAKH.search(value)]
    kazakh = read(folder, "kk")
    words = [value for value in kazakh.values() if CYRILLIC.search(value)]
    assert sum(bool(KAZAKH.search(value)) for value in words) > 0.6 * len(words)
    same = {value for value in words if len(value) > 12} & set(read(folder, "ru").values())
    assert not same


@every_folder
def test_students_are_addressed_politely(folder: Path) -> None:
    """Russian never says ты and Kazakh never says сен."""
    russian, kazakh = (" ".join(read(folder, language).values()).lower() for language in ("ru", "kk"))
    assert not re.search(r"\b(ты|тебе|тебя|твой|твоя)\b", russian)
    assert not re.search(r"\b(сен|саған|сенің|сені)\b", kazakh)


def test_a_missing_text_names_file_and_key(tmp_path: Path) -> None:
    """A file without a text is refused with the file's name and the key."""
    path = tmp_path / "en.toml"
    path.write_text((FOLDER / "en.toml").read_text(encoding="utf-8").replace('send = "Send"\n', ""), encoding="utf-8")
    with pytest.raises(SettingError, match=r"en\.toml.*send"):
        wording.read_words(path, Texts)
