"""Runs: cut off and gone on with, by several processes, in any order and environment."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from eval_fakes import CASES, CORPUS, asked, cut, write

from eval.configuring import read_config
from eval.errors import EvalError, IncompleteRun
from eval.running import run
from eval.runs import RunFolder
from eval.scoring import score

ROOT = Path(__file__).resolve().parents[2]


def files(folder: RunFolder) -> dict[str, bytes]:
    """Return the records and what scoring writes, after scoring."""
    score(folder)
    return {name: (folder.folder / name).read_bytes() for name in ("records.jsonl", "scores.jsonl", "metrics.json")}


def test_a_run_that_was_cut_off_goes_on_as_if_it_was_not(dataset: Path, tmp_path: Path) -> None:
    """Wherever the records end, in a line or in a letter, the rest is asked and nothing differs by a byte."""
    whole = files(asked(dataset, tmp_path / "whole" / "run"))
    records = whole["records.jsonl"]
    letter = records.index("Виза".encode()) + 1
    ends = [place + 1 for place, byte in enumerate(records) if byte == ord("\n")]
    folder = asked(dataset, tmp_path / "part" / "run")
    for length in (0, 10, ends[0], ends[2] - 1, letter, ends[5] + 3, len(records)):
        cut(folder, length)
        with pytest.raises(IncompleteRun):
            score(folder)
        asked(dataset, folder.folder)
        assert folder.records.read_bytes() == records
        assert folder.meta()["state"] == "complete"
    assert files(folder) == whole


def test_only_what_is_missing_is_asked_again(dataset: Path, tmp_path: Path) -> None:
    """A complete run is left as it is, a cut one asks the rest, and progress counts all."""
    out, told = tmp_path / "run", []
    settings = read_config(None, system="bm25")

    def again() -> int:
        return run(dataset, out, settings, work=tmp_path, workers=1, progress=lambda *place: told.append(place))

    assert (again(), again()) == (8, 0)
    cut(RunFolder(out), RunFolder(out).records.stat().st_size - 5)
    told.clear()
    assert again() == 1
    assert told == [(8, 8)]


@pytest.mark.parametrize(
    ("named", "changes"),
    [
        ("config", {"k": 5}),
        ("config", {"system": "oracle"}),
        ("dataset_digest", {"cases": [{**CASES[0], "question": "What does a visa cost now?"}, *CASES[1:]]}),
        ("dataset_digest", {"cases": CASES[::-1]}),
        ("corpus_digest", {"corpus": [{**CORPUS[0], "title": "Visas"}, *CORPUS[1:]]}),
        ("qrels_digest", {"qrels": "query-id\tcorpus-id\tscore\nkitchen\t100%\t1\n"}),
    ],
)
def test_a_run_does_not_go_on_as_another(dataset: Path, tmp_path: Path, named: str, changes: dict[str, Any]) -> None:
    """With another configuration, other cases, texts or judgements it is refused, and nothing is lost."""
    folder = asked(dataset, tmp_path / "run")
    cut(folder, 40)
    write(dataset, changes.pop("cases", None), changes.pop("corpus", None))
    if qrels := changes.pop("qrels", ""):
        (dataset / "qrels.tsv").write_text(qrels, encoding="utf-8")
    with pytest.raises(EvalError, match=rf"another ({named}).*give another --out"):
        asked(dataset, folder.folder, **changes)
    assert folder.records.stat().st_size == 40


@pytest.mark.parametrize(
    "name",
    ["format", "code", "versions", "config", "settings", "prompts", "calibration", "dataset_digest", "corpus_digest",
     "qrels_digest", "index"],
)  # fmt: skip
def test_a_run_does_not_go_on_under_other_conditions(dataset: Path, tmp_path: Path, name: str) -> None:
    """Each thing that decides a reply must be as it was when the run began."""
    folder = asked(dataset, tmp_path / "run")
    cut(folder, 40)
    folder.write_json("run.json", folder.meta() | {name: "another"})
    with pytest.raises(EvalError, match=rf"another {name} \('another' then.*give another --out"):
        asked(dataset, folder.folder)
    assert folder.records.stat().st_size == 40


def test_a_run_goes_on_on_another_machine(dataset: Path, tmp_path: Path) -> None:
    """What changes no reply may differ: the machine, the number of processes, the commit of the same code."""
    folder = asked(dataset, tmp_path / "run")
    whole = folder.records.read_bytes()
    cut(folder, 40)
    elsewhere = {"machine": {"cores": 99}, "workers": 9, "commit": "another", "dirty": True}
    folder.write_json("run.json", folder.meta() | elsewhere)
    asked(dataset, folder.folder)
    assert folder.records.read_bytes() == whole


@pytest.mark.usefixtures("in_memory_assistant")
def test_a_run_does_not_go_on_with_other_settings(
    dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half of the replies under one threshold and half under another are no run."""
    folder = asked(dataset, tmp_path / "run", "assistant")
    cut(folder, 40)
    monkeypatch.setenv("ASSISTANT_THRESHOLD", "0.9")
    with pytest.raises(EvalError, match="another settings"):
        asked(dataset, folder.folder, "assistant")


