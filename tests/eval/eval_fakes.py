"""A tiny dataset with its own texts, and how the tests ask it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from eval.__main__ import app
from eval.configuring import read_config
from eval.running import run
from eval.runs import RunFolder
from eval.scoring import score

CORPUS = [
    {"_id": "visa fee", "title": "Visa", "text": "A visa costs 80 euros. You apply at the consulate.", "lang": "en"},
    {"_id": "100%", "title": "Scholarship", "text": "The grant covers 100% of the fees. It is paid monthly.", "lang": "en"},
    {"_id": "dorm", "title": "Dormitory", "text": "Rooms cost 120.5 a month. The kitchen is shared.", "lang": "en"},
    {"_id": "общежитие", "title": "Общежитие", "text": "Комната стоит 20 тысяч тенге. Кухня общая.", "lang": "ru"},
    {"_id": "виза", "title": "Виза", "text": "Виза стоит 80 евро. Её выдаёт консульство.", "lang": "ru"},
    {"_id": "виза kk", "title": "Виза", "text": "Виза 80 еуро тұрады. Оны консулдық береді.", "lang": "kk"},
]  # fmt: skip


def gold(id: str, lang: str, question: str, document: str, quote: str, **more: object) -> dict[str, Any]:
    return {
        "id": id, "lang": lang, "question": question, "answerability": "answerable", "gold_doc_ids": [document],
        "gold_quotes": [quote], "gold_answers": [quote], "nuggets": [{"text": "n", "any_of": [quote[:9]]}], **more,
    }  # fmt: skip


def silent(id: str, lang: str, question: str, kind: str = "unanswerable") -> dict[str, Any]:
    return {"id": id, "lang": lang, "question": question, "answerability": kind}


CASES = [
    gold("cost of visa", "en", "What does a visa cost?", "visa fee", "A visa costs 80 euros.", cluster="visa"),
    gold("50%", "en", "How much of the fees does the grant cover?", "100%", "The grant covers 100% of the fees."),
    gold("kitchen", "en", "Is there a kitchen?", "dorm", "The kitchen is shared.", tags=["room"], split="test"),
    gold("комната", "ru", "Сколько стоит комната?", "общежитие", "Комната стоит 20 тысяч тенге.", tags=["room"]),
    gold("ё", "ru", "Кто выдаёт визу?", "виза", "Её выдаёт консульство.", cluster="visa"),
    gold("құны", "kk", "Виза қанша тұрады?", "виза kk", "Виза 80 еуро тұрады.", cluster="visa"),
    silent("dog", "en", "May I bring a dog?"),
    silent("погода", "ru", "Какая завтра погода в Алматы?", "out_of_scope"),
]


def write(folder: Path, cases: list[dict[str, Any]] | None = None, corpus: list[dict[str, Any]] | None = None) -> Path:
    """Write the tiny dataset, or other cases or texts, and return its folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in (("cases", CASES if cases is None else cases), ("corpus", CORPUS if corpus is None else corpus)):
        told = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        (folder / f"{name}.jsonl").write_text(told, encoding="utf-8")
    return folder


def asked(dataset: Path, out: Path, system: str = "bm25", workers: int = 1, **config: Any) -> RunFolder:
    """Run a system over a dataset."""
    run(dataset, out, read_config(None, system=system, **config), work=out.parent / "work", workers=workers,
        progress=lambda done, total: None)  # fmt: skip
    return RunFolder(out)


def values(folder: RunFolder, part: str = "all") -> dict[str, float]:
    """Return the figures of a slice, after scoring."""
    if not (folder.folder / "metrics.json").is_file():
        score(folder)
    return {name: figure["value"] for name, figure in folder.metrics()["slices"][part].items()}


def cut(folder: RunFolder, length: int) -> None:
    """Leave a run as a kill leaves it after so many bytes."""
    with folder.records.open("r+b") as file:
        file.truncate(length)
    meta = folder.meta() | {"state": "running", "errors": None}
    folder.write_json("run.json", meta)


def command(*arguments: object) -> Any:
    return CliRunner().invoke(app, [str(each) for each in arguments])
