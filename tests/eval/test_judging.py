"""Judging a run: what a judge is shown, what is kept, and that its figures stand beside the measures and gate nothing."""

from __future__ import annotations

import importlib.util
import json
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from eval_fakes import CASES, asked, command, silent, write

from assistant.types import Language
from eval.comparing import compare
from eval.errors import EvalError, IncompleteRun
from eval.gating import gate, read_baseline, write_baseline
from eval.judging import FILE, Answered, Unjudged, Verdicts, answered, judge, judged_rows, summary
from eval.reporting import compare_page, report
from eval.runs import RunFolder
from eval.scoring import score
from eval.tables import compared, judged


def plain(text: str, language: Language) -> str:
    return text


class Opinion:
    """A judge of whom is known what it says: 1 for what it likes, .5 for the rest, nothing in Russian."""

    def __init__(self, name: str = "openai:wise", version: str = "ragas 9", likes: str = "visa") -> None:
        self.told: Mapping[str, Any] = {
            "name": name, "host": "127.0.0.1:1", "version": version, "embedder": "fake",
            "prompts": {"ragas_faithfulness": "a", "ragas_answer_relevance": "b"},
        }  # fmt: skip
        self.requests = {"ragas_faithfulness": 2, "ragas_answer_relevance": 1}
        self.asked: list[tuple[str, str]] = []
        self._likes, self._lock = likes, threading.Lock()

    def verdict(self, metric: str, asked: Answered) -> float:
        with self._lock:
            self.asked.append((metric, asked.id))
        if metric == "ragas_answer_relevance" and asked.language == "ru":
            raise Unjudged("I do not read ru")
        return 1.0 if self._likes in asked.answer.lower() else 0.5


def judging(folder: RunFolder, by: Opinion, work: Path, workers: int = 2) -> dict[str, Any]:
    with Verdicts.at(work / "verdicts.sqlite") as known:
        return judge(folder, answered(folder, plain), by, known, workers=workers)


@pytest.fixture
def folder(dataset: Path, tmp_path: Path) -> RunFolder:
    return asked(dataset, tmp_path / "run")


def test_a_judge_is_shown_what_a_reply_states_and_cites(tmp_path: Path) -> None:
    """Of answered cases only: statements without marks, the cited texts whole, questions masked, earlier ones first."""
    history = [{"role": "user", "content": "Hi, I am Dana."}, {"role": "assistant", "content": "Hello."}]
    dataset = write(tmp_path / "tiny", [*CASES[:1], {**CASES[2], "history": history}, silent("no", "en", "Xyzzy?")])
    shown = answered(asked(dataset, tmp_path / "run"), lambda text, _: text.replace("Dana", "[name]"))
    assert [each.id for each in shown] == ["cost of visa", "kitchen"]
    assert shown[0].answer == "A visa costs 80 euros. You apply at the consulate."
    assert shown[0].contexts == ("A visa costs 80 euros. You apply at the consulate.",)
    assert (shown[0].cluster, shown[1].cluster) == ("visa", "kitchen")
    assert shown[1].question == "Hi, I am [name].\nIs there a kitchen?"


def test_statements_are_whole_sentences(dataset: Path, tmp_path: Path) -> None:
    """A model sets marks before the full stop; a judge reads sentences that end with it, and no mark."""
    folder = asked(dataset, tmp_path / "run", limit=1)
    lines = [json.loads(line) for line in folder.records.read_text(encoding="utf-8").splitlines()]
    lines[0]["text"] = "From the rules:\n\nA visa costs 80 euros [1]. Is it dear [1]? You apply at the consulate [1]."
    folder.write_lines("records.jsonl", lines)
    (shown,) = answered(folder, plain)
    assert shown.answer == "A visa costs 80 euros.\nIs it dear.\nYou apply at the consulate."


