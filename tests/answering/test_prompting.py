"""Prompts are checked when they are read, and filled in without logic."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.answering.generative.prompting import PLACEHOLDERS, Prompts, estimated_tokens, fence
from assistant.errors import SettingError
from assistant.settings import content

SHIPPED = content("prompts")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a copy of the shipped prompts."""
    return Path(shutil.copytree(SHIPPED, tmp_path / "prompts"))


def test_the_shipped_prompts_can_be_filled_in() -> None:
    """Every prompt has its files, its placeholders and a digest."""
    prompts = Prompts.read(SHIPPED)
    for name in {each.partition(".")[0] for each in PLACEHOLDERS}:
        values = {key: f"<{key}>" for part in ("system", "user") for key in PLACEHOLDERS[f"{name}.{part}"]}
        made = prompts.make(name, **values)
        assert all(value in made.system + made.user for value in values.values())
        assert "$" not in made.system + made.user
        assert len(bytes.fromhex(made.digest)) == 32


def test_the_readme_of_the_prompts_names_every_file() -> None:
    """Whoever changes a prompt finds out what it is for."""
    told = (SHIPPED / "README.md").read_text(encoding="utf-8")
    assert all(f"`{name}.md`" in told for name in PLACEHOLDERS)


def test_what_is_filled_in_is_not_read_for_placeholders() -> None:
    """A question with a dollar sign stays as it is."""
    made = Prompts.read(SHIPPED).make("rewrite", language="$fence", fence="=", earlier="$question", question="cost $5?")
    assert "$question" in made.user
    assert "cost $5?" in made.user


def test_a_missing_file_is_told_before_anything_is_sent(folder: Path) -> None:
    """The message names the file and the way out."""
    (folder / "answer.user.md").unlink()
    with pytest.raises(SettingError, match=r"answer\.user\.md.*restore"):
        Prompts.read(folder)


@pytest.mark.parametrize("words", ["No placeholder", "$language $sentences $more", "$language $sentences 5 $ each"])
def test_wrong_placeholders_are_told(folder: Path, words: str) -> None:
    """A placeholder without a value, a value without one, and a stray sign are errors."""
    (folder / "answer.system.md").write_text(words, encoding="utf-8")
    with pytest.raises(SettingError, match=r"answer\.system\.md.*\$language, \$sentences"):
        Prompts.read(folder)


def test_other_words_have_another_digest(folder: Path) -> None:
    """A reply can be made again only with the words it was made with."""
    before = Prompts.read(folder).digest("answer")
    (folder / "answer.user.md").write_text("$fence $sections $question.", encoding="utf-8")
    assert Prompts.read(folder).digest("answer") != before


@given(st.lists(st.text(max_size=60), max_size=4))
def test_a_fence_stands_in_no_text(texts: list[str]) -> None:
    """What is filled in cannot end its fence."""
    assert all(fence(*texts) not in text for text in texts)


def test_tokens_are_rather_overestimated() -> None:
    """Cyrillic letters cost more than Latin ones."""
    assert estimated_tokens("language " * 100) >= 250
    assert estimated_tokens("мобильность " * 100) > 2 * estimated_tokens("mobility tea " * 100)