def test_records_of_other_cases_are_refused(dataset: Path, tmp_path: Path) -> None:
    """Records in another order than the cases are not gone on with."""
    folder = asked(dataset, tmp_path / "run")
    rows = folder.records.read_text(encoding="utf-8").splitlines(keepends=True)
    folder.records.write_text("".join(rows[1:4]), encoding="utf-8")
    with pytest.raises(EvalError, match="not of these cases"):
        asked(dataset, folder.folder)


def test_a_complete_run_must_hold_all_its_records(dataset: Path, tmp_path: Path) -> None:
    """A lost record is no smaller run: nothing of it is scored."""
    folder = asked(dataset, tmp_path / "run")
    rows = folder.records.read_text(encoding="utf-8").splitlines(keepends=True)
    folder.records.write_text("".join(rows[:-1]), encoding="utf-8")
    with pytest.raises(EvalError):
        score(folder)


def test_a_damaged_record_is_named(dataset: Path, tmp_path: Path) -> None:
    """A line that is no record is told with its number."""
    folder = asked(dataset, tmp_path / "run")
    rows = folder.records.read_text(encoding="utf-8").splitlines(keepends=True)
    folder.records.write_text(rows[0] + '{"id": "50%"}\n', encoding="utf-8")
    with pytest.raises(EvalError, match=r"records\.jsonl:2: no record"):
        score(folder)


def test_two_workers_write_what_one_writes(dataset: Path, tmp_path: Path) -> None:
    """The records come in the order of the cases, however many processes ask."""
    one = asked(dataset, tmp_path / "one" / "run")
    two = asked(dataset, tmp_path / "two" / "run", workers=2)
    assert files(two) == files(one)


def by_id(folder: RunFolder) -> dict[str, Any]:
    score(folder)
    return {row["id"]: row for row in folder.scores()}


def test_the_order_of_the_cases_changes_no_score(tmp_path: Path) -> None:
    """Each case has the same scores wherever it stands."""
    shuffled = random.Random(1).sample(CASES, len(CASES))
    assert shuffled != CASES
    first, second = (
        by_id(asked(write(tmp_path / name, cases), tmp_path / f"{name}-run", perturb="typos"))
        for name, cases in (("plain", CASES), ("shuffled", shuffled))
    )
    assert first == second


def test_the_environment_changes_no_score(dataset: Path, tmp_path: Path) -> None:
    """Hash seed, locale and time zone change no byte of what is scored."""
    found = []
    for seed, locale, zone in (("0", "C", "UTC"), ("123", "C.UTF-8", "Asia/Almaty")):
        out = tmp_path / seed / "run"
        environment = os.environ | {"PYTHONHASHSEED": seed, "LC_ALL": locale, "TZ": zone}
        for command in (["run", dataset, "--out", out, "--system", "bm25", "--work", tmp_path], ["score", out]):
            subprocess.run(
                [sys.executable, "-m", "eval", *map(str, command)], cwd=ROOT, env=environment, check=True,
                capture_output=True,
            )  # fmt: skip
        found.append({name: (out / name).read_bytes() for name in ("records.jsonl", "scores.jsonl", "metrics.json")})
    assert found[0] == found[1]
