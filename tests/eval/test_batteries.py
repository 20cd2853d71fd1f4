"""Question sets: how a case is asked, how texts become files, and figures that a reader can redo by hand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from eval.batteries import holds_an_answer
from eval.battery_files import Battery, BatteryError, asked, read_battery, write_texts
from eval.battery_removal import Remembered, removable
from eval.documents import Workplace

TEXTS = (
    {"_id": "en:0-0", "title": "Oaks", "text": "Oaks are trees.", "lang": "en"},
    {"_id": "ru:0-0", "title": "", "text": "Дубы растут.", "lang": "ru"},
)


def written(folder: Path, cases: int) -> Path:
    """Return a folder with a small question set."""
    (folder / "corpus.jsonl").write_text("\n".join(map(json.dumps, TEXTS)), encoding="utf-8")
    lines = [json.dumps({"id": f"q{n}", "question": "What are oaks?", "lang": "en"}) for n in range(cases)]
    (folder / "cases.jsonl").write_text("\n".join(lines), encoding="utf-8")
    rows = [f"q{n}\ten:0-0\t1" for n in range(cases)]
    (folder / "qrels.tsv").write_text("\n".join(["query-id\tcorpus-id\tscore", *rows]), encoding="utf-8")
    return folder


def test_a_set_is_read_with_its_judgements(tmp_path: Path) -> None:
    """Texts, questions and relevance come back in the order of the files."""
    battery = read_battery(written(tmp_path, 2))
    assert battery.ids == ["en:0-0", "ru:0-0"]
    assert battery.qrels == {"q0": {"en:0-0": 1}, "q1": {"en:0-0": 1}}


def test_a_limit_draws_the_same_questions_again(tmp_path: Path) -> None:
    """The sample is seeded, and only its judgements stay."""
    folder = written(tmp_path, 50)
    first, second = read_battery(folder, 5), read_battery(folder, 5)
    assert first.cases == second.cases
    assert set(first.qrels) == {case["id"] for case in first.cases}


def test_another_folder_is_refused_in_words(tmp_path: Path) -> None:
    """A folder without the files is named."""
    with pytest.raises(BatteryError, match="is no question set"):
        read_battery(tmp_path)


def test_only_the_students_turns_are_history() -> None:
    """What the assistant said before is not sent along."""
    turns = [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}, {"role": "user", "content": "c"}]
    assert asked({"question": "d", "history": turns}) == ("d", ["a", "c"])


def test_a_scenario_stands_before_its_question() -> None:
    """The dialogue about a scenario is left out."""
    case = {"question": "Can I?", "scenario": "I am 20.", "history": [{"role": "user", "content": "Yes"}]}
    assert asked(case) == ("I am 20. Can I?", [])


def test_texts_become_plain_files_and_strangers_go(tmp_path: Path) -> None:
    """A title becomes a heading; a text that is not kept, and a file of another set, are not there."""
    place, battery = Workplace(tmp_path), Battery("b", TEXTS, (), {})
    place.docs.mkdir()
    (place.docs / "p00009.md").write_text("old", encoding="utf-8")
    assert write_texts(battery, place, [True, False]) == {"p00000": "en:0-0"}
    assert [path.name for path in place.docs.iterdir()] == ["p00000.md"]
    assert (place.docs / "p00000.md").read_text(encoding="utf-8") == "# Oaks\n\nOaks are trees."


def test_only_sets_that_name_articles_can_lose_them() -> None:
    """An id must tell article and paragraph."""
    assert removable(Battery("b", TEXTS, (), {}))
    assert not removable(Battery("b", ({"_id": "s0-0", "text": "x"},), (), {}))


def test_an_answer_is_found_whatever_its_capitals() -> None:
    """An empty gold answer holds nowhere."""
    assert holds_an_answer(["In FRANCE."], ["France"])
    assert not holds_an_answer(["In Spain."], ["France", " "])
    assert not holds_an_answer([], ["France"])


class OneVector:
    """An embedder that counts what it is asked."""

    name = "one"
    languages = frozenset({"en"})

    def __init__(self) -> None:
        self.asked: list[str] = []

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        self.asked += texts
        return [[1.0] for _ in texts]

    def embed_query(self, text: str) -> list[float]:
        return self.embed_documents([text])[0]


def test_what_the_library_holds_is_not_embedded_again() -> None:
    """Known texts come from the library, a new one and each question are embedded once."""
    inner = OneVector()
    embedder = Remembered(inner, lambda texts: [[0.5] if text == "old" else None for text in texts])
    assert embedder.embed_documents(["old", "new", "old"]) == [[0.5], [1.0], [0.5]]
    assert embedder.embed_documents(["new"]) == [[1.0]]
    assert embedder.embed_query("q") == embedder.embed_query("q") == [1.0]
    assert inner.asked == ["new", "q"]
