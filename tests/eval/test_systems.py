"""Who replies: the baselines and the assistant, over a dataset's texts and with noise among them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from eval_fakes import CASES, CORPUS, asked, gold, silent, values, write
from fakes import FakeEmbedder, write_base

from assistant.settings import load_settings
from eval.configuring import RunConfig
from eval.running import run
from eval.runs import RunFolder
from eval.scoring import LOWER_IS_BETTER

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


def test_to_ask_back_is_right_where_a_question_is_underspecified(tmp_path: Path) -> None:
    """Silence there is right, for the oracle and for who is always silent, whether or not a text is gold."""
    vague = [silent("which visa", "en", "How much is it?", "underspecified"),
             gold("which room", "en", "And how much is that?", "dorm", CORPUS[2]["text"],
                  answerability="underspecified")]  # fmt: skip
    dataset = write(tmp_path / "tiny", [*CASES, *vague])
    for system in ("oracle", "always_abstain"):
        folder = asked(dataset, tmp_path / system, system)
        found = values(folder, "underspecified")
        names = ("correct", "truthfulness", "answered", "reply_language")
        assert [found[name] for name in names] == [1, 1, 0, 1]
        assert found.keys().isdisjoint({"false_answer", "false_abstention", "token_f1", "auroc"})
    shares = {name: value for name, value in values(RunFolder(tmp_path / "oracle")).items() if name not in NOT_A_SHARE}
    assert shares == {name: pytest.approx(float(name not in LOWER_IS_BETTER), abs=1e-9) for name in shares}


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


@pytest.mark.usefixtures("in_memory_assistant")
def test_noise_is_mixed_into_the_knowledge_base(tmp_path: Path) -> None:
    """The assistant searches both, its own base is not touched, and noise of another run is gone."""
    base = write_base(tmp_path / "base")
    before = {path: path.read_bytes() for path in base.rglob("*") if path.is_file()}
    (tmp_path / "about base").mkdir()
    told = [silent("gpa", "en", "Which GPA does the exchange of Test University ask for?"),
            silent("kitchen", "en", "Is the kitchen shared?")]  # fmt: skip
    (tmp_path / "about base" / "cases.jsonl").write_text("\n".join(map(json.dumps, told)), encoding="utf-8")
    settings = load_settings(knowledge_base=base, data_dir=tmp_path / "data", threshold=0)
    for number, corpus in enumerate((CORPUS, CORPUS[:3])):
        noise = write(tmp_path / "noise", corpus=corpus)
        out = RunFolder(tmp_path / f"run {number}")
        run(tmp_path / "about base", out.folder, RunConfig(noise=noise), work=tmp_path / "work", settings=settings)
        documents = {unit.document for unit in out.passages().values()}
        assert documents == {
            "regulations/exchange",
            "notes/dormitory",
            *(f"noise/p{n:05d}" for n in range(len(corpus))),
        }
        replies = dict(out.replies())
        assert replies["gpa"].citations[0].document == "regulations/exchange"
        assert replies["kitchen"].hits[0][0].startswith("noise/p00002")
        assert values(out)["quote_exactness"] == 1.0
    assert {path: path.read_bytes() for path in base.rglob("*") if path.is_file()} == before


@pytest.mark.usefixtures("in_memory_assistant")
def test_a_case_is_asked_on_its_day(tmp_path: Path) -> None:
    """What is due for a check on that day is marked, whatever day it is when the run is made."""
    days = {"before": "2099-01-10", "after": "2099-01-11", "any": None}
    cases = [silent(name, "en", "Which GPA does the exchange of Test University ask for?") | {"asked_on": day}
             for name, day in days.items()]  # fmt: skip
    (tmp_path / "cases.jsonl").write_text("\n".join(map(json.dumps, cases)), encoding="utf-8")
    settings = load_settings(knowledge_base=write_base(tmp_path / "base"), data_dir=tmp_path / "data", threshold=0)
    run(tmp_path, tmp_path / "run", RunConfig(), work=tmp_path / "work", settings=settings)
    stale = {name: "to be checked again" in reply.text for name, reply in RunFolder(tmp_path / "run").replies()}
    assert stale == {"before": False, "after": True, "any": False}


@pytest.mark.usefixtures("in_memory_assistant")
def test_the_threshold_of_the_settings_counts(dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is sure enough where certainty is asked for."""
    assert {reply.status for _, reply in asked(dataset, tmp_path / "run", "assistant").replies()} > {"abstained"}
    monkeypatch.setenv("ASSISTANT_THRESHOLD", "1")
    told = dict(asked(dataset, tmp_path / "strict", "assistant").replies())
    assert {reply.status for reply in told.values()} == {"abstained"}


def test_the_vectors_of_the_dense_baseline_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second run over the same texts embeds only what is new, and replies by the same letters."""
    embedder = FakeEmbedder()
    monkeypatch.setattr("assistant.knowledge.embedding.TorchEmbedder", lambda files: embedder)
    first = asked(write(tmp_path / "tiny"), tmp_path / "first", "dense")
    texts = [f"{each['title']} {each['text']}" for each in CORPUS]
    assert sorted(embedder.embedded) == sorted(texts)
    second = asked(tmp_path / "tiny", tmp_path / "second", "dense")
    assert len(embedder.embedded) == len(texts)
    assert first.records.read_bytes() == second.records.read_bytes()
    assert dict(first.replies())["kitchen"].hits[0][0] == "dorm"
    asked(write(tmp_path / "tiny", corpus=[*CORPUS, {"_id": "new", "text": "New.", "lang": "en"}]), tmp_path / "third",
          "dense")  # fmt: skip
    assert embedder.embedded[len(texts) :] == ["New."]


def test_a_set_that_nothing_answers_is_scored(tmp_path: Path) -> None:
    """Without judgements the retrieval figures are missing, and what is written is JSON that any program reads."""
    folder = asked(write(tmp_path / "tiny", CASES[6:]), tmp_path / "run")
    found = values(folder)
    assert "nDCG@10" not in found
    assert found["false_answer"] == 0.5  # the dog is in no text, but bm25 finds "a"
    text = (folder.folder / "metrics.json").read_text(encoding="utf-8")
    assert not re.search(r"Infinity|NaN", text)


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
