"""From a student's question over a mentor's check to a measured case, by the commands that people use."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from eval_fakes import command
from fakes import write_base
from typer.testing import CliRunner

from assistant import bootstrap
from assistant.answering.assistant import Assistant
from assistant.cli import app
from assistant.contract import reply_json
from assistant.knowledge.published import section_digest
from assistant.records.conversations import DatabaseConversations
from assistant.records.items import Done, ReviewReason, Wanted
from assistant.records.mentors import Role
from assistant.records.ports import NewTurn
from assistant.records.publishing import CheckedCitation, WrittenVersion
from assistant.records.queue import Queue
from assistant.records.reviewing import Reviews
from assistant.settings import Settings
from assistant.types import LANGUAGES, Language
from eval.cases import read_cases

DOCUMENT = "regulations/exchange"
ASKED = ("What GPA does the exchange ask for?", "Hi, call me at +7 701 123 45 67. Where can I buy a cat?")


def recorded(settings: Settings, engine: Assistant) -> None:
    """Ask both questions in one conversation and record the replies, as the page does."""
    records = bootstrap.open_records(settings)
    kept = DatabaseConversations(records)
    key = kept.begin("en", "chat")
    for question in ASKED:
        reply = reply_json(engine.ask(question))
        said = NewTurn(question=question, reply=reply, generation="g", settings="s", version="0.1.0", doubtful=True,
                       language="en")  # fmt: skip
        assert kept.record(key.id, said)
    records.close()


def quoting(engine: Assistant) -> CheckedCitation:
    """Return the sentence about the GPA, bound to its section."""
    texts: dict[Language, str] = {}
    for language in LANGUAGES:
        document = engine.document(DOCUMENT, language)
        assert document is not None
        texts[language] = document.passages[0].text
    quote = "The exchange of Test University asks for a GPA of at least 2.67."
    return CheckedCitation(mark=1, section=f"{DOCUMENT}#gpa", language="en", quote=quote, passage=texts["en"],
                           digest=section_digest(texts))  # fmt: skip


def checked(settings: Settings, engine: Assistant) -> None:
    """Let a mentor correct the first reply, and decline the second question as out of scope."""
    records = bootstrap.open_records(settings)
    mentor = bootstrap.open_desk(records, engine, engine.verdict).mentors.add(
        "dana@example.org", "Dana", "Office", Role.MENTOR, "seven plain words"
    )
    queue = Queue(records)
    first, second = (row.id for row in queue.page(Wanted(stage=None)).rows)
    for number in (first, second):
        assert isinstance(queue.claim(number, mentor.id), Done)
    text = "It asks for 2.67 or more. [1]"
    answer = WrittenVersion(language="en", question="Which GPA is needed?", text=text, citations=(quoting(engine),))
    Reviews(records).edit(first, mentor.id, [answer])
    queue.decline(second, mentor.id, [ReviewReason.OUT_OF_SCOPE])
    records.close()


@pytest.mark.usefixtures("in_memory_assistant")
def test_what_was_asked_and_checked_is_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Asked → checked → exported → imported → run → scored: both questions are cases, labelled as the mentor judged."""
    settings = Settings(knowledge_base=write_base(tmp_path / "base"), data_dir=tmp_path / "data", threshold=0.05)
    for name in ("knowledge_base", "data_dir", "threshold"):
        monkeypatch.setenv(f"ASSISTANT_{name.upper()}", str(getattr(settings, name)))
    engine = bootstrap.open_assistant(settings)
    recorded(settings, engine)
    checked(settings, engine)

    file, dataset, out = tmp_path / "checked.jsonl", tmp_path / "checked", tmp_path / "run"
    exported = CliRunner().invoke(app, ["export", "--out", str(file)])
    assert (exported.exit_code, exported.stderr) == (0, f"2 questions written to {file}\n")
    assert "701 123" not in file.read_text()
    assert command("import", file, "--out", dataset).exit_code == 0
    assert command("validate", dataset).stdout == ""

    first, second = read_cases(dataset / "cases.jsonl")
    assert (first.answerability, first.gold_doc_ids, first.gold_quotes) == (
        "answerable", (DOCUMENT,), (quoting(engine).quote,),
    )  # fmt: skip
    assert (second.answerability, second.earlier) == ("unanswerable", (ASKED[0],))
    assert second.question == "Hi, call me at [phone]. Where can I buy a cat?"
    told = [json.loads(line) for line in file.read_text().splitlines()]
    assert [(each["split"], each["cluster"]) for each in told] == [
        (case.split, case.cluster) for case in (first, second)
    ]

    asked = command("run", dataset, "--out", out, "--work", tmp_path / "work")
    assert (asked.exit_code, asked.stderr.split(";")[0]) == (0, "2 cases asked"), asked.output
    assert command("score", out).exit_code == 0
    scores = {row["id"]: row for row in map(json.loads, (out / "scores.jsonl").read_text().splitlines())}
    assert (scores[first.id]["metrics"]["gold_citations"], scores[first.id]["metrics"]["quote_recall@5"]) == (1, 1)
    assert scores[second.id]["outcome"] == "right"
