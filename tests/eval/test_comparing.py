"""Two runs side by side, and what stops a run at the gate: from scores made by hand."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from eval_fakes import command

from eval.comparing import Change, compare
from eval.errors import EvalError, IncompleteRun
from eval.gating import TOLERANCE, fallen, gate, read_baseline, write_baseline
from eval.runs import RunFolder
from eval.scoring import PRIMARY

Row = dict[str, Any]
LANGS = ("en", "ru", "kk")


def rows(count: int = 60) -> list[Row]:
    """Return the scores of a good run: of five cases four are right, one is silent where nothing answers."""
    return [row(number) for number in range(count)]


def row(number: int) -> Row:
    silent = number % 5 == 4
    metrics = {
        "nDCG@10": None if silent else 0.9, "R@5": None if silent else 1.0, "correct": 1.0, "truthfulness": 1.0,
        "false_answer": 0.0 if silent else None, "false_abstention": None if silent else 0.0,
        "quote_exactness": None if silent else 1.0, "mark_validity": None if silent else 1.0,
    }  # fmt: skip
    return {
        "id": f"case {number}", "lang": LANGS[number % 3], "cluster": f"cluster {number // 2}", "tags": [],
        "split": "development", "answerability": "unanswerable" if silent else "answerable", "outcome": "right",
        "status": "abstained" if silent else "answered", "support": 0.5, "metrics": metrics,
    }  # fmt: skip


def made(folder: Path, scores: list[Row], **meta: Any) -> RunFolder:
    """Write a scored run."""
    folder.mkdir(parents=True)
    told = RunFolder(folder)
    told.write_json(
        "run.json",
        {"state": "complete", "n": len(scores), "dataset": "made", "dataset_digest": "cases", "corpus_digest": "texts",
         "config": {"system": "bm25", "k": 10}} | meta,
    )  # fmt: skip
    told.write_lines("scores.jsonl", scores)
    return told


def fail(scores: list[Row], every: int = 1) -> list[Row]:
    """Return scores in which every so-maniest case with an answer is silent."""
    worse: list[Row] = json.loads(json.dumps(scores))
    for each in [each for each in worse if each["status"] == "answered"][::every]:
        each["outcome"], each["status"] = "found, but silent", "abstained"
        each["metrics"] |= {"correct": 0.0, "truthfulness": 0.0, "false_abstention": 1.0, "quote_exactness": None,
                            "mark_validity": None}  # fmt: skip
    return worse


def test_a_run_is_the_same_as_itself(tmp_path: Path) -> None:
    """No metric differs in any slice, nothing is fixed or broken, no setting is another."""
    folder = made(tmp_path / "a", rows())
    found = compare(folder, folder)
    assert (found.first, found.second, found.n) == ("a", "a", 60)
    assert list(found.changes) == ["all", *LANGS]
    for change in (each for part in found.changes.values() for each in part):
        assert (change.delta, change.low, change.high, change.p, change.verdict) == (0, 0, 0, 1, "same")
    assert (found.fixed, found.broken, found.settings) == ((), (), ())
    assert {(each.metric, each.n) for each in found.changes["all"]} >= {("correct", 60), ("nDCG@10", 48)}


def test_a_change_is_told_with_its_size_and_its_cases(tmp_path: Path) -> None:
    """Half of the answers lost: 24 of 60 cases, in both directions, with the sign that the metric means."""
    good, bad = (
        made(tmp_path / "good", rows()),
        made(tmp_path / "bad", fail(rows(), 2), config={"system": "bm25", "k": 5}),
    )
    worse, better = compare(good, bad), compare(bad, good)
    lost = tuple(f"case {n}" for n in [n for n in range(60) if n % 5 != 4][::2])
    assert (worse.broken, worse.fixed) == (lost, ())
    assert (better.broken, better.fixed) == ((), lost)
    down = {each.metric: each for each in worse.changes["all"]}
    up = {each.metric: each for each in better.changes["all"]}
    assert (down["correct"].first, down["correct"].second) == (1.0, pytest.approx(36 / 60))
    assert down["false_abstention"].delta == pytest.approx(24 / 48)
    assert up["correct"].delta == pytest.approx(24 / 60)
    assert {name: (down[name].verdict, up[name].verdict) for name in ("correct", "false_abstention", "nDCG@10")} == {
        "correct": ("worse", "better"), "false_abstention": ("worse", "better"), "nDCG@10": ("same", "same"),
    }  # fmt: skip
    assert down["quote_exactness"].n == 24  # only the cases that both answered
    assert worse.settings == (("config.k", "10", "5"),)


def test_only_primary_metrics_are_corrected(tmp_path: Path) -> None:
    """They come first; the smallest p is multiplied by their number, and no other one is touched."""
    worse = fail(rows(), 16)
    found = compare(made(tmp_path / "a", rows()), made(tmp_path / "b", worse)).changes["all"]
    assert [each.metric for each in found][: len(PRIMARY)] == list(PRIMARY)
    smallest = min(each.p for each in found)
    assert 0.01 < smallest < 0.5
    assert [each.p_holm for each in found if each.metric == "correct"] == [pytest.approx(min(1.0, 5 * smallest))]
    assert [each.metric for each in found if each.p_holm is None] == ["R@5", "mark_validity", "quote_exactness"]
    data = compare(made(tmp_path / "c", rows()), made(tmp_path / "d", worse)).as_dict()
    json.dumps(data, allow_nan=False)
    assert data["changes"]["all"][1]["verdict"] == "same"
    assert data["changes"]["all"][1]["delta"] == pytest.approx(-3 / 60)


@pytest.mark.parametrize(
    ("metric", "second", "p", "corrected", "verdict"),
    [
        ("correct", 0.6, 0.01, 0.04, "better"), ("correct", 0.4, 0.01, 0.04, "worse"),
        ("correct", 0.6, 0.01, 0.05, "same"), ("R@5", 0.6, 0.04, None, "better"), ("R@5", 0.6, 0.05, None, "same"),
        ("false_answer", 0.6, 0.01, 0.04, "worse"), ("false_answer", 0.4, 0.01, 0.04, "better"),
    ],
)  # fmt: skip
def test_only_what_the_corrected_test_bears_out_is_a_change(
    metric: str, second: float, p: float, corrected: float | None, verdict: str
) -> None:
    """Below .05 the sign tells better from worse, the other way round where lower is better."""
    change = Change(metric=metric, first=0.5, second=second, low=0, high=0, p=p, p_holm=corrected, detectable=0.1, n=9,
                    clusters=9)  # fmt: skip
    assert change.verdict == verdict
    assert fallen(change) == (verdict == "worse")


def test_other_cases_are_not_compared(tmp_path: Path) -> None:
    """Runs of other questions have nothing to say to each other, whatever is allowed."""
    first, second = made(tmp_path / "a", rows()), made(tmp_path / "b", rows(), dataset_digest="others")
    for other_corpus in (False, True):
        with pytest.raises(EvalError, match="not of the same cases") as caught:
            compare(first, second, other_corpus=other_corpus)
        assert caught.value.exit_code == 2


def test_other_texts_are_compared_only_on_purpose(tmp_path: Path) -> None:
    """The message names the option that allows it."""
    first, second = made(tmp_path / "a", rows()), made(tmp_path / "b", rows(), corpus_digest="others")
    with pytest.raises(EvalError, match=r"not of the same texts.*--other-corpus") as caught:
        compare(first, second)
    assert caught.value.exit_code == 2
    found = compare(first, second, other_corpus=True)
    assert found.settings == (("corpus_digest", "texts", "others"),)


def test_other_judgements_are_compared_only_on_purpose(tmp_path: Path) -> None:
    """Another label of what is relevant moves the figures of both runs apart as another text does."""
    first, second = (made(tmp_path / name, rows(), qrels_digest=name) for name in "ab")
    with pytest.raises(EvalError, match=r"not of the same judgements.*--other-corpus"):
        compare(first, second)
    assert compare(first, second, other_corpus=True).settings == (("qrels_digest", "a", "b"),)


def test_runs_scored_by_other_metrics_are_not_compared(tmp_path: Path) -> None:
    """A metric that only one run has, if only in one case, says that it was scored by another version."""
    newer = rows()
    newer[7]["metrics"]["newer"] = 1.0
    first, second = made(tmp_path / "a", rows()), made(tmp_path / "b", newer)
    for pair in ((first, second), (second, first)):
        with pytest.raises(EvalError, match="scored by different versions; score both again"):
            compare(*pair)


def test_runs_that_are_not_whole_are_not_compared(tmp_path: Path) -> None:
    """An incomplete run, one without scores, and one that lacks a case are refused."""
    whole = made(tmp_path / "a", rows())
    with pytest.raises(IncompleteRun):
        compare(whole, made(tmp_path / "b", rows(), state="running"))
    with pytest.raises(EvalError, match="'case 7' is in one run only"):
        compare(made(tmp_path / "c", [row(n) for n in range(60) if n != 7]), whole)
    (whole.folder / "scores.jsonl").unlink()
    with pytest.raises(EvalError, match="score it first"):
        compare(whole, whole)
    with pytest.raises(EvalError, match=r"run\.json"):
        compare(RunFolder(tmp_path / "gone"), whole)


def baseline(tmp_path: Path, scores: list[Row] | None = None) -> Path:
    path = tmp_path / "baselines" / "made.jsonl"
    path.parent.mkdir()
    write_baseline(made(tmp_path / "first", rows() if scores is None else scores), path)
    return path


def test_a_baseline_is_read_as_it_was_written(tmp_path: Path) -> None:
    """What was asked and the scores of each case come back, and the same run writes the same bytes."""
    path = baseline(tmp_path)
    found = read_baseline(path)
    assert found["asked"]["dataset_digest"] == "cases"
    assert found["rows"] == {
        each["id"]: {name: each[name] for name in ("id", "lang", "cluster", "outcome", "metrics")} for each in rows()
    }
    first = path.read_bytes()
    write_baseline(RunFolder(tmp_path / "first"), path)
    assert path.read_bytes() == first
    assert list(path.parent.iterdir()) == [path]


def test_an_unchanged_run_passes(tmp_path: Path) -> None:
    """Nothing stops what is equal, in whatever order its cases stand."""
    known = read_baseline(baseline(tmp_path))
    assert gate(RunFolder(tmp_path / "first"), known) == []
    assert gate(made(tmp_path / "shuffled", random.Random(1).sample(rows(), 60)), known) == []


def test_a_better_run_passes(tmp_path: Path) -> None:
    """A rise stops nothing."""
    assert gate(made(tmp_path / "run", rows()), read_baseline(baseline(tmp_path, fail(rows(), 2)))) == []


def test_a_fall_is_listed(tmp_path: Path) -> None:
    """Each primary metric that fell is told with its two values, the interval, p and n; the others are not."""
    told = gate(made(tmp_path / "run", fail(rows(), 2)), read_baseline(baseline(tmp_path)))
    assert [each.split()[0] for each in told] == ["correct", "truthfulness", "false_abstention"]
    assert told[0].startswith("correct went from 1.000 to 0.600 (-0.400 [-0.")
    assert told[0].endswith("n = 60)")
    assert told[2].startswith("false_abstention went from 0.000 to 0.500 (+0.500 [+0.")


def test_a_fall_that_may_be_chance_passes(tmp_path: Path) -> None:
    """Three of sixty cases lost is more than the tolerance, but no sure fall."""
    assert TOLERANCE < 3 / 60
    assert gate(made(tmp_path / "run", fail(rows(), 16)), read_baseline(baseline(tmp_path))) == []


def test_a_sure_fall_that_is_small_passes(tmp_path: Path) -> None:
    """Every nDCG lower by .015 is certain, and too little to matter; by .025 it matters."""

    def lowered(by: float) -> list[Row]:
        less = rows()
        for each in less:
            if each["metrics"]["nDCG@10"] is not None:
                each["metrics"]["nDCG@10"] -= by
        return less

    known = read_baseline(baseline(tmp_path))
    assert gate(made(tmp_path / "little", lowered(0.015)), known) == []
    (told,) = gate(made(tmp_path / "much", lowered(0.025)), known)
    assert told.startswith("nDCG@10 went from 0.900 to 0.875")


@pytest.mark.parametrize("name", ["quote_exactness", "mark_validity"])
def test_one_wrong_quote_or_mark_stops_a_run(tmp_path: Path, name: str) -> None:
    """These must be 1 in every case, whatever the baseline was."""
    wrong = rows()
    wrong[7]["metrics"][name] = 0.9
    known = read_baseline(baseline(tmp_path, wrong))
    assert gate(made(tmp_path / "run", wrong), known) == [f"{name} is 0.9000 for 'case 7'; it must be 1"]


def test_a_refused_question_stops_a_run(tmp_path: Path) -> None:
    """No question of a dataset may be refused as input."""
    wrong = rows()
    wrong[3]["outcome"] = "refused as input"
    assert gate(made(tmp_path / "run", wrong), read_baseline(baseline(tmp_path))) == ["'case 3' was refused as input"]


def test_the_gate_asks_for_the_same_cases_and_a_whole_run(tmp_path: Path) -> None:
    """Other cases need a new baseline, and an incomplete run has no scores; neither makes one."""
    path = baseline(tmp_path)
    known = read_baseline(path)
    with pytest.raises(EvalError, match=r"other cases than the baseline.*--renew"):
        gate(made(tmp_path / "others", rows(), dataset_digest="others"), known)
    half = made(tmp_path / "half", rows(), state="running")
    for act in (lambda: gate(half, known), lambda: write_baseline(half, path)):
        with pytest.raises(IncompleteRun):
            act()


def test_the_gate_asks_for_the_same_system_and_settings(tmp_path: Path) -> None:
    """A run of what knows the labels cannot stand in for one of the baseline's system."""
    known = read_baseline(baseline(tmp_path))
    for name, config in (("oracle", {"system": "oracle", "k": 10}), ("fewer hits", {"system": "bm25", "k": 5})):
        with pytest.raises(EvalError, match=r"other settings of the run than the baseline.*--renew"):
            gate(made(tmp_path / name, rows(), config=config), known)


