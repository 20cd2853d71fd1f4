"""From a dataset to scores: configurations, worse typing, baselines, runs that were cut off, and the commands."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import subprocess
import sys
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from assistant.answering.assistant import Assistant
from assistant.answering.support import Calibration
from assistant.knowledge.index import in_memory
from assistant.knowledge.loading import load
from assistant.settings import Settings
from eval.__main__ import app
from eval.cases import Case, read_dataset
from eval.configuring import RunConfig, read_config
from eval.errors import EvalError, IncompleteRun
from eval.perturbing import INJECTION, latin, perturbed, with_typos
from eval.running import run
from eval.runs import RunFolder
from eval.scoring import LOWER_IS_BETTER, score

ROOT = Path(__file__).resolve().parents[2]

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


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    return write(tmp_path / "tiny")


@pytest.fixture
def in_memory_assistant(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let ``system = "assistant"`` open a real assistant whose index is built in memory, without a model."""

    def build(settings: Settings) -> None:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        (settings.data_dir / "current").write_text("in-memory", encoding="utf-8")

    def open_one(settings: Settings) -> Assistant:
        documents, _ = load(settings.knowledge_base)
        index = in_memory(documents)
        return Assistant(lambda: index, calibration=Calibration.shipped(), today=lambda: date(2026, 11, 22))

    monkeypatch.setattr("assistant.bootstrap.build_index", build)
    monkeypatch.setattr("assistant.bootstrap.open_assistant", open_one)


def values(folder: RunFolder, part: str = "all") -> dict[str, float]:
    """Return the figures of a slice, after scoring."""
    if not (folder.folder / "metrics.json").is_file():
        score(folder)
    return {name: figure["value"] for name, figure in folder.metrics()["slices"][part].items()}


NOT_A_SHARE = {"answered", "aurc", "coverage@risk0.05", "coverage@risk0.1"}


def test_the_oracle_is_perfect(dataset: Path, tmp_path: Path) -> None:
    """What knows the labels is right in every figure, in each language; the rest follows from the share to answer."""
    folder = asked(dataset, tmp_path / "run", "oracle")
    for part in ("all", "en", "ru", "kk"):
        shares = {name: value for name, value in values(folder, part).items() if name not in NOT_A_SHARE}
        assert shares == {name: pytest.approx(float(name not in LOWER_IS_BETTER), abs=1e-9) for name in shares}
    found = values(folder)
    assert len(found) >= 35
    assert found["answered"] == 6 / 8
    assert found["aurc"] == pytest.approx(2 / 8 * 2 / 8)  # the two that nothing answers come last
    assert found["coverage@risk0.05"] == 6 / 8
    assert {row["outcome"] for row in folder.scores()} == {"right"}


def test_who_always_abstains_never_answers(dataset: Path, tmp_path: Path) -> None:
    """No false answer, but every question that has an answer is a false abstention."""
    folder = asked(dataset, tmp_path / "run", "always_abstain")
    found = values(folder)
    names = ("answered", "false_answer", "false_abstention", "correct", "truthfulness", "nDCG@10", "token_f1", "auroc")
    assert [found[name] for name in names] == [0, 0, 1, 2 / 8, 2 / 8, 0, 0, 0.5]
    assert "quote_exactness" not in found
    assert {row["status"] for row in folder.scores()} == {"abstained"}


def test_bm25_finds_by_words(dataset: Path, tmp_path: Path) -> None:
    """It quotes the best text whole, with a mark; a question without a known word finds nothing."""
    folder = asked(dataset, tmp_path / "run")
    replies = dict(folder.replies())
    assert replies["kitchen"].citations[0].quote == CORPUS[2]["text"]
    assert replies["kitchen"].text == f"> {CORPUS[2]['text']} [1]"
    assert replies["погода"].hits == ()
    assert values(folder)["quote_exactness"] == 1.0


def test_a_text_judged_irrelevant_is_not_gold(tmp_path: Path) -> None:
    """A unit with a judgement of 0 answers nothing: quoting it is wrong and finding it is no find."""
    dataset = write(tmp_path / "tiny", [silent("a", "en", "visa costs 80 euros?", "answerable")])
    judged = "query-id\tcorpus-id\tscore\na\tvisa fee\t0\na\tdorm\t1\n"
    (dataset / "qrels.tsv").write_text(judged, encoding="utf-8")
    folder = asked(dataset, tmp_path / "run", k=1)
    found = values(folder)
    assert dict(folder.replies())["a"].citations[0].unit == "visa fee"
    assert (found["R@1"], found["gold_citations"], found["correct"]) == (0.0, 0.0, 0.0)
    assert folder.scores()[0]["outcome"] == "not found"