def test_who_lacks_a_source_does_not_judge(dataset: Path, tmp_path: Path) -> None:
    """A reply that cites a text that the run does not hold, or states nothing, is left without a figure."""
    folder = asked(dataset, tmp_path / "run")
    lines = [json.loads(line) for line in folder.records.read_text(encoding="utf-8").splitlines()]
    lines[0]["citations"].append(lines[0]["citations"][0] | {"mark": 2, "unit": "gone"})
    lines[2]["text"] = "No mark."
    folder.write_lines("records.jsonl", lines)
    by = Opinion()
    judging(folder, by, tmp_path)
    values = {row["id"]: set(row["metrics"].values()) for row in judged_rows(folder)}
    assert values[lines[0]["id"]] == values[lines[2]["id"]] == {None}
    assert not {case for _, case in by.asked} & {lines[0]["id"], lines[2]["id"]}


def test_verdicts_are_written_with_their_judge(folder: RunFolder, tmp_path: Path) -> None:
    """A line for each answer in the order of the run; what was not judged has a reason and no figure, never 0."""
    by = Opinion()
    told = judging(folder, by, tmp_path)
    rows = judged_rows(folder)
    assert [row["id"] for row in rows] == [name for name, reply in folder.replies() if reply.status == "answered"]
    assert [row["judge"] for row in rows] == [by.told] * len(rows)
    russian = [row for row in rows if row["lang"] == "ru"]
    assert russian
    for row in russian:
        assert row["metrics"]["ragas_answer_relevance"] is None
        assert row["unjudged"] == {"ragas_answer_relevance": "I do not read ru"}
    assert told == summary(folder)
    assert "ragas_answer_relevance" not in told["slices"]["ru"]
    figure = told["slices"]["en"]["ragas_faithfulness"]
    values = [row["metrics"]["ragas_faithfulness"] for row in rows if row["lang"] == "en"]
    assert figure["value"] == pytest.approx(sum(values) / len(values))
    assert figure["low"] < figure["value"] < figure["high"]
    assert told["unjudged"] == [{"metric": "ragas_answer_relevance", "reason": "I do not read ru", "n": len(russian)}]
    assert "judged by openai:wise (ragas 9), not gating" in judged(told)


def test_nothing_is_asked_twice(folder: RunFolder, tmp_path: Path) -> None:
    """A second judging asks only what was not judged, and writes the same; another judge, version or prompt asks all."""
    first = Opinion()
    judging(folder, first, tmp_path)
    before = (folder.folder / FILE).read_bytes()
    again = Opinion(likes="nothing that is said")
    judging(folder, again, tmp_path)
    assert {metric for metric, _ in again.asked} == {"ragas_answer_relevance"}  # the Russian ones
    assert (folder.folder / FILE).read_bytes() == before
    for other in (Opinion(name="openai:other"), Opinion(version="ragas 10")):
        judging(folder, other, tmp_path)
        assert sorted(other.asked) == sorted(first.asked)
    other = Opinion()
    other.told = {**other.told, "prompts": {**other.told["prompts"], "ragas_faithfulness": "new words"}}
    judging(folder, other, tmp_path)
    assert {metric for metric, case in other.asked if case == "kitchen"} == {"ragas_faithfulness"}


def test_verdicts_outlive_a_kill(folder: RunFolder, tmp_path: Path) -> None:
    """What was judged before a judging broke off is not asked again."""

    class Tired(Opinion):
        def verdict(self, metric: str, asked: Answered) -> float:
            if len(self.asked) == 3:
                raise KeyboardInterrupt
            return super().verdict(metric, asked)

    tired = Tired()
    with pytest.raises(KeyboardInterrupt):
        judging(folder, tired, tmp_path, workers=1)
    assert not (folder.folder / FILE).exists()
    fresh = Opinion()
    judging(folder, fresh, tmp_path)
    assert len(tired.asked) == 3
    assert not {ask for ask in tired.asked if ask[0] == "ragas_faithfulness"} & set(fresh.asked)


