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


def read(language: Language) -> dict[str, str]:
    """Return all texts of a language by path."""
    return dict(leaves(tomllib.loads((FOLDER / f"{language}.toml").read_text(encoding="utf-8"))))


@pytest.mark.parametrize("language", LANGUAGES)
def test_same_keys_and_no_empty_text(language: Language) -> None:
    """Every language says the same things, and says each of them."""
    assert read(language).keys() == read("en").keys()
    assert all(value.strip() == value and value for value in read(language).values())


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_has_words(language: Language) -> None:
    """No kind of text and no language of an original lacks its words."""
    words = texts(language)
    assert set(words.kinds) == {kind.value for kind in Kind}
    assert set(words.originals) == set(LANGUAGES)


def test_english_has_no_cyrillic() -> None:
    """English texts hold no Cyrillic letter."""
    assert not [key for key, value in read("en").items() if CYRILLIC.search(value)]


@pytest.mark.parametrize("language", ["ru", "kk"])
def test_cyrillic_texts_have_no_english_words(language: Language) -> None:
    """Russian and Kazakh texts hold no Latin word but a name that has no other."""
    for key, value in read(language).items():
        plain = re.sub(r"JavaScript|GPA|\{seconds\}", "", value)
        assert key == ".language" or not LATIN.search(plain), key


def test_russian_has_no_kazakh_letters_and_kazakh_has_many() -> None:
    """Russian and Kazakh are not mixed up."""
    assert not [key for key, value in read("ru").items() if KAZAKH.search(value)]
    kazakh = [value for key, value in read("kk").items() if key != ".language"]
    assert sum(bool(KAZAKH.search(value)) for value in kazakh) > 0.75 * len(kazakh)
    assert not {value for value in read("kk").values() if len(value) > 12} & set(read("ru").values())


def test_students_are_addressed_politely() -> None:
    """Russian never says ты and Kazakh never says сен."""
    russian, kazakh = " ".join(read("ru").values()).lower(), " ".join(read("kk").values()).lower()
    assert not re.search(r"\b(ты|тебе|тебя|твой|твоя)\b", russian)
    assert not re.search(r"\b(сен|саған|сенің|сені)\b", kazakh)


def test_a_missing_text_names_file_and_key(tmp_path: Path) -> None:
    """A file without a text is refused with the file's name and the key."""
    path = tmp_path / "en.toml"
    path.write_text((FOLDER / "en.toml").read_text(encoding="utf-8").replace('send = "Send"\n', ""), encoding="utf-8")
    with pytest.raises(SettingError, match=r"en\.toml.*send"):
        wording.read_words(path, Texts)
