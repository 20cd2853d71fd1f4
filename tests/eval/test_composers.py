"""Composers over the same cases in one run: a scripted model and mentors' answers, beside the quotes alone."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from eval_fakes import CASES, command, write
from model_server import Messages, ModelServer, serving

from eval.composers import Composed
from eval.gating import MUST_BE_ONE
from eval.runs import RunFolder
from eval.tables import composed as table

FEW = [{name: value for name, value in case.items() if name != "tags"} for case in CASES[:3]]
_SECTION = re.compile(r"^\[(\d{1,2})\] [^\n]*\n([^\n]+)", re.MULTILINE)


def quoting(messages: Messages) -> Iterator[str]:
    """Say the first sentence of the first section, and a lie."""
    number, body = _SECTION.findall(messages[-1]["content"])[0]
    yield f"{body.split('. ')[0].rstrip('.')} [{number}]. It costs 7777 euros [{number}]. "
    yield f"{body.rstrip('.').split('. ')[-1]} [{number}]."


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModelServer]:
    with serving(quoting) as running:
        monkeypatch.setenv("ASSISTANT_LLM", "openai:scripted")
        monkeypatch.setenv("ASSISTANT_LLM_BASE_URL", running.url)
        monkeypatch.setenv("ASSISTANT_THRESHOLD", "0.01")
        yield running


def composers(dataset: Path, out: Path, *more: object) -> Any:
    return command("composers", dataset, "--out", out, "--work", out.parent / "work", *more)


@pytest.mark.usefixtures("in_memory_assistant")
def test_composers_are_compared_over_the_same_cases(tmp_path: Path, server: ModelServer) -> None:
    """A column for each: figures with intervals and differences, seconds, what was dropped, and what came of the cases."""
    dataset = write(tmp_path / "few", FEW)
    done = composers(dataset, tmp_path / "out", "--json")
    assert done.exit_code == 0, done.output
    found = {each["system"]: each for each in json.loads(done.stdout)}
    assert list(found) == ["assistant", "generative", "verified"]
    assert json.loads((tmp_path / "out" / "composers.json").read_text(encoding="utf-8")) == list(found.values())
    base, model = found["assistant"], found["generative"]
    runs = {name: RunFolder(tmp_path / "out" / name) for name in found}
    assert {tuple(name for name, _ in run.replies()) for run in runs.values()} == {tuple(each["id"] for each in FEW)}
    by_model = model["composed"]["generative"]
    assert by_model >= 2
    assert set(base["composed"]) == set(found["verified"]["composed"]) == {"extractive"}
    assert model["drafting"]["used"] == by_model
    assert model["dropped"] >= len(server.chats())  # a lie in each of its texts
    assert model["kept"] >= by_model
    assert len(server.chats()) == sum(model["drafting"].values())
    said = [reply.text for _, reply in runs["generative"].replies() if reply.composer == "generative"]
    assert not [text for text in said if "7777" in text]
    for each in found.values():
        assert [each["figures"][name]["value"] for name in MUST_BE_ONE] == [1, 1]
        assert sum(each["outcomes"].values()) == len(FEW)
        assert each["seconds"]["low"] <= each["seconds"]["value"] <= each["seconds"]["high"]
        for name, figure in each["figures"].items():
            assert figure == runs[each["system"]].metrics()["slices"]["all"][name]
    assert (base["changes"], base["slower"]) == ({}, None)
    assert model["slower"]["value"] > 0
    assert {name: each["delta"] for name, each in found["verified"]["changes"].items()} == dict.fromkeys(
        found["verified"]["changes"], 0
    )
    assert model["changes"]["answered"]["delta"] == 0

    lines = [json.loads(line) for line in runs["verified"].records.read_text(encoding="utf-8").splitlines()]
    lines[0]["citations"][0]["quote"] += " It is free."
    runs["verified"].write_lines("records.jsonl", lines)
    again = composers(dataset, tmp_path / "out")
    assert again.exit_code == 1  # a quote that is not exact is a fault
    assert again.stderr.startswith("verified: quote_exactness is 0.")
    assert len(server.chats()) == sum(model["drafting"].values())  # a run that is complete asks nothing again
    told = {line[:45].strip(): line[45:].split() for line in again.stdout.splitlines()}
    assert told["sentences kept, dropped"][2:4] == [f"{model['kept']},", str(model["dropped"])]
    assert told["quotes letter for letter"][0] == "1.000"
    assert told["answered"].count("Δ") == 2


def test_without_a_model_nothing_is_asked(dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is told before the quotes are asked for; another system than there is, too."""
    monkeypatch.delenv("ASSISTANT_LLM", raising=False)
    done = composers(dataset, tmp_path / "out")
    assert (done.exit_code, "ASSISTANT_LLM" in done.stderr) == (2, True)
    done = composers(dataset, tmp_path / "out", "--system", "poet")
    assert (done.exit_code, "poet" in done.stderr) == (2, True)
    assert not (tmp_path / "out").exists()


def test_figures_that_nobody_has_are_left_out() -> None:
    """A set without gold answers has no containment; a system that was not timed has no seconds."""
    empty = Composed(system="assistant", figures={}, changes={}, seconds=None, slower=None, composed={}, drafting={},
                     kept=0, dropped=0, outcomes={"right": 2})  # fmt: skip
    words = [line[:45].strip() for line in table([empty]).splitlines()]
    assert words == ["", "median seconds", "sentences kept, dropped", "outcome: right"]