def test_runs_of_one_judge_are_compared(folder: RunFolder, dataset: Path, tmp_path: Path) -> None:
    """Case by case, told as judged, in no list of main figures; verdicts of two judges are not set against each other."""
    other = asked(dataset, tmp_path / "other", "oracle")
    for each in (folder, other):
        score(each)
    judging(folder, Opinion(likes="nothing that is said"), tmp_path)
    judging(other, Opinion(likes=""), tmp_path / "elsewhere")
    found = compare(folder, other)
    assert found.judge == "judged by openai:wise (ragas 9), not gating"
    change = next(each for each in found.judged if each.metric == "ragas_faithfulness")
    assert (change.first, change.second, change.p_holm) == (0.5, 1.0, None)
    assert not [each for each in found.changes["all"] if each.metric.startswith("ragas")]
    assert f"  {found.judge}:" in compared(found)
    assert json.loads(json.dumps(found.as_dict()))["judged"][1]["metric"] == "ragas_faithfulness"
    page = compare_page(found, folder, other, tmp_path / "compare.html").read_text(encoding="utf-8")
    assert "Judged by openai:wise (ragas 9), not gating" in page
    judging(other, Opinion(name="openai:else"), tmp_path)
    assert (compare(folder, other).judge, compare(folder, other).judged) == ("", ())


def test_a_report_shows_the_judge_beside(folder: RunFolder, tmp_path: Path) -> None:
    """With its name, and what it could not judge; without a judge there is no such part."""
    score(folder)
    assert "as judge" not in report(folder).read_text(encoding="utf-8")
    judging(folder, Opinion(name="openai:<b>wise</b>"), tmp_path)
    page = report(folder).read_text(encoding="utf-8")
    assert "judged by openai:&lt;b&gt;wise&lt;/b&gt; (ragas 9), not gating" in page
    assert "ragas answer relevance: I do not read ru" in page


def test_a_judge_gates_nothing(dataset: Path, tmp_path: Path) -> None:
    """Whatever it says, the scores, the figures and the gate are as before."""
    folder = asked(dataset, tmp_path / "run", "oracle")
    score(folder)
    write_baseline(folder, tmp_path / "baseline.jsonl")
    before = [(folder.folder / name).read_bytes() for name in ("scores.jsonl", "metrics.json")]
    judging(folder, Opinion(likes="nothing that is said"), tmp_path)
    score(folder)
    assert [(folder.folder / name).read_bytes() for name in ("scores.jsonl", "metrics.json")] == before
    assert gate(folder, read_baseline(tmp_path / "baseline.jsonl")) == []


def test_what_cannot_be_judged_is_refused(dataset: Path, folder: RunFolder, tmp_path: Path) -> None:
    """A run that is silent, one that is incomplete, and a file of verdicts that is none: each in a sentence."""
    mute = asked(dataset, tmp_path / "mute", "always_abstain")
    with pytest.raises(EvalError, match="answered none of its cases"):
        judging(mute, Opinion(), tmp_path)
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "verdicts.sqlite").write_text("this is no database " * 100)
    with pytest.raises(EvalError, match="remove it"):
        judging(folder, Opinion(), tmp_path / "bad")
    folder.write_json("run.json", folder.meta() | {"state": "running"})
    with pytest.raises(IncompleteRun):
        judging(folder, Opinion(), tmp_path)


def test_without_a_model_or_ragas_it_says_what_to_do(folder: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is asked, and the way out is told."""
    monkeypatch.delenv("ASSISTANT_LLM", raising=False)
    done = command("judge", folder.folder)
    assert (done.exit_code, "give --model" in done.stderr) == (2, True)
    if importlib.util.find_spec("ragas") is None:
        done = command("judge", folder.folder, "--model", "openai:x", "--base-url", "http://127.0.0.1:9/v1")
        assert done.exit_code == 2
        assert "make judges" in done.stderr
