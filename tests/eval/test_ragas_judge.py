"""RAGAS itself, asking a scripted judge over real HTTP; skipped where it is not installed (see `make judges`)."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from eval_fakes import asked, command
from fakes import FakeEmbedder
from model_server import Messages, ModelServer, serving

from eval.judging import FILE
from eval.runs import RunFolder

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("ragas") is None,
    reason="RAGAS wants other versions of some packages: run `make test-judges`",
)
KEY = "sk-a-key-of-the-tests"


def given(prompt: str) -> dict[str, Any]:
    """Return what RAGAS asks about, which stands last in its prompt."""
    found: dict[str, Any] = json.loads(prompt[prompt.rindex("\ninput: ") + 8 : prompt.rindex("Output:")])
    return found


def wise(messages: Messages) -> Iterator[str]:
    """Judge as RAGAS asks: a statement a sentence, true if the context holds it; the question is of the answer."""
    prompt = messages[-1]["content"]
    told = given(prompt)
    if "statements" in told:
        verdicts = [{"statement": each, "reason": "it stands there, or not", "verdict": int(each in told["context"])}
                    for each in told["statements"]]  # fmt: skip
        reply: dict[str, Any] = {"statements": verdicts}
    elif "answer" in told:
        reply = {
            "statements": [f"{each.strip(' .')}" for each in re.split(r"[.:;!?…]\s", told["answer"])]
            + ["Cats are free"]
        }
    else:
        reply = {"question": told["response"], "noncommittal": 0}
    yield f"Certainly.\n```json\n{json.dumps(reply, ensure_ascii=False)}\n```"


def saying(text: str) -> Any:
    def reply(messages: Messages) -> Iterator[str]:
        yield text

    return reply


@pytest.fixture
def folder(dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunFolder:
    monkeypatch.setattr(
        "assistant.bootstrap.question_embedder", lambda settings: FakeEmbedder(languages=frozenset({"en"}))
    )
    monkeypatch.setenv("ASSISTANT_LLM_API_KEY", KEY)
    monkeypatch.setenv("ASSISTANT_LLM_SECONDS", "2")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    return asked(dataset, tmp_path / "run")


def judged(folder: RunFolder, server: ModelServer, model: str = "judge") -> Any:
    work = folder.folder.parent / "work"
    return command(
        "judge", folder.folder, "--model", f"openai:{model}", "--base-url", server.url, "--work", work, "--json"
    )


def rows(folder: RunFolder) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder.folder / FILE).read_text(encoding="utf-8").splitlines()]


def test_ragas_judges_each_answer(folder: RunFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its own arithmetic over what the judge says; only the judge is asked, and the key stands in no file."""
    looked_up: list[object] = []
    real = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, *a, **k: (looked_up.append(host), real(host, *a, **k))[1])
    with serving(wise) as server:
        done = judged(folder, server)
        assert done.exit_code == 0, done.output
        found = {row["id"]: row for row in rows(folder)}
        visa = found["cost of visa"]["metrics"]  # two sentences that stand there, and the cats
        assert visa["ragas_faithfulness"] == pytest.approx(2 / 3)
        assert 0 < visa["ragas_answer_relevance"] <= 1
        assert found["ё"]["metrics"]["ragas_faithfulness"] == pytest.approx(2 / 3)
        assert found["ё"]["metrics"]["ragas_answer_relevance"] is None
        assert "does not read ru" in found["ё"]["unjudged"]["ragas_answer_relevance"]
        told = found["kitchen"]["judge"]
        assert (told["name"], told["host"]) == ("openai:judge", server.root.removeprefix("http://"))
        assert told["version"].startswith("ragas 0.4")
        assert {len(each) for each in told["prompts"].values()} == {64}
        answers = len(found)
        english = sum(row["lang"] == "en" for row in found.values())
        assert len(server.chats()) == 2 * answers + english
        assert f"openai:judge judges {answers} answers by ragas" in done.stderr
        assert "to this machine only, with the key in ASSISTANT_LLM_API_KEY" in done.stderr
        before = (folder.folder / FILE).read_bytes()
        assert judged(folder, server).exit_code == 0
        assert len(server.chats()) == 2 * answers + english
        assert (folder.folder / FILE).read_bytes() == before
        assert {each.headers["authorization"] for each in server.chats()} == {f"Bearer {KEY}"}
    assert set(looked_up) <= {"127.0.0.1"}
    assert os.environ["RAGAS_DO_NOT_TRACK"] == "true"
    assert not (tmp_path / "home").exists()
    assert KEY not in done.output
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) > 5
    assert not [path for path in files if KEY.encode() in path.read_bytes()]


@pytest.mark.parametrize(
    "text",
    [
        "I think that this is a good answer.",
        "{",
        "} yes {",
        '{"statements": []}',
        '{"statements": "all"}',
        '{"question": "", "noncommittal": 0}',
        '{"question": "What?", "noncommittal": 7}',
        '{"statements": [{"statement": "a", "reason": "b", "verdict": 10}]}',
        "{" * 50_000,
    ],
)
def test_a_judge_that_babbles_judges_nothing(folder: RunFolder, text: str) -> None:
    """Each answer is left without a figure, with the reason; the exit code tells that nothing was judged."""
    with serving(saying(text)) as server:
        done = judged(folder, server)
    assert done.exit_code == 3, done.output
    found = rows(folder)
    assert found
    assert {value for row in found for value in row["metrics"].values()} == {None}
    reasons = {why for row in found if row["lang"] == "en" for why in row["unjudged"].values()}
    assert all(why.startswith(("malformed: the judge has", "long: ")) for why in reasons), reasons


def test_as_many_verdicts_as_statements(folder: RunFolder) -> None:
    """A judge that passes over statements would be too kind or too harsh: that answer is not judged."""

    def lazy(messages: Messages) -> Iterator[str]:
        told = given(messages[-1]["content"])
        if "statements" in told:
            yield '{"statements": [{"statement": "a", "reason": "b", "verdict": 1}]}'
        else:
            yield from wise(messages)

    with serving(lazy) as server:
        assert judged(folder, server).exit_code == 0
    for row in rows(folder):
        assert row["metrics"]["ragas_faithfulness"] is None
        assert row["unjudged"]["ragas_faithfulness"].endswith("one verdict for each statement")
    assert [row for row in rows(folder) if row["metrics"]["ragas_answer_relevance"] is not None]


@pytest.mark.parametrize(("model", "fault"), [("status-500", "failed"), ("status-401", "refused"), ("cut", "cut")])
def test_a_judge_that_is_down_judges_nothing(folder: RunFolder, model: str, fault: str) -> None:
    """What the endpoint says, the key among it, is repeated nowhere; when it is up again it is asked again."""
    with serving(wise) as server:
        done = judged(folder, server, model)
        assert done.exit_code == 3
        reasons = {why.split(":")[0] for row in rows(folder) if row["lang"] == "en" for why in row["unjudged"].values()}
        assert fault in reasons
        assert reasons <= {fault, "resting"}
        assert KEY not in done.output + (folder.folder / FILE).read_text(encoding="utf-8")
        assert judged(folder, server).exit_code == 0
