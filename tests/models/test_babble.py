"""A model that has learnt nothing, behind a real server: no word of it reaches a student, and nobody waits for it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import babble
import pytest
from fakes import RealIndex
from fluent_model import SECTIONS, write_fluent_base
from model_server import serving

from assistant.answering.assistant import Assistant
from assistant.answering.support import Calibration
from assistant.bootstrap import ServingIndex, build_index, open_fluency
from assistant.settings import Settings

SECONDS = 20.0
GRACE = 2.0
QUESTIONS = tuple(
    question
    for each in SECTIONS.values()
    for question in (
        each["apply"],
        each["needed"],
        f"{each['title']}: {each['apply']}",
        f"{each['needed']} {each['apply']}",
    )
)


@pytest.fixture(scope="module")
def settings(real_index: RealIndex, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Return the settings of a small base, where hardly anything stands beside a section that could be nearer."""
    folder = tmp_path_factory.mktemp("babble")
    made = real_index.copy(folder).model_copy(update={"knowledge_base": write_fluent_base(folder / "base")})
    build_index(made)
    return made


@pytest.fixture(scope="module")
def babbler(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """Return address and name of the model that ``transformers serve`` serves."""
    folder = tmp_path_factory.mktemp("babbler")
    babble.write_babbler(folder, (text for each in SECTIONS.values() for text in each.values()))
    try:
        with babble.serving(folder) as served:
            yield served
    except RuntimeError as error:
        pytest.skip(f"NO REAL SERVER: {error}")


def asked(settings: Settings, url: str, model: str) -> list[babble.Asked]:
    """Return what comes of every question, each of which has an answer in quotes."""
    given = settings.model_copy(update={"llm": f"openai:{model}", "llm_base_url": url, "llm_seconds": SECONDS})
    assistant: Any = Assistant(
        ServingIndex(given), calibration=Calibration.shipped().with_threshold(0), fluency=open_fluency(given)
    )
    return [babble.asked(assistant, question) for question in QUESTIONS]


@pytest.mark.slow
def test_babble_of_a_real_model_reaches_nobody(settings: Settings, babbler: tuple[str, str]) -> None:
    """Each of twelve questions is answered in quotes, within the time that the model has."""
    found = asked(settings, *babbler)
    assert len(found) == 12
    assert [each.shown for each in found] == [()] * 12
    assert all(each.outcome in {"unsupported", "long", "empty", "none"} for each in found), babble.told(found)
    assert any(each.dropped for each in found)  # it has babbled in sentences
    assert max(each.seconds for each in found) < SECONDS + GRACE


def test_shuffled_words_of_the_sections_are_no_reply(settings: Settings) -> None:
    """Even of the right words, and with the right marks, a text without sense is not given to a student."""
    with serving(babble.shuffling) as server:
        found = asked(settings, server.url, "shuffling")
    assert {each.outcome for each in found} == {"unsupported"}
    assert sum(len(each.dropped) for each in found) > 40


def test_the_babble_is_in_the_words_of_the_sections(tmp_path: Path) -> None:
    """Else the test above would be too easy: every word stands in the prompt, every mark is one of its sections'."""
    prompt = f"[1] A title\n{SECTIONS['en']['applying']}\n\n[2] Another\n{SECTIONS['en']['needs']}"
    text = "".join(babble.shuffling([{"content": prompt}]))
    words = {word.casefold() for word in text.replace(".", " ").replace("[", " ").replace("]", " ").split()}
    assert words <= {
        word.strip(".,;:()").casefold() for word in prompt.replace("2.67", "2 67").replace("5.5", "5").split()
    } | {"1", "2", "67"}
    assert text.count("[1]") + text.count("[2]") == 6