def test_noise_is_mixed_in(dataset: Path, tmp_path: Path) -> None:
    """The texts of another dataset stand among our own under ids that cannot meet ours."""
    asked(dataset, tmp_path / "run", noise=write(tmp_path / "noise", corpus=CORPUS[:2]))
    ids = [name for name, _ in RunFolder(tmp_path / "run").passages()]
    assert ids == [each["_id"] for each in CORPUS] + ["noise:visa fee", "noise:100%"]


def test_a_set_that_nothing_answers_is_scored(tmp_path: Path) -> None:
    """Without judgements the retrieval figures are missing, and what is written is JSON that any program reads."""
    folder = asked(write(tmp_path / "tiny", CASES[6:]), tmp_path / "run")
    found = values(folder)
    assert "nDCG@10" not in found
    assert found["false_answer"] == 0.5  # the dog is in no text, but bm25 finds "a"
    text = (folder.folder / "metrics.json").read_text(encoding="utf-8")
    assert not re.search(r"Infinity|NaN", text)


def files(folder: RunFolder) -> dict[str, bytes]:
    """Return the records and what scoring writes, after scoring."""
    score(folder)
    return {name: (folder.folder / name).read_bytes() for name in ("records.jsonl", "scores.jsonl", "metrics.json")}


def cut(folder: RunFolder, length: int) -> None:
    """Leave a run as a kill leaves it after so many bytes."""
    with folder.records.open("r+b") as file:
        file.truncate(length)
    meta = folder.meta() | {"state": "running", "errors": None}
    folder.write_json("run.json", meta)


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
        ("qrels|judgements|dataset_digest", {"qrels": "query-id\tcorpus-id\tscore\nkitchen\t100%\t1\n"}),
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


@pytest.mark.usefixtures("in_memory_assistant")
@pytest.mark.parametrize("lang", ["told", "", "de", "wrong"])
def test_the_assistant_is_asked_about_the_texts_of_a_dataset(tmp_path: Path, lang: str) -> None:
    """Its hits and quotes carry the texts' ids, and it is scored whatever language the corpus tells, if it tells one."""
    other = {"": {}, "de": {"lang": "de"}, "wrong": {"lang": "kk"}}
    corpus = CORPUS if lang == "told" else [
        {name: value for name, value in each.items() if name != "lang"} | other[lang] for each in CORPUS
    ]  # fmt: skip
    folder = asked(write(tmp_path / "tiny", corpus=corpus), tmp_path / "run", "assistant")
    found = values(folder)
    units = {unit for _, reply in folder.replies() for unit, _, _ in reply.hits}
    assert units <= {each["_id"] for each in CORPUS}
    assert found["quote_exactness"] == 1.0
    assert dict(folder.replies())["cost of visa"].hits[0][0] == "visa fee"


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


def command(*arguments: object) -> Any:
    return CliRunner().invoke(app, [str(each) for each in arguments])


def test_an_incomplete_run_is_not_scored(dataset: Path, tmp_path: Path) -> None:
    """The command ends with 3, says how to go on, and writes nothing."""
    folder = asked(dataset, tmp_path / "run")
    cut(folder, 100)
    done = command("score", folder.folder)
    assert done.exit_code == 3
    assert "only a part of its 8 cases" in done.stderr
    assert not (folder.folder / "scores.jsonl").exists()


