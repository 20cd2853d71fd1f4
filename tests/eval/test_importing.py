"""Mentors' checked answers become cases, and a run's files are taken out for other tools."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from eval_fakes import asked, command

from eval.cases import Case, Turn, read_cases
from eval.errors import EvalError
from eval.importing import add
from eval.scoring import score


def answer(id: str, **changes: object) -> dict[str, Any]:
    """Return a checked answer as plain data, with changes."""
    data: dict[str, Any] = {
        "id": id, "question": "What does a visa cost?", "lang": "en",
        "quotes": [{"document": "visa fee", "quote": "80 euros"}], "mentor": "a mentor", "checked_on": "2026-11-20",
    }  # fmt: skip
    return data | changes


def written(path: Path, *answers: object) -> Path:
    """Write checked answers and return the file; a string is written as it is."""
    path.write_text("\n".join(a if isinstance(a, str) else json.dumps(a) for a in answers), encoding="utf-8")
    return path


def test_a_checked_answer_becomes_a_case(tmp_path: Path) -> None:
    """Its quotes are gold, its documents come once, and who checked it on which day is kept."""
    quotes = [{"document": "a", "quote": "80"}, {"document": "b", "quote": "90"}, {"document": "a", "quote": "euros"}]
    file = written(tmp_path / "checked.jsonl", answer("x", quotes=quotes, history=["Hi"], tags=["money"]))
    assert add(file, tmp_path / "new" / "set", "test") == (1, 0)
    (case,) = read_cases(tmp_path / "new" / "set" / "cases.jsonl")
    assert case == Case.model_validate({
        "id": "x", "lang": "en", "question": "What does a visa cost?", "answerability": "answerable", "split": "test",
        "history": (Turn(role="user", content="Hi"),), "gold_doc_ids": ("a", "b"),
        "gold_quotes": ("80", "90", "euros"), "tags": ("money", "checked"), "asked_on": "2026-11-20",
        "reviewer": "a mentor", "source": "a mentor's check", "cluster": case.cluster,
    })  # fmt: skip


def test_a_question_asked_twice_is_one_cluster(tmp_path: Path) -> None:
    """The same words rise and fall together, whatever their capitals; others do not."""
    other = answer("c", question="Is there a kitchen?", quotes=[], unanswerable=True)
    file = written(tmp_path / "checked.jsonl", answer("a"), answer("b", question="WHAT does a visa cost?"), other)
    add(file, tmp_path, "development")
    first, second, third = read_cases(tmp_path / "cases.jsonl")
    assert first.cluster == second.cluster != third.cluster
    assert (third.answerability, third.gold_doc_ids) == ("unanswerable", ())


@pytest.mark.parametrize("ending", ["", "\n", "\n\n"])
def test_what_is_there_stays_however_the_file_ends(tmp_path: Path, ending: str) -> None:
    """New cases begin on a line of their own; what is known already is counted and not written again."""
    target, file = tmp_path / "cases.jsonl", written(tmp_path / "checked.jsonl", answer("old"), answer("new"))
    mine = json.dumps({"id": "old", "lang": "en", "question": "mine", "answerability": "answerable"}) + ending
    target.write_text(mine, encoding="utf-8")
    assert add(file, tmp_path, "development") == (1, 1)
    after = target.read_text(encoding="utf-8")
    assert after.startswith(mine)
    assert [(case.id, case.question[:4]) for case in read_cases(target)] == [("old", "mine"), ("new", "What")]
    assert add(file, tmp_path, "development") == (0, 2)
    assert target.read_text(encoding="utf-8") == after


@pytest.mark.parametrize(
    ("second", "said"),
    [
        (answer("a", question="Another?"), r"the id 'a' comes twice; make it unique"),
        ("{", r"checked\.jsonl:2: not JSON"),
        (answer("b", colour="red"), r"checked\.jsonl:2: colour"),
        (answer("b", lang="de"), r"checked\.jsonl:2: lang"),
        (answer("b", quotes=[{"document": "visa fee", "quote": ""}]), r"checked\.jsonl:2: quotes\.0\.quote"),
        (answer("b", quotes=[]), r"checked\.jsonl:2: give either quotes that answer, or"),
        (answer("b", unanswerable=True), r"checked\.jsonl:2: give either quotes that answer, or"),
    ],
)
def test_one_wrong_line_and_nothing_is_written(tmp_path: Path, second: object, said: str) -> None:
    """Half of a file is no import: the fault is named, and the dataset stays as it is."""
    file = written(tmp_path / "checked.jsonl", answer("a"), second)
    with pytest.raises(EvalError, match=said):
        add(file, tmp_path / "set", "development")
    assert not (tmp_path / "set").exists()


def test_import_and_export_are_commands(dataset: Path, tmp_path: Path) -> None:
    """They say what they did; a wrong split, a wrong line and a run without scores end with 2."""
    file = written(tmp_path / "checked.jsonl", answer("new"))
    done = command("import", file, "--out", dataset)
    assert (done.exit_code, done.stderr) == (0, f"1 cases added to {dataset}, 0 were there already\n")
    assert command("validate", dataset).exit_code == 0
    assert command("import", written(file, answer("newer")), "--out", dataset, "--split", "train").exit_code == 2
    run = asked(dataset, tmp_path / "run")
    assert command("export-trec", run.folder, "--out", tmp_path / "trec").exit_code == 2
    score(run)
    assert command("export-trec", run.folder, "--out", tmp_path / "trec").exit_code == 0
    assert {path.name: path.read_bytes() for path in (tmp_path / "trec").iterdir()} == {
        name: (run.folder / name).read_bytes() for name in ("run.trec", "qrels.trec")
    }