def test_a_primary_metric_that_is_lost_stops_a_run(tmp_path: Path) -> None:
    """A figure that was there and is not any more is no pass, and one that comes is; the others may come and go."""
    lost = rows()
    lost[2]["metrics"] |= {"nDCG@10": None, "R@5": None}
    known = read_baseline(baseline(tmp_path))
    (told,) = gate(made(tmp_path / "run", lost), known)
    assert told.startswith("nDCG@10 of 'case 2' cannot be told any more")
    renewed = tmp_path / "renewed.jsonl"
    write_baseline(RunFolder(tmp_path / "run"), renewed)
    assert gate(RunFolder(tmp_path / "first"), read_baseline(renewed)) == []


def test_a_baseline_is_renewed_by_command(tmp_path: Path) -> None:
    """The first one makes its folder; a fall ends with 1 until it is renewed."""
    path = tmp_path / "no" / "folder" / "yet.jsonl"
    good, bad = made(tmp_path / "good", rows()), made(tmp_path / "bad", fail(rows()))
    assert command("gate", good.folder, "--baseline", path, "--renew").exit_code == 0
    stopped = command("gate", bad.folder, "--baseline", path)
    assert (stopped.exit_code, stopped.stderr) == (1, "regression\n")
    assert stopped.stdout.startswith("correct went from")
    assert command("gate", bad.folder, "--baseline", path, "--renew").exit_code == 0
    passed = command("gate", bad.folder, "--baseline", path)
    assert (passed.exit_code, passed.stdout, passed.stderr) == (0, "", "pass\n")


def _drop_last(text: str) -> str:
    return "".join(text.splitlines(keepends=True)[:-1])


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: "",
        lambda text: text[:-20],
        lambda text: text.replace('"dataset_digest"', '"digest"'),
        lambda text: text.replace('"id": "case 3"', '"name": "case 3"'),
        lambda text: "[]\n" + text,
        lambda text: text.split("\n", 1)[1],
        _drop_last,
        lambda text: text.replace('"metrics"', '"figures"'),
        lambda text: text.replace('"nDCG@10"', '"nDCG"'),
    ],
)  # fmt: skip
def test_a_damaged_baseline_is_no_baseline(tmp_path: Path, damage: Callable[[str], str]) -> None:
    """Whatever is missing, it is an error that names the way out, never a pass and never a crash."""
    path = baseline(tmp_path)
    path.write_text(damage(path.read_text(encoding="utf-8")), encoding="utf-8")
    with pytest.raises(EvalError):
        gate(RunFolder(tmp_path / "first"), read_baseline(path))


def test_a_missing_baseline_is_told(tmp_path: Path) -> None:
    """A file that is not there is named."""
    with pytest.raises(EvalError, match=r"gone\.jsonl"):
        read_baseline(tmp_path / "gone.jsonl")