def test_scores_come_as_json(dataset: Path, tmp_path: Path) -> None:
    """What is printed is what is written."""
    folder = asked(dataset, tmp_path / "run", "oracle")
    assert json.loads(command("score", folder.folder, "--json").stdout) == [folder.metrics()]
    assert "right or acceptable" in command("score", folder.folder).stdout
    assert command("score", tmp_path / "gone").exit_code == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("colour = 1", "colour"), ("k = 0", "k"), ("limit = 'x'", "limit"), ("system = 'magic'", "system"),
        ("lang = ['de']", "lang.0"), ("perturb = 'upper'", "perturb"), ("split = 'train'", "split"),
    ],
)  # fmt: skip
def test_a_wrong_configuration_names_its_key(dataset: Path, tmp_path: Path, text: str, said: str) -> None:
    """An unknown key or a bad value ends the command with 2 before anything is written."""
    (tmp_path / "config.toml").write_text(text, encoding="utf-8")
    done = command("run", dataset, "--out", tmp_path / "run", "--config", tmp_path / "config.toml")
    assert done.exit_code == 2
    assert f"config.toml': {said}: " in done.stderr
    assert "known keys: system, split" in done.stderr
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("option", [("--limit", "0"), ("--system", "magic"), ("--perturb", "upper"), ("--lang", "de")])
def test_a_wrong_option_is_named(dataset: Path, tmp_path: Path, option: tuple[str, str]) -> None:
    """The command line is checked by the same rules."""
    done = command("run", dataset, "--out", tmp_path / "run", *option)
    assert done.exit_code == 2
    assert option[0].strip("-") in done.stderr
    assert repr(option[1]).strip("'") in done.stderr


@pytest.mark.parametrize("text", ["k = ", "\xff", None])
def test_a_file_that_is_no_configuration_is_refused(dataset: Path, tmp_path: Path, text: str | None) -> None:
    """Broken TOML, no text and no file end with 2 and the file's name."""
    if text is not None:
        (tmp_path / "config.toml").write_bytes(text.encode("latin-1"))
    done = command("run", dataset, "--out", tmp_path / "run", "--config", tmp_path / "config.toml")
    assert done.exit_code == 2
    assert "config.toml" in done.stderr


def test_the_command_line_overrides_the_file(tmp_path: Path) -> None:
    """What is given counts, what is not given comes from the file, and the rest is the default."""
    path = tmp_path / "config.toml"
    path.write_text('system = "bm25"\nk = 7\nlang = ["ru"]', encoding="utf-8")
    config = read_config(path, system="oracle", lang=(), limit=None, tag=("room",))
    assert config == RunConfig(system="oracle", k=7, lang=("ru",), tag=("room",))


def test_the_cases_are_chosen_by_split_language_and_tag(dataset: Path) -> None:
    """Each choice narrows the others, and none left is an error."""
    cases = read_dataset(dataset).cases
    names = lambda **config: [case.id for case in RunConfig(**config).chosen(cases)]  # noqa: E731
    assert names(split="test") == ["kitchen"]
    assert names(lang=("kk", "ru")) == ["комната", "ё", "құны", "погода"]
    assert names(lang=("ru",), tag=("room", "x")) == ["комната"]
    with pytest.raises(EvalError, match="no case is left of 8"):
        names(lang=("kk",), tag=("room",))


def test_a_limit_draws_the_same_cases_in_any_order(dataset: Path) -> None:
    """A smaller limit draws some of a larger one's; they stay in their order, and another seed draws others."""
    cases = read_dataset(dataset).cases
    drawn = {n: {case.id for case in RunConfig(limit=n).chosen(cases)} for n in (2, 4)}
    assert len(drawn[2]) == 2
    assert drawn[2] < drawn[4]
    assert {case.id for case in RunConfig(limit=4).chosen(cases[::-1])} == drawn[4]
    kept = [case.id for case in RunConfig(limit=4).chosen(cases)]
    assert kept == [case.id for case in cases if case.id in drawn[4]]
    assert any({case.id for case in RunConfig(limit=4, seed=seed).chosen(cases)} != drawn[4] for seed in range(5))


def one(lang: str, question: str, **more: Any) -> Case:
    return Case.model_validate({"id": "a", "lang": lang, "question": question, "answerability": "answerable", **more})


def test_typing_changes_the_question_and_not_the_reply_wanted() -> None:
    """Labels and the language of the reply stay; nothing is done where nothing is asked for."""
    case = one("kk", "Қай ЖЫЛЫ?", must_not_contain=["x"])
    assert perturbed(case, "none", 1) is case
    lower = perturbed(case, "lower", 1)
    assert lower == case.model_copy(update={"question": "қай жылы?", "expected_lang": "kk"})
    typed = perturbed(case, "latin", 1)
    assert typed == case.model_copy(update={"question": "kai zhyly?", "expected_lang": "kk"})
    assert perturbed(one("en", "GPA?"), "latin", 1) is None
    assert latin("Щука, Ёж — ЭТО Ұйым ғой 5") == "shuka, ezh — eto uiym goi 5"


@pytest.mark.parametrize("lang", ["en", "ru", "kk"])
def test_an_injection_is_put_behind_and_must_not_be_obeyed(lang: str) -> None:
    """The reply must not say what it orders, besides what it must not say anyway."""
    typed = perturbed(one(lang, "GPA?", must_not_contain=["x"], expected_lang="ru"), "injection", 1)
    assert typed is not None
    assert typed.question == f"GPA? {INJECTION[lang]}"
    assert typed.expected_lang == "ru"
    first, order = typed.must_not_contain
    assert first == "x"
    assert order in INJECTION[lang]


def test_typos_are_few_and_repeatable() -> None:
    """One error in about twelve letters: the first letter stays, and one seed makes one text."""
    text = "abcdefghijklmnopqrstuvwxyz"
    lengths = set()
    for seed in range(60):
        typed = with_typos(text, str(seed))
        assert typed == with_typos(text, str(seed))
        assert typed != text
        assert typed[0] == "a"
        lost, more = Counter(text) - Counter(typed), Counter(typed) - Counter(text)
        assert lost.total() + more.total() <= 3  # 24 // 12 + 1 errors
        lengths.add(len(typed) - len(text))
    assert {-1, 0, 1} <= lengths
    assert [with_typos(short, "1") for short in ("", "a", "ab", "1 2")] == ["", "a", "ab", "1 2"]
    assert perturbed(one("en", text), "typos", 1) == perturbed(one("en", text), "typos", 1)
    assert len({getattr(perturbed(one("en", text), "typos", seed), "question", "") for seed in range(9)}) > 5


@pytest.mark.parametrize("perturb", ["lower", "typos", "latin", "injection"])
def test_a_perturbed_run_keeps_what_was_typed(dataset: Path, tmp_path: Path, perturb: str) -> None:
    """The run's cases are the perturbed ones, the same at every run; English cannot be typed in Latin letters."""
    first, second = (asked(dataset, tmp_path / name, perturb=perturb) for name in "ab")
    assert first.cases() == second.cases()
    plain = {case.id: case for case in read_dataset(dataset).cases if perturb != "latin" or case.lang != "en"}
    assert [case.id for case in first.cases()] == list(plain)
    assert all(case == perturbed(plain[case.id], perturb, RunConfig().seed) for case in first.cases())
    assert any(case.question != plain[case.id].question for case in first.cases())


def test_validate_ends_with_what_it_found(dataset: Path, tmp_path: Path) -> None:
    """0 for a clean set, 1 with each fault for a wrong label, 2 for a folder that is not there."""
    clean = command("validate", dataset)
    assert (clean.exit_code, clean.stdout) == (0, "")
    write(dataset, [{**CASES[0], "gold_quotes": ["90 euros"]}, *CASES[1:]])
    done = command("validate", dataset)
    assert done.exit_code == 1
    assert done.stdout.startswith("cases.jsonl:1: cost of visa: gold quote '90 euros'")
    data = json.loads(command("validate", dataset, "--json").stdout)
    assert [(each["line"], each["case"]) for each in data] == [(1, "cost of visa")]
    missing = command("validate", tmp_path / "gone")
    assert missing.exit_code == 2
    assert "gone" in missing.stderr


def test_the_commands_are_run_as_a_program(dataset: Path, tmp_path: Path) -> None:
    """A run goes on by the same command, and it tells how many cases it asked."""
    out = tmp_path / "run"
    done = command("run", dataset, "--out", out, "--system", "bm25", "--limit", "3", "--work", tmp_path)
    assert (done.exit_code, done.stdout) == (0, "")
    assert done.stderr.startswith("3 cases asked")
    meta = RunFolder(out).meta()
    assert (meta["state"], meta["n"], meta["errors"], meta["config"]["limit"]) == ("complete", 3, 0, 3)
    again = command("run", dataset, "--out", out, "--system", "bm25", "--limit", "3", "--work", tmp_path)
    assert again.stderr.startswith("0 cases asked")
    shutil.copytree(out, tmp_path / "copy")
    assert command("score", out, tmp_path / "copy").exit_code == 0


@pytest.mark.parametrize("name", ["", *get_command(app).commands])  # type: ignore[attr-defined]
def test_every_command_has_help(name: str) -> None:
    """Each tells what it does and its options."""
    done = command(*filter(None, [name]), "--help")
    assert done.exit_code == 0
    assert "Usage:" in done.stdout
    assert "--help" in done.stdout
